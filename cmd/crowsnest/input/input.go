// Package input reads what is too long or too secret for a command line.
package input

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// maxImageList bounds a list of images: the server takes 10,000.
const maxImageList = 4 << 20

// MaxSecret bounds a token read from a file or from standard input.
const MaxSecret = 64 << 10

// Secret reads a value that may be given as @FILE, or as - for standard input,
// so that it need not stand on the command line, where others can read it.
func Secret(value string, stdin io.Reader) (string, error) {
	switch {
	case value == "-":
		b, err := io.ReadAll(io.LimitReader(stdin, MaxSecret))
		return strings.TrimSpace(string(b)), err
	case strings.HasPrefix(value, "@"):
		f, err := os.Open(value[1:])
		if err != nil {
			return "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read token from", Subject: value[1:], Hint: "check the path", Err: errors.Unwrap(err)}
		}
		defer f.Close()
		b, err := io.ReadAll(io.LimitReader(f, MaxSecret))
		return strings.TrimSpace(string(b)), err
	}
	return value, nil
}

// Images reads a list of images, one a line.
func Images(file string, stdin io.Reader) ([]wire.ImageKey, error) {
	in := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read list of images", Subject: file, Hint: "name a file that exists and may be read", Err: errors.Unwrap(err)}
		}
		defer f.Close()
		in = f
	}
	var images []wire.ImageKey
	lines := bufio.NewScanner(io.LimitReader(in, maxImageList+1))
	size := 0
	for lines.Scan() {
		size += len(lines.Bytes()) + 1
		line, _, _ := strings.Cut(lines.Text(), "#")
		if line = strings.TrimSpace(line); line != "" {
			images = append(images, wire.ImageKey{Reference: line})
		}
	}
	if err := lines.Err(); err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read list of images", Subject: file, Hint: "write one reference a line", Err: err}
	}
	if size > maxImageList {
		return nil, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read list of images", Subject: file, Hint: "10,000 images are the most that may be recorded in an environment"}
	}
	return images, nil
}

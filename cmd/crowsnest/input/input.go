// Package input reads what is too long or too secret for a command line.
package input

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// maxImageList and maxImages bound a list of images, in bytes and in lines: the server takes as many.
const (
	maxImageList = 4 << 20
	maxImages    = 10_000
)

// MaxSecret bounds a token read from a file or from standard input.
const MaxSecret = 64 << 10

// Secret reads a value that may be given as @FILE, or as - for standard input,
// so that it need not stand on the command line, where others can read it.
func Secret(value string, stdin io.Reader) (string, error) {
	switch {
	case value == "-":
		return readSecret(stdin, "standard input")
	case strings.HasPrefix(value, "@"):
		f, err := os.Open(value[1:])
		if err != nil {
			return "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read token from", Subject: value[1:], Hint: "check the path", Err: errors.Unwrap(err)}
		}
		defer f.Close()
		return readSecret(f, value[1:])
	}
	return value, nil
}

// readSecret reads to the end and never a part: half a token would be refused as a wrong one.
func readSecret(in io.Reader, place string) (string, error) {
	b, err := io.ReadAll(io.LimitReader(in, MaxSecret+1))
	if err == nil && len(b) > MaxSecret {
		err = &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read token from", Subject: place, Hint: "no token is longer than 64 KiB; check that it is the right file"}
	}
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(strings.TrimPrefix(string(b), byteOrderMark)), nil
}

// byteOrderMark is what some editors put before a text.
const byteOrderMark = "\ufeff"

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
	size, number := 0, 0
	for lines.Scan() {
		size += len(lines.Bytes()) + 1
		number++
		line, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), byteOrderMark), "#")
		if line = strings.TrimSpace(line); line != "" {
			images = append(images, wire.ImageKey{Reference: line})
		}
	}
	err := lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = fmt.Errorf("line %d is longer than any reference", number+1)
	}
	if err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read list of images", Subject: file, Hint: "write one reference a line", Err: err}
	}
	if size > maxImageList || len(images) > maxImages {
		return nil, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read list of images", Subject: file, Hint: "10,000 images are the most that may be recorded in an environment"}
	}
	return images, nil
}

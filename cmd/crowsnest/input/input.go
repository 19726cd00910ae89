// Package input reads what is too long or too secret for a command line.
package input

import (
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

// ImageList is a list of images, as a file has it.
type ImageList struct {
	Place  string // the file, or "standard input"
	Images []wire.ImageKey
	lines  []int // the line of each
}

// At names the place of an image: the file and the line.
func (l ImageList) At(image int) string { return fmt.Sprintf("%s:%d", l.Place, l.lines[image]) }

// Images reads a list of images, one a line; "-" is standard input. What a line has is not looked at.
func Images(file string, stdin io.Reader) (ImageList, error) {
	list := ImageList{Place: "standard input"}
	in := stdin
	if file != "-" {
		list.Place = file
		f, err := os.Open(file)
		if err != nil {
			return list, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read list of images", Subject: file, Hint: "name a file that exists and may be read", Err: errors.Unwrap(err)}
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxImageList+1))
	if err != nil {
		return list, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read list of images", Subject: list.Place, Hint: "write one reference a line", Err: err}
	}
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(string(text), byteOrderMark)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			list.Images, list.lines = append(list.Images, wire.ImageKey{Reference: line}), append(list.lines, number)
		}
	}
	if len(text) > maxImageList || len(list.Images) > maxImages {
		return list, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read list of images", Subject: list.Place, Hint: "10,000 images are the most that may be recorded in an environment"}
	}
	return list, nil
}

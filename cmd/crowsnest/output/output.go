// Package output writes results where a person wants them.
package output

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"github.com/crowsnest-sec/crowsnest"
)

// Check refuses a file that could not be written, before the work for it is done. Without a name
// nothing is wrong.
func Check(file string) error {
	if file == "" {
		return nil
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "write", Subject: file, Hint: "name a file in it", Err: errors.New("it is a folder")}
	}
	if _, err := os.Stat(filepath.Dir(file)); err != nil {
		return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "write", Subject: file, Hint: "make the folder first", Err: errors.New("its folder does not exist")}
	}
	return nil
}

// ToFile writes a file that appears whole or not at all. What is there and no file, such as a device or a pipe, is written to: a file in
// its place would take it from all others, /dev/null from the whole machine.
func ToFile(file string, write func(io.Writer) error) error {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "write", Subject: file, Hint: "check that it may be written to", Err: errors.Unwrap(err)}
		}
		return errors.Join(write(f), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".crowsnest-*")
	if err != nil {
		return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "write", Subject: file, Hint: "check that the folder exists and may be written to", Err: err}
	}
	defer os.Remove(f.Name())
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "write", Subject: file, Err: errors.Unwrap(err)}
	}
	return nil
}

// Collector remembers the first error of a writer, so that reports need not check each line.
type Collector struct {
	W   io.Writer
	Err error
}

func (c *Collector) Write(b []byte) (int, error) {
	if c.Err != nil {
		return 0, c.Err
	}
	n, err := c.W.Write(b)
	c.Err = err
	return n, err
}

// IsTerminal tells whether a person sees what is written, as it is.
func IsTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

package output

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

func TestFilesAppearWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "out")
	if err := ToFile(file, func(w io.Writer) error { _, err := io.WriteString(w, "first"); return err }); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := ToFile(file, func(w io.Writer) error { io.WriteString(w, "half"); return broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if raw, err := os.ReadFile(file); err != nil || string(raw) != "first" {
		t.Errorf("the file has %q, %v", raw, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	for file, want := range map[string]crowsnest.Kind{dir: crowsnest.Invalid, filepath.Join(dir, "missing", "out"): crowsnest.Unavailable} {
		if err := Check(file); crowsnest.KindOf(err) != want {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, file := range []string{"", filepath.Join(dir, "out"), "here"} {
		if err := Check(file); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestCollectorKeepsTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	c := &Collector{W: failing{broken}}
	fmt.Fprint(c, "a")
	c.W = &bytes.Buffer{}
	fmt.Fprint(c, "b")
	if c.Err != broken || c.W.(*bytes.Buffer).Len() > 0 {
		t.Errorf("%v, wrote %v", c.Err, c.W)
	}
	if IsTerminal(c.W) {
		t.Error("a buffer is no terminal")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// What is no file is written to and stays what it is: who names /dev/null must not take it from the machine.
func TestWhatIsNoFileStays(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		b, err := os.ReadFile(pipe)
		if err != nil {
			t.Error(err)
		}
		read <- string(b)
	}()
	if err := ToFile(pipe, func(w io.Writer) error { _, err := io.WriteString(w, "through"); return err }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Fatalf("the pipe is another file now: %v, %v", info, err) // its reader would wait for ever
	}
	if got := <-read; got != "through" {
		t.Errorf("the reader of the pipe got %q", got)
	}
}

package output

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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

package folder

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, root string) ([]byte, map[string]string, Skipped) {
	t.Helper()
	var out bytes.Buffer
	skipped, err := WriteTar(t.Context(), &out, root)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	r := tar.NewReader(bytes.NewReader(out.Bytes()))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return out.Bytes(), got, skipped
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[h.Name] = string(h.Typeflag) + h.Linkname + string(content)
	}
}

func TestWhatIsWritten(t *testing.T) {
	outside, root := t.TempDir(), t.TempDir()
	write(t, outside, map[string]string{"secret": "not ours"})
	long := strings.Repeat("long/", 60) + "name"
	write(t, root, map[string]string{"a/b.txt": "content", "z": "", long: "deep", "name with ü": "x"})
	for name, target := range map[string]string{"out": filepath.Join(outside, "secret"), "up": "../..", "loop": "loop", "a/in": "b.txt"} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	first, got, skipped := read(t, root)
	want := map[string]string{"a/": "5", "a/b.txt": "0content", "a/in": "2b.txt", "z": "0", "name with ü": "0x", long: "0deep", "out": "2" + filepath.Join(outside, "secret"), "up": "2../..", "loop": "2loop"}
	for i := range 60 {
		want[strings.Repeat("long/", i+1)] = "5"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(skipped.Problems) != 0 || skipped.More != 0 {
		t.Errorf("skipped %+v", skipped)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(root, "z"), later, later); err != nil {
		t.Fatal(err)
	}
	if second, _, _ := read(t, root); !bytes.Equal(first, second) {
		t.Error("the same content gives other bytes later")
	}
}

func TestUnreadableFilesAreNamed(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("root may read everything: what is left is the count")
	}
	var s Skipped
	for range MaxSkipped + 3 {
		s.add("x", &os.PathError{Op: "open", Path: "/long/path/x", Err: syscall.EACCES})
	}
	if len(s.Problems) != MaxSkipped || s.More != 3 || s.Problems[0].Reason != "it cannot be read: permission denied" {
		t.Errorf("%d named, %d more, first %+v", len(s.Problems), s.More, s.Problems[0])
	}
	if os.Geteuid() == 0 {
		return
	}
	root := t.TempDir()
	write(t, root, map[string]string{"open": "x", "shut": "y", "dir/in": "z"})
	for _, name := range []string{"shut", "dir"} {
		if err := os.Chmod(filepath.Join(root, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(root, "dir"), 0o755) })
	_, got, skipped := read(t, root)
	if diff := cmp.Diff(map[string]string{"open": "0x", "dir/": "5"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(skipped.Problems) != 2 {
		t.Errorf("skipped %+v", skipped)
	}
}

// hook calls a function at the first write.
type hook struct {
	io.Writer
	call func()
}

func (h *hook) Write(p []byte) (int, error) {
	if h.call != nil {
		h.call()
		h.call = nil
	}
	return h.Writer.Write(p)
}

// What changes under the hands of the walk makes no damaged tar file.
func TestChangesMeanwhile(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"0": strings.Repeat("0", 1<<20), "grows": "x", "shrinks": strings.Repeat("y", 1<<20), "vanishes": "z"})
	var out bytes.Buffer
	skipped, err := WriteTar(t.Context(), &hook{&out, func() {
		write(t, root, map[string]string{"grows": "xxx", "shrinks": "", "appears": "a"})
		os.Remove(filepath.Join(root, "vanishes"))
	}}, root)
	if err != nil {
		t.Fatal(err)
	}
	if len(skipped.Problems) != 1 || skipped.Problems[0].Path != "vanishes" || !strings.HasPrefix(skipped.Problems[0].Reason, "it cannot be read: ") {
		t.Errorf("skipped %+v, want what vanished", skipped)
	}
	r := tar.NewReader(&out)
	for {
		if _, err := r.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestErrors(t *testing.T) {
	if _, err := WriteTar(t.Context(), io.Discard, filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
	root := t.TempDir()
	write(t, root, map[string]string{"a": strings.Repeat("a", 1<<20), "b": "b"})
	broken := errors.New("broken")
	if _, err := WriteTar(t.Context(), failing{broken}, root); !errors.Is(err, broken) {
		t.Errorf("a writer that fails: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	if _, err := WriteTar(ctx, &hook{io.Discard, func() { cancel(broken) }}, root); !errors.Is(err, broken) {
		t.Errorf("a context that ends: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

package ownership

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestOf(t *testing.T) {
	for path, want := range map[string]Owner{
		"var/lib/dpkg/info/python3-six.list":         {Type: "deb", Name: "python3-six"},
		"var/lib/dpkg/info/libc6:amd64.list":         {Type: "deb", Name: "libc6", Architecture: "amd64"},
		"var/lib/dpkg/status.d/base.md5sums":         {Type: "deb", Name: "base"},
		"usr/lib/opkg/info/busybox.list":             {Type: "opkg", Name: "busybox"},
		"lib/apk/db/installed":                       {Type: "apk"},
		"usr/lib/apk/db/installed":                   {Type: "apk"},
		"var/lib/pacman/local/gcc-libs-1:13-2/files": {Type: "pacman", Name: "gcc-libs", Version: "1:13-2"},
		"var/lib/rpm/Packages":                       {Type: "rpm"},
		"usr/lib/sysimage/rpm/rpmdb.sqlite":          {Type: "rpm"},
	} {
		r, ok := Of(path)
		if !ok || r.owner != want {
			t.Errorf("%s: %+v, %v; want %+v", path, r.owner, ok, want)
		}
	}
	for _, path := range []string{
		"", "x", "var/lib/dpkg/info/.list", "var/lib/dpkg/info/a.md5sums", "var/lib/dpkg/status.d/a", "var/lib/pacman/local/a/files", "var/lib/pacman/local/a-1-1/desc",
		"srv/var/lib/dpkg/info/a.list", "etc/apk/db/installed", "var/lib/rpm/other",
	} {
		if r, ok := Of(path); ok {
			t.Errorf("%s is taken for a record: %+v", path, r)
		}
	}
}

// read lists what a record says as "name version arch path".
func read(t testing.TB, path, content string) []string {
	t.Helper()
	r, ok := Of(path)
	if !ok {
		t.Fatalf("%s is no record", path)
	}
	var out []string
	if err := r.Read(strings.NewReader(content), func(o Owner, p string) {
		out = append(out, strings.Join([]string{o.Name, o.Version, o.Architecture, p}, " "))
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRead(t *testing.T) {
	long := strings.Repeat("x", 3*maxLine)
	tests := []struct {
		name, path, content string
		want                []string
	}{
		{"dpkg", "var/lib/dpkg/info/a.list", "/.\n/usr\n/usr/bin/a b\r\n\n/" + long + "\n/last", []string{"a   usr", "a   usr/bin/a b", "a   last"}},
		{"md5sums", "var/lib/dpkg/status.d/a.md5sums", "d41d8cd98f00b204e9800998ecf8427e  usr/bin/a\nno checksum  usr/bin/b\nd41d8cd98f00b204e9800998ecf8427e  ./usr/bin/c\n", []string{"a   usr/bin/a", "a   usr/bin/c"}},
		{"apk", "lib/apk/db/installed", "C:Q1x\nP:a\nV:1-r0\nA:x86_64\nF:usr\nF:usr/bin\nR:a\na:0:0:755\nR:b\n\nP:c\nV:2-r0\nF:\nR:top\nF:x\n\nF:y\nR:without a package\n", []string{"a 1-r0 x86_64 usr/bin/a", "a 1-r0 x86_64 usr/bin/b", "c 2-r0  top"}},
		{"pacman", "var/lib/pacman/local/a-1-1/files", "%FILES%\nusr/\nusr/bin/a\n\n%BACKUP%\netc/a\tx\n", []string{"a 1-1  usr/bin/a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, read(t, tt.path, tt.content)); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadReportsTheErrorOfItsReader(t *testing.T) {
	broken := errors.New("broken")
	r, _ := Of("var/lib/dpkg/info/a.list")
	n := 0
	err := r.Read(iotest.DataErrReader(&failing{strings.NewReader("/a\n/b\n"), broken}), func(Owner, string) { n++ })
	if !errors.Is(err, broken) || n < 2 {
		t.Errorf("error %v after %d claims", err, n)
	}
}

type failing struct {
	*strings.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil {
		err = f.err
	}
	return n, err
}

func FuzzRead(f *testing.F) {
	paths := []string{"var/lib/dpkg/info/a.list", "var/lib/dpkg/status.d/a.md5sums", "lib/apk/db/installed", "var/lib/pacman/local/a-1-1/files"}
	f.Add(0, []byte("/.\n/usr/bin/a\n"))
	f.Add(1, []byte("d41d8cd98f00b204e9800998ecf8427e  usr/bin/a\n"))
	f.Add(2, []byte("P:a\nV:1\nF:usr\nR:a\n\n"))
	f.Add(3, []byte("%FILES%\nusr/bin/a\n"))
	f.Fuzz(func(t *testing.T, which int, content []byte) {
		r, ok := Of(paths[uint(which)%uint(len(paths))])
		if !ok {
			t.Fatal("no record")
		}
		if err := r.Read(bytes.NewReader(content), func(o Owner, p string) {
			if p == "" || o.Name == "" || len(p) > 2*maxLine {
				t.Errorf("claim of %+v: %q", o, p)
			}
		}); err != nil {
			t.Error(err)
		}
	})
}

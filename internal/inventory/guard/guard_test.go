package guard

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
)

func zipOf(f *testing.F, name, content string) []byte {
	f.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	e, err := w.Create(name)
	if err == nil {
		_, err = e.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		f.Fatal(err)
	}
	return b.Bytes()
}

func FuzzArchive(f *testing.F) {
	inner := zipOf(f, "META-INF/MANIFEST.MF", "A: b\n")
	f.Add(inner)
	f.Add(zipOf(f, "a.jar", string(inner)))
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, b []byte) {
		g := archive{bytes: 1 << 20, files: 1000}
		if err := g.check(bytes.NewReader(b), int64(len(b)), 1); err != nil && g.files >= 0 && !strings.Contains(err.Error(), "cap") {
			t.Errorf("refused for another reason than a cap: %v", err)
		}
	})
}

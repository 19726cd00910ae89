package sysdig

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

func same(s string) string { return s }

func FuzzReadImages(f *testing.F) {
	id := string(crowsnest.DigestOf(nil))
	for _, s := range []string{
		`{"page":{"returned":1,"next":"x"},"data":[{"namespace":"n","workloadKind":"deployment","workloadName":"w","container":"c","imageID":"` + id + `","packages":[{"purl":"pkg:deb/debian/a@1:2+b~c?distro=debian-12","name":"a","version":"1:2+b~c","srcName":"s","osFamily":"debian","osVersion":"12","arch":""},{"purl":"pkg:npm/b@1","name":"b","version":"1","type":"npm"}]}]}`,
		`{"page":{}}`, `{"data":null,"page":{"next":""}}`, `{"page":{},"data":[7,null,{},[]]}`, `{"page":{},"data":[{"imageID":"` + id + `","packages":7}]}`,
		`{"page":{},"data":[{"packages":[7,{"name":5}]}]}`, `<html>`, `[[[[[[`, `{"page":{},"data":[`, "\xef\xbb\xbf{}", `{"page":{},"x":"\ud800"}`, `{"page":{"returned":-1}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := readImages(bytes.NewReader(in), 1, &loadedCache{}, same)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		if !json.Valid(in) {
			t.Errorf("%q is no JSON and was read", in)
		}
		var whole map[string]json.RawMessage
		var items []json.RawMessage
		if err := json.Unmarshal(in, &whole); err == nil && json.Unmarshal(whole["data"], &items) == nil && len(items) != len(p.items)+p.rejectedItems {
			t.Errorf("of %d items %d were read and %d rejected", len(items), len(p.items), p.rejectedItems)
		}
		packages := 0
		for _, o := range p.items {
			if _, err := crowsnest.ParseDigest(string(o.ImageID)); err != nil {
				t.Errorf("image ID %q", o.ImageID)
			}
			for _, s := range []string{o.Namespace, o.Kind, o.Name, o.Container} {
				if unusable(s, maxField) != "" {
					t.Errorf("unusable field %q", s)
				}
			}
			for _, l := range o.Loaded {
				if l == (crowsnest.LoadedPackage{}) {
					continue // stands for what could not be read
				}
				if l.Name == "" || unusable(l.Name+l.Version+l.Source+l.Type+l.PURL, 5*maxPURL) != "" {
					t.Errorf("unusable package %+v", l)
				}
			}
			packages += len(o.Loaded)
		}
		if packages != p.packages || len(p.rejections) > 2*maxRejections || p.rejectedItems+p.rejectedPackages < len(p.rejections) {
			t.Errorf("counted %d packages of %d, %d rejections of %d", p.packages, packages, len(p.rejections), p.rejectedItems+p.rejectedPackages)
		}
	})
}

func TestNesting(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		deep     bool
	}{
		{"at the limit", strings.Repeat("[", maxNesting) + strings.Repeat("]", maxNesting), false},
		{"above it", strings.Repeat("[", maxNesting+1) + strings.Repeat("]", maxNesting+1), true},
		{"side by side", "[" + strings.Repeat("[],", 1000) + "[]]", false},
		{"in a string", `["` + strings.Repeat("[", 1000) + `"]`, false},
		{"after an escaped quote", `["\"` + strings.Repeat("[", 1000) + `"]`, false},
		{"after an escaped backslash", `["\\",` + strings.Repeat("[", 1000), true},
		{"mixed", strings.Repeat(`{"a":[`, maxNesting), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			// One byte at a time: the state must outlive a read.
			for _, r := range []io.Reader{strings.NewReader(tc.in), iotest.OneByteReader(strings.NewReader(tc.in))} {
				_, err := io.ReadAll(&nestingReader{r: r})
				if deep := errors.Is(err, errNesting); deep != tc.deep {
					t.Errorf("err = %v", err)
				}
			}
		})
	}
}

func TestCappedReader(t *testing.T) {
	for size, full := range map[int]bool{0: false, 9: false, 10: false, 11: true, 5000: true} {
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "data with EOF": iotest.DataErrReader,
		} {
			c := &cappedReader{r: wrap(strings.NewReader(strings.Repeat("x", size))), left: 10}
			b, err := io.ReadAll(c)
			if c.full != full || (err != nil) != full || len(b) != min(size, 10) || c.err != nil {
				t.Errorf("%s of %d: read %d, full = %t, %v, %v", name, size, len(b), c.full, err, c.err)
			}
		}
	}
	broken := errors.New("broken")
	c := &cappedReader{r: iotest.ErrReader(broken), left: 10}
	if _, err := io.ReadAll(c); err != broken || c.err != broken {
		t.Errorf("%v, %v", err, c.err)
	}
}

func TestClip(t *testing.T) {
	for _, tc := range []struct {
		in   string
		n    int
		want string
	}{
		{"  a \n\t b  ", 10, "a b"}, {"äöü", 2, "äö…"}, {"abc", 3, "abc"}, {"a\x1b[31mb\x00", 10, "a[31mb"}, {"\xff\xfea", 10, "a"}, {"", 10, ""},
	} {
		if diff := cmp.Diff(tc.want, clip(tc.in, tc.n)); diff != "" {
			t.Errorf("clip(%q, %d): %s", tc.in, tc.n, diff)
		}
	}
}

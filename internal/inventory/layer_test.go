package inventory

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/pathset"
)

func TestEncodeKeepsEverything(t *testing.T) {
	plain := tarOf(t,
		dir("etc"), file("etc/os-release", osReleaseOf("debian", "12")), symlink("usr/lib/os-release", "../../etc/os-release"),
		file("var/lib/dpkg/status", deb("libc6", "2.36", "Source: glibc")), npm("a/package.json", "a", "1"), file("b/package.json", "{"),
		file(".wh.gone", ""), file("opt/.wh..wh..opq", ""), file("var/lib/dpkg/info/libc6.list", "/bin/a\n"), file("usr/share/doc/libc6/copyright", "Format: http://x/\nLicense: MIT\n"),
	)
	l, err := newAnalyser(t, nil).AnalyseLayer(context.Background(), crowsnest.Layer{}, bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l, back, cmp.AllowUnexported(Layer{})); diff != "" {
		t.Errorf("decoded differs (-before +after):\n%s", diff)
	}
	if len(l.files) == 0 || len(l.released) == 0 || len(l.deleted) == 0 || len(l.opaque) == 0 || len(l.written) == 0 || len(l.dirs) == 0 || len(l.claims) == 0 || len(l.docs) == 0 || len(l.problems) == 0 {
		t.Errorf("the layer of this test leaves a field empty: %+v", l)
	}
	again, err := back.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, again) {
		t.Error("the same layer is encoded differently")
	}
}

func TestDecodeRefuses(t *testing.T) {
	b, err := analyse(t, npm("a/package.json", "a", "1.0.0")).Encode()
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Clone(b)
	other[3]++
	for name, bad := range map[string][]byte{
		"nothing": nil, "magic only": []byte(formatMagic), "another format version": other, "truncated": b[:len(b)-4],
		"no JSON": append([]byte(formatMagic), zstdOf(t, []byte("{"))...), "no diff ID": append([]byte(formatMagic), zstdOf(t, []byte("{}"))...),
	} {
		if _, err := Decode(bad); crowsnest.KindOf(err) != crowsnest.Corrupt {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHashes(t *testing.T) {
	all := pathset.WithParents(nil, "a/bc/d")
	want := []uint64{pathset.Hash(""), pathset.Hash("a"), pathset.Hash("a/bc"), pathset.Hash("a/bc/d")}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("hashes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]uint64{pathset.Hash("")}, pathset.WithParents(nil, "")); diff != "" {
		t.Errorf("hashes of the root (-want +got):\n%s", diff)
	}
}

func TestCleanPath(t *testing.T) {
	for in, want := range map[string]string{
		"a/b": "a/b", "./a/b": "a/b", "/a": "a", "a/": "a", "a//b": "a/b", "../../a": "a", "a/../../b": "b", ".": "", "": "", "/": "", "..": "", "é/x": "é/x", "a\xff": "a\uFFFD", "a\x00b": "a\uFFFDb", "...": "...",
	} {
		if got := pathset.Clean(in); got != want {
			t.Errorf("cleanPath(%q) = %q, want %q", in, got, want)
		}
	}
}

// wantStorable checks that every text of an analysis is one that a database takes.
func wantStorable(t *testing.T, a crowsnest.Analysis) {
	t.Helper()
	all := []string{a.Distribution.ID, a.Distribution.VersionID, a.Distribution.Codename, a.Distribution.Name}
	for _, p := range a.Packages {
		all = append(all, p.PURL, p.Type, p.Name, p.Version, p.Ecosystem, p.Source, p.SourceVersion)
		all = append(all, p.Licences...)
		for _, l := range p.Locations {
			all = append(all, l.Path)
		}
	}
	for _, p := range a.Problems {
		all = append(all, p.Path, p.Reason)
	}
	for _, s := range all {
		if crowsnest.Text(s) != s {
			t.Errorf("%q cannot be stored", s)
		}
	}
}

// NUL and what is no UTF-8 must not come further than here: PostgreSQL refuses the whole
// analysis for one such text.
func TestTextsOfALayerCanBeStored(t *testing.T) {
	a := image(t, []item{
		file("etc/os-release", "ID=debian\nVERSION_ID=12\x00\nPRETTY_NAME=\"Deb\xffian\"\n"),
		file("lib/apk/db/installed", "P:mu\x00sl\nV:1.2\xff\no:mu\xffsl\nL:MI\x00T\n\n"),
		npm("caf\xe9/package.json", "a", "1.0.0"),
		file("b/package.json", `{"name":"b\u0000","version":"1.0\u0000","license":"MIT\u0000"}`),
		file("bad\xff/package.json", `{"name":`),
	})
	if len(a.Packages) != 3 || len(a.Problems) != 2 { // one of them: an apk package in a Debian
		t.Fatalf("packages %+v, problems %+v", a.Packages, a.Problems)
	}
	wantStorable(t, a)
	if a.Distribution.ID != "debian" || a.Distribution.VersionID != "12\uFFFD" {
		t.Errorf("distribution %+v", a.Distribution)
	}
}

// decodeAndMerge must accept whatever Decode accepts.
func FuzzDecode(f *testing.F) {
	plain := tarOf(f, file("etc/os-release", osReleaseOf("debian", "12")), file("var/lib/dpkg/status", deb("libc6", "2.36")), file(".wh.x", ""))
	l, err := newAnalyser(f, nil).AnalyseLayer(context.Background(), crowsnest.Layer{}, bytes.NewReader(plain))
	if err != nil {
		f.Fatal(err)
	}
	b, err := l.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(formatMagic))
	f.Add(append([]byte(formatMagic), zstdOf(f, []byte(`{"diffId":"`+string(l.DiffID())+`","written":"AAA=","files":[{"p":"a","k":[{"t":"rpm","o":true,"x":1}]}]}`))...))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Decode(b)
		if err != nil {
			if crowsnest.KindOf(err) != crowsnest.Corrupt {
				t.Errorf("kind %v", crowsnest.KindOf(err))
			}
			return
		}
		Merge(crowsnest.Image{}, []*Layer{l, l})
		if _, err := l.Encode(); err != nil {
			t.Error(err)
		}
	})
}

func FuzzAnalyseLayer(f *testing.F) {
	plain := tarOf(f,
		file("etc/os-release", osReleaseOf("debian", "12")), file("var/lib/dpkg/status", deb("libc6", "2.36", "Source: glibc (2.35)")),
		file("lib/apk/db/installed", "P:a\nV:1\n\n"), npm("a/package.json", "a", "1.0.0"), hardlink("b/package.json", "a/package.json"),
		file("x/specifications/a.gemspec", "Gem::Specification.new do |s|\n s.name = 'a'\n s.version = '1'\n"), file("a.dist-info/METADATA", "Name: a\nVersion: 1\n"),
		program("bin/x", []byte("\x7fELF\x02\x01\x01"+string(make([]byte, 80)))), file("a.jar", string(jarOf(f, pom("g", "a", "1")))), file(".wh.x", ""), file("d/.wh..wh..opq", ""),
		file("var/lib/dpkg/info/libc6.list", "/.\n/b/package.json\n"), file("usr/share/doc/libc6/copyright", "Format: http://x/\n\nFiles: *\nLicense: GPL-2+\n"), symlink("usr/share/doc/x", "libc6"), symlink("lib", "usr/lib"),
	)
	f.Add(plain)
	f.Add(gzipOf(f, plain))
	f.Add(zstdOf(f, plain))
	f.Add([]byte{0x1f, 0x8b})
	f.Add([]byte{})
	a := newAnalyser(f, func(l *Limits) {
		l.UncompressedBytes, l.FileBytes, l.Entries, l.Packages = 1<<22, 1<<20, 1000, 10_000
	})
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := a.AnalyseLayer(context.Background(), crowsnest.Layer{}, bytes.NewReader(b))
		if err != nil {
			if k := crowsnest.KindOf(err); k != crowsnest.Corrupt && k != crowsnest.TooLarge {
				t.Errorf("kind %v: %v", k, err)
			}
			return
		}
		stored, err := l.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(stored)
		if err != nil {
			t.Fatal(err)
		}
		got := Merge(crowsnest.Image{}, []*Layer{l})
		if diff := cmp.Diff(got, Merge(crowsnest.Image{}, []*Layer{back})); diff != "" {
			t.Errorf("the stored layer merges differently:\n%s", diff)
		}
		wantStorable(t, got)
	})
}

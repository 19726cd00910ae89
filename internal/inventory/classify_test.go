package inventory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/classify"
)

// nodeProgram is a file that says it is node, of at least n bytes.
func nodeProgram(path, version string, n int) item {
	return program(path, []byte("\x7fELF\x02\x01\x01"+strings.Repeat("\xff", n)+"\x00node.js/v"+version+"\x00"))
}

// busybox is a file that says it is BusyBox.
func busybox(path string) item {
	return program(path, []byte("\x7fELF\x02\x01\x01\x00BusyBox v1.36.1 (2024-01-17 21:58:10 UTC)\x00"))
}

// What no package manager brought is matched by its repository; what one brought is its.
func TestSoftwareWithoutAPackageManager(t *testing.T) {
	const git, ofDebian = `in "GIT" by github.com/nodejs/node at `, `in "" by github.com/nodejs/node at `
	debian := file("etc/os-release", osReleaseOf("debian", "12"))
	owned := file("var/lib/dpkg/info/nodejs.list", "/.\n/usr\n/usr/bin\n/usr/bin/node\n")
	status := file("var/lib/dpkg/status", deb("nodejs", "18.13.0"))
	link := hardlink("opt/node/bin/node", "usr/local/bin/node")
	tests := []struct {
		name   string
		layers [][]item
		want   []string
	}{
		{"nobody's", [][]item{{debian, nodeProgram("usr/local/bin/node", "20.11.1", 0)}}, []string{"node 20.11.1 " + git + "usr/local/bin/node"}},
		{"not executable", [][]item{{file("usr/local/bin/node", nodeProgram("", "20.11.1", 0).body)}}, []string{"node 20.11.1 " + git + "usr/local/bin/node"}},
		{"a script of that name", [][]item{{program("usr/local/bin/node", []byte("#!/bin/sh\necho node.js/v20.11.1\n"))}}, []string{}},
		{"a distribution's", [][]item{{debian, status, owned, nodeProgram("usr/bin/node", "18.13.0", 0)}}, []string{"node 18.13.0 " + ofDebian + "usr/bin/node of nodejs"}},
		{"a distribution's, written over", [][]item{{debian, status, owned, nodeProgram("usr/bin/node", "18.13.0", 0)}, {nodeProgram("usr/bin/node", "20.11.1", 0)}},
			[]string{"node 20.11.1 " + git + "usr/bin/node"}},
		{"deleted", [][]item{{nodeProgram("usr/local/bin/node", "20.11.1", 0)}, {file("usr/local/bin/.wh.node", "")}}, []string{}},
		{"by a second name", [][]item{{nodeProgram("usr/local/bin/node", "20.11.1", 0), link}}, []string{"node 20.11.1 " + git + "opt/node/bin/node", "node 20.11.1 " + git + "usr/local/bin/node"}},
		{"by a second name that does not fit", [][]item{{nodeProgram("usr/local/bin/node", "20.11.1", 0), hardlink("usr/local/bin/other", "usr/local/bin/node")}}, []string{"node 20.11.1 " + git + "usr/local/bin/node"}},
		{"one program of many names", [][]item{{busybox("bin/["), hardlink("bin/[[", "bin/["), hardlink("bin/busybox", "bin/["), hardlink("bin/zcat", "bin/[")}},
			[]string{`busybox 1.36.1 in "GIT" by git.busybox.net/busybox at bin/[`, `busybox 1.36.1 in "GIT" by git.busybox.net/busybox at bin/busybox`}},
		{"another program of that name", [][]item{{program("usr/bin/[", []byte("\x7fELF\x02\x01\x01\x00GNU coreutils\x00"))}}, []string{}},
		{"beside a package of a language in the same file", [][]item{{program("usr/local/bin/node", append(elfOfGo(t), "\x00node.js/v20.11.1\x00"...))}}, []string{"node 20.11.1 " + git + "usr/local/bin/node"}},
		{"a text", [][]item{{file("opt/java/release", "JAVA_RUNTIME_VERSION=\"17.0.15+6-LTS\"\n"), program("usr/local/go/VERSION", []byte("go1.21.5\n"))}},
			[]string{`openjdk 17.0.15+6 in "GIT" by github.com/openjdk/jdk at opt/java/release`, `stdlib 1.21.5 in "Go" by  at usr/local/go/VERSION`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := image(t, tt.layers...)
			if diff := cmp.Diff(tt.want, software(got)); diff != "" {
				t.Errorf("software (-want +got):\n%s", diff)
			}
			if len(got.Problems) > 0 {
				t.Errorf("problems: %v", got.Problems)
			}
		})
	}
}

// elfOfGo begins as an ELF file that the reader of Go programs opens and finds nothing in.
func elfOfGo(t *testing.T) []byte {
	t.Helper()
	b := make([]byte, 64)
	copy(b, "\x7fELF\x02\x01\x01")
	copy(b[16:], "\x03\x00\x3e\x00\x01\x00\x00\x00")
	b[52], b[54], b[58] = 64, 56, 64
	return b
}

// software lists the packages that a classifier found.
func software(a crowsnest.Analysis) []string {
	out := []string{}
	for _, p := range a.Packages {
		for _, l := range p.Locations {
			if p.Type != "generic" && p.Name != "stdlib" {
				continue
			}
			s := fmt.Sprintf("%s %s in %q by %s at %s", p.Name, p.Version, p.Ecosystem, p.Source, l.Path)
			if l.OwnedBy != nil {
				s += " of " + l.OwnedBy.Name
			}
			out = append(out, s)
		}
	}
	return out
}

// A program that does not fit into memory is scanned as well.
func TestLargeSoftware(t *testing.T) {
	plain := tarOf(t, nodeProgram("usr/local/bin/node", "20.11.1", 300_000))
	a := newAnalyser(t, func(l *Limits) { l.MemoryBytes = 1000 })
	l, err := a.AnalyseLayer(t.Context(), crowsnest.Layer{}, strings.NewReader(string(plain)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(Merge(crowsnest.Image{}, []*Layer{l})), []string{"generic node 20.11.1"}; !cmp.Equal(got, want) {
		t.Errorf("packages %q, want %q", got, want)
	}
}

// A stream that ends within a program is truncated, not a program without a version.
func TestTruncatedSoftware(t *testing.T) {
	plain := tarOf(t, file("usr/local/bin/node", nodeProgram("", "20.11.1", 300_000).body))
	_, err := newAnalyser(t, nil).AnalyseLayer(t.Context(), crowsnest.Layer{}, strings.NewReader(string(plain[:100_000])))
	if crowsnest.KindOf(err) != crowsnest.Corrupt {
		t.Errorf("error %v, want one of kind %s", err, crowsnest.Corrupt)
	}
}

// What a classifier can find must be kept of what package managers own.
func TestClassifiedPathsAreNameable(t *testing.T) {
	d := newDispatcher()
	for _, p := range []string{
		"usr/bin/node", "bin/bash", "bin/busybox", "usr/bin/[", "usr/lib/x86_64-linux-gnu/libcrypto.so.3", "usr/lib/x86_64-linux-gnu/libz.so.1.2.13", "usr/bin/python3.11",
		"usr/lib/jvm/java-17-openjdk-amd64/release", "usr/lib/go-1.21/go/VERSION", "usr/share/wordpress/wp-includes/version.php", "usr/lib/erlang/releases/25/OTP_VERSION",
	} {
		if classify.Of(p) == nil {
			t.Errorf("no classifier takes %s", p)
		}
		if !d.nameable(p) {
			t.Errorf("%s is not kept of what package managers own", p)
		}
	}
}

package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// presentRecord reads what the bundle's programs are said to be. It leaves the
// test in the folder of package bundle, as the generator wants it.
func presentRecord(t *testing.T) programsRecord {
	t.Helper()
	t.Chdir("..")
	b, err := os.ReadFile(filepath.Join(factsDir, programsFile))
	if err != nil {
		t.Fatal(err)
	}
	var record programsRecord
	if err := json.Unmarshal(b, &record); err != nil {
		t.Fatal(err)
	}
	return record
}

// The bundle is what the generator makes of the facts and the bundle's own
// programs: who changed the scenario or an advisory and forgot to generate sees
// it here, without a network.
func TestBundleIsUpToDate(t *testing.T) {
	programs, err := presentPrograms(presentRecord(t))
	if err != nil {
		t.Fatal(err)
	}
	f, err := readFacts()
	if err != nil {
		t.Fatal(err)
	}
	want, err := makeBundle(f, programs)
	if err != nil {
		t.Fatal(err)
	}
	for dir, files := range map[string]map[string][]byte{"layout": want.layout, "advisories": want.advisories} {
		present := tree(t, dir)
		for name, content := range files {
			if got, ok := present[name]; !ok || string(got) != string(content) {
				t.Errorf("%s/%s is not what the generator makes: run go generate ./internal/demo/bundle", dir, name)
			}
			delete(present, name)
		}
		for name := range present {
			t.Errorf("%s/%s is not of the bundle: run go generate ./internal/demo/bundle", dir, name)
		}
	}
	clusters, err := os.ReadFile("clusters.json")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want.clusters), string(clusters)); d != "" {
		t.Errorf("clusters.json (-generator +present):\n%s", d)
	}
}

func tree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[p], err = os.ReadFile(filepath.Join(dir, p))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A program that is not the recorded one must not get into a new bundle.
func TestPresentProgramsAreChecked(t *testing.T) {
	record := presentRecord(t)
	record.Programs[0].SHA256 = strings.Repeat("0", 64)
	if _, err := presentPrograms(record); err == nil || !strings.Contains(err.Error(), "-refresh") {
		t.Errorf("got error %v, want one that names -refresh", err)
	}
}

func TestRecordNamesThePlannedPrograms(t *testing.T) {
	record := presentRecord(t)
	ignore := cmp.Options{cmpopts.IgnoreFields(program{}, "SHA256"), cmpopts.IgnoreUnexported(program{})}
	if d := cmp.Diff(programPlans, record.Programs, ignore); d != "" {
		t.Errorf("programs (-planned +recorded):\n%s", d)
	}
}

func TestParseControl(t *testing.T) {
	for name, c := range map[string]struct {
		paragraph string
		want      string // written again; empty where an error is due
	}{
		"description-is-left-out": {
			"Package: a\nVersion: 1:2.0-1\nDescription: short\n long\n .\n longer\nMulti-Arch: same\n",
			"Package: a\nVersion: 1:2.0-1\nMulti-Arch: same\n",
		},
		"continued-field":  {"Package: a\nVersion: 1\nDepends: b,\n c\n", "Package: a\nVersion: 1\nDepends: b,\n c\n"},
		"files":            {"Package: a\nVersion: 1\nFiles-Installed:\n /.\n /usr/a b\n", "Package: a\nVersion: 1\nFiles-Installed:\n /.\n /usr/a b\n"},
		"no-version":       {"Package: a\n", ""},
		"no-field":         {"Package: a\nVersion: 1\nnonsense\n", ""},
		"starts-continued": {" a\nPackage: a\nVersion: 1\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := parseControl(c.paragraph)
			if (err == nil) != (c.want != "") {
				t.Fatalf("error %v", err)
			}
			if err == nil && p.String() != c.want {
				t.Errorf("got\n%s\nwant\n%s", p, c.want)
			}
		})
	}
}

func TestStatusSaysInstalled(t *testing.T) {
	p, err := parseControl("Package: a\nVersion: 1\nFiles-Installed:\n /usr/a\n")
	if err != nil {
		t.Fatal(err)
	}
	want := "Package: a\nStatus: install ok installed\nVersion: 1\n\n"
	if d := cmp.Diff(want, string(status([]debPackage{p}))); d != "" {
		t.Errorf("status (-want +got):\n%s", d)
	}
}

func TestSourceOfPackage(t *testing.T) {
	for paragraph, want := range map[string]string{
		"Package: tar\nVersion: 1":                              "tar",
		"Package: libc6\nSource: glibc\nVersion: 1":             "glibc",
		"Package: libgcc-s1\nSource: gcc-12 (12.2)\nVersion: 1": "gcc-12",
	} {
		p, err := parseControl(paragraph)
		if err != nil {
			t.Fatal(err)
		}
		if p.source() != want {
			t.Errorf("%q: source %q, want %q", paragraph, p.source(), want)
		}
	}
}

func TestAdvisoryWithoutKnownVectorIsRefused(t *testing.T) {
	a := debianAdvisories()[0]
	a.vector = "AV:N/AC:L/Au:N/C:N/I:N/A:P"
	if _, err := a.osv(); err == nil {
		t.Error("no error for a vector without its version")
	}
}

func FuzzParseControl(f *testing.F) {
	f.Add("Package: a\nVersion: 1\nDescription: d\n more\nFiles-Installed:\n /usr/a\n")
	f.Add("Package: a\nVersion: 1\nDepends: b,\n c\n")
	f.Add("Package:\nVersion\n")
	f.Add(" \n\n: :\n")
	f.Fuzz(func(t *testing.T, paragraph string) {
		p, err := parseControl(paragraph)
		if err != nil {
			return
		}
		if p.name() == "" || p.field("Version") == "" {
			t.Errorf("a package without name or version: %q", paragraph)
		}
		if p.field("Description") != "" {
			t.Errorf("a description is kept: %q", paragraph)
		}
	})
}

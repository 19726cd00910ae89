package repository

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPackageComments wants one package comment for each package: two leave the
// reader to guess which holds.
func TestPackageComments(t *testing.T) {
	for _, p := range allPackages(t) {
		var with []string
		files := slices.Concat(p.GoFiles, p.IgnoredGoFiles)
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if parsed.Doc == nil || parsed.Name.Name != p.Name {
				continue // a file of another package, such as a generator left out by a build tag
			}
			with = append(with, file)
			if want := commentStart(p); !strings.HasPrefix(parsed.Doc.Text(), want) {
				t.Errorf("%s: the package comment does not begin with %q", path.Join(p.room(), file), want)
			}
		}
		if len(files) > 0 && len(with) != 1 {
			t.Errorf("%s: %d files have a package comment %v, want one", p.ImportPath, len(with), with)
		}
	}
}

// commentStart is how Go's conventions begin a package comment.
func commentStart(p goPackage) string {
	if p.Name == "main" {
		return "Command " + path.Base(p.ImportPath)
	}
	return "Package " + p.Name + " "
}

const (
	maxFileLines = 600   // more do not fit in a reader's head
	maxRoomLines = 2_500 // a room past that holds two subjects
)

// TestSizes holds the limits for files and rooms; tests and generated code may be
// longer, as nobody reads them from end to end.
func TestSizes(t *testing.T) {
	rooms := map[string]int{}
	for _, name := range trackedFiles(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/testdata/") {
			continue
		}
		text := read(t, name)
		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if ast.IsGenerated(parsed) {
			continue
		}
		lines := strings.Count(text, "\n")
		if lines > maxFileLines {
			t.Errorf("%s has %d lines, more than %d: split it by meaning", name, lines, maxFileLines)
		}
		rooms[path.Dir(name)] += lines
	}
	if len(rooms) < 5 {
		t.Fatalf("found Go code in %d folders, too few to be this repository", len(rooms))
	}
	for room, lines := range rooms {
		if lines > maxRoomLines {
			t.Errorf("%s has %d lines of code, more than %d: split it by subject", room, lines, maxRoomLines)
		}
	}
}

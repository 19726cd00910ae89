// Command generate writes the demo's bundle: the image layout, the advisories
// and clusters.json. It runs in the folder of package bundle (go generate does
// that) and needs the module proxy for the demo programs' modules.
//
// The default step works from the facts beside it and is deterministic: the same
// facts and the same Go version give the same bytes. Programs that Go built are
// only the same with the same Go, so with another one than facts/programs.json
// names, the programs of the present bundle are kept.
//
// With -refresh it first asks apt (on Debian 12) and npm for the package facts as
// they are offered now, writes them to facts, and builds the programs with this
// Go. Then the advisories and the expectations in the bundle's tests may have to
// follow.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// Where things stand, seen from package bundle's folder.
const (
	factsDir    = "generate/facts"
	programsDir = "generate/testdata"
)

func main() {
	refresh := flag.Bool("refresh", false, "ask apt and npm for new package facts and build the programs with this Go")
	flag.Parse()
	if err := run(*refresh); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(refresh bool) error {
	if _, err := os.Stat(factsDir); err != nil {
		return fmt.Errorf("run this with go generate ./internal/demo/bundle: %w", err)
	}
	if refresh {
		if err := refreshFacts(); err != nil {
			return err
		}
	}
	f, err := readFacts()
	if err != nil {
		return err
	}
	programs, err := buildPrograms(refresh)
	if err != nil {
		return err
	}
	out, err := makeBundle(f, programs)
	if err != nil {
		return err
	}
	// Everything is made before anything is written: a failure leaves the present bundle whole.
	if err := replaceTree("layout", out.layout); err != nil {
		return err
	}
	if err := replaceTree("advisories", out.advisories); err != nil {
		return err
	}
	return os.WriteFile("clusters.json", out.clusters, 0o644)
}

// output is all that the bundle embeds; the maps are of paths below their folder.
type output struct {
	layout, advisories map[string][]byte
	clusters           []byte
}

func makeBundle(f facts, programs programSet) (output, error) {
	var out output
	layout := newLayoutWriter()
	imageIDs := map[string]string{}
	for _, plan := range imagePlans(f, programs) {
		id, err := layout.add(plan)
		if err != nil {
			return out, fmt.Errorf("make %s: %w", plan.name, err)
		}
		imageIDs[plan.name] = id
	}
	var err error
	if out.layout, err = layout.files(); err != nil {
		return out, err
	}
	if out.advisories, err = advisoryFiles(); err != nil {
		return out, err
	}
	out.clusters, err = clustersJSON(f, programs, imageIDs)
	return out, err
}

// replaceTree makes dir hold the files and nothing else.
func replaceTree(dir string, files map[string][]byte) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for name, content := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(p, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// indented is JSON for files that people read.
func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

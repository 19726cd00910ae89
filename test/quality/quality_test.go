package quality

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory"
)

var update = flag.Bool("update", false, "write the baseline anew")

const baselineFile = "testdata/baseline.json"

// score is what the analysis made of one kind.
type score struct {
	Installed int      `json:"installed"`
	Missed    []string `json:"missed"`
	False     []string `json:"false"`
}

func TestQuality(t *testing.T) {
	got := make(map[string]score)
	for _, s := range samples(t) {
		got[s.kind] = s.score()
	}
	if *update {
		b, err := json.MarshalIndent(got, "", "\t")
		if err == nil {
			err = os.WriteFile(baselineFile, append(b, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(baselineFile)
	if err != nil {
		t.Fatal(err)
	}
	var baseline map[string]score
	if err := json.Unmarshal(b, &baseline); err != nil {
		t.Fatal(err)
	}
	for _, kind := range slices.Sorted(maps.Keys(got)) {
		g, base := got[kind], baseline[kind]
		if g.Installed != base.Installed {
			t.Errorf("%s: the sample has %d packages, the baseline %d; write it anew with -update", kind, g.Installed, base.Installed)
		}
		worse := func(what string, got, known []string) {
			for _, p := range got {
				if !slices.Contains(known, p) {
					t.Errorf("%s: %s %s, which the baseline does not have", kind, what, p)
				}
			}
		}
		worse("missed", g.Missed, base.Missed)
		worse("made up", g.False, base.False)
		if len(g.Missed) < len(base.Missed) || len(g.False) < len(base.False) {
			t.Errorf("%s is better than the baseline; write it anew with -update, so that it stays so", kind)
		}
		t.Logf("%-20s %3d installed, %d missed, %d false", kind, g.Installed, len(g.Missed), len(g.False))
	}
	for kind := range baseline {
		if _, ok := got[kind]; !ok {
			t.Errorf("there is no sample of %s any more", kind)
		}
	}
}

// score analyses the sample and compares.
func (s *sample) score() score {
	a, err := inventory.New(inventory.DefaultLimits())
	if err != nil {
		s.t.Fatal(err)
	}
	var layers []*inventory.Layer
	for _, l := range s.layers {
		b, err := l.Tar()
		if err != nil {
			s.t.Fatal(err)
		}
		layer, err := a.AnalyseLayer(s.t.Context(), crowsnest.Layer{DiffID: crowsnest.DigestOf(b)}, bytes.NewReader(b))
		if err != nil {
			s.t.Fatalf("%s: %v", s.kind, err)
		}
		layers = append(layers, layer)
	}
	analysis := inventory.Merge(crowsnest.Image{Name: s.kind}, layers)
	out := score{Installed: len(s.truth), Missed: []string{}, False: []string{}}
	found := make(map[string]bool)
	for _, p := range analysis.Packages {
		name := strings.Join([]string{p.Type, p.Name, p.Version}, " ")
		for _, o := range p.Owners() {
			name += " of " + o.Name
		}
		found[name] = true
		if !s.truth[name] {
			out.False = append(out.False, name)
		}
	}
	for name := range s.truth {
		if !found[name] {
			out.Missed = append(out.Missed, name)
		}
	}
	slices.Sort(out.False)
	slices.Sort(out.Missed)
	return out
}

package bench_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
)

// flaw is one advisory before it is written down.
type flaw struct {
	id, cve   string
	ecosystem string // as the record writes it, with its release
	name      string
	fixed     string // empty if there is no fix
	vector    string // empty if nobody scored it
	installed bool
}

// flaws makes the advisories: some thousands name products of the universe, the common
// ones more often, the rest what nobody installed.
func flaws(u *universe, rng *rand.Rand) []flaw {
	var out []flaw
	add := func(p product, installed bool) {
		n := len(out)
		f := flaw{cve: fmt.Sprintf("CVE-%d-%05d", 2015+n%10, n), ecosystem: p.family.ecosystem, name: p.name, vector: vector(rng), installed: installed}
		f.id = idOf(p.family.ecosystem, n)
		// Of a distribution's flaws many never get a fix; the others are fixed in a version
		// that some have and some do not.
		if rng.IntN(3) > 0 {
			f.fixed = p.family.version(1 + rng.IntN(p.versions+1))
		}
		out = append(out, f)
	}
	byDistribution := rand.NewZipf(rng, 1.1, 30, uint64(len(u.distributions[0])-1))
	for i := range u.size.installed {
		if i%4 == 0 {
			list := u.languages[rng.IntN(len(u.languages))]
			add(list[min(len(list)-1, int(rng.ExpFloat64()*float64(len(list))/6))], true)
			continue
		}
		add(u.distributions[rng.IntN(len(u.distributions))][byDistribution.Uint64()], true)
	}
	for i := len(out); i < u.size.advisories; i++ {
		families := distributions
		if i%2 == 0 {
			families = languages
		}
		f := families[rng.IntN(len(families))]
		add(product{family: f, name: fmt.Sprintf("absent-%s-%d", word(i), i/3), versions: 5}, false)
	}
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// idOf names an advisory as the source of an ecosystem does.
func idOf(ecosystem string, n int) string {
	switch crowsnest.EcosystemBase(ecosystem) {
	case "Debian":
		return fmt.Sprintf("DEBIAN-CVE-%d-%05d", 2015+n%10, n)
	case "Ubuntu":
		return fmt.Sprintf("UBUNTU-CVE-%d-%05d", 2015+n%10, n)
	case "Alpine":
		return fmt.Sprintf("ALPINE-CVE-%d-%05d", 2015+n%10, n)
	case "AlmaLinux":
		return fmt.Sprintf("ALSA-%d:%05d", 2015+n%10, n)
	case "Red Hat":
		return fmt.Sprintf("RHSA-%d:%05d", 2015+n%10, n)
	case "Go":
		return fmt.Sprintf("GO-%d-%05d", 2015+n%10, n)
	}
	return fmt.Sprintf("GHSA-%05d", n)
}

func vector(rng *rand.Rand) string {
	if rng.IntN(5) == 0 {
		return ""
	}
	pick := func(values string) byte { return values[rng.IntN(len(values))] }
	return fmt.Sprintf("CVSS:3.1/AV:%c/AC:%c/PR:%c/UI:%c/S:%c/C:%c/I:%c/A:%c",
		pick("NNAL"), pick("LLH"), pick("NNLH"), pick("NR"), pick("UUC"), pick("HLN"), pick("HLN"), pick("HHL"))
}

var details = strings.Repeat("A remote attacker who can send a crafted message may read memory beyond the end of a buffer. ", 10)

// record writes an advisory as its source does, in JSON of the OSV schema.
func (f flaw) record(modified time.Time) []byte {
	type object = map[string]any
	events := []object{{"introduced": "0"}}
	if f.fixed != "" {
		events = append(events, object{"fixed": f.fixed})
	}
	kind := "ECOSYSTEM"
	switch f.ecosystem {
	case "npm", "Go":
		kind = "SEMVER"
	}
	o := object{
		"schema_version": "1.7.0", "id": f.id, "modified": modified, "published": modified.Add(-24 * time.Hour),
		"summary": "Out-of-bounds read in " + f.name, "details": details[:300+len(f.id)*len(f.name)],
		"affected": []object{{
			"package": object{"ecosystem": f.ecosystem, "name": f.name, "purl": "pkg:generic/" + f.name},
			"ranges":  []object{{"type": kind, "events": events}}, "database_specific": object{"source": "https://example.com/" + f.id + ".json"},
		}},
		"references": []object{{"type": "ADVISORY", "url": "https://example.com/" + f.id}, {"type": "WEB", "url": "https://example.com/" + f.cve}},
	}
	if f.vector != "" {
		o["severity"] = []object{{"type": "CVSS_V3", "score": f.vector}}
	}
	if strings.Contains(f.id, "-CVE-") {
		o["upstream"] = []string{f.cve}
	} else {
		o["aliases"] = []string{f.cve}
	}
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // strings and times only
	}
	return b
}

// advisory reads the record as an import does.
func (f flaw) advisory(tb testing.TB, modified time.Time) *crowsnest.Advisory {
	tb.Helper()
	a, err := osv.Decode(f.record(modified))
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// published is when all advisories were last changed before any benchmark changes one.
var published = time.Date(2025, 5, 5, 5, 5, 5, 0, time.UTC)

// writeArchives writes the advisories in the layout of OSV's bucket and returns the folder.
func writeArchives(tb testing.TB, all []flaw) string {
	tb.Helper()
	folder := tb.TempDir()
	archives := make(map[string]*zip.Writer)
	for _, f := range all {
		base := crowsnest.EcosystemBase(f.ecosystem)
		w, ok := archives[base]
		if !ok {
			name := filepath.Join(folder, base, "all.zip")
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				tb.Fatal(err)
			}
			file, err := os.Create(name)
			if err != nil {
				tb.Fatal(err)
			}
			defer file.Close()
			w = zip.NewWriter(file)
			archives[base] = w
		}
		entry, err := w.Create(f.id + ".json")
		if err == nil {
			_, err = entry.Write(f.record(published))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	for _, w := range archives {
		if err := w.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return folder
}

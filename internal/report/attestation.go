package report

import (
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Attestations writes what was attested of an image.
func (p Printer) Attestations(l wire.Attestations) {
	p.target(l.Image)
	p.printf("\n")
	switch {
	case l.Read.IsZero():
		p.printf("  nobody looked for attestations yet; analyse the image again\n")
		return
	case len(l.Items) == 0:
		p.printf("  no attestations; docker buildx build --attest type=sbom --attest type=provenance,mode=max makes them\n")
		return
	}
	rows := [][]string{{"KIND", "DIGEST", "SIZE", "FROM", "PREDICATE TYPE", "BUILT BY"}}
	for _, a := range l.Items {
		if a.Digest == "" {
			continue
		}
		by := ""
		if v := a.Provenance; v != nil {
			by = strings.Join(strings.Fields(v.Builder+" "+v.Repository+" "+v.Revision), " ")
		}
		rows = append(rows, []string{Clean(string(a.Kind)), short(a.Digest), Size(a.Size), Clean(string(a.Source)), Clean(OrDash(a.PredicateType)), Clean(by)})
	}
	if len(rows) > 1 {
		p.Table(rows)
	}
	for _, a := range l.Items {
		if a.Counts() {
			continue
		}
		what := "attestations"
		if a.Digest != "" {
			what = "attestation " + short(a.Digest)
		}
		p.printf("%s %s: %s\n", p.paint(yellow, "!"), what, Clean(a.Problem))
	}
	p.printf("  %s\n", p.paint(dim, "no signature is verified"))
}

// AttestationDifferences writes what only one side has.
func (p Printer) AttestationDifferences(d wire.AttestationDifferences) {
	p.target(d.Image, [2]string{"attested", short(d.Attested)})
	p.printf("\n  %-24s %s\n  %-24s %s\n  %-24s %s\n", "in both", strconv.Itoa(d.Same), "only in the analysis", strconv.Itoa(len(d.Analysis)), "only in the attestation", strconv.Itoa(len(d.Document)))
	for _, side := range []struct {
		title string
		list  []crowsnest.PackageVersion
	}{{"Only in the analysis:", d.Analysis}, {"Only in the attestation:", d.Document}} {
		if len(side.list) == 0 {
			continue
		}
		p.printf("\n%s\n", side.title)
		rows := make([][]string, len(side.list))
		for i, v := range side.list {
			rows[i] = []string{Clean(v.Name), Clean(v.Version), Clean(v.Type)}
		}
		p.columns("  ", rows)
	}
	p.problems(d.Problems)
}

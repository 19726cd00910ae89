package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
)

// advisory is one record of the bundle. The tables beside this file hold facts
// as the sources publish them (names, versions, vectors, times); the summaries
// are this project's words.
//
// A record of the tables may say less than the source does (other packages and
// releases are left out), never something else.
type advisory struct {
	id        string
	aliases   []string
	upstream  []string
	summary   string
	published string // RFC 3339
	modified  string // RFC 3339
	vector    string // CVSS, with its version in front; empty where the source gives none
	word      string // GitHub's word for the severity
	urgency   string // Debian's word for the severity
	affected  []affected
	reference string
}

// affected is one package and its ranges.
type affected struct {
	ecosystem string // with its release
	name      string
	ranges    []affectedRange
}

// affectedRange is affected from introduced up to fixed, or for good where fixed is empty.
type affectedRange struct{ introduced, fixed string }

// ecosystem returns the ecosystem without its release: the folder the record is in.
func (a advisory) ecosystem() string {
	name, _, _ := strings.Cut(a.affected[0].ecosystem, ":")
	return name
}

// The OSV schema, version 1.7, as far as the bundle uses it.
type (
	osvRecord struct {
		SchemaVersion string         `json:"schema_version"`
		ID            string         `json:"id"`
		Modified      string         `json:"modified"`
		Published     string         `json:"published"`
		Aliases       []string       `json:"aliases,omitempty"`
		Upstream      []string       `json:"upstream,omitempty"`
		Summary       string         `json:"summary"`
		Severity      []osvSeverity  `json:"severity,omitempty"`
		Affected      []osvAffected  `json:"affected"`
		References    []osvReference `json:"references"`
		Specific      *osvSpecific   `json:"database_specific,omitempty"`
	}
	osvSeverity struct {
		Type  string `json:"type"`
		Score string `json:"score"`
	}
	osvAffected struct {
		Package  osvPackage   `json:"package"`
		Ranges   []osvRange   `json:"ranges"`
		Specific *osvSpecific `json:"ecosystem_specific,omitempty"`
	}
	osvPackage struct {
		Ecosystem string `json:"ecosystem"`
		Name      string `json:"name"`
	}
	osvRange struct {
		Type   string     `json:"type"`
		Events []osvEvent `json:"events"`
	}
	osvEvent struct {
		Introduced string `json:"introduced,omitempty"`
		Fixed      string `json:"fixed,omitempty"`
	}
	osvReference struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	}
	osvSpecific struct {
		Severity string `json:"severity,omitempty"` // GitHub
		Urgency  string `json:"urgency,omitempty"`  // Debian
	}
)

// vectorTypes maps the start of a CVSS vector to OSV's name for its kind.
var vectorTypes = map[string]string{"CVSS:4.0/": "CVSS_V4", "CVSS:3.1/": "CVSS_V3", "CVSS:3.0/": "CVSS_V3"}

func (a advisory) osv() (osvRecord, error) {
	r := osvRecord{
		SchemaVersion: "1.7.0", ID: a.id, Modified: a.modified, Published: a.published,
		Aliases: a.aliases, Upstream: a.upstream, Summary: a.summary,
		References: []osvReference{{Type: "ADVISORY", URL: a.reference}},
	}
	if a.vector != "" {
		kind, ok := vectorTypes[a.vector[:min(len("CVSS:3.1/"), len(a.vector))]]
		if !ok {
			return r, fmt.Errorf("%s: not a CVSS vector: %s", a.id, a.vector)
		}
		r.Severity = []osvSeverity{{Type: kind, Score: a.vector}}
	}
	if a.word != "" {
		r.Specific = &osvSpecific{Severity: a.word}
	}
	for _, p := range a.affected {
		out := osvAffected{Package: osvPackage{Ecosystem: p.ecosystem, Name: p.name}}
		kind := "SEMVER"
		if a.ecosystem() == "Debian" {
			kind = "ECOSYSTEM"
		}
		for _, span := range p.ranges {
			events := []osvEvent{{Introduced: span.introduced}}
			if span.fixed != "" {
				events = append(events, osvEvent{Fixed: span.fixed})
			}
			out.Ranges = append(out.Ranges, osvRange{Type: kind, Events: events})
		}
		if a.urgency != "" {
			out.Specific = &osvSpecific{Urgency: a.urgency}
		}
		r.Affected = append(r.Affected, out)
	}
	return r, nil
}

// advisoryFiles writes the tables in the layout of OSV's bucket.
func advisoryFiles() (map[string][]byte, error) {
	byEcosystem := map[string][]advisory{}
	for _, a := range slices.Concat(debianAdvisories(), goAdvisories(), npmAdvisories()) {
		byEcosystem[a.ecosystem()] = append(byEcosystem[a.ecosystem()], a)
	}
	files := map[string][]byte{}
	var names []string
	for name, list := range byEcosystem {
		names = append(names, name)
		slices.SortFunc(list, func(a, b advisory) int { return strings.Compare(a.id, b.id) })
		archive, err := archiveOf(list)
		if err != nil {
			return nil, err
		}
		files[name+"/all.zip"] = archive
		files[name+"/modified_id.csv"] = modifiedIDs(list)
	}
	slices.Sort(names)
	files["ecosystems.txt"] = []byte(strings.Join(names, "\n") + "\n")
	return files, nil
}

func archiveOf(list []advisory) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	// As for layers: the standard library's output may change with Go.
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestCompression)
	})
	for _, a := range list {
		record, err := a.osv()
		if err != nil {
			return nil, err
		}
		content, err := json.Marshal(record)
		if err != nil {
			return nil, err
		}
		modified, err := time.Parse(time.RFC3339, a.modified)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.id, err)
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: a.id + ".json", Method: zip.Deflate, Modified: modified})
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// modifiedIDs lists the records newest first, as "modified,ID".
func modifiedIDs(list []advisory) []byte {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b advisory) int { return strings.Compare(b.modified, a.modified) })
	var b strings.Builder
	for _, a := range list {
		b.WriteString(a.modified + "," + a.id + "\n")
	}
	return []byte(b.String())
}

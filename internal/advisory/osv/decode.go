package osv

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/crowsnest-sec/crowsnest"
)

// The caps on one record. The largest real ones, of kernels, have a few megabytes.
const (
	MaxRecord      = 16 << 20 // bytes of JSON
	maxAffected    = 50_000
	maxRanges      = 10_000 // of one affected package
	maxEvents      = 50_000 // of one range
	maxVersions    = 200_000
	maxIdentifiers = 20_000 // in one list of aliases, upstream or related
	maxSeverities  = 100

	maxRepositories = 20  // of one affected entry
	maxIdentifier   = 256 // bytes
	maxText         = 4096
	maxSummary      = 300
)

// record is the part of an OSV record that is used.
type record struct {
	ID        string     `json:"id"`
	Modified  *time.Time `json:"modified"`
	Published *time.Time `json:"published"`
	Withdrawn *time.Time `json:"withdrawn"`
	Aliases   []string   `json:"aliases"`
	Upstream  []string   `json:"upstream"`
	Related   []string   `json:"related"`
	Summary   string     `json:"summary"`
	Details   string     `json:"details"`
	Severity  []severity `json:"severity"`
	Affected  []affected `json:"affected"`
	Database  words      `json:"database_specific"`
}

type affected struct {
	Package   *pkg           `json:"package"`
	Ranges    []versionRange `json:"ranges"`
	Versions  []string       `json:"versions"`
	Severity  []severity     `json:"severity"`
	Ecosystem words          `json:"ecosystem_specific"`
	Database  words          `json:"database_specific"`
}

type pkg struct {
	Ecosystem string `json:"ecosystem"`
	Name      string `json:"name"`
}

type severity struct {
	Type  string `json:"type"`
	Score string `json:"score"`
}

type versionRange struct {
	Type   string  `json:"type"`
	Repo   string  `json:"repo"` // of type GIT
	Events []event `json:"events"`
}

type event struct {
	Introduced   string `json:"introduced"`
	Fixed        string `json:"fixed"`
	LastAffected string `json:"last_affected"`
	Limit        string `json:"limit"`
}

// words holds the severity words of a free-form object. What is in such an object is
// up to each database, so anything that is not a word is passed over.
type words struct {
	severity string // GHSA, Bitnami, OSS-Fuzz
	urgency  string // Debian
	priority string // Ubuntu
	state    crowsnest.VendorState
}

func (w *words) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] != '{' {
		return nil
	}
	var free struct {
		Severity json.RawMessage `json:"severity"`
		Urgency  json.RawMessage `json:"urgency"`
		Priority json.RawMessage `json:"ubuntu_priority"`
		NoDSA    json.RawMessage `json:"nodsa"`
		Reason   json.RawMessage `json:"nodsa_reason"`
	}
	if err := json.Unmarshal(b, &free); err != nil {
		return err
	}
	w.severity, w.urgency, w.priority = word(free.Severity), word(free.Urgency), word(free.Priority)
	w.state = debianState(text(free.Urgency), text(free.Reason), text(free.NoDSA))
	return nil
}

// debianState reads what Debian does about a vulnerability in a release. OSV's records have the urgency; whoever converts the tracker's data
// may keep its other fields under their own names: a text why no advisory is published, and a word for what becomes of it.
func debianState(urgency, reason, noDSA string) crowsnest.VendorState {
	for _, s := range []crowsnest.VendorState{crowsnest.StateUnimportant, crowsnest.StateEndOfLife} {
		if urgency == string(s) {
			return s
		}
	}
	for _, s := range []crowsnest.VendorState{crowsnest.StateIgnored, crowsnest.StatePostponed} {
		if reason == string(s) {
			return s
		}
	}
	if noDSA != "" {
		return crowsnest.StateNoDSA
	}
	return ""
}

// text returns a JSON string; empty for anything else.
func text(raw json.RawMessage) (s string) {
	if len(raw) == 0 || len(raw) > maxText || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return strings.TrimSpace(s)
}

// word returns a JSON string if it is a severity as sources write it.
func word(raw json.RawMessage) string {
	return severityWord(strings.TrimRight(text(raw), "*")) // with asterisks Debian's tracker marks what no person said
}

func severityWord(s string) string {
	s = strings.TrimSpace(s)
	if _, ok := crowsnest.ParseSeverity(s); !ok {
		return ""
	}
	return s
}

func (w words) first() string {
	for _, s := range []string{w.severity, w.urgency, w.priority} {
		if s != "" {
			return s
		}
	}
	return ""
}

// Decode reads one OSV record. Fields that are not known are passed over; what is
// used must be well formed: an identifier, the time of the last change, packages
// with ecosystem and name, ranges and events of the kinds OSV defines. The
// error is of kind Corrupt, or TooLarge where a cap is exceeded, and names the record
// where its identifier could be read.
//
// An affected entry without a package is about the repositories that its ranges of type GIT
// name, and is read as one of the ecosystem GIT for each; without one it is left out. Severity vectors are not checked here. A word for the severity comes
// from database_specific.severity, or of an affected entry from its
// ecosystem_specific or database_specific severity, urgency or ubuntu_priority, or
// from a severity of a type that is not CVSS, as Ubuntu's.
func Decode(b []byte) (*crowsnest.Advisory, error) {
	if len(b) > MaxRecord {
		return nil, bad(crowsnest.TooLarge, "", fmt.Errorf("the record has more than %d bytes", MaxRecord))
	}
	var r record
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, bad(crowsnest.Corrupt, printable(r.ID), syntax(err))
	}
	if err := identifier(r.ID); err != nil {
		return nil, bad(crowsnest.Corrupt, "", fmt.Errorf("its id %w", err))
	}
	if r.Modified == nil {
		return nil, bad(crowsnest.Corrupt, r.ID, errors.New("it has no modified time"))
	}
	a := &crowsnest.Advisory{ID: r.ID, Modified: r.Modified.UTC(), Summary: summary(r.Summary, r.Details)}
	if r.Published != nil {
		a.Published = r.Published.UTC()
	}
	if r.Withdrawn != nil {
		a.Withdrawn = r.Withdrawn.UTC()
	}
	for _, list := range []struct {
		name string
		from []string
		to   *[]string
	}{{"aliases", r.Aliases, &a.Aliases}, {"upstream", r.Upstream, &a.Upstream}, {"related", r.Related, &a.Related}} {
		if len(list.from) > maxIdentifiers {
			return nil, bad(crowsnest.TooLarge, r.ID, fmt.Errorf("it has more than %d %s", maxIdentifiers, list.name))
		}
		*list.to = identifiers(list.from)
	}
	var err error
	if a.Severity, a.Word, err = severities(r.Severity); err != nil {
		return nil, bad(crowsnest.TooLarge, r.ID, err)
	}
	if w := r.Database.first(); w != "" && a.Word == "" {
		a.Word = w
	}
	if len(r.Affected) > maxAffected {
		return nil, bad(crowsnest.TooLarge, r.ID, fmt.Errorf("it has more than %d affected packages", maxAffected))
	}
	for i := range r.Affected {
		aff, ok, err := r.Affected[i].read()
		if err != nil {
			return nil, bad(kindOf(err), r.ID, fmt.Errorf("affected entry %d: %w", i+1, err))
		}
		if ok {
			a.Affected = append(a.Affected, aff)
			continue
		}
		for _, repo := range r.Affected[i].repositories() {
			aff.Ecosystem, aff.Name = crowsnest.EcosystemGit, repo
			a.Affected = append(a.Affected, aff)
		}
	}
	return a, nil
}

var errTooMany = errors.New("too many")

func kindOf(err error) crowsnest.Kind {
	if errors.Is(err, errTooMany) {
		return crowsnest.TooLarge
	}
	return crowsnest.Corrupt
}

func bad(kind crowsnest.Kind, id string, err error) error {
	return &crowsnest.Error{Kind: kind, Op: "read advisory", Subject: id, Err: err}
}

// syntax says what is wrong with a JSON text without the names of Go types.
func syntax(err error) error {
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) {
		return fmt.Errorf("%s is a JSON %s where OSV has something else", t.Field, t.Value)
	}
	return fmt.Errorf("it is not JSON: %w", err)
}

// repositories returns the repositories an entry is about, each once.
func (a affected) repositories() []string {
	var out []string
	for _, r := range a.Ranges {
		repo := crowsnest.Text(strings.TrimSpace(r.Repo))
		if r.Type == string(crowsnest.RangeGit) && repo != "" && len(repo) <= maxText && !slices.Contains(out, repo) && len(out) < maxRepositories {
			out = append(out, repo)
		}
	}
	return out
}

// read returns an entry, and whether it names a package. What is about repositories lacks
// ecosystem and name.
func (a affected) read() (crowsnest.Affected, bool, error) {
	if a.Package == nil && len(a.repositories()) == 0 {
		return crowsnest.Affected{}, false, nil
	}
	var out crowsnest.Affected
	if a.Package != nil {
		out.Ecosystem, out.Name = crowsnest.Text(strings.TrimSpace(a.Package.Ecosystem)), crowsnest.Text(strings.TrimSpace(a.Package.Name))
	}
	switch {
	case a.Package != nil && (out.Ecosystem == "" || out.Name == ""):
		return out, false, errors.New("the package has no ecosystem or no name")
	case len(out.Ecosystem) > maxText || len(out.Name) > maxText:
		return out, false, fmt.Errorf("%w bytes in the package's name", errTooMany)
	case len(a.Ranges) > maxRanges:
		return out, false, fmt.Errorf("%w ranges", errTooMany)
	case len(a.Versions) > maxVersions:
		return out, false, fmt.Errorf("%w versions", errTooMany)
	}
	for i, v := range a.Versions {
		a.Versions[i] = crowsnest.Text(v)
	}
	out.Versions = a.Versions
	for _, r := range a.Ranges {
		got, err := r.read()
		if err != nil {
			return out, false, err
		}
		out.Ranges = append(out.Ranges, got)
	}
	var err error
	if out.Severity, out.Word, err = severities(a.Severity); err != nil {
		return out, false, err
	}
	for _, w := range []words{a.Ecosystem, a.Database} {
		out.Word = cmp.Or(out.Word, w.first())
		if crowsnest.EcosystemBase(out.Ecosystem) == "Debian" {
			out.State = cmp.Or(out.State, w.state)
		}
	}
	return out, a.Package != nil, nil
}

func (r versionRange) read() (crowsnest.Range, error) {
	out := crowsnest.Range{Type: crowsnest.RangeType(r.Type)}
	switch out.Type {
	case crowsnest.RangeSemver, crowsnest.RangeEcosystem, crowsnest.RangeGit:
	default:
		return out, fmt.Errorf("a range has the unknown type %q", printable(r.Type))
	}
	if len(r.Events) > maxEvents {
		return out, fmt.Errorf("%w events in a range", errTooMany)
	}
	out.Events = make([]crowsnest.Event, 0, len(r.Events))
	for _, e := range r.Events {
		n := len(out.Events)
		// OSV wants one field in an event. Two in one can only mean two events.
		for _, one := range []crowsnest.Event{
			{Introduced: crowsnest.Text(e.Introduced)}, {Fixed: crowsnest.Text(e.Fixed)}, {LastAffected: crowsnest.Text(e.LastAffected)}, {Limit: crowsnest.Text(e.Limit)},
		} {
			if one != (crowsnest.Event{}) {
				out.Events = append(out.Events, one)
			}
		}
		if len(out.Events) == n {
			return out, errors.New("a range has an event of an unknown kind")
		}
	}
	return out, nil
}

// severities splits a severity list into vectors and the first word.
func severities(list []severity) ([]crowsnest.SeverityVector, string, error) {
	if len(list) > maxSeverities {
		return nil, "", fmt.Errorf("%w severities", errTooMany)
	}
	var vectors []crowsnest.SeverityVector
	var found string
	for _, s := range list {
		switch {
		case len(s.Score) > maxText:
		case strings.HasPrefix(s.Type, "CVSS_"):
			vectors = append(vectors, crowsnest.SeverityVector{Type: crowsnest.Text(s.Type), Vector: crowsnest.Text(s.Score)})
		case found == "":
			found = severityWord(s.Score)
		}
	}
	return vectors, found, nil
}

// identifier checks what becomes a key: one word of printable ASCII.
func identifier(s string) error {
	switch {
	case s == "":
		return errors.New("is missing")
	case len(s) > maxIdentifier:
		return fmt.Errorf("has more than %d bytes", maxIdentifier)
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return errors.New("has characters other than printable ASCII")
		}
	}
	return nil
}

// identifiers leaves out what could not be one; a name is no reason to lose a record.
func identifiers(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); identifier(s) == nil {
			out = append(out, s)
		}
	}
	return out
}

// summary returns the summary as one line, else the first line of the details that says something.
func summary(text, details string) string {
	text = line(text)
	for rest := details; text == "" && rest != ""; {
		var first string
		first, rest, _ = strings.Cut(rest, "\n")
		if first = strings.TrimSpace(first); !strings.HasPrefix(first, "#") {
			text = line(first)
		}
	}
	if utf8.RuneCountInString(text) <= maxSummary {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:maxSummary-1])) + "…"
}

// line joins a text into one line without control characters.
func line(s string) string {
	const most = 4 * maxText // of bytes looked at
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// printable cuts a text of unknown origin to what a message may carry.
func printable(s string) string {
	s = line(s)
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}

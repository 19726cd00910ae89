package osv

import (
	"encoding/json"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// written is a record as Encode writes it. What a reading did not keep is not in it: details, references, credits.
type written struct {
	Schema    string            `json:"schema_version"`
	ID        string            `json:"id"`
	Modified  time.Time         `json:"modified"`
	Published *time.Time        `json:"published,omitempty"`
	Withdrawn *time.Time        `json:"withdrawn,omitempty"`
	Aliases   []string          `json:"aliases,omitempty"`
	Upstream  []string          `json:"upstream,omitempty"`
	Related   []string          `json:"related,omitempty"`
	Summary   string            `json:"summary,omitempty"`
	Severity  []severity        `json:"severity,omitempty"`
	Affected  []writtenAffected `json:"affected,omitempty"`
	Database  *writtenWord      `json:"database_specific,omitempty"`
}

type writtenAffected struct {
	Package   pkg            `json:"package"`
	Ranges    []writtenRange `json:"ranges,omitempty"`
	Versions  []string       `json:"versions,omitempty"`
	Severity  []severity     `json:"severity,omitempty"`
	Ecosystem *writtenWord   `json:"ecosystem_specific,omitempty"`
}

type writtenRange struct {
	Type   crowsnest.RangeType `json:"type"`
	Events []writtenEvent      `json:"events"`
}

type writtenEvent struct {
	Introduced   string `json:"introduced,omitempty"`
	Fixed        string `json:"fixed,omitempty"`
	LastAffected string `json:"last_affected,omitempty"`
	Limit        string `json:"limit,omitempty"`
}

type writtenWord struct {
	Severity string `json:"severity,omitempty"`

	// As debianState reads it.
	Urgency string `json:"urgency,omitempty"`
	NoDSA   string `json:"nodsa,omitempty"`
	Reason  string `json:"nodsa_reason,omitempty"`
}

// schema is the version of OSV's schema that has all that is written.
const schema = "1.7.0"

// Encode writes a record so that Decode reads the same.
func Encode(a *crowsnest.Advisory) ([]byte, error) {
	w := written{
		Schema: schema, ID: a.ID, Modified: a.Modified.UTC(), Published: given(a.Published), Withdrawn: given(a.Withdrawn), Aliases: a.Aliases, Upstream: a.Upstream, Related: a.Related,
		Summary: a.Summary, Severity: vectors(a.Severity), Database: asWord(a.Word, ""),
	}
	for _, f := range a.Affected {
		out := writtenAffected{Package: pkg{f.Ecosystem, f.Name}, Versions: f.Versions, Severity: vectors(f.Severity), Ecosystem: asWord(f.Word, f.State)}
		for _, r := range f.Ranges {
			to := writtenRange{Type: r.Type, Events: make([]writtenEvent, len(r.Events))}
			for i, e := range r.Events {
				to.Events[i] = writtenEvent(e)
			}
			out.Ranges = append(out.Ranges, to)
		}
		w.Affected = append(w.Affected, out)
	}
	return json.Marshal(w)
}

func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func vectors(list []crowsnest.SeverityVector) []severity {
	var out []severity
	for _, v := range list {
		out = append(out, severity{v.Type, v.Vector})
	}
	return out
}

func asWord(word string, state crowsnest.VendorState) *writtenWord {
	w := writtenWord{Severity: word}
	switch state {
	case crowsnest.StateUnimportant, crowsnest.StateEndOfLife:
		w.Urgency = string(state)
	case crowsnest.StateIgnored, crowsnest.StatePostponed:
		w.Reason = string(state)
	case crowsnest.StateNoDSA:
		w.NoDSA = string(state)
	}
	if w == (writtenWord{}) {
		return nil
	}
	return &w
}

package crowsnest

import (
	"slices"
	"strings"
	"time"
)

// DecisionSource says who decides: a person in an exception, a document in the VEX sense, or a file beside the source.
type DecisionSource string

// The sources.
const (
	ByException DecisionSource = "exception"
	ByVEX       DecisionSource = "vex"
	ByFile      DecisionSource = "file"
)

// DecisionKind is what is decided. Exceptions and files know the first two, VEX the rest, under its own names.
type DecisionKind string

// The kinds.
const (
	AcceptedRisk       DecisionKind = "accepted-risk"
	FalsePositive      DecisionKind = "false-positive"
	NotAffected        DecisionKind = "not-affected"
	Fixed              DecisionKind = "fixed"
	StatedAffected     DecisionKind = "affected"
	UnderInvestigation DecisionKind = "under-investigation"
)

// Suppresses reports whether the kind takes a finding out of counts. Whoever says that a product is affected, or that nobody
// knows yet, takes nothing out.
func (k DecisionKind) Suppresses() bool {
	return k != StatedAffected && k != UnderInvestigation && k != ""
}

// Justification is why something is not affected, in the five words of OpenVEX.
type Justification string

// Justifications lists them.
func Justifications() []Justification {
	return []Justification{"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path", "vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist"}
}

// ParseDecisionKind reads the kind of an exception with its justification. A false positive needs one, and an accepted risk has none.
func ParseDecisionKind(kind, justification string) (DecisionKind, Justification, error) {
	fail := func(field, subject, hint string) (DecisionKind, Justification, error) {
		return "", "", &Error{Kind: Invalid, Op: "read " + field, Subject: subject, Hint: hint, Field: field}
	}
	words := make([]string, 0, 5)
	for _, j := range Justifications() {
		words = append(words, string(j))
	}
	switch k := DecisionKind(kind); {
	case k != AcceptedRisk && k != FalsePositive:
		return fail("type", kind, "use accepted-risk or false-positive")
	case k == AcceptedRisk && justification != "":
		return fail("justification", justification, "an accepted risk has none; say why in the text")
	case k == FalsePositive && !slices.Contains(words, justification):
		return fail("justification", justification, "a false positive needs one of "+strings.Join(words, ", "))
	default:
		return k, Justification(justification), nil
	}
}

// Decision is that a vulnerability does not count in what it holds for.
type Decision struct {
	ID            string
	Source        DecisionSource
	Vulnerability string   // any of its names
	Aliases       []string // others that whoever decided knows it by
	Kind          DecisionKind
	Justification Justification
	Scope         DecisionScope
	Within        *DecisionScope // bounds the scope of what was attested of one image; nil is no bound
	Text          string
	Author        string
	Approver      string
	Stated        time.Time
	Expires       time.Time // from then on it does not hold; zero is never
}

// Holds reports whether the decision has not expired. At the time of its expiry it holds no more.
func (d Decision) Holds(now time.Time) bool { return d.Expires.IsZero() || now.Before(d.Expires) }

// Named reports whether the decision need not be the same under all names of an image.
func (d Decision) Named() bool { return d.Scope.Named() || d.Within != nil && d.Within.Named() }

// CoversImage reports whether the decision holds for an image under one of its names, shown in an environment.
func (d Decision) CoversImage(r ImageReference, environment string) bool {
	return d.Scope.CoversEnvironment(environment) && d.Scope.CoversImage(r) && (d.Within == nil || d.Within.CoversImage(r))
}

// Suppression is what is told of a finding that a decision takes out of counts.
type Suppression struct {
	By            DecisionSource `json:"by" enum:"exception,vex,file" doc:"Who decides: an exception of the organisation, a VEX document, or a file beside the source"`
	ID            string         `json:"id" doc:"Of the exception or the VEX document, or the place in the file"`
	Type          DecisionKind   `json:"type" enum:"accepted-risk,false-positive,not-affected,fixed"`
	Justification Justification  `json:"justification,omitempty" doc:"In the words of OpenVEX"`
	Text          string         `json:"text,omitempty"`
	Author        string         `json:"author,omitempty"`
	ApprovedBy    string         `json:"approvedBy,omitempty"`
	Since         time.Time      `json:"since,omitzero"`
	Until         time.Time      `json:"until,omitzero" doc:"When it ends by itself; absent if never"`
}

// Suppression tells of the decision what is shown of what it suppresses.
func (d Decision) Suppression() *Suppression {
	return &Suppression{By: d.Source, ID: d.ID, Type: d.Kind, Justification: d.Justification, Text: d.Text, Author: d.Author, ApprovedBy: d.Approver, Since: d.Stated, Until: d.Expires}
}

// Decisions are those that hold, by the names of vulnerabilities.
type Decisions struct {
	all    []Decision
	byName map[string][]int
}

// NewDecisions indexes those of a list that hold at a time.
func NewDecisions(list []Decision, now time.Time) Decisions {
	out := Decisions{byName: make(map[string][]int)}
	for _, d := range list {
		if !d.Holds(now) {
			continue
		}
		out.all = append(out.all, d)
		for _, name := range append([]string{d.Vulnerability}, d.Aliases...) {
			key := strings.ToUpper(name)
			if at := out.byName[key]; len(at) == 0 || at[len(at)-1] != len(out.all)-1 {
				out.byName[key] = append(at, len(out.all)-1)
			}
		}
	}
	return out
}

// Empty reports whether nothing is decided.
func (s Decisions) Empty() bool { return len(s.all) == 0 }

// Names lists the names of what is decided about, as they were written.
func (s Decisions) Names() []string {
	var out []string
	for _, d := range s.all {
		out = append(append(out, d.Vulnerability), d.Aliases...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Of returns the decisions about a vulnerability, by all of its names, in a package.
func (s Decisions) Of(purl string, names ...string) Decisions {
	var at []int
	for _, name := range names {
		at = append(at, s.byName[strings.ToUpper(name)]...)
	}
	slices.Sort(at)
	var out Decisions
	for _, i := range slices.Compact(at) {
		if s.all[i].Scope.CoversPackage(purl) {
			out.all = append(out.all, s.all[i])
		}
	}
	return out
}

// Suppresses reports whether one of them may take something out of counts.
func (s Decisions) Suppresses() bool {
	return slices.ContainsFunc(s.all, func(d Decision) bool { return d.Kind.Suppresses() })
}

// Named reports whether one of them need not be the same under all names of an image.
func (s Decisions) Named() bool { return slices.ContainsFunc(s.all, Decision.Named) }

// Suppress returns the decision that takes a finding out of what is shown of an image in an environment, or of the image by
// itself, if that is empty; nil if none does. The decisions are those Of the finding.
//
// A decision is made for a name. What is shown of an image by its digest is shown under all of its names at once, so there a finding is suppressed
// only if it is under each of them, be it by one decision or by several; else what one team decided would hide it from another.
func (s Decisions) Suppress(names []ImageReference, environment string) *Decision {
	var first *Decision
	for _, name := range names {
		d := s.under(name, environment)
		if d == nil {
			return nil
		}
		if first == nil {
			first = d
		}
	}
	return first
}

// under returns the decision that suppresses under one name. What people decided comes before documents; of several statements in documents the newest counts,
// and of those of one time one that suppresses nothing.
func (s Decisions) under(name ImageReference, environment string) *Decision {
	var stated *Decision
	for i := range s.all {
		d := &s.all[i]
		if !d.CoversImage(name, environment) {
			continue
		}
		if d.Source != ByVEX {
			return d
		}
		if stated == nil || d.Stated.After(stated.Stated) || d.Stated.Equal(stated.Stated) && !d.Kind.Suppresses() {
			stated = d
		}
	}
	if stated != nil && stated.Kind.Suppresses() {
		return stated
	}
	return nil
}

// NextExpiry is when the first of them ends by itself; zero if none does.
func (s Decisions) NextExpiry() time.Time {
	var next time.Time
	for _, d := range s.all {
		if !d.Expires.IsZero() && (next.IsZero() || d.Expires.Before(next)) {
			next = d.Expires
		}
	}
	return next
}

// ParseExpiry reads until when a decision holds: a day, through its end in UTC, or a time. It may be past.
func ParseExpiry(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, &Error{Kind: Invalid, Op: "read expiry", Subject: shortened(text), Hint: "write the last day as 2026-12-31, or a time as 2026-12-31T12:00:00Z", Field: "expires"}
	}
	return at.UTC(), nil
}

// FormatExpiry writes what ParseExpiry reads: the last day on which a decision holds, or the time at which it ends within a day.
func FormatExpiry(at time.Time) string {
	at = at.UTC()
	if at.Equal(at.Truncate(24 * time.Hour)) {
		return at.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return at.Format(time.RFC3339)
}

// List returns the decisions.
func (s Decisions) List() []Decision { return s.all }

// OfPackage returns those in a package, whatever vulnerability they are about.
func (s Decisions) OfPackage(purl string) Decisions {
	var out Decisions
	for _, d := range s.all {
		if d.Scope.CoversPackage(purl) {
			out.all = append(out.all, d)
		}
	}
	return out
}

// VulnerabilityName writes the identifier of a vulnerability the way it is usually written: CVE-2026-1 and GHSA-xxxx-…, whatever case it came in.
func VulnerabilityName(name string) string {
	name = strings.TrimSpace(name)
	switch upper := strings.ToUpper(name); {
	case strings.HasPrefix(upper, "CVE-"):
		return upper
	case strings.HasPrefix(upper, "GHSA-"):
		return "GHSA-" + strings.ToLower(name[len("GHSA-"):])
	}
	return name
}

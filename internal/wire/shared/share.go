// Package shared is the form of what a link shows to people outside, in answers.
package shared

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// ShareRequest asks for a link that shows a vulnerability to anybody who has it.
type ShareRequest struct {
	Vulnerability string `json:"vulnerability" minLength:"1" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"The CVE or any alias, of one that images of the organisation have"`
	Days          int    `json:"days,omitempty" enum:"7,30,90" default:"30" doc:"Until the link expires"`
}

// Share is a link that shows a vulnerability, without its secret.
type Share struct {
	ID            string    `json:"id"`
	Vulnerability string    `json:"vulnerability"`
	CreatedBy     string    `json:"createdBy"`
	Created       time.Time `json:"created"`
	Expires       time.Time `json:"expires"`
	URL           string    `json:"url,omitempty" doc:"The link; only in the answer that makes it"`
}

// NewShare converts a share.
func NewShare(s store.Share) Share {
	return Share{ID: s.ID, Vulnerability: s.Vulnerability, CreatedBy: s.CreatedBy, Created: s.Created, Expires: s.Expires}
}

// ShareSecret is the part of a link after the #.
type ShareSecret struct {
	Secret string `json:"secret" minLength:"1" maxLength:"1024"`
}

// SharedVulnerability is what a link shows to anybody who has it: what advisories say of one
// vulnerability, and nothing of who shares it.
type SharedVulnerability struct {
	ID       string             `json:"id"`
	Aliases  []string           `json:"aliases" doc:"Its other names, those of the advisories among them; a hundred at most"`
	Summary  string             `json:"summary"`
	Severity crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified" doc:"The worst that an advisory says"`
	CVSS     *crowsnest.CVSS    `json:"cvss"`
	Sources  []SharedSource     `json:"sources" doc:"The advisories that named it when the link was made, with what they say now; 50 at most"`
	More     int                `json:"moreSources,omitempty" doc:"How many are not listed here, at least"`
	Expires  time.Time          `json:"expires" doc:"When the link ends"`
}

// SharedSource is what one advisory says.
type SharedSource struct {
	ID        string                     `json:"id"`
	Summary   string                     `json:"summary"`
	Severity  []crowsnest.SeverityVector `json:"severity" doc:"CVSS vectors as published"`
	Word      string                     `json:"word,omitempty" doc:"The source's own word for the severity"`
	Published time.Time                  `json:"published,omitzero"`
	Modified  time.Time                  `json:"modified"`
	Withdrawn *time.Time                 `json:"withdrawn" nullable:"true" doc:"Null unless withdrawn"`
	Affected  []SharedPackage            `json:"affected" doc:"Of which packages it speaks; 20 at most"`
	More      int                        `json:"moreAffected,omitempty" doc:"How many packages are not listed here"`
}

// SharedPackage says which versions of a package are affected.
type SharedPackage struct {
	Ecosystem  string            `json:"ecosystem"`
	Name       string            `json:"name"`
	Ranges     []crowsnest.Range `json:"ranges" doc:"Ten at most"`
	MoreRanges int               `json:"moreRanges,omitempty" doc:"How many are not listed here"`
	Versions   []string          `json:"versions" doc:"Listed one by one; twenty at most"`
	More       int               `json:"moreVersions,omitempty" doc:"How many are not listed here"`
}

// The bounds of one shared package.
const (
	maxSharedRanges   = 10
	maxSharedEvents   = 50 // of one range; one with more is left out
	maxSharedVersions = 20
	maxSharedVectors  = 10
)

// NewSharedVulnerability converts what is shared, with how bad it is at most.
func NewSharedVulnerability(v store.SharedVulnerability, severity crowsnest.Severity, cvss *crowsnest.CVSS) SharedVulnerability {
	out := SharedVulnerability{ID: v.ID, Aliases: wire.List(v.Aliases), Severity: severity, CVSS: cvss, More: v.More, Expires: v.Expires}
	out.Sources = wire.Each(v.Sources, func(s store.SharedSource) SharedSource {
		src := SharedSource{
			ID: s.ID, Summary: s.Summary, Severity: wire.List(s.Severity[:min(len(s.Severity), maxSharedVectors)]), Word: s.Word,
			Published: s.Published, Modified: s.Modified, Affected: wire.Each(s.Affected, newSharedPackage), More: s.More,
		}
		if !s.Withdrawn.IsZero() {
			src.Withdrawn = &s.Withdrawn
		} else if out.Summary == "" {
			out.Summary = s.Summary // of the source that stands closest to it
		}
		return src
	})
	return out
}

func newSharedPackage(a crowsnest.Affected) SharedPackage {
	n := min(len(a.Versions), maxSharedVersions)
	out := SharedPackage{Ecosystem: a.Ecosystem, Name: a.Name, Ranges: []crowsnest.Range{}, Versions: wire.List(a.Versions[:n]), More: len(a.Versions) - n}
	for _, r := range a.Ranges {
		if len(out.Ranges) == maxSharedRanges || len(r.Events) > maxSharedEvents {
			out.MoreRanges++
			continue
		}
		out.Ranges = append(out.Ranges, r)
	}
	return out
}

package recommend

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/lifetime"
)

// BaseOption is an image that another one is built on, or could be.
type BaseOption struct {
	Reference  string            `json:"reference" doc:"Registry, repository and tag; empty of a base that no tag names now"`
	Also       []string          `json:"also" doc:"Other tags of the same image; 20 at most"`
	Digest     crowsnest.Digest  `json:"digest" doc:"Of the platform manifest"`
	Pin        crowsnest.Digest  `json:"pin,omitempty" doc:"What the tag names, to be written behind it in a Dockerfile"`
	Summary    crowsnest.Summary `json:"summary" doc:"Findings that count"`
	Size       int64             `json:"size" doc:"Compressed bytes of all layers"`
	Packages   int               `json:"packages"`
	Built      time.Time         `json:"built,omitzero" doc:"When it was built or, if it does not say, first seen"`
	Release    string            `json:"release" doc:"Of its distribution; empty if that is not known"`
	Supported  string            `json:"supported,omitempty" format:"date" doc:"The last day on which the makers of the release fix something; absent if that is not known"`
	Software   []string          `json:"software" doc:"Programs with their versions that no package manager brought, such as a runtime; 20 at most"`
	Incomplete bool              `json:"incomplete,omitempty" doc:"Parts of it could not be analysed, or compared with advisories"`
}

// RankedBase is a base with what speaks for and against it.
type RankedBase struct {
	BaseOption
	Reasons []BaseReason      `json:"reasons" doc:"What speaks for it first"`
	Cleared crowsnest.Summary `json:"cleared" doc:"Findings of the base of now that it has not"`
	Brought crowsnest.Summary `json:"brought" doc:"Findings that the base of now has not"`
}

// Name is the name of a reason.
type Name string

// The names of reasons.
const (
	FewerCritical    Name = "fewer-critical"
	MoreCritical     Name = "more-critical"
	FewerHigh        Name = "fewer-high"
	MoreHigh         Name = "more-high"
	FewerOthers      Name = "fewer-others" // of medium and low severity, or of none
	BringsNone       Name = "brings-none"
	Brings           Name = "brings"
	SameSoftware     Name = "same-software"
	NewerSoftware    Name = "newer-software"
	SoftwareStep     Name = "software-step" // to another major version
	OlderSoftware    Name = "older-software"
	SameRelease      Name = "same-release"
	AnotherRelease   Name = "another-release"
	AnotherSystem    Name = "another-system"
	SupportedLonger  Name = "supported-longer"
	SupportedShorter Name = "supported-shorter"
	Unsupported      Name = "unsupported"
	Smaller          Name = "smaller"
	Larger           Name = "larger"
	FewerPackages    Name = "fewer-packages"
	Lacks            Name = "lacks"
	NewerBuild       Name = "newer-build"
	OlderBuild       Name = "older-build"
	SameVariant      Name = "same-variant"
	AnotherPlace     Name = "another-repository"
	Incomplete       Name = "incomplete"
)

// BaseReason speaks for or against a base.
type BaseReason struct {
	Name  Name   `json:"name" enum:"fewer-critical,more-critical,fewer-high,more-high,fewer-others,brings-none,brings,same-software,newer-software,software-step,older-software,same-release,another-release,another-system,supported-longer,supported-shorter,unsupported,smaller,larger,fewer-packages,lacks,newer-build,older-build,same-variant,another-repository,incomplete"`
	For   bool   `json:"for" doc:"Whether it speaks for the base"`
	Count int64  `json:"count,omitempty" doc:"How many, or of a size how many bytes"`
	From  string `json:"from,omitempty" doc:"How it is now: software, release, day, or repository"`
	To    string `json:"to,omitempty" doc:"How it would be; of packages that it lacks the first few names"`
}

// Image is what is compared of a base. The ones with the same Repository are of the one of the base.
type Image struct {
	Digest     crowsnest.Digest
	Tags       []Tag // the newest first
	Release    crowsnest.Distribution
	Size       int64
	Built      time.Time
	Packages   []crowsnest.PackageVersion
	Software   []Software // by name
	Findings   []Finding  // that count
	Incomplete bool
}

// Tag names an image.
type Tag struct {
	Repository, Name string
	Target           crowsnest.Digest
}

// Software is a program that no package manager brought.
type Software struct{ Name, Version string }

// Finding is a vulnerability of a package version.
type Finding struct {
	Vulnerability string
	Severity      crowsnest.Severity
	Package       crowsnest.PackageVersion
}

// Question is what is asked of bases.
type Question struct {
	Repository string // of the base of now
	Tag        string // of the base of now; empty if it is not known by one
	Current    *Image // the base of now; nil if it is not analysed
	Now        time.Time
}

// The bounds on what is told, and from which difference on sizes count.
const (
	maxNames    = 20
	maxLacking  = 3
	sizeCounts  = 20 // one part of that many
	maxNotThere = 10 // one part of that many of the packages may be missing of what another repository has
)

// Describe says what a base is. The reference is the tag, if the image has it; else the newest.
func (q Question) Describe(i Image) BaseOption {
	b := BaseOption{Digest: i.Digest, Also: []string{}, Size: i.Size, Packages: len(i.Packages), Built: i.Built, Release: release(i.Release), Software: []string{}, Incomplete: i.Incomplete}
	for _, f := range i.Findings {
		b.Summary.Add(f.Severity, 1)
	}
	if end, ok := lifetime.Of(i.Release); ok {
		b.Supported = end.Day.Format(time.DateOnly)
	}
	for _, s := range runtimes(i) {
		if len(b.Software) < maxNames {
			b.Software = append(b.Software, strings.TrimSpace(s.Name+" "+s.Version))
		}
	}
	at := slices.IndexFunc(i.Tags, func(t Tag) bool { return t.Repository == q.Repository && t.Name == q.Tag })
	for n, t := range i.Tags {
		switch name := t.Repository + ":" + t.Name; {
		case n == max(at, 0):
			b.Reference, b.Pin = name, t.Target
		case len(b.Also) < maxNames:
			b.Also = append(b.Also, name)
		}
	}
	return b
}

// Refresh compares the base of now with what its tag names instead.
func (q Question) Refresh(i Image) RankedBase { return q.change(i) }

// Changes ranks what would be better to build on than the base of now. If that is not analysed, nobody knows what is better: all are
// ranked.
func (q Question) Changes(images []Image) []RankedBase {
	type ranked struct {
		RankedBase
		image Image
		step  int
	}
	var list []ranked
	for _, i := range images {
		if !q.fits(i) {
			continue
		}
		if c := q.change(i); q.better(i, c.BaseOption) {
			list = append(list, ranked{c, i, q.step(i)})
		}
	}
	slices.SortFunc(list, func(a, b ranked) int {
		x, y := a.Summary, b.Summary
		return cmp.Or(q.doubt(a.image)-q.doubt(b.image), cmp.Compare(x.Critical, y.Critical), cmp.Compare(x.High, y.High), a.step-b.step, cmp.Compare(x.Total(), y.Total()),
			cmp.Compare(a.Size, b.Size), b.Built.Compare(a.Built), strings.Compare(a.Reference, b.Reference), strings.Compare(string(a.Digest), string(b.Digest)))
	})
	out := make([]RankedBase, len(list))
	for i, r := range list {
		out[i] = r.RankedBase
	}
	return out
}

// Ours reports whether a tag of the repository of the base names an image.
func (q Question) Ours(i Image) bool {
	return slices.ContainsFunc(i.Tags, func(t Tag) bool { return t.Repository == q.Repository })
}

// MayFit reports whether an image may take the place of the base, by what is known without its packages: it has a tag of the base's
// repository, or is of the same kind. Of another repository that is known by the same programs or, if there are none, by the distribution.
func (q Question) MayFit(i Image) bool {
	switch {
	case q.Ours(i):
		return true
	case q.Current == nil:
		return false
	}
	now, then := runtimes(*q.Current), runtimes(i)
	if len(now)+len(then) > 0 {
		return slices.Equal(programs(now), programs(then))
	}
	return q.Current.Release.ID != "" && q.Current.Release.ID == i.Release.ID
}

// fits is MayFit with packages: without programs, what is in another repository must have nearly all packages that the base has.
func (q Question) fits(i Image) bool {
	if !q.MayFit(i) || q.Ours(i) || len(runtimes(i)) > 0 {
		return q.MayFit(i)
	}
	return len(lacking(*q.Current, i))*maxNotThere <= len(q.Current.Packages)
}

// better reports whether an image is worth naming: it has fewer critical or else high vulnerabilities or, if as many, fewer others; or
// it gets fixes and the base gets none any more.
func (q Question) better(i Image, b BaseOption) bool {
	if q.Current == nil {
		return true
	}
	now := q.Describe(*q.Current).Summary
	if c := cmp.Or(cmp.Compare(b.Summary.Critical, now.Critical), cmp.Compare(b.Summary.High, now.High), cmp.Compare(b.Summary.Total(), now.Total())); c != 0 {
		return c < 0
	}
	return q.past(q.Current.Release) && !q.past(i.Release) && b.Supported != ""
}

func (q Question) past(d crowsnest.Distribution) bool {
	end, ok := lifetime.Of(d)
	return ok && end.Past(q.Now)
}

// doubt is 1 of what may have vulnerabilities that nobody knows of.
func (q Question) doubt(i Image) int {
	if i.Incomplete || q.past(i.Release) {
		return 1
	}
	return 0
}

// step says how far it is from the base of now to an image: the higher, the more may break.
func (q Question) step(i Image) (n int) {
	if q.Current == nil {
		return 0
	}
	for _, r := range q.software(i) {
		switch r.Name {
		case SoftwareStep:
			n += 2
		case OlderSoftware:
			n += 3
		}
	}
	switch {
	case q.Current.Release.ID != i.Release.ID:
		n += 3
	case release(q.Current.Release) != release(i.Release):
		n++
	}
	if !q.Ours(i) {
		n++
	}
	return n
}

// change compares an image with the base of now.
func (q Question) change(i Image) RankedBase {
	c := RankedBase{BaseOption: q.Describe(i), Reasons: []BaseReason{}}
	add := func(name Name, speaksFor bool, count int64, from, to string) {
		c.Reasons = append(c.Reasons, BaseReason{name, speaksFor, count, from, to})
	}
	if now := q.Current; now != nil {
		c.Cleared, c.Brought = difference(now.Findings, i.Findings), difference(i.Findings, now.Findings)
		was := q.Describe(*now)
		counted := func(fewer, more Name, now, then int) {
			if n := now - then; n > 0 {
				add(fewer, true, int64(n), "", "")
			} else if n < 0 && more != "" {
				add(more, false, int64(-n), "", "")
			}
		}
		counted(FewerCritical, MoreCritical, was.Summary.Critical, c.Summary.Critical)
		counted(FewerHigh, MoreHigh, was.Summary.High, c.Summary.High)
		others := func(s crowsnest.Summary) int { return s.Total() - s.Critical - s.High }
		counted(FewerOthers, "", others(was.Summary), others(c.Summary))
		if n := c.Brought.Total(); n > 0 {
			add(Brings, false, int64(n), "", "")
		} else if c.Cleared.Total() > 0 {
			add(BringsNone, true, 0, "", "")
		}
		c.Reasons = append(c.Reasons, q.software(i)...)
		switch a, b := release(now.Release), release(i.Release); {
		case a == "" || b == "":
		case now.Release.ID != i.Release.ID:
			add(AnotherSystem, false, 0, a, b)
		case a != b:
			add(AnotherRelease, false, 0, a, b)
		default:
			add(SameRelease, true, 0, "", b)
		}
		if was.Supported != "" && c.Supported != "" && !q.past(i.Release) {
			if n := strings.Compare(c.Supported, was.Supported); n > 0 {
				add(SupportedLonger, true, 0, was.Supported, c.Supported)
			} else if n < 0 {
				add(SupportedShorter, false, 0, was.Supported, c.Supported)
			}
		}
		if d := now.Size - i.Size; d*sizeCounts > now.Size {
			add(Smaller, true, d, "", "")
		} else if -d*sizeCounts > now.Size {
			add(Larger, false, -d, "", "")
		}
		if n := len(now.Packages) - len(i.Packages); n > 0 {
			add(FewerPackages, true, int64(n), "", "")
		}
		if names := lacking(*now, i); len(names) > 0 && now.Release.ID == i.Release.ID {
			add(Lacks, false, int64(len(names)), "", strings.Join(names[:min(len(names), maxLacking)], ", "))
		}
		if was.Built.Before(i.Built) {
			add(NewerBuild, true, 0, was.Built.UTC().Format(time.DateOnly), i.Built.UTC().Format(time.DateOnly))
		} else if i.Built.Before(was.Built) {
			add(OlderBuild, false, 0, was.Built.UTC().Format(time.DateOnly), i.Built.UTC().Format(time.DateOnly))
		}
		if repository := crowsnest.Repository(c.Reference); repository != q.Repository && repository != "" {
			add(AnotherPlace, false, 0, q.Repository, repository)
		} else if v := variant(q.Tag); v != "" && slices.ContainsFunc(i.Tags, func(t Tag) bool { return t.Repository == q.Repository && variant(t.Name) == v }) {
			add(SameVariant, true, 0, "", v)
		}
	}
	if q.past(i.Release) {
		add(Unsupported, false, 0, "", c.Supported)
	}
	if i.Incomplete {
		add(Incomplete, false, 0, "", "")
	}
	slices.SortStableFunc(c.Reasons, func(a, b BaseReason) int {
		switch {
		case a.For == b.For:
			return 0
		case a.For:
			return -1
		}
		return 1
	})
	return c
}

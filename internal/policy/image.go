package policy

import (
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/lifetime"
)

// outdated asks whether a base image was replaced.
type outdated struct{}

func (r *outdated) check() error { return nil }

func (r *outdated) evaluate(f *Facts) Result {
	v := violations{other: true}
	fine := say("base-current")
	if f.Base == nil {
		v.again(f.Now.Add(day)) // an image that comes later may turn out to be the base
		v.unknown(say("base-unknown"))
		return v.result(f, fine)
	}
	var old, current []BaseTag
	for _, t := range f.BaseTags {
		if t.Current {
			current = append(current, t)
		} else {
			old = append(old, t)
		}
	}
	name := f.Base.Name
	if name == "" {
		name = string(f.Base.Digest)
	}
	switch {
	case f.Base.Digest == "":
		v.unknown(say("base-digest-unknown", "base", name))
	case len(f.BaseTags) == 0:
		v.unknown(say("base-tag-unknown", "base", name))
	case len(current) == 0:
		v.breaks(mend("build-again", "reference", old[0].Reference+"@"+string(old[0].Names)), say("base-replaced", "digest", f.Base.Digest.Short(), "base", name))
	case len(old) > 0:
		v.unknown(say("base-tags-differ", "old", old[0].Reference, "current", current[0].Reference))
	}
	return v.result(f, fine)
}

// approved asks whether an image is built on what it may be built on.
type approved struct {
	Patterns               []string `json:"patterns" doc:"What an image may be built on, in full with registry and tag; a * stands for any characters" least:"1" example:"docker.io/library/debian:*"`
	SupportedDistributions bool     `json:"supportedDistributions" doc:"Only on releases of distributions that are still fixed"`
}

func (r *approved) check() error {
	if len(r.Patterns) == 0 {
		return wrongParameter{"patterns", "give at least one; * approves any image"}
	}
	return texts("patterns", &r.Patterns, imagePattern, "write references in full, such as docker.io/library/debian:* or registry.example.com/base/*; a * stands for any characters")
}

func (r *approved) evaluate(f *Facts) Result {
	v := violations{other: true}
	switch {
	case f.Base == nil || f.Base.Name == "":
		v.again(f.Now.Add(day))
		v.unknown(say("base-unknown"))
	case !crowsnest.Globs(r.Patterns).Match(f.Base.Name):
		v.breaks(mend("build-on-approved", "patterns", strings.Join(r.Patterns[:min(len(r.Patterns), 10)], ", ")), say("base-not-approved", "base", f.Base.Name))
	}
	if r.SupportedDistributions {
		r.release(f, &v)
	}
	return v.result(f, say("base-approved"))
}

func (r *approved) release(f *Facts, v *violations) {
	d := f.Distribution
	name := d.Name
	if name == "" {
		name = strings.TrimSpace(d.ID + " " + d.VersionID)
	}
	if d.ID == "" {
		v.unknown(say("no-release"))
		return
	}
	end, ok := lifetime.Of(d)
	switch {
	case !ok:
		v.unknown(say("release-unknown", "release", name))
	case end.Past(f.Now):
		v.breaks(mend("newer-release"), say("release-ended", "release", name, "day", end.Day.Format(time.DateOnly)))
	default:
		v.again(end.Day.AddDate(0, 0, 1))
	}
}

// attested asks for an SBOM and for provenance that tells everything.
type attested struct{}

func (r *attested) check() error { return nil }

func (r *attested) evaluate(f *Facts) Result {
	v := violations{other: true}
	a := f.Attestations
	if a == nil {
		v.unknown(say("attestations-not-looked-for"))
		return v.result(f)
	}
	lacks := func(code string) []said { return append([]said{say(code)}, counted(a.Unread, "unread")...) }
	if !a.SBOM {
		v.breaks(mend("attest-sbom"), lacks("no-sbom")...)
	}
	switch {
	case !a.Provenance:
		v.breaks(mend("attest-provenance"), lacks("no-provenance")...)
	case !a.Full && a.Unclear:
		v.unknown(say("provenance-not-asked"))
	case !a.Full:
		v.breaks(mend("attest-provenance"), say("part-provenance"))
	}
	return v.result(f, say("attested"))
}

// nonRoot asks for another user than root.
type nonRoot struct{}

func (r *nonRoot) check() error { return nil }

func (r *nonRoot) evaluate(f *Facts) Result {
	v := violations{other: true}
	user, _, _ := strings.Cut(strings.TrimSpace(f.User), ":")
	number, err := strconv.ParseUint(user, 10, 64)
	switch {
	case user == "":
		v.breaks(mend("name-user"), say("no-user"))
	case user == "root" || err == nil && number == 0:
		v.breaks(mend("name-user"), say("root", "user", short(f.User)))
	}
	return v.result(f, say("other-user", "user", short(f.User)))
}

package policy

import (
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/lifetime"
)

// noBase says why nothing is known of a base image and what to do.
const noBase = "what it is built on is not known; build it with provenance (mode=max), or have the base image analysed as well"

// outdated asks whether a base image was replaced.
type outdated struct{}

func (r *outdated) check() error { return nil }

func (r *outdated) evaluate(f *Facts) Result {
	v := violations{other: true}
	fine := "its base image is the newest of its tag"
	if f.Base == nil {
		v.again(f.Now.Add(day)) // an image that comes later may turn out to be the base
		v.unknown(noBase)
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
		v.unknown("it is built on " + name + ", but not known on which image of that name; build it with provenance (mode=max)")
	case len(f.BaseTags) == 0:
		v.unknown("it is built on " + name + ", of which no tag is known; connect its registry, or have it analysed")
	case len(current) == 0:
		what := "it is built on " + string(f.Base.Digest.Short()) + " of " + name + ", which is another image now"
		v.breaks(what, "build it again on "+old[0].Reference+"@"+string(old[0].Names))
	case len(old) > 0:
		v.unknown("the base image has several tags, of which " + old[0].Reference + " names another image now and " + current[0].Reference + " does not, and it is not known which was used; build it with provenance (mode=max)")
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
		v.unknown(noBase)
	case !crowsnest.Globs(r.Patterns).Match(f.Base.Name):
		v.breaks("its base image "+f.Base.Name+" fits none of the patterns", "build it on an approved image: "+strings.Join(r.Patterns[:min(len(r.Patterns), 10)], ", "))
	}
	if r.SupportedDistributions {
		r.release(f, &v)
	}
	return v.result(f, "its base image is approved")
}

func (r *approved) release(f *Facts, v *violations) {
	d := f.Distribution
	name := d.Name
	if name == "" {
		name = strings.TrimSpace(d.ID + " " + d.VersionID)
	}
	if d.ID == "" {
		v.unknown("it does not say of which distribution it is")
		return
	}
	end, ok := lifetime.Of(d)
	switch {
	case !ok:
		v.unknown("until when " + name + " is fixed is not known")
	case end.Past(f.Now):
		v.breaks(name+" is not fixed any more since "+end.Day.Format(time.DateOnly), "build it on a newer release of the distribution")
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
		v.unknown("its attestations were never looked for; have it analysed from its registry")
		return v.result(f, "")
	}
	unread := some(a.Unread, "; one attestation could not be read", "; %d attestations could not be read")
	if !a.SBOM {
		v.breaks("it has no SBOM attested"+unread, "build it with docker buildx build --sbom=true")
	}
	switch {
	case !a.Provenance:
		v.breaks("it has no provenance attested"+unread, "build it with docker buildx build --provenance=mode=max")
	case !a.Full && a.Unclear:
		v.unknown("its attestations were read by a version that did not ask how much its provenance tells; have it analysed again")
	case !a.Full:
		v.breaks("its provenance tells only a part of the build", "build it with docker buildx build --provenance=mode=max")
	}
	return v.result(f, "it has an SBOM and full provenance attested")
}

// nonRoot asks for another user than root.
type nonRoot struct{}

func (r *nonRoot) check() error { return nil }

func (r *nonRoot) evaluate(f *Facts) Result {
	v := violations{other: true}
	const remedy = "name a user who is not root in the last USER of the Dockerfile"
	user, _, _ := strings.Cut(strings.TrimSpace(f.User), ":")
	number, err := strconv.ParseUint(user, 10, 64)
	switch {
	case user == "":
		v.breaks("it names no user, and so runs as root", remedy)
	case user == "root" || err == nil && number == 0:
		v.breaks("it says that it runs as root: "+short(f.User), remedy)
	}
	return v.result(f, "it runs as "+short(f.User))
}

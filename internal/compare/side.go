package compare

import (
	"slices"

	"github.com/crowsnest-sec/crowsnest"
)

// Side is one side of a comparison.
type Side struct {
	Images   []Image // what the side is
	Packages []crowsnest.PackageVersion
	Findings []Finding
}

// Image is what an image says of itself.
type Image struct {
	Name         string
	Digest       crowsnest.Digest
	ImageID      crowsnest.Digest
	Platform     string
	Distribution string
	Size         int64 // compressed bytes of all layers
	Base         *crowsnest.Base
	User         string
	Labels       map[string]string
	Config       crowsnest.Config
}

// Finding is a vulnerability of a package version.
type Finding struct {
	crowsnest.Finding
	Package crowsnest.PackageVersion
	InUse   crowsnest.InUse // what run time saw of the package on this side
	Threat  crowsnest.Threat
}

// WithoutMinor leaves out what a distribution takes as minor, and says how many findings that are. What is minor on one side alone
// is then new or fixed, as it is for whoever does not look at the minor ones.
func (s Side) WithoutMinor() (Side, int) {
	all := len(s.Findings)
	s.Findings = slices.DeleteFunc(slices.Clone(s.Findings), Finding.Minor)
	return s, all - len(s.Findings)
}

// Minor reports whether a distribution does not mend it, and says so.
func (f Finding) Minor() bool { return f.State != "" }

// Join takes several sides as one: what is in any of them, once.
func Join(sides ...Side) Side {
	var out Side
	packages := make(map[crowsnest.PackageVersion]bool)
	type finding struct {
		pkg           crowsnest.PackageVersion
		vulnerability string
	}
	findings := make(map[finding]int)
	digests := make(map[crowsnest.Digest]bool)
	for _, s := range sides {
		for _, i := range s.Images {
			if !digests[i.Digest] {
				digests[i.Digest] = true
				out.Images = append(out.Images, i)
			}
		}
		for _, p := range s.Packages {
			if !packages[p] {
				packages[p] = true
				out.Packages = append(out.Packages, p)
			}
		}
		for _, f := range s.Findings {
			key := finding{f.Package, f.Vulnerability}
			if n, ok := findings[key]; ok {
				out.Findings[n].InUse = Seen(out.Findings[n].InUse, f.InUse)
				continue
			}
			findings[key] = len(out.Findings)
			out.Findings = append(out.Findings, f)
		}
	}
	return out
}

// Seen says what run time saw of a package in two places: in use if either is, and not seen only if
// neither could be: what was watched in one place alone is not observed.
func Seen(a, b crowsnest.InUse) crowsnest.InUse {
	switch {
	case a == crowsnest.Loaded || b == crowsnest.Loaded:
		return crowsnest.Loaded
	case a == crowsnest.NotObserved || b == crowsnest.NotObserved:
		return crowsnest.NotObserved
	}
	return crowsnest.NotSeen
}

// Summary counts the findings of a side by severity.
func (s Side) Summary() crowsnest.Summary {
	var out crowsnest.Summary
	for _, f := range s.Findings {
		out.Add(f.Severity, 1)
	}
	return out
}

// Unobserved returns the side as if nobody had watched what is in use of it.
func (s Side) Unobserved() Side {
	s.Findings = slices.Clone(s.Findings)
	for i := range s.Findings {
		s.Findings[i].InUse = crowsnest.NotObserved
	}
	return s
}

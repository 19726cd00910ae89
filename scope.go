package crowsnest

import (
	"fmt"
	"slices"
	"strings"
)

// DecisionScope says what a decision holds for. Each part narrows; what is empty does not. Nothing at all is the whole organisation.
type DecisionScope struct {
	// Image is one reference, with its registry: registry/repository:tag or registry/repository@sha256:…, or both. It holds for
	// that name alone, whatever else its digest is called.
	Image        string   `json:"image,omitempty" yaml:"image" maxLength:"1024" doc:"One reference: registry/repository:tag, or registry/repository@sha256:… for whatever tag of the repository names that image"`
	Repositories []string `json:"repositories,omitempty" yaml:"repositories" maxItems:"100" doc:"Patterns of repositories, with their registry or without; * stands for any characters"`
	Environments []string `json:"environments,omitempty" yaml:"environments" maxItems:"100" doc:"Only what runs there, in what is shown of these environments"`
	Packages     []string `json:"packages,omitempty" yaml:"packages" maxItems:"100" doc:"Package URLs; without a version any version, and of qualifiers only those given count"`
}

// Bounds of a scope.
const (
	maxScopeEntries = 100
	maxScopeText    = 1024
)

// ReadDecisionScope checks a scope that people wrote, and writes its parts the way they are compared.
func ReadDecisionScope(s DecisionScope) (DecisionScope, error) {
	out := DecisionScope{}
	fail := func(field, subject, hint string) (DecisionScope, error) {
		return out, &Error{Kind: Invalid, Op: "read scope", Subject: shortened(subject), Hint: hint, Field: field}
	}
	for field, list := range map[string][]string{"repositories": s.Repositories, "environments": s.Environments, "packages": s.Packages} {
		if len(list) > maxScopeEntries {
			return fail(field, field, fmt.Sprintf("give at most %d", maxScopeEntries))
		}
		for _, text := range list {
			if len(text) > maxScopeText || strings.TrimSpace(text) == "" || Text(text) != text {
				return fail(field, text, "each must be a text of at most 1,024 bytes")
			}
		}
	}
	if image := strings.TrimSpace(s.Image); image != "" {
		r := NewImageReference(image)
		switch {
		case len(image) > maxScopeText || Text(image) != image:
			return fail("image", image, "write it as registry/repository:tag")
		case r.Repository == "":
			return fail("image", image, "write it as registry/repository:tag or registry/repository@sha256:…; a digest alone would hold for every name it has")
		case r.Tag == "" && len(r.Digests) == 0:
			return fail("image", image, "add a tag or a digest, or give the repository as a pattern")
		}
		out.Image = r.String()
	}
	repositories, err := ParseGlobs(s.Repositories)
	if err != nil {
		return out, InField("repositories", err)
	}
	if len(repositories) > 0 {
		out.Repositories = repositories
	}
	for _, text := range s.Packages {
		if _, ok := parsePURL(text); !ok {
			return fail("packages", text, "write a package URL, as pkg:deb/debian/openssl or pkg:npm/left-pad@1.3.0")
		}
		out.Packages = append(out.Packages, strings.TrimSpace(text))
	}
	out.Environments = slices.Clone(s.Environments)
	return out, nil
}

func shortened(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:100], "") + "…"
	}
	return s
}

// ImageReference is one name of an image, with the digests that the image goes by.
type ImageReference struct {
	Repository string // with its registry; empty if it is from none
	Tag        string
	Digests    []Digest
}

// NewImageReference takes a name apart. Further digests are those the image is known by beside the one in its name.
func NewImageReference(name string, digests ...Digest) ImageReference {
	r := ImageReference{Repository: Repository(name), Digests: digests}
	rest, digest, at := strings.Cut(name, "@")
	if at {
		if d, err := ParseDigest(digest); err == nil {
			r.Digests = append([]Digest{d}, digests...)
		} else {
			r.Repository = ""
		}
	}
	if colon := strings.LastIndexByte(rest, ':'); colon > strings.LastIndexByte(rest, '/') {
		r.Tag = rest[colon+1:]
	}
	return r
}

// String writes the reference, with the first of its digests.
func (r ImageReference) String() string {
	out := r.Repository
	if r.Tag != "" {
		out += ":" + r.Tag
	}
	if len(r.Digests) > 0 {
		out += "@" + string(r.Digests[0])
	}
	return out
}

// Named reports whether the scope asks for the name of an image, so that it need not be the same under all of its names.
func (s DecisionScope) Named() bool { return s.Image != "" || len(s.Repositories) > 0 }

// CoversImage reports whether the scope holds for an image under one of its names.
func (s DecisionScope) CoversImage(r ImageReference) bool {
	if s.Image != "" {
		want := NewImageReference(s.Image)
		if want.Repository != r.Repository && want.Repository != "" || want.Tag != "" && want.Tag != r.Tag {
			return false
		}
		if len(want.Digests) > 0 && !slices.Contains(r.Digests, want.Digests[0]) {
			return false
		}
	}
	if len(s.Repositories) == 0 {
		return true
	}
	_, path, _ := strings.Cut(r.Repository, "/")
	return r.Repository != "" && (Globs(s.Repositories).Match(r.Repository) || Globs(s.Repositories).Match(path))
}

// CoversEnvironment reports whether the scope holds in what is shown of an environment; empty is what is shown of no one in particular.
func (s DecisionScope) CoversEnvironment(name string) bool {
	return len(s.Environments) == 0 || slices.Contains(s.Environments, name)
}

// CoversPackage reports whether the scope holds for a package.
func (s DecisionScope) CoversPackage(purl string) bool {
	if len(s.Packages) == 0 {
		return true
	}
	have, ok := parsePURL(purl)
	return ok && slices.ContainsFunc(s.Packages, func(text string) bool {
		want, ok := parsePURL(text)
		return ok && want.covers(have)
	})
}

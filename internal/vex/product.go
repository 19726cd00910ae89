package vex

import (
	"strings"

	"github.com/package-url/packageurl-go"

	"github.com/crowsnest-sec/crowsnest"
)

// product is a product as a document names it.
type product struct {
	id      string   // in the document; it may be a package URL, or the name of an image
	purls   []string // others
	digests []string // SHA-256, in hex
	parts   []string // of it that the statement is about, as package URLs
	self    bool     // it is the image that the document was attested of
}

func (p product) name() string {
	name := firstOf(append([]string{p.id}, append(p.purls, p.digests...)...)...)
	if p.self && name == "" {
		name = "the image"
	}
	if len(p.parts) > 0 {
		name += " (" + strings.Join(p.parts[:min(len(p.parts), 5)], ", ") + ")"
	}
	return name
}

// scope is what the product is for decisions. Of several names of it the first counts that says anything.
func (p product) scope() (crowsnest.DecisionScope, bool) {
	parts, ok := packages(p.parts)
	if !ok {
		return crowsnest.DecisionScope{}, false
	}
	if p.self && p.id == "" {
		return crowsnest.DecisionScope{Packages: parts}, true
	}
	for _, text := range append([]string{p.id}, p.purls...) {
		if s, ok := named(text); ok {
			if len(s.Packages) == 0 {
				s.Packages = parts
			}
			return s, true
		}
	}
	for _, hex := range p.digests {
		if d, err := crowsnest.ParseDigest(crowsnest.DigestPrefix + strings.ToLower(hex)); err == nil {
			return crowsnest.DecisionScope{Image: "@" + string(d), Packages: parts}, true
		}
	}
	return crowsnest.DecisionScope{}, false
}

// packages keeps the package URLs of parts. Parts of which none is one cannot be told from others.
func packages(parts []string) ([]string, bool) {
	var out []string
	for _, text := range parts {
		if _, err := packageurl.FromString(text); err == nil && len(text) <= maxName {
			out = append(out, crowsnest.Text(text))
		}
	}
	return out, len(parts) == 0 || len(out) > 0
}

// named reads the name of an image or of a package.
func named(text string) (crowsnest.DecisionScope, bool) {
	var s crowsnest.DecisionScope
	text = strings.TrimSpace(text)
	if len(text) > maxName || crowsnest.Text(text) != text {
		return s, false
	}
	if !strings.HasPrefix(text, "pkg:") {
		r := crowsnest.NewImageReference(text)
		if !strings.Contains(text, "/") || strings.Contains(text, "://") || r.Repository == "" || r.Tag == "" && len(r.Digests) == 0 {
			return s, false
		}
		s.Image = r.String()
		return s, true
	}
	u, err := packageurl.FromString(text)
	if err != nil {
		return s, false
	}
	switch u.Type {
	case "oci":
		return image(repositoryOf(u.Qualifiers.Map()["repository_url"], u.Name), u.Name, firstOf(u.Qualifiers.Map()["tag"]), u.Version)
	case "docker":
		path := u.Name
		if u.Namespace != "" {
			path = u.Namespace + "/" + u.Name
		}
		if registry := strings.TrimSuffix(trimScheme(u.Qualifiers.Map()["repository_url"]), "/"); registry != "" {
			path = registry + "/" + path
		}
		tag, digest := u.Version, ""
		if strings.HasPrefix(tag, crowsnest.DigestPrefix) {
			tag, digest = "", tag
		}
		return image(crowsnest.Repository(path), u.Name, tag, digest)
	}
	s.Packages = []string{text}
	return s, true
}

func trimScheme(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		return rest
	}
	return url
}

// repositoryOf returns the repository that the qualifier of a package URL for OCI names: whole, as the specification has it, or
// only what is ahead of the name.
func repositoryOf(url, name string) string {
	url = strings.TrimSuffix(trimScheme(url), "/")
	if url == "" {
		return ""
	}
	if !strings.HasSuffix(url, "/"+name) && url != name {
		url += "/" + name
	}
	return crowsnest.Repository(url)
}

// image is the scope of an image by repository or, where none is said, by the last part of its name.
func image(repository, name, tag, digest string) (crowsnest.DecisionScope, bool) {
	var s crowsnest.DecisionScope
	if tag != "" && strings.ContainsAny(tag, "/@: ") {
		return s, false
	}
	r := crowsnest.ImageReference{Repository: repository, Tag: tag}
	if digest != "" {
		d, err := crowsnest.ParseDigest(digest)
		if err != nil {
			return s, false
		}
		r.Digests = []crowsnest.Digest{d}
	}
	if tag != "" || digest != "" {
		s.Image = r.String()
		if repository != "" {
			return s, true
		}
	}
	patterns := []string{name, "*/" + name}
	if repository != "" {
		patterns = []string{repository}
	}
	globs, err := crowsnest.ParseGlobs(patterns)
	s.Repositories = globs
	return s, err == nil
}

package crowsnest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a list of known registries.
const (
	MaxKnownRegistries = 200
	MaxKnownRegistry   = 255 // bytes of one
)

// dockerHub is the registry of names that give none.
const dockerHub = "docker.io"

// KnownRegistries are the places from which an organisation runs images, as ParseKnownRegistries writes
// them: a registry, which stands for all that is in it, or one of its repositories. A * stands for
// any characters, in a repository also for slashes, but never for the slash after the registry.
type KnownRegistries []string

// wellFormed is what a place may look like; * may stand in each part.
var (
	wellFormedHost = regexp.MustCompile(`^[a-z0-9*]([a-z0-9*._-]*[a-z0-9*])?(:[0-9]{1,5})?$`)
	wellFormedPath = regexp.MustCompile(`^[a-z0-9*._-]+(/[a-z0-9*._-]+)*$`)
)

// ParseKnownRegistries writes a list the way names of images are compared with it: registries in lower
// case, those of Docker Hub in full, each once and in order. It is Invalid if one of them cannot be a
// place, knows every registry, or if they are too many.
func ParseKnownRegistries(list []string) (KnownRegistries, error) {
	out := KnownRegistries{}
	for _, text := range list {
		known, hint := parseKnown(text)
		if hint != "" {
			if len(text) > MaxKnownRegistry {
				text = strings.ToValidUTF8(text[:40], "") + "…"
			}
			return nil, &Error{Kind: Invalid, Op: "read known registry", Subject: text, Hint: hint}
		}
		out = append(out, known)
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > MaxKnownRegistries {
		return nil, &Error{Kind: Invalid, Op: "read known registries", Hint: "give at most " + strconv.Itoa(MaxKnownRegistries) + "; a * stands for any characters"}
	}
	return out, nil
}

func parseKnown(text string) (known, hint string) {
	text = strings.TrimSpace(text)
	if len(text) > MaxKnownRegistry {
		return "", "it is longer than " + strconv.Itoa(MaxKnownRegistry) + " bytes"
	}
	host, path := splitRegistry(strings.TrimSuffix(text, "/"))
	switch {
	case text == "":
		return "", "it is empty"
	case strings.Contains(text, "://"):
		return "", "write it without a scheme, as registry.example.com or registry.example.com/team/*"
	case !wellFormedHost.MatchString(host):
		return "", "write a registry as registry.example.com or registry.example.com:5000; * stands for any characters"
	case strings.Trim(host, "*.") == "":
		return "", "it would know every registry; name one"
	case path == "" || strings.Trim(path, "*") == "": // all of it
		return host, ""
	case !wellFormedPath.MatchString(path):
		return "", "write repositories as registry.example.com/team/web or registry.example.com/team/*, in lower case and without a tag"
	}
	return host + "/" + path, ""
}

// splitRegistry parts a name into its registry and the rest, the way Docker reads it: the first part is a registry if
// it looks like a host, and what has one part on Docker Hub is in library. Only a host without
// more is a registry as well.
func splitRegistry(name string) (host, path string) {
	first, rest, more := strings.Cut(name, "/")
	if strings.ContainsAny(first, ".:*") || first == "localhost" || first != strings.ToLower(first) {
		host, path = strings.ToLower(first), rest
	} else {
		host, path, more = dockerHub, name, true
	}
	switch host {
	case "index.docker.io", "registry-1.docker.io":
		host = dockerHub
	}
	if host == dockerHub && more && !strings.Contains(path, "/") && strings.Trim(path, "*") != "" {
		path = "library/" + path
	}
	return host, path
}

// Repository returns registry and repository of an image's name such as nginx:1.27 or
// registry.example.com/shop/web@sha256:…, or nothing if it is no name in a registry.
func Repository(name string) string {
	name, _, _ = strings.Cut(name, "@")
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name = name[:colon]
	}
	first, _, more := strings.Cut(name, "/")
	if !more && first == DigestPrefix[:len(DigestPrefix)-1] { // a digest, and no tag of a repository called so
		return ""
	}
	host, path := splitRegistry(name)
	if !more { // what has one part is no registry, whatever it looks like
		host, path = dockerHub, "library/"+name
	}
	if !wellFormedHost.MatchString(host) || !wellFormedPath.MatchString(path) || strings.Contains(name, "*") {
		return ""
	}
	return host + "/" + path
}

// Know reports whether an image of this name, as Repository returns it, comes from one of the places.
func (k KnownRegistries) Know(repository string) bool {
	host, path, _ := strings.Cut(repository, "/")
	return slices.ContainsFunc(k, func(known string) bool {
		h, p, one := strings.Cut(known, "/")
		return fits(h, host) && (!one || fits(p, path))
	})
}

// Bounds of a list of patterns.
const (
	MaxGlobs = 200
	MaxGlob  = 255 // bytes of one
)

// Globs are patterns of names. A * stands for any characters, also for slashes.
type Globs []string

// ParseGlobs checks a list of patterns of repositories. It is Invalid if one of them could fit none, or if they are too many.
func ParseGlobs(list []string) (Globs, error) {
	out := Globs{}
	for _, text := range list {
		text = strings.TrimSpace(text)
		if len(text) > MaxGlob || !wellFormedPath.MatchString(text) {
			if len(text) > MaxGlob {
				text = strings.ToValidUTF8(text[:40], "") + "…"
			}
			return nil, &Error{Kind: Invalid, Op: "read pattern", Subject: text, Hint: "write repositories without the registry, as team/web or team/*, in lower case; * stands for any characters"}
		}
		out = append(out, text)
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > MaxGlobs {
		return nil, &Error{Kind: Invalid, Op: "read patterns", Hint: "give at most " + strconv.Itoa(MaxGlobs) + "; a * stands for any characters"}
	}
	return out, nil
}

// Match reports whether one of the patterns fits a text.
func (g Globs) Match(text string) bool {
	return slices.ContainsFunc(g, func(pattern string) bool { return fits(pattern, text) })
}

// fits reports whether a text is what a pattern stands for. It goes back to the last * only, so that
// it takes no longer than pattern times text.
func fits(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

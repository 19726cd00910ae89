package crowsnest

import (
	"net/url"
	"slices"
	"strings"
)

// packageURL is a package URL in parts.
type packageURL struct {
	typ, namespace, name, version, subpath string
	qualifiers                             map[string]string
}

// caseless are the types whose names are the same in either case.
var caseless = []string{"alpm", "apk", "bitbucket", "composer", "deb", "github", "npm", "pypi"}

// parsePURL takes a package URL apart, as https://github.com/package-url/purl-spec says.
func parsePURL(text string) (p packageURL, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "pkg:")
	if !ok {
		return p, false
	}
	rest = strings.TrimLeft(rest, "/")
	rest, p.subpath, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	p.typ, rest, ok = strings.Cut(rest, "/")
	if !ok {
		return p, false
	}
	// The version follows the last @ of the name: one before that is of a scope, which ought to be escaped.
	if at := strings.LastIndexByte(rest, '@'); at > 0 && at > strings.LastIndexByte(rest, '/') {
		rest, p.version = rest[:at], rest[at+1:]
	}
	rest = strings.Trim(rest, "/")
	if slash := strings.LastIndexByte(rest, '/'); slash >= 0 {
		p.namespace, rest = rest[:slash], rest[slash+1:]
	}
	p.name, p.typ = rest, strings.ToLower(p.typ)
	for _, part := range []*string{&p.namespace, &p.name, &p.version, &p.subpath} {
		decoded, err := url.PathUnescape(*part)
		if err != nil {
			return p, false
		}
		*part = decoded
	}
	if slices.Contains(caseless, p.typ) {
		p.namespace, p.name = strings.ToLower(p.namespace), strings.ToLower(p.name)
	}
	if p.typ == "pypi" {
		p.name = strings.ReplaceAll(p.name, "_", "-")
	}
	for pair := range strings.SplitSeq(query, "&") {
		key, value, found := strings.Cut(pair, "=")
		if value, err := url.QueryUnescape(value); found && err == nil && value != "" {
			if p.qualifiers == nil {
				p.qualifiers = make(map[string]string)
			}
			p.qualifiers[strings.ToLower(key)] = value
		}
	}
	return p, p.typ != "" && p.name != ""
}

// covers reports whether p says nothing that is otherwise of q.
func (p packageURL) covers(q packageURL) bool {
	if p.typ != q.typ || p.namespace != q.namespace || p.name != q.name || p.version != "" && p.version != q.version || p.subpath != "" && p.subpath != q.subpath {
		return false
	}
	for key, value := range p.qualifiers {
		if q.qualifiers[key] != value {
			return false
		}
	}
	return true
}

// WithoutVersion returns a package URL without its version and whatever tells versions apart.
func WithoutVersion(purl string) string {
	p, ok := parsePURL(purl)
	if !ok {
		return purl
	}
	out := "pkg:" + p.typ + "/"
	if p.namespace != "" {
		out += p.namespace + "/"
	}
	return strings.ReplaceAll(out+p.name, "%", "%25")
}

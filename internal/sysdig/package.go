package sysdig

import (
	"net/url"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// wirePackage is a loaded package as it comes: of a distribution with srcName and
// osFamily, of a language with type.
type wirePackage struct {
	PURL     string `json:"purl"`
	Name     string `json:"name"`
	Version  string `json:"version"`
	SrcName  string `json:"srcName"`
	OSFamily string `json:"osFamily"`
	Type     string `json:"type"`
}

// loaded turns a package into the words of package crowsnest, or says why it cannot.
func (w wirePackage) loaded() (p crowsnest.LoadedPackage, why string) {
	u := parsePURL(w.PURL)
	p = crowsnest.LoadedPackage{PURL: w.PURL, Type: w.kind(u), Name: w.Name, Version: w.Version, Source: w.SrcName}
	if p.Name == "" {
		p.Name = u.name
	}
	if p.Version == "" {
		p.Version = u.version
	}
	if p.Name == u.name && u.namespace != "" {
		p.Name = qualified(p.Type, u.namespace, u.name)
	}
	if u.epoch != "" && (p.Type == "deb" || p.Type == "rpm") && p.Version != "" && !strings.Contains(p.Version, ":") {
		p.Version = u.epoch + ":" + p.Version
	}
	if p.Name == "" {
		return p, "it has no name"
	}
	for _, f := range []struct {
		value string
		most  int
	}{{p.PURL, maxPURL}, {p.Type, maxField}, {p.Name, maxField}, {p.Version, maxField}, {p.Source, maxField}} {
		if why := unusable(f.value, f.most); why != "" {
			return p, why
		}
	}
	return p, ""
}

// words are names of package types other than those of package URLs; Sysdig's
// other interfaces use some of them.
var words = map[string]string{
	"javascript": "npm", "node": "npm", "java": "maven", "python": "pypi", "go": "golang", "ruby": "gem",
	"rust": "cargo", "php": "composer", "c#": "nuget", "dotnet": "nuget", ".net": "nuget",
}

// families maps a distribution to the type of its packages.
var families = map[string]string{
	"debian": "deb", "ubuntu": "deb", "distroless": "deb",
	"alpine": "apk", "wolfi": "apk", "chainguard": "apk",
	"rhel": "rpm", "redhat": "rpm", "centos": "rpm", "fedora": "rpm", "rocky": "rpm", "alma": "rpm", "almalinux": "rpm",
	"amazon": "rpm", "amzn": "rpm", "oracle": "rpm", "ol": "rpm", "suse": "rpm", "sles": "rpm", "opensuse": "rpm",
	"photon": "rpm", "mariner": "rpm", "azurelinux": "rpm",
}

// kind is the purl type: what the field says, else the package URL, else the
// distribution; empty if none does.
func (w wirePackage) kind(u purl) string {
	t := strings.ToLower(strings.TrimSpace(w.Type))
	if word, ok := words[t]; ok {
		return word
	}
	if t != "" && t != "os" {
		return t
	}
	if u.kind != "" {
		return u.kind
	}
	return families[strings.ToLower(w.OSFamily)]
}

// qualified writes a name with its namespace the way the ecosystem does. The
// namespace of an OS package is the distribution and no part of the name.
func qualified(kind, namespace, name string) string {
	switch kind {
	case "maven":
		return namespace + ":" + name
	case "npm", "golang", "composer", "swift", "github":
		return namespace + "/" + name
	}
	return name
}

// purl is what a package URL holds that matters here.
type purl struct{ kind, namespace, name, version, epoch string }

// parsePURL reads a package URL as leniently as Sysdig writes it: ':', '+', '~' and '@' may
// stand unescaped, the epoch is in the version or a qualifier. What is no package URL gives the zero purl.
func parsePURL(s string) (u purl) {
	rest, ok := strings.CutPrefix(s, "pkg:")
	if !ok {
		return purl{}
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, qualifiers, _ := strings.Cut(rest, "?")
	kind, rest, ok := strings.Cut(strings.TrimLeft(rest, "/"), "/")
	if !ok {
		return purl{}
	}
	u.kind = strings.ToLower(kind)
	for q := range strings.SplitSeq(qualifiers, "&") {
		if epoch, ok := strings.CutPrefix(q, "epoch="); ok && strings.Trim(epoch, "0123456789") == "" {
			u.epoch = strings.TrimLeft(epoch, "0")
		}
	}
	rest = strings.Trim(rest, "/")
	// The last '@' divides, but one at the beginning of the last segment, or before it, marks a scope.
	if at := strings.LastIndexByte(rest, '@'); at > strings.LastIndexByte(rest, '/')+1 {
		u.version, rest = unescape(rest[at+1:]), rest[:at]
	}
	slash := strings.LastIndexByte(rest, '/')
	if slash >= 0 {
		u.namespace = unescape(rest[:slash])
	}
	u.name = unescape(rest[slash+1:])
	return u
}

// unescape decodes %XX and keeps what is no valid escape. A '+' is a '+'.
func unescape(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}

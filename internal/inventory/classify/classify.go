package classify

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/google/osv-scalibr/purl"

	"github.com/crowsnest-sec/crowsnest"
)

// Software is what a file is, by itself.
type Software struct {
	Type       string // of the purl
	Name       string
	Version    string
	PURL       string
	Ecosystem  string
	Repository string // by which advisories of the ecosystem name it; empty if they do by Name
}

// Candidates are the classifiers that a path fits.
type Candidates []candidate

type candidate struct {
	*classifier
	compiled []compiled
	minor    string // of the file name
}

// compiled is a pattern ready for use.
type compiled struct {
	anchor     []byte
	before     int
	expression *regexp.Regexp
	joined     bool
}

// byStem are the classifiers by the letters that the names of their files begin with.
var byStem = index()

type entry struct {
	classifier *classifier
	file       string // the pattern
	compiled   []compiled
}

func index() map[string][]entry {
	out := make(map[string][]entry)
	for i := range classifiers {
		c := &classifiers[i]
		var all []compiled
		if !c.templated() {
			all = c.compile("")
		}
		for _, f := range c.files {
			s := stem(f[strings.LastIndexByte(f, '/')+1:])
			out[s] = append(out[s], entry{c, f, all})
		}
	}
	return out
}

const minorMark = "{minor}"

func (c *classifier) templated() bool {
	return slices.ContainsFunc(c.versions, func(p pattern) bool { return strings.Contains(p.expression, minorMark) })
}

func (c *classifier) compile(minor string) []compiled {
	out := make([]compiled, len(c.versions))
	for i, p := range c.versions {
		text := strings.ReplaceAll(p.expression, minorMark, regexp.QuoteMeta(minor))
		if p.anchor != "" {
			out[i] = compiled{[]byte(p.anchor), p.before, regexp.MustCompile(text), p.joined}
			continue
		}
		out[i] = compiled{nil, 0, regexp.MustCompile(`^(?:` + text + `)`), false}
		if !strings.HasPrefix(text, "^") { // that one is looked for at the beginning of the file only
			literal, _ := regexp.MustCompile(text).LiteralPrefix()
			out[i].anchor = []byte(literal)
		}
	}
	return out
}

// stem returns the letters that s begins with.
func stem(s string) string {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' {
			return s[:i]
		}
	}
	return s
}

var minorOf = regexp.MustCompile(`\d\.\d+`)

// Of returns what a file may be by its path, which is clean and relative; nothing for nearly all.
func Of(p string) Candidates {
	base := p[strings.LastIndexByte(p, '/')+1:]
	var out Candidates
	for _, e := range byStem[stem(base)] {
		if !fits(e.file, p) || slices.ContainsFunc(out, func(c candidate) bool { return c.classifier == e.classifier }) {
			continue
		}
		c := candidate{classifier: e.classifier, compiled: e.compiled}
		if c.compiled == nil {
			if c.minor = minorOf.FindString(base); c.minor == "" {
				continue
			}
			c.compiled = c.compile(c.minor)
		}
		out = append(out, c)
	}
	return out
}

// Has reports whether software of that name is among the candidates.
func (c Candidates) Has(name string) bool {
	return slices.ContainsFunc(c, func(x candidate) bool { return x.name == name })
}

// fits compares the last elements of a path with a pattern of as many.
func fits(pattern, p string) bool {
	for n := len(p); n > 0; {
		at := strings.LastIndexByte(pattern, '/')
		slash := strings.LastIndexByte(p[:n], '/')
		if ok, _ := path.Match(pattern[at+1:], p[slash+1:n]); !ok {
			return false
		}
		if at < 0 {
			return true
		}
		pattern, n = pattern[:at], slash
	}
	return false
}

// software makes what is known of a version.
func (c candidate) software(version string) Software {
	version = crowsnest.Text(version)
	s := Software{Type: purl.TypeGeneric, Name: c.name, Version: version, Ecosystem: crowsnest.EcosystemGit, Repository: c.repository}
	if c.golang {
		s.Type, s.Ecosystem = purl.TypeGolang, "Go"
	}
	s.PURL = purl.PackageURL{Type: s.Type, Name: s.Name, Version: s.Version}.String()
	return s
}

package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// licences asks for packages that cannot be had without one of some licences.
type licences struct {
	Licences        []string `json:"licences" doc:"SPDX identifiers of those that no package may be bound to" example:"AGPL-3.0-only"`
	AllowedPackages []string `json:"allowedPackages" doc:"Package URLs of those that may; without a version, any version of it" example:"pkg:npm/left-pad"`
}

func (r *licences) check() error {
	return cmp.Or(texts("licences", &r.Licences, licenceName, "write SPDX identifiers, such as AGPL-3.0-only"),
		texts("allowedPackages", &r.AllowedPackages, packageURL, "write package URLs, such as pkg:npm/left-pad or pkg:npm/left-pad@1.3.0"))
}

func (r *licences) evaluate(f *Facts) Result {
	v := violations{other: true, count: f.Count}
	bound := make(map[string]bool) // by expression; most packages of an image share a few
	for _, p := range f.Licences {
		for _, expression := range p.Licences {
			b, ok := bound[expression]
			if !ok {
				b = binds(expression, r.Licences)
				bound[expression] = b
			}
			if b && !slices.ContainsFunc(r.AllowedPackages, func(a string) bool { return allows(a, p.PURL) }) {
				if v.another() {
					v.list = append(v.list, broken(crowsnest.Violation{Package: p.PURL, Licence: expression}, mend("other-package"), say("licensed", "package", p.PURL, "licence", expression)))
				}
				break
			}
		}
	}
	return v.result(f, append([]said{say("none-licensed")}, counted(f.Unlicensed, "unlicensed")...)...)
}

// allows reports whether a package URL is the one allowed, or a version of it.
func allows(allowed, purl string) bool {
	rest, ok := strings.CutPrefix(purl, allowed)
	return ok && (rest == "" || strings.HasPrefix(rest, "@") || strings.HasPrefix(rest, "?") || strings.HasPrefix(rest, "#"))
}

// maxNesting bounds the parentheses of an expression; what nests deeper counts as bound, since nobody can tell.
const maxNesting = 32

// binds reports whether an SPDX expression leaves no choice but one of the licences: "MIT OR AGPL-3.0-only" leaves one, "MIT AND
// AGPL-3.0-only" does not.
func binds(expression string, listed []string) bool {
	e := expressionReader{words: strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(expression)), listed: listed}
	return e.or(0)
}

type expressionReader struct {
	words  []string
	listed []string
}

func (e *expressionReader) take(word string) bool {
	if len(e.words) > 0 && strings.EqualFold(e.words[0], word) {
		e.words = e.words[1:]
		return true
	}
	return false
}

// or reads alternatives: all of them must bind.
func (e *expressionReader) or(depth int) bool {
	all := e.and(depth)
	for e.take("OR") {
		if !e.and(depth) {
			all = false
		}
	}
	return all
}

// and reads what holds together: one that binds is enough.
func (e *expressionReader) and(depth int) bool {
	any := e.one(depth)
	for e.take("AND") {
		if e.one(depth) {
			any = true
		}
	}
	return any
}

func (e *expressionReader) one(depth int) bool {
	if depth > maxNesting {
		e.words = nil
		return true
	}
	if e.take("(") {
		bound := e.or(depth + 1)
		e.take(")")
		return bound
	}
	if len(e.words) == 0 {
		return false
	}
	licence := e.words[0]
	e.words = e.words[1:]
	if e.take("WITH") && len(e.words) > 0 { // an exception is still that licence
		e.words = e.words[1:]
	}
	return slices.ContainsFunc(e.listed, func(l string) bool {
		return strings.EqualFold(l, licence) || strings.EqualFold(l, strings.TrimSuffix(licence, "+"))
	})
}

package match

import (
	"regexp"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// stream knows of which module stream of an RPM distribution an advisory speaks. Builds of a module, which say
// "module" in their release, live beside the distribution's own build of the same package and beside those
// of other streams of the module, each with fixes of its own: nodejs 16 is not fixed by the nodejs 18 of an advisory about nodejs:18, and
// below it for no other reason than that 16 is less than 18.
type stream struct {
	rpm  bool
	name string // "18" of an advisory about nodejs:18; empty if it does not say
}

// streamTitle finds "nodejs:18" in the title of a notice such as "nodejs:18 security update".
var streamTitle = regexp.MustCompile(`(?:^|\s)[A-Za-z][A-Za-z0-9._+-]*:([A-Za-z0-9._+-]+)(?:\s|$)`)

func streamOf(ecosystem string, a *crowsnest.Advisory) stream {
	s := stream{rpm: crowsnest.IsRPM(ecosystem)}
	if !s.rpm {
		return s
	}
	if m := streamTitle.FindStringSubmatch(a.Summary); m != nil {
		s.name = m[1]
	}
	return s
}

// differs reports that a range speaks of builds of another stream than an installed version is of. A range without a
// fix does not say which builds it speaks of.
func (s stream) differs(in interval, installed string) bool {
	if !s.rpm {
		return false
	}
	fixes, same := 0, false
	for _, b := range in.bounds {
		if b.kind == fixed {
			fixes++
			same = same || s.same(b.text, installed)
		}
	}
	return fixes > 0 && !same
}

// same reports that a fixed version and an installed one may be of one stream. Where versions of the package begin with the name of the
// stream, as those of nodejs in nodejs:18 and of mariadb in mariadb:10.3 do, the installed one must as well; of other packages of a module
// nothing more is known.
func (s stream) same(fixed, installed string) bool {
	if isModular(fixed) != isModular(installed) {
		return false
	}
	return !isModular(fixed) || s.name == "" || !s.begins(fixed) || s.begins(installed)
}

// begins reports that a version, its epoch apart, begins with the name of the stream.
func (s stream) begins(version string) bool {
	if _, rest, ok := strings.Cut(version, ":"); ok {
		version = rest
	}
	rest, ok := strings.CutPrefix(version, s.name)
	return ok && (rest == "" || !isDigit(rest[0]))
}

// isModular reports that an RPM was built from a module: "…-1.module_el8.4.0+2249+3ddf2832", "…-1.module+el8.3.0+6124".
func isModular(version string) bool {
	return strings.Contains(version, ".module_") || strings.Contains(version, ".module+")
}

// Package licence turns what packages say of their licences into SPDX expressions
// (SPDX specification 2.3, annex D). Package managers have names of their own, and much
// is free text. What is not recognised becomes a LicenseRef of the same words, so that
// the outcome is always an expression and nothing is guessed.
package licence

import (
	"regexp"
	"slices"
	"strings"

	"github.com/github/go-spdx/v2/spdxexp/spdxlicenses"
)

const (
	maxExpression = 1024 // bytes of a licence's statement that are taken for an expression
	maxRef        = 64   // bytes of a LicenseRef's words
	maxNesting    = 32   // of parentheses
)

// Expression returns the SPDX expression for what a package's record says, and the
// empty string where that says nothing. The text of a whole licence is recognised by
// its words, as by Text.
func Expression(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > maxExpression || strings.Count(s, "\n") > 2 {
		return strings.Join(Text(s), " AND ")
	}
	if nothing[strings.ToLower(s)] {
		return ""
	}
	// The whole first: some names have a slash, "and" or parentheses in them.
	for _, s := range []string{s, aside.ReplaceAllString(s, "$1")} {
		if id := identify(s); id != "" {
			return leafOf(id).write(0)
		}
		p := parser{tokens: tokenise(s)}
		if n := p.parse(0); n != nil && p.at == len(p.tokens) {
			return n.write(0)
		}
	}
	return ref(s)
}

// aside is a remark after a name: "Apache License 2.0 (Apache-2.0)".
var aside = regexp.MustCompile(`([A-Za-z0-9.+])\s*\([^()]*\)`)

// nothing are words that say that nothing is said.
var nothing = map[string]bool{"": true, "unknown": true, "none": true, "noassertion": true, "n/a": true, "other": true, "...": true, "license": true, "see license": true}

// node is a licence or a combination.
type node struct {
	text string // of a licence
	op   operator
	of   []*node
}

type operator int

const (
	leaf operator = iota
	or
	and
)

// write returns the expression, within parentheses if the operator around binds more.
func (n *node) write(around operator) string {
	if n.op == leaf {
		return n.text
	}
	word := " OR "
	if n.op == and {
		word = " AND "
	}
	var parts []string
	for _, c := range n.of {
		if s := c.write(n.op); !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	s := strings.Join(parts, word)
	if n.op < around && len(parts) > 1 {
		return "(" + s + ")"
	}
	return s
}

func join(op operator, a, b *node) *node {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	n := &node{op: op}
	for _, x := range []*node{a, b} {
		if x.op == op {
			n.of = append(n.of, x.of...)
		} else {
			n.of = append(n.of, x)
		}
	}
	return n
}

// tokenise cuts a statement into words, parentheses and commas.
func tokenise(s string) []string {
	s = commaVersion.ReplaceAllString(s, " version")
	s = strings.NewReplacer("(", " ( ", ")", " ) ", ",", " , ", ";", " , ", "||", " or ", "|", " or ", "&&", " and ", "&", " and ").Replace(s)
	return strings.Fields(s)
}

// commaVersion is within a name: "Apache License, Version 2.0".
var commaVersion = regexp.MustCompile(`(?i),\s+version\b`)

// parser reads the expressions of SPDX, of Debian's copyright files, where a comma binds
// least ("A or B, and C"), and of RPM and others, which write names of several words.
type parser struct {
	tokens []string
	at     int
}

func (p *parser) peek() string {
	if p.at < len(p.tokens) {
		return strings.ToLower(p.tokens[p.at])
	}
	return ""
}

// parse reads until the end or a closing parenthesis.
func (p *parser) parse(depth int) *node {
	if depth > maxNesting {
		p.at = len(p.tokens)
		return nil
	}
	whole := p.alternatives(depth)
	for p.peek() == "," {
		p.at++
		op := and
		switch p.peek() {
		case "or":
			op = or
			p.at++
		case "and":
			p.at++
		}
		whole = join(op, whole, p.alternatives(depth))
	}
	return whole
}

func (p *parser) alternatives(depth int) *node {
	n := p.all(depth)
	for p.peek() == "or" {
		p.at++
		n = join(or, n, p.all(depth))
	}
	return n
}

func (p *parser) all(depth int) *node {
	n := p.one(depth)
	for p.peek() == "and" {
		p.at++
		n = join(and, n, p.one(depth))
	}
	return n
}

func (p *parser) one(depth int) *node {
	if p.peek() == "(" {
		p.at++
		n := p.parse(depth + 1)
		if p.peek() == ")" {
			p.at++
		}
		return n
	}
	var words []string
	with := -1
	for p.at < len(p.tokens) {
		w := p.peek()
		if w == "or" && p.later() { // "GPL version 2 or later"
			words = append(words, "or", "later")
			p.at += 2
			continue
		}
		if w == "(" || w == ")" || w == "," || w == "or" || w == "and" {
			if w == ")" && depth == 0 { // closes nothing
				p.at++
				continue
			}
			break
		}
		if w == "with" && len(words) > 0 && with < 0 {
			with = len(words)
		} else {
			words = append(words, p.tokens[p.at])
		}
		p.at++
	}
	if len(words) == 0 {
		return nil
	}
	if with < 0 {
		return term(strings.Join(words, " "))
	}
	return withException(strings.Join(words[:with], " "), strings.Join(words[with:], " "))
}

func (p *parser) later() bool {
	return p.at+1 < len(p.tokens) && strings.EqualFold(strings.Trim(p.tokens[p.at+1], "."), "later")
}

// leafOf is the node of what identify found, which may be a choice of two.
func leafOf(id string) *node {
	var n *node
	for one := range strings.SplitSeq(id, " OR ") {
		n = join(or, n, &node{text: one})
	}
	return n
}

// term finds the licence of a name.
func term(name string) *node {
	if id := identify(name); id != "" {
		return leafOf(id)
	}
	// Older Cargo manifests, and others, write "MIT/Apache-2.0".
	if parts := strings.Split(name, "/"); len(parts) > 1 {
		var n *node
		for _, part := range parts {
			id := identify(part)
			if id == "" {
				return leafRef(name)
			}
			n = join(or, n, leafOf(id))
		}
		return n
	}
	return leafRef(name)
}

func leafRef(name string) *node {
	if r := ref(name); r != "" {
		return &node{text: r}
	}
	return nil
}

// withException finds a licence with an exception, such as "GPL-3+ with Bison exception".
func withException(name, exception string) *node {
	id := identify(name)
	key := strings.TrimSuffix(strings.TrimSuffix(squash(exception), "-exceptions"), "-exception")
	known, found := spdxlicenses.IsException(exception)
	if !known {
		found = exceptions[key]
		if key == "autoconf" {
			found = "Autoconf-exception-3.0"
			if strings.HasPrefix(id, "GPL-2") {
				found = "Autoconf-exception-2.0"
			}
		}
	}
	if id == "" || found == "" || strings.HasPrefix(id, refPrefix) || strings.Contains(id, " ") {
		return leafRef(name + " with " + exception)
	}
	return &node{text: id + " WITH " + found}
}

// exceptions are the exceptions of SPDX by the words others use.
var exceptions = map[string]string{
	"bison": "Bison-exception-2.2", "classpath": "Classpath-exception-2.0", "font": "Font-exception-2.0", "gcc": "GCC-exception-3.1", "gcc-runtime": "GCC-exception-3.1",
	"gcc-runtime-library": "GCC-exception-3.1", "libtool": "Libtool-exception", "linux-syscall-note": "Linux-syscall-note", "llvm": "LLVM-exception", "qt": "Qt-LGPL-exception-1.1",
	"ocaml-linking": "OCaml-LGPL-linking-exception", "swift": "Swift-exception", "universal-foss": "Universal-FOSS-exception-1.0", "u-boot": "u-boot-exception-2.0",
}

const refPrefix = "LicenseRef-"

// ref makes a LicenseRef of words.
func ref(s string) string {
	s = strings.Trim(notInRef.ReplaceAllString(s, "-"), "-.")
	if rest, ok := strings.CutPrefix(s, refPrefix); ok {
		s = rest
	}
	if len(s) > maxRef {
		s = strings.TrimRight(s[:maxRef], "-.")
	}
	if s == "" {
		return ""
	}
	return refPrefix + s
}

var notInRef = regexp.MustCompile(`[^A-Za-z0-9.]+`)

// squash writes a name in lower case with one dash for whatever separates its words.
func squash(s string) string {
	return strings.Trim(separators.ReplaceAllString(strings.ToLower(s), "-"), "-")
}

var separators = regexp.MustCompile(`[\s_-]+`)

// gnu recognises the GNU licences, of which there are the most spellings.
var gnu = regexp.MustCompile(`^(?:the-)?(?:gnu-)?(a|l)?gpl(?:-?v\.?|-version|,?-version)?-?([1-3](?:\.[0-9])?)?(?:\.0)*(-only|\+|-plus|-or-later|-or-any-later-version|-or-newer)?$`)

// gfdl recognises the GNU documentation licence, with or without invariant parts.
var gfdl = regexp.MustCompile(`^(?:gnu-)?gfdl(-niv)?-?v?(1\.[1-3])(\+|-or-later|-only)?(-no-invariants?)?(\+)?$`)

// longGNU are the words the names of the GNU licences are made of.
var longGNU = strings.NewReplacer("affero-general-public-license", "agpl", "lesser-general-public-license", "lgpl", "library-general-public-license", "lgpl",
	"library-or-lesser-general-public-license", "lgpl", "general-public-license", "gpl", "(gpl)", "", "(lgpl)", "")

// identify returns the SPDX identifier of a licence's name, or nothing.
func identify(name string) string {
	name = strings.Trim(strings.TrimSpace(name), `"'.`)
	if known, id := spdxlicenses.IsActiveLicense(name); known {
		return id
	}
	if strings.HasPrefix(name, refPrefix) {
		return ref(name)
	}
	key := squash(name)
	if id := names[key]; id != "" {
		return id
	}
	key = strings.TrimSuffix(strings.TrimSuffix(longGNU.Replace(key), "-license"), "-licence")
	if id := names[key]; id != "" {
		return id
	}
	if id := gnuID(key); id != "" {
		return id
	}
	if known, id := spdxlicenses.IsActiveLicense(key); known {
		return id
	}
	if known, id := spdxlicenses.IsDeprecatedLicense(name); known {
		return id
	}
	// "Apache-2.0+" is an expression as well.
	if base, ok := strings.CutSuffix(name, "+"); ok && !strings.HasSuffix(base, "+") {
		if id := identify(base); id != "" && !strings.HasPrefix(id, refPrefix) && !strings.ContainsAny(id, "+ ") {
			return id + "+"
		}
	}
	return ""
}

func gnuID(key string) string {
	if m := gfdl.FindStringSubmatch(key); m != nil {
		id := "GFDL-" + m[2]
		if m[1]+m[4] != "" {
			id += "-no-invariants"
		}
		if m[3] == "+" || m[3] == "-or-later" || m[5] != "" {
			return id + "-or-later"
		}
		return id + "-only"
	}
	m := gnu.FindStringSubmatch(strings.Trim(key, "-"))
	if m == nil {
		return ""
	}
	family, version := strings.ToUpper(m[1])+"GPL", m[2]
	suffix := "-or-later"
	switch {
	case version == "": // the licence itself says that any version may be chosen then
		version = map[string]string{"GPL": "1.0", "LGPL": "2.0", "AGPL": "3.0"}[family]
	case m[3] == "" || m[3] == "-only":
		suffix = "-only"
	}
	if !strings.Contains(version, ".") {
		version += ".0"
	}
	if known, id := spdxlicenses.IsActiveLicense(family + "-" + version + suffix); known {
		return id
	}
	return ""
}

// names are licences by the names that distributions and registries of packages use,
// as squash writes them.
var names = map[string]string{
	"expat": "MIT", "mit": "MIT", "mit/x11": "MIT", "mit-x11": "MIT", "x11/mit": "MIT", "mit/expat": "MIT", "the-mit": "MIT", "expat/mit": "MIT", "mit/x": "MIT",
	"apache": "Apache-2.0", "apache-2": "Apache-2.0", "apache2": "Apache-2.0", "apache2.0": "Apache-2.0", "apache-v2": "Apache-2.0", "apache-v2.0": "Apache-2.0", "asl-2.0": "Apache-2.0", "al2": "Apache-2.0",
	"apache-license-2.0": "Apache-2.0", "apache-license-version-2.0": "Apache-2.0", "apache-license-v2.0": "Apache-2.0", "apache-software": "Apache-2.0", "apache-software-license-2.0": "Apache-2.0",
	"bsd": "LicenseRef-BSD", "bsd-2": "BSD-2-Clause", "bsd2": "BSD-2-Clause", "bsd-2clause": "BSD-2-Clause", "simplified-bsd": "BSD-2-Clause", "2-clause-bsd": "BSD-2-Clause", "freebsd": "BSD-2-Clause", "bsd-2-clause-netbsd": "BSD-2-Clause",
	"bsd-3": "BSD-3-Clause", "bsd3": "BSD-3-Clause", "bsd-3clause": "BSD-3-Clause", "new-bsd": "BSD-3-Clause", "modified-bsd": "BSD-3-Clause", "revised-bsd": "BSD-3-Clause", "3-clause-bsd": "BSD-3-Clause", "bsd-new": "BSD-3-Clause",
	"bsd-4": "BSD-4-Clause", "bsd4": "BSD-4-Clause", "original-bsd": "BSD-4-Clause", "bsd-with-advertising": "BSD-4-Clause",
	"zlib": "Zlib", "zlib/libpng": "Zlib", "curl": "curl", "boost": "BSL-1.0", "bsl-1": "BSL-1.0", "boost-software-license-1.0": "BSL-1.0", "isc": "ISC", "iscl": "ISC",
	"psf": "PSF-2.0", "psf-2": "PSF-2.0", "python": "PSF-2.0", "python-2.0": "Python-2.0", "psfl": "PSF-2.0", "python-software-foundation": "PSF-2.0", "zpl": "ZPL-2.1", "zpl-2.1": "ZPL-2.1", "zope-public": "ZPL-2.1",
	"artistic": "Artistic-1.0-Perl", "artistic-1": "Artistic-1.0-Perl", "artistic-2": "Artistic-2.0", "artistic-2.0": "Artistic-2.0", "perl": "Artistic-1.0-Perl OR GPL-1.0-or-later", "perl-5": "Artistic-1.0-Perl OR GPL-1.0-or-later",
	"mpl-1.1": "MPL-1.1", "mplv1.1": "MPL-1.1", "mpl-2": "MPL-2.0", "mplv2.0": "MPL-2.0", "mozilla-public-license-2.0": "MPL-2.0", "mozilla-public-license-version-2.0": "MPL-2.0",
	"cc0": "CC0-1.0", "cc0-1": "CC0-1.0", "cc-by-3": "CC-BY-3.0", "cc-by-4": "CC-BY-4.0", "cc-by": "LicenseRef-CC-BY", "cc-by-sa-3": "CC-BY-SA-3.0", "cc-by-sa-4": "CC-BY-SA-4.0",
	"sil-ofl-1.1": "OFL-1.1", "ofl": "OFL-1.1", "ruby": "Ruby", "rubylicense": "Ruby", "vim": "Vim", "openldap": "OLDAP-2.8", "openssl": "OpenSSL", "unicode": "Unicode-DFS-2016", "pcre": "BSD-3-Clause",
	"beerware": "Beerware", "public-domain": "LicenseRef-public-domain", "pd": "LicenseRef-public-domain", "all-permissive": "FSFAP", "fsf-all-permissive": "FSFAP", "bitstream-vera": "Bitstream-Vera", "gd": "GD", "hpnd": "HPND",
	"wtfpl-2": "WTFPL", "unlicense": "Unlicense", "the-unlicense": "Unlicense", "w3c": "W3C", "eclipse-public-license-1.0": "EPL-1.0", "eclipse-public-license-2.0": "EPL-2.0", "epl": "EPL-1.0",
	"cddl": "CDDL-1.0", "cddl-1": "CDDL-1.0", "agplv3": "AGPL-3.0-only", "latex2e": "Latex2e", "bzip2": "bzip2-1.0.6", "bsd-4-clause-uc": "BSD-4-Clause-UC", "tcl/tk": "TCL", "libpng": "Libpng", "sendmail": "Sendmail", "ntp": "NTP",
}

package licence

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxScanned caps the bytes of a free text that are looked at.
const maxScanned = 64 << 10

// phrase is a licence that is known by words of its text, all of which must be there.
type phrase struct {
	words []string // in lower case with single blanks
	not   []string // none of which may be there
	id    string
}

const (
	bsdWords  = "redistribution and use in source and binary forms"
	sellWords = "permission to use, copy, modify, distribute, and sell this software and its documentation for any purpose is hereby granted without fee"
	mitWords  = "permission is hereby granted, free of charge, to any person obtaining a copy"
)

// phrases are the licences that free texts have most; two may be found in one text.
var phrases = []phrase{
	{words: []string{mitWords, "to deal in the software without restriction"}, id: "MIT"},
	{words: []string{bsdWords, "all advertising materials mentioning features"}, id: "BSD-4-Clause"},
	{words: []string{bsdWords, "endorse or promote products"}, not: []string{"all advertising materials mentioning features"}, id: "BSD-3-Clause"},
	{words: []string{bsdWords}, not: []string{"all advertising materials mentioning features", "endorse or promote products", "openssl license"}, id: "BSD-2-Clause"},
	{words: []string{"permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted"}, id: "ISC"},
	{words: []string{"permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"}, id: "ISC"},
	{words: []string{"permission to use, copy, modify, and distribute this software and its documentation for any purpose and without fee is hereby granted"}, id: "HPND"},
	{words: []string{sellWords}, not: []string{"the name of the open group"}, id: "HPND-sell-variant"},
	{words: []string{sellWords, "the name of the open group"}, id: "MIT-open-group"},
	{words: []string{"to any person obtaining a copy of the unicode data files"}, id: "Unicode-DFS-2016"},
	{words: []string{"altered source versions must be plainly marked as such"}, id: "Zlib"},
	{words: []string{"licensed under the apache license, version 2.0"}, id: "Apache-2.0"},
	{words: []string{"apache license version 2.0, january 2004"}, id: "Apache-2.0"},
	{words: []string{"/usr/share/common-licenses/apache-2.0"}, id: "Apache-2.0"},
	{words: []string{"/usr/share/common-licenses/artistic"}, id: "Artistic-1.0-Perl"},
	{words: []string{"mozilla public license, v. 2.0"}, id: "MPL-2.0"},
	{words: []string{"mozilla public license version 2.0"}, id: "MPL-2.0"},
	{words: []string{"/usr/share/common-licenses/mpl-2.0"}, id: "MPL-2.0"},
	{words: []string{"products derived from this software may not be called \"openssl\""}, id: "OpenSSL"},
	{words: []string{"boost software license - version 1.0"}, id: "BSL-1.0"},
	{words: []string{"sil open font license"}, id: "OFL-1.1"},
	{words: []string{"python software foundation license version 2"}, id: "PSF-2.0"},
	{words: []string{"in the public domain"}, not: []string{"not in the public domain"}, id: "LicenseRef-public-domain"},
}

// gpl finds the sentence by which a text grants a GNU licence.
var gpl = regexp.MustCompile(`(affero |lesser |library )?general public license([^.]{0,120}?\bversion ([1-3](?:\.[0-9])?)([^.]{0,80}?\bany later version)?)?`)

// gplFirst finds the other order: "either version 2.1 of the License, or any later version".
var gplFirst = regexp.MustCompile(`^[^.]{0,120}?(?:published by[^.;]{0,60}[;,]? )?(?:either )?version ([1-3](?:\.[0-9])?)( of the license)?([^.]{0,80}?\bany later version)?`)

// common finds the references to the texts that Debian keeps.
var common = regexp.MustCompile(`/usr/share/common-licenses/((?:l?gpl|gfdl)(?:-[0-9](?:\.[0-9])?)?)`)

// Text returns the licences that a free text speaks of, sorted; none if it is not
// recognised. Which of them are for which part, or may be chosen, it does not tell.
func Text(s string) []string {
	text := plain(s[:min(len(s), maxScanned)])
	var out []string
	for _, p := range phrases {
		has := func(words string) bool { return strings.Contains(text, words) }
		if !slices.ContainsFunc(p.words, func(w string) bool { return !has(w) }) && !slices.ContainsFunc(p.not, has) {
			out = append(out, p.id)
		}
	}
	granted := gnuGrants(text)
	if len(granted) == 0 {
		// Nothing but the reference: the version named is granted at least.
		for _, m := range common.FindAllStringSubmatch(text, -1) {
			granted = append(granted, identify(m[1]))
		}
	}
	out = append(out, granted...)
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(id string) bool { return id == "" })
}

func gnuGrants(text string) []string {
	if !strings.Contains(text, "general public license") {
		return nil
	}
	var out []string
	for _, at := range gpl.FindAllStringSubmatchIndex(text, -1) {
		group := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return text[at[2*n]:at[2*n+1]]
		}
		family := map[string]string{"": "GPL", "affero ": "AGPL", "lesser ": "LGPL", "library ": "LGPL"}[group(1)]
		version, later := group(3), group(4) != ""
		if version == "" {
			m := gplFirst.FindStringSubmatch(text[at[1]:min(len(text), at[1]+400)])
			if m == nil {
				continue
			}
			version, later = m[1], m[3] != ""
		}
		name := family + "-" + version
		if later {
			name += "+"
		}
		if id := identify(name); id != "" {
			out = append(out, id)
		}
	}
	// A text that grants any later version names the first one again without saying so.
	return slices.DeleteFunc(out, func(id string) bool {
		base, only := strings.CutSuffix(id, "-only")
		return only && slices.Contains(out, base+"-or-later")
	})
}

// plain is a text in lower case, without the marks of comments and with single blanks.
func plain(s string) string {
	out := make([]byte, 0, len(s))
	blank := true
	for i := 0; i < len(s); i++ {
		c := folded[s[i]]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			i += size - 1
			switch r {
			case '\u00a0':
				c = ' '
			case '\u2018', '\u2019':
				c = '\''
			case '\u201c', '\u201d':
				c = '"'
			default:
				out = utf8.AppendRune(out, unicode.ToLower(r))
				blank = false
				continue
			}
		}
		if c != ' ' {
			out = append(out, c)
		} else if !blank {
			out = append(out, ' ')
		}
		blank = c == ' '
	}
	return string(out)
}

// folded is what plain makes of each byte that is a character by itself.
var folded = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		switch c := byte(i); {
		case 'A' <= c && c <= 'Z':
			t[i] = c + 'a' - 'A'
		case strings.IndexByte(" \t\n\r*#", c) >= 0:
			t[i] = ' '
		case c == '`':
			t[i] = '\''
		}
	}
	return t
}()

package licence

import (
	"strings"
	"testing"

	"github.com/github/go-spdx/v2/spdxexp"
	"github.com/google/go-cmp/cmp"
)

func TestExpression(t *testing.T) {
	for in, want := range map[string]string{
		// As they should be.
		"MIT": "MIT", "mit": "MIT", "MIT AND Zlib": "MIT AND Zlib", "(MIT OR Apache-2.0) AND BSD-3-Clause": "(MIT OR Apache-2.0) AND BSD-3-Clause",
		"GPL-2.0-or-later": "GPL-2.0-or-later", "gpl-2.0-only WITH classpath-exception-2.0": "GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-x": "LicenseRef-x", "Apache-2.0+": "Apache-2.0+",
		// Debian.
		"GPL-2+": "GPL-2.0-or-later", "GPL-2": "GPL-2.0-only", "GPL-2.0+": "GPL-2.0-or-later", "LGPL-2.1+": "LGPL-2.1-or-later", "GPL": "GPL-1.0-or-later", "Expat": "MIT", "BSD-2-clause": "BSD-2-Clause",
		"GPL-1+ or Artistic": "GPL-1.0-or-later OR Artistic-1.0-Perl", "BSD-2-clause or Ruby, and PSF": "(BSD-2-Clause OR Ruby) AND PSF-2.0", "GPL-3+ with Bison exception": "GPL-3.0-or-later WITH Bison-exception-2.2",
		"GPL-2 with Linux-syscall-note exception": "GPL-2.0-only WITH Linux-syscall-note", "GPL-2+ with Autoconf exception": "GPL-2.0-or-later WITH Autoconf-exception-2.0", "GPL-3+ with autoconf exception": "GPL-3.0-or-later WITH Autoconf-exception-3.0",
		"GPL-2+ with distribution exception": "LicenseRef-GPL-2-with-distribution-exception", "public-domain": "LicenseRef-public-domain", "GFDL-NIV-1.3+": "GFDL-1.3-no-invariants-or-later", "GFDL-1.3+-no-invariant": "GFDL-1.3-no-invariants-or-later", "GFDL-1.2+": "GFDL-1.2-or-later",
		"MPL-1.1 or GPL-2+ or LGPL-2.1+": "MPL-1.1 OR GPL-2.0-or-later OR LGPL-2.1-or-later", "MIT/X11": "MIT", "CC0": "CC0-1.0", "BSD-tcp_wrappers": "LicenseRef-BSD-tcp-wrappers", "GPL-3+ and ISC": "GPL-3.0-or-later AND ISC",
		// RPM.
		"GPLv2+": "GPL-2.0-or-later", "GPLv3": "GPL-3.0-only", "LGPLv2+ and MIT": "LGPL-2.0-or-later AND MIT", "ASL 2.0": "Apache-2.0", "(GPLv2+ or LGPLv3+) and BSD": "(GPL-2.0-or-later OR LGPL-3.0-or-later) AND LicenseRef-BSD", "MPLv2.0": "MPL-2.0",
		"GPLv2 with exceptions": "LicenseRef-GPLv2-with-exceptions", "Public Domain": "LicenseRef-public-domain", "Boost": "BSL-1.0",
		// Alpine, npm, Python, Ruby, Cargo.
		"GPL-2.0-only AND (MIT OR ISC)": "GPL-2.0-only AND (MIT OR ISC)", "MIT/Apache-2.0": "MIT OR Apache-2.0", "BSD 3-Clause": "BSD-3-Clause", "3-Clause BSD License": "BSD-3-Clause", "Apache License 2.0": "Apache-2.0", "Apache License, Version 2.0": "Apache-2.0",
		"Apache Software License 2.0": "Apache-2.0", "MIT License": "MIT", "The MIT License": "MIT", "GNU General Public License v3 or later": "GPL-3.0-or-later", "GNU Lesser General Public License v2.1": "LGPL-2.1-only", "GPL version 2 or later": "GPL-2.0-or-later",
		"ISC License (ISCL)": "ISC", "PSF": "PSF-2.0", "BSD": "LicenseRef-BSD", "Perl": "Artistic-1.0-Perl OR GPL-1.0-or-later", "Perl and MIT": "(Artistic-1.0-Perl OR GPL-1.0-or-later) AND MIT", "ZPL 2.1": "ZPL-2.1",
		// Nothing, and what cannot be read.
		"": "", "  ": "", "UNKNOWN": "", "n/a": "", "((": "", "Some terms of ours!": "LicenseRef-Some-terms-of-ours", "MIT)": "MIT", "and": "LicenseRef-and", "MIT or": "MIT", strings.Repeat("(", 100) + "MIT": "LicenseRef-MIT", "MIT MIT, MIT": "LicenseRef-MIT-MIT AND MIT",
	} {
		if got := Expression(in); got != want {
			t.Errorf("%q\n got %s\nwant %s", in, got, want)
		}
	}
}

// Every name of the table leads to an identifier of SPDX.
func TestNames(t *testing.T) {
	for name, id := range names {
		if _, err := spdxexp.ExtractLicenses(id); err != nil {
			t.Errorf("%s: %s: %v", name, id, err)
		}
		if squash(name) != name {
			t.Errorf("%s is not as squash writes it", name)
		}
	}
	for name, id := range exceptions {
		if _, err := spdxexp.ExtractLicenses("GPL-2.0-only WITH " + id); err != nil {
			t.Errorf("%s: %s: %v", name, id, err)
		}
	}
	for _, p := range phrases {
		if _, err := spdxexp.ExtractLicenses(p.id); err != nil {
			t.Errorf("%s: %v", p.id, err)
		}
		for _, w := range append(p.words, p.not...) {
			if plain(w) != w {
				t.Errorf("%q is not as plain writes it", w)
			}
		}
	}
}

const (
	gpl2 = "This program is free software; you can redistribute it and/or modify\n * it under the terms of the GNU General Public License as published by\n * the Free Software Foundation; either version 2 of the License, or\n * (at your option) any later version.\n\nOn Debian systems, the text of the\nGNU General Public License is in `/usr/share/common-licenses/GPL'.\n"
	lgpl = "License: GNU Lesser General Public License, version 2.1. On Debian systems see /usr/share/common-licenses/LGPL-2.1"
	mit  = "Permission is hereby granted, free of charge, to any person obtaining a\ncopy of this software and associated documentation files (the \"Software\"),\nto deal in the Software without restriction"
	bsd  = "Redistribution and use in source and binary forms, with or without\nmodification, are permitted"
)

func TestText(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		want []string
	}{
		"GPL":                  {gpl2, []string{"GPL-2.0-or-later"}},
		"LGPL of one version":  {lgpl, []string{"LGPL-2.1-only"}},
		"MIT":                  {mit, []string{"MIT"}},
		"BSD of two clauses":   {bsd, []string{"BSD-2-Clause"}},
		"BSD of three":         {bsd + "\nmay not be used to endorse or promote products derived", []string{"BSD-3-Clause"}},
		"BSD of four":          {bsd + "\nAll advertising materials mentioning features; to endorse or promote products", []string{"BSD-4-Clause"}},
		"several":              {gpl2 + mit, []string{"GPL-2.0-or-later", "MIT"}},
		"the X consortium's":   {"Permission to use, copy, modify, distribute, and sell this software and its\ndocumentation for any purpose is hereby granted without fee, provided", []string{"HPND-sell-variant"}},
		"only a reference":     {"The licence is in /usr/share/common-licenses/GPL-3.", []string{"GPL-3.0-only"}},
		"a reference to any":   {"See `/usr/share/common-licenses/LGPL'.", []string{"LGPL-2.0-or-later"}},
		"public domain":        {"This database is in the public domain.", []string{"LicenseRef-public-domain"}},
		"not public domain":    {"It is not in the public domain.", nil},
		"nothing":              {"All rights reserved.", nil},
		"a version of another": {"The GNU General Public License. Written for version 3 of the game.", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Text(tt.in)); diff != "" {
				t.Errorf("licences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	const in = "  # The \u201cGNU\u201d\u00a0`GPL\u2019\r\n * \u00c9T\xff x  "
	if got, want := plain(in), "the \"gnu\" 'gpl' \u00e9t\ufffd x "; got != want {
		t.Errorf("%q becomes %q, want %q", in, got, want)
	}
}

func TestCopyright(t *testing.T) {
	const machine = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: x

Files: *
Copyright: 2001 Somebody
License: GPL-2+ or Artistic
 The text of it, or /usr/share/common-licenses/GPL-3
 .
 Files: no field

# a comment
Files: lib/a.c
 lib/b.c
License: Expat

Files: lib/c.c
License: GPL-2+ or Artistic

Files: debian/*
 debian/patches/x
Copyright: 2010 A maintainer
License: GPL-3

License: BSD-3-clause
 What no file refers to.
`
	for name, tt := range map[string]struct {
		in   string
		want []string
	}{
		"for machines":             {machine, []string{"GPL-2.0-or-later OR Artistic-1.0-Perl", "MIT"}},
		"for machines, in Windows": {strings.ReplaceAll(machine, "\n", "\r\n"), []string{"GPL-2.0-or-later OR Artistic-1.0-Perl", "MIT"}},
		"of the whole":             {"\n# x\nFormat: http://x/\nLicense: ISC\n", []string{"ISC"}},
		"for machines without any": {"Format: http://x/\n\nFiles: *\nComment: " + strings.ReplaceAll(mit, "\n", "\n "), []string{"MIT"}},
		"free":                     {"Format of this file: none\n\n" + gpl2, []string{"GPL-2.0-or-later"}},
		"empty":                    {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Copyright(tt.in)); diff != "" {
				t.Errorf("licences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMetadata(t *testing.T) {
	for _, tt := range []struct {
		name string
		got  []string
		want []string
	}{
		{"npm", PackageJSON([]byte(`{"name":"a","license":"(MIT OR Apache-2.0)"}`)), []string{"MIT OR Apache-2.0"}},
		{"npm, an object", PackageJSON([]byte(`{"license":{"type":"BSD-3-Clause","url":"x"}}`)), []string{"BSD-3-Clause"}},
		{"npm, a list", PackageJSON([]byte(`{"licenses":[{"type":"MIT"},{"type":"GPL-2.0"},"ISC",7]}`)), []string{"MIT", "GPL-2.0-only", "ISC"}},
		{"npm, in a file", PackageJSON([]byte(`{"license":"SEE LICENSE IN x"}`)), nil},
		{"npm, none of its own", PackageJSON([]byte(`{"license":"UNLICENSED"}`)), []string{"LicenseRef-UNLICENSED"}},
		{"npm, damaged", PackageJSON([]byte(`{`)), nil},
		{"python, an expression", PythonMetadata([]byte("Name: a\nLicense-Expression: MIT\nLicense: BSD\n")), []string{"MIT"}},
		{"python, a name", PythonMetadata([]byte("Name: a\nLicense: Apache 2\nClassifier: License :: OSI Approved :: MIT License\n")), []string{"Apache-2.0"}},
		{"python, a text", PythonMetadata([]byte("Name: a\nLicense: " + strings.ReplaceAll(mit, "\n", "\n        ") + "\n  x\nVersion: 1\n")), []string{"MIT"}},
		{"python, a family and a classifier", PythonMetadata([]byte("License: BSD\nClassifier: License :: OSI Approved :: GNU Lesser General Public License v2 or later (LGPLv2+)\n")), []string{"LGPL-2.0-or-later"}},
		{"python, a family", PythonMetadata([]byte("License: BSD\nClassifier: Programming Language :: Python\n")), []string{"LicenseRef-BSD"}},
		{"python, in the description", PythonMetadata([]byte("Name: a\n\nLicense: MIT\n")), nil},
		{"gem", Gemspec([]byte("Gem::Specification.new do |s|\n  s.licenses = [\"MIT\".freeze, \"Ruby\".freeze]\nend\n")), []string{"MIT", "Ruby"}},
		{"gem, one", Gemspec([]byte("  s.license = 'BSD-2-Clause'\n")), []string{"BSD-2-Clause"}},
		{"gem, none", Gemspec([]byte("  s.name = 'a'\n")), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.got); diff != "" {
				t.Errorf("licences (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever comes in, what comes out are expressions.
func FuzzLicences(f *testing.F) {
	for _, s := range []string{"MIT AND (GPL-2+ or x/y)", gpl2, "Format: http://x/\n\nFiles: *\nLicense: GPL-2+ with x exception", `{"license":[{"type":"MIT"}]}`, "License: x\nClassifier: License :: y\n", "s.licenses = ['x']", "LicenseRef-++", "perl with classpath"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		all := []string{Expression(s)}
		for _, l := range [][]string{Text(s), Copyright(s), PackageJSON([]byte(s)), PythonMetadata([]byte(s)), Gemspec([]byte(s))} {
			all = append(all, l...)
		}
		for _, e := range all {
			if e == "" {
				continue
			}
			if _, err := spdxexp.ExtractLicenses(e); err != nil {
				t.Errorf("%q becomes %q: %v", s, e, err)
			}
		}
	})
}

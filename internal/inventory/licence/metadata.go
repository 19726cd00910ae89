package licence

import (
	"encoding/json"
	"regexp"
	"strings"
)

// PackageJSON returns the SPDX expressions of the licences that an npm package.json
// states: a text, or in old ones an object or a list of objects with a type.
func PackageJSON(b []byte) []string {
	var p struct {
		License  json.RawMessage `json:"license"`
		Licenses json.RawMessage `json:"licenses"`
	}
	if json.Unmarshal(b, &p) != nil {
		return nil
	}
	var out []string
	for _, raw := range []json.RawMessage{p.License, p.Licenses} {
		for _, s := range named(raw) {
			// npm's own words for a licence that is in a file, or for none.
			if strings.HasPrefix(strings.ToUpper(s), "SEE LICENSE IN") {
				continue
			}
			if e := Expression(s); e != "" && len(out) < maxListed {
				out = append(out, e)
			}
		}
	}
	return out
}

func named(raw json.RawMessage) []string {
	type object struct {
		Type string `json:"type"`
		Name string `json:"name"`
	}
	var text string
	var one object
	var list []json.RawMessage
	switch {
	case len(raw) == 0:
	case json.Unmarshal(raw, &text) == nil:
		return []string{text}
	case json.Unmarshal(raw, &list) == nil:
		var out []string
		for _, r := range list[:min(len(list), maxListed)] {
			if json.Unmarshal(r, &text) == nil {
				out = append(out, text)
			} else if json.Unmarshal(r, &one) == nil {
				out = append(out, one.Type+one.Name)
			}
		}
		return out
	case json.Unmarshal(raw, &one) == nil:
		if one.Type != "" {
			return []string{one.Type}
		}
		return []string{one.Name}
	}
	return nil
}

// PythonMetadata returns the SPDX expressions of the licences that a Python package's
// METADATA or PKG-INFO states: License-Expression, else License, else the classifiers.
func PythonMetadata(b []byte) []string {
	var expression, licence string
	var classified []string
	field := ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break // what follows is the description
		}
		if line[0] == ' ' || line[0] == '\t' {
			if field == "license" {
				licence += "\n" + strings.TrimSpace(line)
			}
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch field = strings.ToLower(name); field {
		case "license-expression":
			expression = value
		case "license":
			licence = value
		case "classifier":
			if rest, ok := strings.CutPrefix(value, "License :: "); ok {
				rest = strings.TrimPrefix(rest, "OSI Approved :: ")
				if e := Expression(classifiers.Replace(rest)); rest != "OSI Approved" && e != "" && len(classified) < maxListed {
					classified = append(classified, e)
				}
			}
		}
	}
	for _, s := range []string{expression, licence} {
		e := Expression(s)
		// "BSD" and the like name a family; a classifier is no better then.
		if e != "" && (!strings.HasPrefix(e, refPrefix) || len(classified) == 0) {
			return []string{e}
		}
	}
	return classified
}

// classifiers makes plain names of those in Python's list of classifiers.
var classifiers = strings.NewReplacer(
	" (GPL)", "", " (LGPL)", "", " (AGPL)", "", " (GPLv2)", "", " (GPLv3)", "", " (LGPLv2)", "", " (LGPLv3)", "", " (GPLv2+)", "", " (GPLv3+)", "", " (LGPLv2+)", "", " (LGPLv3+)", "",
	" (AGPLv3)", "", " (AGPLv3+)", "", " (MIT)", "", " (ISCL)", "", " (MPL 2.0)", "", " (Unlicense)", "", " License", "",
	"GNU Lesser General Public License", "LGPL", "GNU Library or Lesser General Public License", "LGPL", "GNU Affero General Public License", "AGPL", "GNU General Public License", "GPL",
)

// gemLicence finds the licences in a gem's specification, which is Ruby.
var gemLicence = regexp.MustCompile(`(?m)^\s*\w+\.licenses?\s*=\s*\[?((?:\s*["'][^"'\n]{1,200}["'](?:\.freeze)?\s*,?)+)`)

var quoted = regexp.MustCompile(`["']([^"'\n]+)["']`)

// Gemspec returns the SPDX expressions of the licences that an installed gem's
// specification states.
func Gemspec(b []byte) []string {
	m := gemLicence.FindSubmatch(b)
	if m == nil {
		return nil
	}
	var out []string
	for _, q := range quoted.FindAllSubmatch(m[1], maxListed) {
		if e := Expression(string(q[1])); e != "" {
			out = append(out, e)
		}
	}
	return out
}

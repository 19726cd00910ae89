package licence

import (
	"slices"
	"strings"
)

const maxListed = 64 // licences kept of one package

// Copyright reads the copyright file of a Debian package and returns the SPDX
// expressions of its licences, sorted: of each group of files its own. Files that are
// written for machines (Debian's "Machine-readable debian/copyright file") are read as
// such, others as Text does. The licence of the packaging itself, in the folder debian,
// is left out, as its files are not in the package.
func Copyright(s string) []string {
	if !machineReadable(s) {
		return Text(s)
	}
	var out []string
	for _, p := range paragraphs(s) {
		if p.licence == "" || p.files == "" && p.format == "" || onlyPackaging(p.files) {
			continue
		}
		if e := Expression(p.licence); e != "" && !slices.Contains(out, e) && len(out) < maxListed {
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		return Text(s) // it says so only in its words
	}
	slices.Sort(out)
	return out
}

func machineReadable(s string) bool {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(strings.ToLower(line), ":")
		return ok && (name == "format" || name == "format-specification") && strings.Contains(value, "//")
	}
	return false
}

// paragraph is what is used of one paragraph.
type paragraph struct{ format, files, licence string }

// paragraphs reads the fields of a control file: a line that begins with a blank goes
// on with the field above. Of a licence only the first line is its name.
func paragraphs(s string) []paragraph {
	var out []paragraph
	var p paragraph
	var field *string
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.TrimSpace(line) == "":
			if p != (paragraph{}) {
				out = append(out, p)
			}
			p, field = paragraph{}, nil
		case line[0] == '#':
		case line[0] == ' ' || line[0] == '\t':
			if field == &p.files {
				*field += " " + strings.TrimSpace(line)
			}
		default:
			name, value, ok := strings.Cut(line, ":")
			if !ok {
				field = nil
				continue
			}
			switch strings.ToLower(name) {
			case "format", "format-specification":
				field = &p.format
			case "files":
				field = &p.files
			case "license":
				field = &p.licence
			default:
				field = new(string)
			}
			*field = strings.TrimSpace(value)
		}
	}
	if p != (paragraph{}) {
		out = append(out, p)
	}
	return out
}

func onlyPackaging(files string) bool {
	list := strings.Fields(strings.ReplaceAll(files, ",", " "))
	return len(list) > 0 && !slices.ContainsFunc(list, func(f string) bool { return !strings.HasPrefix(strings.TrimPrefix(f, "./"), "debian/") })
}

package distribution

import (
	"path"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Paths are where os-release is looked for, the first that exists counts
// (os-release(5)).
var Paths = []string{"etc/os-release", "usr/lib/os-release"}

// IsName reports whether a file's content is kept for the merge: os-release
// itself, and what distributions link to it under like names.
func IsName(p string) bool { return strings.Contains(path.Base(p), "os-release") }

// Merged are the folders that a distribution with a merged /usr has as links into it,
// while its package manager may still know the files by their old paths.
var Merged = []string{"bin", "sbin", "lib", "lib32", "lib64", "libx32"}

// IsLink reports whether a symbolic link is kept for the merge: it can lie on the way
// to os-release, or tells whether /usr is merged.
func IsLink(p string) bool {
	return p == "etc" || p == "usr" || p == "usr/lib" || IsName(p) || slices.Contains(Merged, p)
}

// maxText caps a value, in bytes.
const maxText = 1024

// OSRelease is what is used of an os-release file.
type OSRelease map[string]string

// Parse reads the shell-like assignments of os-release(5). Lines that are
// none are passed over.
func Parse(content string) OSRelease {
	r := OSRelease{}
	for line := range strings.Lines(content) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.HasPrefix(key, "#") {
			continue
		}
		switch key {
		case "ID", "VERSION_ID", "VERSION_CODENAME", "VERSION", "PRETTY_NAME", "NAME", "BUILD_ID", "CPE_NAME":
			if v := unquote(value); len(v) <= maxText {
				r[key] = v
			}
		}
	}
	return r
}

// unquote takes off a value's quotes and, within double quotes, the backslashes
// before the characters that a shell treats so.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 2 || s[0] != s[len(s)-1] || (s[0] != '"' && s[0] != '\'') {
		return s
	}
	single := s[0] == '\''
	s = s[1 : len(s)-1]
	if single || !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\"\\$`", s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Distribution says what the file is about.
func (r OSRelease) Distribution() crowsnest.Distribution {
	d := crowsnest.Distribution{ID: r["ID"], VersionID: r["VERSION_ID"], Codename: r["VERSION_CODENAME"], Name: r["PRETTY_NAME"]}
	if d.Name == "" {
		d.Name = r["NAME"]
	}
	return d
}

package repository

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// machinePath finds an absolute path into a person's or a build machine's folders:
// it means nothing to anyone else. The names are put together here, so that this
// file does not find itself.
var machinePath = regexp.MustCompile(`(?:^|[^\w.~/-])/(?:` + strings.Join([]string{"root", "home", "work", "tmp/bash"}, "|") + `)[/_]`)

// registryHosts are hosts of package registries: which one is used is the choice of
// whoever builds, through the settings of the package manager.
var registryHosts = []string{
	strings.Join([]string{"proxy", "golang", "org"}, "."),
	strings.Join([]string{"registry", "npmjs", "org"}, "."),
	strings.Join([]string{"deb", "debian", "org"}, "."),
}

// unfit returns what must not stand in a line, "" if nothing.
func unfit(line string) string {
	if found := machinePath.FindString(line); found != "" {
		return fmt.Sprintf("a path of one machine, %q: use a relative path, a temporary folder or a setting", found)
	}
	for _, host := range registryHosts {
		if strings.Contains(line, host) {
			return fmt.Sprintf("a package registry's host, %s: leave the choice to the package manager's settings", host)
		}
	}
	return ""
}

func TestTextsFitAnyMachine(t *testing.T) {
	for _, name := range trackedFiles(t) {
		if base := path.Base(name); base == "go.sum" {
			continue // made by the go command
		}
		text := read(t, name)
		if strings.IndexByte(text[:min(len(text), 8000)], 0) >= 0 {
			continue // binary
		}
		number := 0
		for line := range strings.Lines(text) {
			number++
			if why := unfit(line); why != "" {
				t.Errorf("%s:%d has %s", name, number, why)
			}
		}
	}
}

func TestUnfit(t *testing.T) {
	slash := "/"
	tests := []struct {
		line string
		want bool
	}{
		{"cd " + slash + "root/go", true},
		{`"` + slash + `home/jo/src"`, true},
		{slash + "work/main", true},
		{slash + "tmp/bash_jobs", true},
		{"https://" + registryHosts[0] + ",direct", true},
		{"see https://example.com" + slash + "home/page", false},
		{"rootfs" + slash + "root/file", false},
		{"frame" + slash + "tmp/other", false},
	}
	for _, tt := range tests {
		if got := unfit(tt.line) != ""; got != tt.want {
			t.Errorf("unfit(%q) = %t, want %t", tt.line, got, tt.want)
		}
	}
}

var (
	fence      = regexp.MustCompile("(?ms)^ *(```|~~~).*?^ *(```|~~~) *$")
	codeSpan   = regexp.MustCompile("`[^`\n]+`")
	inlineLink = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)`)
	namedLink  = regexp.MustCompile(`(?m)^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?`)
	heading    = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*#*\s*$`)
	scheme     = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:`)
	notInSlug  = regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)
)

// prose is a page without its code.
func prose(page string) string {
	return codeSpan.ReplaceAllString(fence.ReplaceAllString(page, ""), "")
}

// code returns a page's fenced blocks and code spans.
func code(page string) []string {
	return append(fence.FindAllString(page, -1), codeSpan.FindAllString(fence.ReplaceAllString(page, ""), -1)...)
}

// links returns the targets of a page's links that stay in the repository.
func links(page string) []string {
	var targets []string
	page = prose(page)
	for _, link := range slices.Concat(inlineLink.FindAllStringSubmatch(page, -1), namedLink.FindAllStringSubmatch(page, -1)) {
		if !scheme.MatchString(link[1]) && !strings.HasPrefix(link[1], "//") {
			targets = append(targets, link[1])
		}
	}
	return targets
}

// anchors returns the names forges give to a page's headings.
func anchors(page string) []string {
	var names []string
	seen := map[string]int{}
	for _, h := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		slug := strings.ReplaceAll(strings.ToLower(notInSlug.ReplaceAllString(h[1], "")), " ", "-")
		if n := seen[slug]; n > 0 {
			names = append(names, fmt.Sprintf("%s-%d", slug, n))
		} else {
			names = append(names, slug)
		}
		seen[slug]++
	}
	return names
}

func pages(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(trackedFiles(t), func(name string) bool {
		return path.Ext(name) != ".md" || strings.Contains(name, "testdata/")
	})
}

func TestLinksResolve(t *testing.T) {
	files := trackedFiles(t)
	for _, page := range pages(t) {
		for _, link := range links(read(t, page)) {
			target, anchor, _ := strings.Cut(link, "#")
			file := page
			if strings.HasPrefix(target, "/") {
				file = strings.TrimPrefix(path.Clean(target), "/")
			} else if target != "" {
				file = path.Join(path.Dir(page), target)
			}
			isFolder := file == "." || slices.ContainsFunc(files, func(f string) bool { return strings.HasPrefix(f, file+"/") })
			switch {
			case !isFolder && !slices.Contains(files, file):
				t.Errorf("%s links to %s, which is not in the repository", page, link)
			case anchor != "" && path.Ext(file) == ".md" && !slices.Contains(anchors(read(t, file)), anchor):
				t.Errorf("%s links to %s, but %s has no such heading", page, link, file)
			}
		}
	}
}

func TestLinksAreFound(t *testing.T) {
	const page = "# A *b*: c\n[x](y.md#z \"t\") `[no](no.md)` ![i](<i.png>) [w](https://example.com)\n```\n[no](no.md)\n```\n[n]: n.md\n## Two\n## Two\n"
	if got, want := links(page), []string{"y.md#z", "i.png", "n.md"}; !slices.Equal(got, want) {
		t.Errorf("links %q, want %q", got, want)
	}
	if got, want := anchors(page), []string{"a-b-c", "two", "two-1"}; !slices.Equal(got, want) {
		t.Errorf("anchors %q, want %q", got, want)
	}
}

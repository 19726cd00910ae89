package api

import (
	"fmt"
	"strings"
	"testing"
)

// What narrows a list narrows its file, which says so.
func TestExportOfAnImageIsFiltered(t *testing.T) {
	d := newDesk(t)
	digest := d.fill()["/images/{digest}"]
	for _, c := range []struct {
		path    string
		rows    int
		written string
	}{
		{"/images/" + digest + "/findings?severity=critical&q=LIBC&fixable=true", 1, "fixable=true"},
		{"/images/" + digest + "/findings?severity=low,medium&use=not-seen", 0, "severity=low medium, use=not-seen"},
		{"/images/" + digest + "/findings?environment=production&discounted=true", 0, "discounted=true"},
		{"/images/" + digest + "/packages?type=deb&q=glibc", 1, "q=glibc, type=deb"},
		{"/images/" + digest + "/packages?layer=sha256:none", 0, "layer=sha256:none"},
		{"/vulnerabilities/CVE-2099-1/images?environment=production", 1, "environment=production, vulnerability=CVE-2099-1"},
		{"/packages/deb/images?name=libc6&version=1", 0, "name=libc6, type=deb, version=1"},
		{"/repositories?registry=hub&q=api", 1, "q=api, registry=hub"},
		{"/compare?image=" + digest + "&to=" + digest + "&change=new", 0, "change=new, image=" + digest + ", to=" + digest},
		{"/compare/packages?image=" + digest + "&to=" + digest, 0, "image=" + digest},
	} {
		body := d.get("/api/v1/export" + c.path).Body.String()
		if !strings.HasSuffix(body, fmt.Sprintf("\n# end: %d rows\n", c.rows)) || !strings.Contains(body, c.written) {
			t.Errorf("%s: want %d rows and %q in\n%s", c.path, c.rows, c.written, body)
		}
	}
}

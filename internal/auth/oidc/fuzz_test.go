package oidc

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// Whatever is taken for an address of this server leads to it, as a browser reads it.
func FuzzLocal(f *testing.F) {
	for _, s := range []string{"/", "/images?q=a#b", "//evil", "/\\evil", "/%2Fevil", "/%5cevil", "/\t/evil", "https://evil", "/a/../..//evil", "/?//evil", "/;//evil", "\x00"} {
		f.Add(s)
	}
	base, err := url.Parse("https://crowsnest.example.com/sign-in")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		out, ok := local(next)
		if !ok {
			return
		}
		// Browsers take a backslash for a slash, and drop tabs and ends of lines.
		seen := strings.NewReplacer("\\", "/", "\t", "", "\r", "", "\n", "").Replace(out)
		at, err := base.Parse(seen)
		if err != nil || at.Host != base.Host || at.Scheme != base.Scheme || strings.HasPrefix(seen, "//") {
			t.Errorf("%q is taken as %q, which leads to %v, %v", next, out, at, err)
		}
		if again, ok := local(out); !ok || again != out {
			t.Errorf("%q is taken as %q, and that as %q, %v", next, out, again, ok)
		}
	})
}

// Nothing a stranger sends stops the server, nor is anything but a text an issuer.
func FuzzClaims(f *testing.F) {
	for _, s := range []string{"", "a.b.c", "e30.e30.e30", "x.eyJpc3MiOiJodHRwczovL2EifQ.y", `["a"]`, `"a"`, `{"a":1}`, `null`, `[1]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		issuerOf(s)
		list, err := groups(json.RawMessage(s))
		if err != nil && len(list) > 0 {
			t.Errorf("groups %q with an error", list)
		}
		text(json.RawMessage(s))
		var c claims
		if json.Unmarshal([]byte(s), &c) == nil {
			if job := c.job(); job.Ref != "" && c.Repository == "" && !strings.HasPrefix(job.Ref, "refs/heads/") && !strings.HasPrefix(job.Ref, "refs/tags/") {
				t.Errorf("ref %q of %s", job.Ref, s)
			}
		}
	})
}

package crowsnest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var (
	digestA = DigestOf([]byte("a"))
	digestB = DigestOf([]byte("b"))
)

func TestReadDecisionScope(t *testing.T) {
	for _, c := range []struct {
		name  string
		in    DecisionScope
		want  string // the image, or what the error is about
		field string
	}{
		{"whole organisation", DecisionScope{}, "", ""},
		{"tag", DecisionScope{Image: "registry.example.com/shop/web:1.0"}, "registry.example.com/shop/web:1.0", ""},
		{"digest", DecisionScope{Image: "registry.example.com/shop/web@" + string(digestA)}, "registry.example.com/shop/web@" + string(digestA), ""},
		{"both", DecisionScope{Image: "registry.example.com/shop/web:1.0@" + string(digestA)}, "registry.example.com/shop/web:1.0@" + string(digestA), ""},
		{"Docker Hub", DecisionScope{Image: "nginx:1.27"}, "docker.io/library/nginx:1.27", ""},
		{"port of a registry", DecisionScope{Image: "localhost:5000/web:1"}, "localhost:5000/web:1", ""},
		{"digest alone", DecisionScope{Image: string(digestA)}, "a digest alone", "image"},
		{"digest without a name", DecisionScope{Image: "@" + string(digestA)}, "a digest alone", "image"},
		{"broken digest", DecisionScope{Image: "shop/web@sha256:12"}, "write it as", "image"},
		{"neither tag nor digest", DecisionScope{Image: "registry.example.com/shop/web"}, "add a tag or a digest", "image"},
		{"pattern", DecisionScope{Image: "registry.example.com/shop/*:1"}, "write it as", "image"},
		{"pattern of repositories with a tag", DecisionScope{Repositories: []string{"shop/web:1"}}, "in lower case", "repositories"},
		{"empty environment", DecisionScope{Environments: []string{" "}}, "each must be", "environments"},
		{"no package URL", DecisionScope{Packages: []string{"openssl"}}, "write a package URL", "packages"},
		{"package without a name", DecisionScope{Packages: []string{"pkg:deb"}}, "write a package URL", "packages"},
		{"long text", DecisionScope{Packages: []string{"pkg:deb/debian/" + strings.Repeat("x", maxScopeText)}}, "at most 1,024", "packages"},
		{"many", DecisionScope{Packages: make([]string, maxScopeEntries+1)}, "at most 100", "packages"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadDecisionScope(c.in)
			if c.field == "" {
				if err != nil || got.Image != c.want {
					t.Errorf("got %q and %v, want %q", got.Image, err, c.want)
				}
				return
			}
			e, ok := err.(*Error)
			if !ok || e.Field != c.field || !strings.Contains(e.Hint, c.want) {
				t.Errorf("got %v, want one about %s: %s", err, c.field, c.want)
			}
		})
	}
}

func TestScopeCoversImage(t *testing.T) {
	web := NewImageReference("registry.example.com/shop/web:1.0", digestA, digestB)
	hub := NewImageReference("nginx:1.27", digestA)
	file := ImageReference{}
	for _, c := range []struct {
		name          string
		scope         DecisionScope
		web, hub, non bool
	}{
		{"whole organisation", DecisionScope{}, true, true, true},
		{"its tag", DecisionScope{Image: "registry.example.com/shop/web:1.0"}, true, false, false},
		{"another tag", DecisionScope{Image: "registry.example.com/shop/web:1.1"}, false, false, false},
		{"beginning of its tag", DecisionScope{Image: "registry.example.com/shop/web:1"}, false, false, false},
		{"its digest", DecisionScope{Image: "registry.example.com/shop/web@" + string(digestB)}, true, false, false},
		{"its digest in another repository", DecisionScope{Image: "registry.example.com/shop/api@" + string(digestA)}, false, false, false},
		{"its tag with another digest", DecisionScope{Image: "registry.example.com/shop/web:1.0@" + string(DigestOf([]byte("c")))}, false, false, false},
		{"tag and digest", DecisionScope{Image: "registry.example.com/shop/web:1.0@" + string(digestA)}, true, false, false},
		{"any repository with the digest, as documents may say", DecisionScope{Image: "@" + string(digestA)}, true, true, false},
		{"repository", DecisionScope{Repositories: []string{"registry.example.com/shop/web"}}, true, false, false},
		{"repository without its registry", DecisionScope{Repositories: []string{"shop/web"}}, true, false, false},
		{"pattern", DecisionScope{Repositories: []string{"shop/*"}}, true, false, false},
		{"pattern of a part", DecisionScope{Repositories: []string{"shop/we"}}, false, false, false},
		{"all repositories", DecisionScope{Repositories: []string{"*"}}, true, true, false},
		{"one of several", DecisionScope{Repositories: []string{"other/*", "library/nginx"}}, false, true, false},
		{"Docker Hub as people write it", DecisionScope{Image: "nginx:1.27"}, false, true, false},
		{"both must fit", DecisionScope{Image: "registry.example.com/shop/web:1.0", Repositories: []string{"other/*"}}, false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.scope.CoversImage(web); got != c.web {
				t.Errorf("of the image it says %t", got)
			}
			if got := c.scope.CoversImage(hub); got != c.hub {
				t.Errorf("of one on Docker Hub it says %t", got)
			}
			if got := c.scope.CoversImage(file); got != c.non {
				t.Errorf("of one without a repository it says %t", got)
			}
		})
	}
}

func TestScopeCoversPackage(t *testing.T) {
	const deb = "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12"
	for _, c := range []struct {
		scope, purl string
		want        bool
	}{
		{"pkg:deb/debian/libssl3", deb, true},
		{"pkg:deb/debian/libssl3@3.0.11-1~deb12u2", deb, true},
		{"pkg:deb/debian/libssl3@3.0.11-1%7Edeb12u2?distro=debian-12", deb, true},
		{"pkg:DEB/Debian/LibSSL3", deb, true},
		{"pkg:deb/debian/libssl3?distro=debian-11", deb, false},
		{"pkg:deb/debian/libssl3?distro=", deb, true}, // an empty qualifier is none
		{"pkg:deb/debian/libssl3@3.0.11", deb, false},
		{"pkg:deb/debian/libssl", deb, false},
		{"pkg:deb/ubuntu/libssl3", deb, false},
		{"pkg:rpm/debian/libssl3", deb, false},
		{"pkg:npm/%40angular/core", "pkg:npm/%40angular/core@17.0.0", true},
		{"pkg:npm/%40angular/core@17.0.0", "pkg:npm/%40angular/core@17.0.0", true},
		{"pkg:npm/@angular/core", "pkg:npm/%40angular/core@17.0.0", true},
		{"pkg:npm/core", "pkg:npm/%40angular/core@17.0.0", false},
		{"pkg:golang/github.com/a/b", "pkg:golang/github.com/a/b@v1.0.0", true},
		{"pkg:golang/github.com/a/b#sub", "pkg:golang/github.com/a/b@v1.0.0", false},
		{"pkg:golang/github.com/a", "pkg:golang/github.com/a/b@v1.0.0", false},
		{"pkg:pypi/Ruamel_Yaml", "pkg:pypi/ruamel-yaml@0.18", true},
		{"pkg:maven/org.A/b", "pkg:maven/org.a/b@1", false}, // Maven tells case apart
		{"pkg:deb/debian/libssl3", "no package URL", false},
	} {
		if got := (DecisionScope{Packages: []string{c.scope}}).CoversPackage(c.purl); got != c.want {
			t.Errorf("%s covers %s: %t, want %t", c.scope, c.purl, got, c.want)
		}
	}
}

func TestExpiry(t *testing.T) {
	day, err := ParseExpiry("2026-12-31")
	if err != nil || !day.Equal(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("a day lasts until %s, %v", day, err)
	}
	at, err := ParseExpiry("2026-12-31T12:00:00+02:00")
	if err != nil || !at.Equal(time.Date(2026, 12, 31, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("a time is %s, %v", at, err)
	}
	for _, bad := range []string{"", "2026-12-32", "31.12.2026", "tomorrow", strings.Repeat("9", 1000)} {
		if _, err := ParseExpiry(bad); KindOf(err) != Invalid {
			t.Errorf("%.20q was read", bad)
		}
	}
	d := Decision{Vulnerability: "CVE-2099-1", Kind: AcceptedRisk, Expires: day}
	for at, want := range map[time.Time]bool{day.Add(-time.Microsecond): true, day: false, day.Add(time.Microsecond): false} {
		if got := d.Holds(at); got != want {
			t.Errorf("at %s it holds: %t", at, got)
		}
		if got := !NewDecisions([]Decision{d}, at).Empty(); got != want {
			t.Errorf("at %s it counts: %t", at, got)
		}
	}
	if !(Decision{}).Holds(day) {
		t.Error("what has no expiry ends")
	}
}

func TestParseDecisionKind(t *testing.T) {
	for _, c := range []struct {
		kind, justification string
		ok                  bool
	}{
		{"accepted-risk", "", true}, {"false-positive", "component_not_present", true}, {"false-positive", "inline_mitigations_already_exist", true},
		{"accepted-risk", "component_not_present", false}, {"false-positive", "", false}, {"false-positive", "because", false}, {"not-affected", "", false}, {"", "", false},
	} {
		if _, _, err := ParseDecisionKind(c.kind, c.justification); (err == nil) != c.ok {
			t.Errorf("%q with %q: %v", c.kind, c.justification, err)
		}
	}
}

func TestSuppress(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const purl = "pkg:deb/debian/openssl@1"
	names := []ImageReference{NewImageReference("r.example.com/shop/web:1", digestA), NewImageReference("r.example.com/shop/web:latest", digestA)}
	risk := func(id string, s DecisionScope) Decision {
		return Decision{ID: id, Source: ByException, Vulnerability: "CVE-2099-1", Kind: AcceptedRisk, Scope: s}
	}
	vex := func(id string, kind DecisionKind, days int) Decision {
		return Decision{ID: id, Source: ByVEX, Vulnerability: "cve-2099-1", Aliases: []string{"GHSA-aaaa"}, Kind: kind, Stated: now.AddDate(0, 0, days)}
	}
	within := vex("attested", NotAffected, 0)
	within.Within = &DecisionScope{Image: "r.example.com/shop/api@" + string(digestA)}
	expired := risk("expired", DecisionScope{})
	expired.Expires = now
	for _, c := range []struct {
		name        string
		list        []Decision
		environment string
		want        string
	}{
		{"nothing", nil, "", ""},
		{"whole organisation", []Decision{risk("1", DecisionScope{})}, "", "1"},
		{"expired", []Decision{expired}, "", ""},
		{"one of two names", []Decision{risk("1", DecisionScope{Image: "r.example.com/shop/web:1"})}, "", ""},
		{"each of two names", []Decision{risk("1", DecisionScope{Image: "r.example.com/shop/web:1"}), risk("2", DecisionScope{Image: "r.example.com/shop/web:latest"})}, "", "1"},
		{"the repository", []Decision{risk("1", DecisionScope{Repositories: []string{"shop/web"}})}, "", "1"},
		{"the digest in the repository", []Decision{risk("1", DecisionScope{Image: "r.example.com/shop/web@" + string(digestA)})}, "", "1"},
		{"another package", []Decision{risk("1", DecisionScope{Packages: []string{"pkg:deb/debian/zlib"}})}, "", ""},
		{"another vulnerability", []Decision{{ID: "1", Vulnerability: "CVE-2099-2", Kind: AcceptedRisk}}, "", ""},
		{"an environment, asked of none", []Decision{risk("1", DecisionScope{Environments: []string{"staging"}})}, "", ""},
		{"an environment, asked of it", []Decision{risk("1", DecisionScope{Environments: []string{"staging"}})}, "staging", "1"},
		{"an environment, asked of another", []Decision{risk("1", DecisionScope{Environments: []string{"staging"}})}, "production", ""},
		{"no environment, asked of one", []Decision{risk("1", DecisionScope{})}, "production", "1"},
		{"a document", []Decision{vex("v", NotAffected, 0)}, "", "v"},
		{"one that says fixed", []Decision{vex("v", Fixed, 0)}, "", "v"},
		{"one that says affected", []Decision{vex("v", StatedAffected, 0)}, "", ""},
		{"one that does not know", []Decision{vex("v", UnderInvestigation, 0)}, "", ""},
		{"a newer one that takes it back", []Decision{vex("old", NotAffected, 0), vex("new", StatedAffected, 1)}, "", ""},
		{"an older one of the other opinion", []Decision{vex("old", StatedAffected, 0), vex("new", NotAffected, 1)}, "", "new"},
		{"two of one time", []Decision{vex("a", NotAffected, 0), vex("b", UnderInvestigation, 0)}, "", ""},
		{"people before documents", []Decision{vex("v", StatedAffected, 0), risk("1", DecisionScope{})}, "", "1"},
		{"attested of another repository", []Decision{within}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if d := NewDecisions(c.list, now).Of(purl, "GHSA-aaaa", "CVE-2099-1").Suppress(names, c.environment); d != nil {
				got = d.ID
			}
			if got != c.want {
				t.Errorf("it is suppressed by %q, want %q", got, c.want)
			}
		})
	}
}

// A decision that asks for a name suppresses nothing of an image that has another name it does not ask for, whatever digest they share.
func TestNoDecisionLeaksThroughADigest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	repositories := []string{"r.example.com/shop/web", "r.example.com/shop/api", "r.example.com/other/web"}
	for range 20_000 {
		var names []ImageReference
		for range 1 + random.IntN(3) {
			names = append(names, NewImageReference(fmt.Sprintf("%s:%d", repositories[random.IntN(3)], random.IntN(2)), digestA))
		}
		var list []Decision
		for i := range 1 + random.IntN(3) {
			scope := DecisionScope{}
			switch repository := repositories[random.IntN(3)]; random.IntN(3) {
			case 0:
				scope.Image = fmt.Sprintf("%s:%d", repository, random.IntN(2))
			case 1:
				scope.Image = repository + "@" + string(digestA)
			default:
				scope.Repositories = []string{repository}
			}
			list = append(list, Decision{ID: fmt.Sprint(i), Vulnerability: "CVE-2099-1", Kind: AcceptedRisk, Scope: scope})
		}
		all := NewDecisions(list, time.Now()).Of("pkg:deb/debian/a@1", "CVE-2099-1")
		want := true
		for _, name := range names {
			covered := false
			for _, d := range list {
				repository, tag, _ := strings.Cut(strings.TrimSuffix(d.Scope.Image, "@"+string(digestA)), ":")
				covered = covered || repository == name.Repository && (tag == "" || tag == name.Tag) || len(d.Scope.Repositories) > 0 && d.Scope.Repositories[0] == name.Repository
			}
			want = want && covered
			if got := all.Suppress([]ImageReference{name}, "") != nil; got != covered {
				t.Fatalf("under %s alone it is suppressed: %t, by %+v", name, got, list)
			}
		}
		if got := all.Suppress(names, "") != nil; got != want {
			t.Fatalf("under %v it is suppressed: %t, by %+v", names, got, list)
		}
	}
}

// What somebody reads is the day that was written.
func TestExpiryIsWrittenAsItIsRead(t *testing.T) {
	for _, text := range []string{"2026-12-31", "2024-02-29", "2026-12-31T12:00:00Z", "2026-01-01T00:00:01Z"} {
		at, err := ParseExpiry(text)
		if got := FormatExpiry(at); err != nil || got != text {
			t.Errorf("%s is written as %s, %v", text, got, err)
		}
	}
}

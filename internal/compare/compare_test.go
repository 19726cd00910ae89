package compare

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

func pkg(typ, name, version string) crowsnest.PackageVersion {
	ecosystem := map[string]string{"deb": "Debian:12", "npm": "npm", "pypi": "PyPI", "golang": "Go"}[typ]
	return crowsnest.PackageVersion{PURL: "pkg:" + typ + "/" + name + "@" + version, Type: typ, Name: name, Version: version, Ecosystem: ecosystem}
}

func found(p crowsnest.PackageVersion, vulnerability string, severity crowsnest.Severity, use crowsnest.InUse) Finding {
	return Finding{crowsnest.Finding{Vulnerability: vulnerability, Severity: severity, Decides: true}, p, use, crowsnest.Threat{}}
}

// told writes what became of packages, a line each.
func told(list []Package) string {
	var out []string
	for _, p := range list {
		before, after := "-", "-"
		if p.Before != nil {
			before = p.Before.Version
		}
		if p.After != nil {
			after = p.After.Version
		}
		out = append(out, fmt.Sprintf("%s %s→%s %s", p.Shown().Name, before, after, p.Change))
	}
	return strings.Join(out, "; ")
}

func TestPackages(t *testing.T) {
	source := func(p crowsnest.PackageVersion, ecosystem string) crowsnest.PackageVersion {
		p.Ecosystem, p.PURL = ecosystem, p.PURL+"?"+ecosystem
		return p
	}
	for name, c := range map[string]struct {
		before, after []crowsnest.PackageVersion
		want          string
	}{
		"nothing":                    {},
		"added":                      {nil, []crowsnest.PackageVersion{pkg("deb", "a", "1")}, "a -→1 added"},
		"removed":                    {[]crowsnest.PackageVersion{pkg("deb", "a", "1")}, nil, "a 1→- removed"},
		"upgraded by number":         {[]crowsnest.PackageVersion{pkg("deb", "a", "1.9-1")}, []crowsnest.PackageVersion{pkg("deb", "a", "1.10-1")}, "a 1.9-1→1.10-1 upgraded"},
		"downgraded by epoch":        {[]crowsnest.PackageVersion{pkg("deb", "a", "1:1")}, []crowsnest.PackageVersion{pkg("deb", "a", "2")}, "a 1:1→2 downgraded"},
		"no order":                   {[]crowsnest.PackageVersion{pkg("golang", "a", "(devel)")}, []crowsnest.PackageVersion{pkg("golang", "a", "v1.0.0")}, "a (devel)→v1.0.0 changed"},
		"written otherwise":          {[]crowsnest.PackageVersion{pkg("pypi", "a", "1.0")}, []crowsnest.PackageVersion{pkg("pypi", "a", "1.0.0")}, "a 1.0→1.0.0 changed"},
		"another spelling":           {[]crowsnest.PackageVersion{pkg("pypi", "Foo_Bar", "1.0")}, []crowsnest.PackageVersion{pkg("pypi", "foo-bar", "1.1")}, "foo-bar 1.0→1.1 upgraded"},
		"another type is another":    {[]crowsnest.PackageVersion{pkg("npm", "a", "1.0.0")}, []crowsnest.PackageVersion{pkg("pypi", "a", "1.1")}, "a 1.0.0→- removed; a -→1.1 added"},
		"a second version comes":     {[]crowsnest.PackageVersion{pkg("npm", "a", "1.0.0")}, []crowsnest.PackageVersion{pkg("npm", "a", "1.0.0"), pkg("npm", "a", "2.0.0")}, "a 1.0.0→1.0.0 unchanged; a -→2.0.0 added"},
		"one of two versions stays":  {[]crowsnest.PackageVersion{pkg("npm", "a", "1.0.0"), pkg("npm", "a", "2.0.0")}, []crowsnest.PackageVersion{pkg("npm", "a", "2.0.0"), pkg("npm", "a", "3.0.0")}, "a 2.0.0→2.0.0 unchanged; a 1.0.0→3.0.0 upgraded"},
		"two become one":             {[]crowsnest.PackageVersion{pkg("npm", "a", "1.0.0"), pkg("npm", "a", "10.0.0")}, []crowsnest.PackageVersion{pkg("npm", "a", "9.0.0")}, "a 1.0.0→- removed; a 10.0.0→9.0.0 downgraded"},
		"two become two":             {[]crowsnest.PackageVersion{pkg("npm", "a", "1.0.0"), pkg("npm", "a", "2.0.0")}, []crowsnest.PackageVersion{pkg("npm", "a", "2.1.0"), pkg("npm", "a", "1.1.0")}, "a 1.0.0→1.1.0 upgraded; a 2.0.0→2.1.0 upgraded"},
		"the release alone":          {[]crowsnest.PackageVersion{pkg("deb", "a", "1")}, []crowsnest.PackageVersion{source(pkg("deb", "a", "1"), "Debian:13")}, "a 1→1 unchanged"},
		"owned by the system":        {[]crowsnest.PackageVersion{source(pkg("pypi", "a", "1"), "")}, []crowsnest.PackageVersion{source(pkg("pypi", "a", "2"), "")}, "a 1→2 upgraded"},
		"from one system to another": {[]crowsnest.PackageVersion{pkg("deb", "a", "1")}, []crowsnest.PackageVersion{source(pkg("deb", "a", "2"), "Ubuntu:24.04")}, "a 1→2 upgraded"},
		"a type of no order":         {[]crowsnest.PackageVersion{pkg("generic", "a", "1")}, []crowsnest.PackageVersion{pkg("generic", "a", "2")}, "a 1→2 changed"},
	} {
		if got := told(Packages(c.before, c.after)); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

func TestFindings(t *testing.T) {
	ssl := func(name, version string) crowsnest.PackageVersion {
		p := pkg("deb", name, version)
		p.Source = "openssl"
		return p
	}
	one, two := pkg("npm", "a", "1.0.0"), pkg("npm", "a", "2.0.0")
	high, low := crowsnest.High, crowsnest.Low
	loaded, unseen, unobserved := crowsnest.Loaded, crowsnest.NotSeen, crowsnest.NotObserved
	for name, c := range map[string]struct {
		before, after []Finding
		want          string
		worse         bool
	}{
		"new":                         {nil, []Finding{found(one, "X", high, loaded)}, "X high a new in-use", true},
		"fixed":                       {[]Finding{found(one, "X", high, unseen)}, nil, "X high a fixed not-seen", false},
		"survives an upgrade":         {[]Finding{found(one, "X", high, loaded)}, []Finding{found(two, "X", high, unobserved)}, "X high a unchanged in-use", false},
		"not observed is not safe":    {[]Finding{found(one, "X", high, unseen)}, []Finding{found(two, "X", high, unobserved)}, "X high a unchanged not-observed", false},
		"more severe":                 {[]Finding{found(one, "X", low, unseen)}, []Finding{found(two, "X", high, unseen)}, "X high a unchanged not-seen", true},
		"less severe":                 {[]Finding{found(one, "X", high, unseen)}, []Finding{found(two, "X", low, unseen)}, "X low a unchanged not-seen", false},
		"one of two versions is gone": {[]Finding{found(one, "X", high, unseen), found(two, "X", high, unseen)}, []Finding{found(two, "X", high, unseen)}, "X high a fixed not-seen; X high a unchanged not-seen", false},
		"a second version has it too": {[]Finding{found(one, "X", high, unseen)}, []Finding{found(one, "X", high, unseen), found(two, "X", high, unseen)}, "X high a unchanged not-seen; X high a new not-seen", true},
		"another name of one source":  {[]Finding{found(ssl("libssl1.1", "1"), "X", high, unseen)}, []Finding{found(ssl("libssl3", "3"), "X", high, unseen)}, "X high libssl3 unchanged not-seen", false},
		"one more of the source":      {[]Finding{found(ssl("libssl3", "3"), "X", high, unseen)}, []Finding{found(ssl("libssl3", "3"), "X", high, unseen), found(ssl("openssl", "3"), "X", high, unseen)}, "X high libssl3 unchanged not-seen; X high openssl new not-seen", true},
		"another package":             {[]Finding{found(one, "X", high, unseen)}, []Finding{found(pkg("npm", "b", "1.0.0"), "X", high, unseen)}, "X high a fixed not-seen; X high b new not-seen", true},
	} {
		var out []string
		worse := false
		for _, f := range Findings(c.before, c.after) {
			s := f.Shown()
			out = append(out, fmt.Sprintf("%s %s %s %s %s", s.Vulnerability, s.Severity, s.Package.Name, f.Change, s.InUse))
			worse = worse || f.Worse()
		}
		if got := strings.Join(out, "; "); got != c.want || worse != c.worse {
			t.Errorf("%s: %s, worse %t\nwant %s, %t", name, got, worse, c.want, c.worse)
		}
	}
}

func TestFacts(t *testing.T) {
	before := Image{
		Digest: crowsnest.DigestOf([]byte("1")), Platform: "linux/amd64", Size: 10, User: "root", Labels: map[string]string{"a": "1", "gone": ""},
		Config: crowsnest.Config{Entrypoint: []string{"sh", "-c"}, Ports: []string{"80/tcp"}, Env: []crowsnest.Variable{{Name: "PATH", Value: "/bin"}, {Name: "TOKEN", Hidden: true}, {Name: "OLD"}}},
	}
	after := Image{
		Digest: crowsnest.DigestOf([]byte("2")), Platform: "linux/amd64", Size: 12, Base: &crowsnest.Base{Name: "debian:12"}, Labels: map[string]string{"a": "2", "came": ""},
		Config: crowsnest.Config{Entrypoint: []string{"sh -c"}, Ports: []string{"443/tcp", "80/tcp"}, Env: []crowsnest.Variable{{Name: "PATH", Value: "/usr/bin"}, {Name: "TOKEN", Hidden: true}, {Name: "NEW"}}},
	}
	want := []Fact{
		{"digest", "", Changed, string(before.Digest), string(after.Digest)}, {"size", "", Changed, "10", "12"}, {"base", "", Added, "", "debian:12"}, {"user", "", Removed, "root", ""},
		{"entrypoint", "", Changed, "sh -c", `"sh -c"`}, {"port", "443/tcp", Added, "", "443/tcp"},
		{"label", "a", Changed, "1", "2"}, {"label", "came", Added, "", ""}, {"label", "gone", Removed, "", ""},
		{"env", "NEW", Added, "", ""}, {"env", "OLD", Removed, "", ""}, {"env", "PATH", Changed, "", ""},
	}
	if diff := cmp.Diff(want, Compare(Side{Images: []Image{before}}, Side{Images: []Image{after}}).Facts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Compare(Side{Images: []Image{before, after}}, Side{Images: []Image{after}}).Facts; got != nil {
		t.Errorf("two images on a side say %v", got)
	}
}

func TestJoin(t *testing.T) {
	a, b := pkg("npm", "a", "1.0.0"), pkg("npm", "b", "1.0.0")
	one := Side{Images: []Image{{Digest: "1"}}, Packages: []crowsnest.PackageVersion{a}, Findings: []Finding{found(a, "X", crowsnest.High, crowsnest.NotSeen)}}
	two := Side{Images: []Image{{Digest: "2"}}, Packages: []crowsnest.PackageVersion{a, b}, Findings: []Finding{found(a, "X", crowsnest.High, crowsnest.NotObserved), found(b, "X", crowsnest.Low, crowsnest.Loaded)}}
	want := Side{
		Images: []Image{{Digest: "1"}, {Digest: "2"}}, Packages: []crowsnest.PackageVersion{a, b},
		Findings: []Finding{found(a, "X", crowsnest.High, crowsnest.NotObserved), found(b, "X", crowsnest.Low, crowsnest.Loaded)},
	}
	if diff := cmp.Diff(want, Join(one, two, one)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// world makes sides that share packages, versions and vulnerabilities, several versions of one
// package on a side and versions without an order among them.
func world(random *rand.Rand) Side {
	versions := []string{"1.0.0", "1.1.0", "1.2.0", "1.9.0", "1.10.0", "v1.10.0", "1.10.0-rc.1", "latest", "(devel)", ""}
	var s Side
	have := make(map[crowsnest.PackageVersion]bool)
	for range random.IntN(12) {
		p := pkg([]string{"deb", "npm", "pypi", "generic"}[random.IntN(4)], string(rune('a'+random.IntN(3))), versions[random.IntN(len(versions))])
		if random.IntN(3) == 0 {
			p.Source = "source"
		}
		if random.IntN(4) == 0 {
			p.Ecosystem = ""
		}
		if have[p] {
			continue
		}
		have[p] = true
		s.Packages = append(s.Packages, p)
		for v := range 3 {
			if random.IntN(2) == 0 {
				s.Findings = append(s.Findings, found(p, fmt.Sprint("CVE-", v), crowsnest.Severity(random.IntN(5)), crowsnest.InUse(random.IntN(3))))
			}
		}
	}
	s.Images = []Image{{
		Digest: crowsnest.Digest(fmt.Sprint(random.IntN(3))), Size: int64(random.IntN(2)), User: []string{"", "root"}[random.IntN(2)],
		Labels: map[string]string{fmt.Sprint(random.IntN(3)): fmt.Sprint(random.IntN(2))},
		Config: crowsnest.Config{Env: []crowsnest.Variable{{Name: fmt.Sprint(random.IntN(2)), Value: fmt.Sprint(random.IntN(2))}}},
	}}
	return s
}

var mirrored = map[Change]Change{Added: Removed, Removed: Added, Upgraded: Downgraded, Downgraded: Upgraded, Changed: Changed, Unchanged: Unchanged, New: Fixed, Fixed: New}

// mirror exchanges the sides of a result and writes it without an order.
func mirror(r Result, turn bool) []string {
	var out []string
	add := func(kind string, change Change, before, after any) {
		if turn {
			change, before, after = mirrored[change], after, before
		}
		out = append(out, fmt.Sprintf("%s %s %+v → %+v", kind, change, before, after))
	}
	for _, f := range r.Facts {
		add("fact "+f.Kind+" "+f.Name, f.Change, f.Before, f.After)
	}
	text := func(v any, missing bool) string {
		if missing {
			return "-"
		}
		return fmt.Sprintf("%+v", v)
	}
	for _, p := range r.Packages {
		before, after := "-", "-"
		if p.Before != nil {
			before = text(*p.Before, false)
		}
		if p.After != nil {
			after = text(*p.After, false)
		}
		add("package", p.Change, before, after)
	}
	for _, f := range r.Findings {
		before, after := "-", "-"
		if f.Before != nil {
			before = text(*f.Before, false)
		}
		if f.After != nil {
			after = text(*f.After, false)
		}
		add("finding", f.Change, before, after)
	}
	slices.Sort(out)
	return out
}

// TestLaws holds the laws on many random sides. A failure names the seed that shows it again.
func TestLaws(t *testing.T) {
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 7))
		a, b := world(random), world(random)

		same := Compare(a, a)
		if len(same.Facts) > 0 {
			t.Fatalf("seed %d: a side differs from itself in %v", seed, same.Facts)
		}
		for _, p := range same.Packages {
			if p.Change != Unchanged {
				t.Fatalf("seed %d: a side differs from itself: %s", seed, told(same.Packages))
			}
		}
		for _, f := range same.Findings {
			if f.Change != Unchanged || f.Worse() {
				t.Fatalf("seed %d: a side has another finding than itself: %+v", seed, f)
			}
		}

		there := Compare(a, b)
		if diff := cmp.Diff(mirror(there, false), mirror(Compare(b, a), true)); diff != "" {
			t.Fatalf("seed %d: exchanged sides are no mirror:\n%s", seed, diff)
		}
		shuffled := b
		shuffled.Packages, shuffled.Findings = slices.Clone(b.Packages), slices.Clone(b.Findings)
		random.Shuffle(len(shuffled.Packages), func(i, j int) {
			shuffled.Packages[i], shuffled.Packages[j] = shuffled.Packages[j], shuffled.Packages[i]
		})
		random.Shuffle(len(shuffled.Findings), func(i, j int) {
			shuffled.Findings[i], shuffled.Findings[j] = shuffled.Findings[j], shuffled.Findings[i]
		})
		if diff := cmp.Diff(there, Compare(a, shuffled)); diff != "" {
			t.Fatalf("seed %d: another order gives another answer:\n%s", seed, diff)
		}

		// Every package and every finding of a side is in the answer once.
		var before, after []crowsnest.PackageVersion
		for _, p := range there.Packages {
			if p.Before != nil {
				before = append(before, *p.Before)
			}
			if p.After != nil {
				after = append(after, *p.After)
			}
		}
		var was, is Side
		for _, f := range there.Findings {
			if f.Before != nil {
				was.Findings = append(was.Findings, *f.Before)
			}
			if f.After != nil {
				is.Findings = append(is.Findings, *f.After)
			}
		}
		if !sameList(before, a.Packages) || !sameList(after, b.Packages) || !sameList(was.Findings, a.Findings) || !sameList(is.Findings, b.Findings) {
			t.Fatalf("seed %d: what is compared is not what is there", seed)
		}
		if was.Summary() != a.Summary() || is.Summary() != b.Summary() {
			t.Fatalf("seed %d: counts %v and %v, want %v and %v", seed, was.Summary(), is.Summary(), a.Summary(), b.Summary())
		}
	}
}

// sameList compares two lists without their order.
func sameList[T any](a, b []T) bool {
	write := func(list []T) []string {
		out := make([]string, len(list))
		for i, v := range list {
			out[i] = fmt.Sprintf("%+v", v)
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(write(a), write(b))
}

func TestStateOf(t *testing.T) {
	v := func(digest string, day int) Version {
		return Version{crowsnest.Digest(digest), time.Date(2025, 1, day, 0, 0, 0, 0, time.UTC)}
	}
	turned := map[State]State{Same: Same, Newer: Older, Older: Newer, Different: Different, OnlyAfter: OnlyBefore, OnlyBefore: OnlyAfter}
	for name, c := range map[string]struct {
		before, after []Version
		want          State
	}{
		"same":                     {[]Version{v("a", 1)}, []Version{v("a", 1)}, Same},
		"same in another order":    {[]Version{v("a", 1), v("b", 2)}, []Version{v("b", 2), v("a", 1)}, Same},
		"newer":                    {[]Version{v("a", 1)}, []Version{v("b", 2)}, Newer},
		"built at the same time":   {[]Version{v("a", 1)}, []Version{v("b", 1)}, Different},
		"a rollout has ended":      {[]Version{v("a", 1), v("b", 2)}, []Version{v("b", 2)}, Different},
		"a rollout has begun":      {[]Version{v("a", 1)}, []Version{v("a", 1), v("b", 2)}, Newer},
		"nothing of it ran before": {nil, []Version{v("a", 1)}, OnlyAfter},
	} {
		if got := StateOf(c.before, c.after); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if got := StateOf(c.after, c.before); got != turned[c.want] {
			t.Errorf("%s, turned: %s, want %s", name, got, turned[c.want])
		}
	}
}

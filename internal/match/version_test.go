package match

import "testing"

// TestCompare lists, for each ecosystem, versions from oldest to newest; "=" before one
// says it is the same as the one before.
func TestCompare(t *testing.T) {
	lines := map[string][]string{
		"Debian":      {"0.9", "1.0~~", "1.0~rc1-1", "1.0", "=1.0-0", "1.0-1", "1.0-1+b1", "1.0-1+deb12u1", "1.0-1.1", "1.0+dfsg-1", "1.0.1-1", "1.9-1", "1.10-1", "1:0.1-1"},
		"Ubuntu":      {"1.1.1-1ubuntu2", "1.1.1-1ubuntu2.1~18.04.23", "1.1.1-1ubuntu2.1~18.04.23+esm3"},
		"Alpine":      {"1.0_alpha1-r0", "1.0_rc1-r0", "1.0-r0", "1.0-r2", "1.0-r10", "1.0_p1-r0", "1.0a-r0", "1.0b-r0", "1.0.1-r0", "1.9-r0", "1.10-r0"},
		"AlmaLinux":   {"1.0~rc1-1.el9", "1.0-1.el9", "=0:1.0-1.el9", "1.0-1.el9_2", "1.0-1.el9_10", "1.0-2.el9", "1.0^git1-1", "1.0.1-1", "1:0.1-1"},
		"Go":          {"v0.0.0-20210101000000-aaaaaaaaaaaa", "0.0.0-20210102000000-aaaaaaaaaaaa", "v1.0.0-rc.1", "v1.0.0-rc.2", "v1.0.0-rc.10", "v1.0.0", "=1.0.0+incompatible", "v1.0.1-0.20210101000000-aaaaaaaaaaaa", "v1.2.0", "v1.10.0"},
		"npm":         {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "=1.0.0+build.5", "1.0.1", "1.9.0", "1.10.0"},
		"PyPI":        {"1.0.dev1", "1.0a1", "=1.0alpha1", "1.0b2", "1.0rc1", "=1.0.RC1", "1.0", "=1.0.0", "=v1.0", "1.0.post1", "=1.0-1", "1.0.1", "1.9", "1.10", "1!0.1"},
		"Maven":       {"1.0-alpha-1", "1.0-M1", "1.0-rc1", "1.0-SNAPSHOT", "1.0", "=1.0.0", "=1.0.Final", "1.0-sp1", "1.0.1", "1.9", "1.10"},
		"NuGet":       {"1.0.0-beta", "1.0.0", "=1.0.0.0", "1.0.0.1", "1.0.1", "1.10.0"},
		"RubyGems":    {"1.0.0.alpha", "1.0.0.beta2", "1.0.0.rc1", "1.0.0", "=1.0", "1.0.1", "1.9", "1.10"},
		"Packagist":   {"1.0.0-dev", "1.0.0-alpha1", "1.0.0-beta1", "1.0.0-RC1", "1.0.0", "1.0.0-p1", "1.0.1", "v1.9.0", "1.10.0"},
		"crates.io":   {"0.1.0-alpha", "0.1.0", "0.1.1", "0.10.0"},
		"Hackage":     {"1.0", "1.0.1", "1.10"},
		"CRAN":        {"1.0", "1.0-1", "1.0-2", "1.10"},
		"Rocky Linux": {"1.0-1.el9", "1.0-1.el9.1"},
		"opam":        {"1.0~beta", "1.0", "1.0.1"},
	}
	for ecosystem, line := range lines {
		t.Run(ecosystem, func(t *testing.T) {
			type step struct {
				text  string
				place int
			}
			var steps []step
			for _, v := range line {
				switch {
				case v[0] == '=':
					steps = append(steps, step{v[1:], steps[len(steps)-1].place})
				case len(steps) == 0:
					steps = append(steps, step{v, 0})
				default:
					steps = append(steps, step{v, steps[len(steps)-1].place + 1})
				}
			}
			for _, a := range steps {
				for _, b := range steps {
					got, ok := Compare(ecosystem+":1", a.text, b.text)
					if !ok {
						t.Fatalf("Compare(%q, %q) refuses", a.text, b.text)
					}
					if sign(got) != sign(a.place-b.place) {
						t.Errorf("Compare(%q, %q) = %d, want the sign of %d", a.text, b.text, got, a.place-b.place)
					}
				}
			}
		})
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func TestCompareRefuses(t *testing.T) {
	for ecosystem, versions := range map[string][]string{
		"Debian":    {"", "unknown", "a:1.0", "1.0 2", ":1.0", "-1:1.0", "kernel-image-2.4"},
		"Alpine":    {"edge", "1.0-foo", "1.0_xyz1", "-r1"},
		"AlmaLinux": {"(none)", "none", ""},
		"Go":        {"(devel)", "devel go1.22-abcdef", "unknown", "", "v", "go"},
		"npm":       {"latest", "*", "^1.0.0", "file:../x", "git+ssh://git@example.com/x.git", "1.x", "1.0.0 - 2.0.0", "."},
		"PyPI":      {"unknown", "1.0-foo", "1.0.*", "0.2.0-n653"},
		"Maven":     {"${project.version}", "RELEASE", "[1.0,2.0)", ""},
		"NuGet":     {"*", "[1.0]"},
		"RubyGems":  {"latest", "~> 1.0", "1.0-"},
		"Packagist": {"dev-master", "1.x-dev", "1.0.x-dev", "9999999-dev branch"},
		"Hackage":   {"1.0-beta", "x"},
		"CRAN":      {"1.0a", "1..0"},
		"Nowhere":   {"1.0"},
	} {
		for _, v := range versions {
			other := "1.0"
			if c, ok := Compare(ecosystem, v, other); ok {
				t.Errorf("Compare(%s, %q, %q) = %d, want a refusal", ecosystem, v, other, c)
			}
		}
	}
	long := make([]byte, maxVersion+1)
	for i := range long {
		long[i] = '1'
	}
	if _, ok := Compare("npm", string(long), "1.0.0"); ok {
		t.Error("a version beyond the cap is placed")
	}
}

func TestInRange(t *testing.T) {
	for _, tt := range []struct {
		version string
		want    bool
	}{{"1.0.0", true}, {"1.5.0", false}, {"latest", false}, {"2.0.0", true}} {
		if got := InRange("npm", tt.version, sem("2.0.0", "<1.5.0", "0")); got != tt.want {
			t.Errorf("InRange(%s) = %t, want %t", tt.version, got, tt.want)
		}
	}
}

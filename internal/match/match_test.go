package match

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

// rng writes a range: "0 <1.5 2.0 <2.3" reads introduced 0, fixed 1.5, introduced 2.0, fixed
// 2.3; "<=" is last affected and "|" limit.
func rng(t crowsnest.RangeType, events ...string) crowsnest.Range {
	r := crowsnest.Range{Type: t}
	for _, e := range events {
		switch {
		case len(e) > 2 && e[:2] == "<=":
			r.Events = append(r.Events, crowsnest.Event{LastAffected: e[2:]})
		case e[0] == '<':
			r.Events = append(r.Events, crowsnest.Event{Fixed: e[1:]})
		case e[0] == '|':
			r.Events = append(r.Events, crowsnest.Event{Limit: e[1:]})
		default:
			r.Events = append(r.Events, crowsnest.Event{Introduced: e})
		}
	}
	return r
}

func eco(events ...string) crowsnest.Range { return rng(crowsnest.RangeEcosystem, events...) }
func sem(events ...string) crowsnest.Range { return rng(crowsnest.RangeSemver, events...) }

func affects(ecosystem, name string, ranges ...crowsnest.Range) crowsnest.Affected {
	return crowsnest.Affected{Ecosystem: ecosystem, Name: name, Ranges: ranges}
}

func advisory(id string, affected ...crowsnest.Affected) *crowsnest.Advisory {
	return &crowsnest.Advisory{ID: id, Affected: affected}
}

func pkg(ecosystem, name, version string) crowsnest.PackageVersion {
	return crowsnest.PackageVersion{Ecosystem: ecosystem, Name: name, Version: version}
}

// found lists vulnerability=fixed for the deciding findings.
func found(fs []crowsnest.Finding) []string {
	var out []string
	for _, f := range fs {
		if f.Decides {
			out = append(out, f.Vulnerability+"="+f.FixedVersion)
		}
	}
	return out
}

func TestMatchAffected(t *testing.T) {
	tests := []struct {
		name string
		pv   crowsnest.PackageVersion
		adv  []crowsnest.Affected
		want string // fixed version, "-" for affected without a fix, "" for not affected
	}{
		{"everything from zero", pkg("npm", "left", "0.0.1"), []crowsnest.Affected{affects("npm", "left", sem("0"))}, "-"},
		{"below the fix", pkg("npm", "lodash", "4.17.10"), []crowsnest.Affected{affects("npm", "lodash", sem("0", "<4.17.11"))}, "4.17.11"},
		{"at the fix", pkg("npm", "lodash", "4.17.11"), []crowsnest.Affected{affects("npm", "lodash", sem("0", "<4.17.11"))}, ""},
		{"pre-release of the fix", pkg("npm", "lodash", "4.17.11-rc.1"), []crowsnest.Affected{affects("npm", "lodash", sem("0", "<4.17.11"))}, "4.17.11"},
		{"numbers are not text", pkg("npm", "lodash", "4.9.0"), []crowsnest.Affected{affects("npm", "lodash", sem("0", "<4.17.11"))}, "4.17.11"},
		{"case of npm names matters", pkg("npm", "JSONStream", "1.0.0"), []crowsnest.Affected{affects("npm", "jsonstream", sem("0"))}, ""},
		{"below introduced", pkg("npm", "a", "0.9.0"), []crowsnest.Affected{affects("npm", "a", sem("1.0.0", "<1.2.0"))}, ""},
		{"between two series", pkg("npm", "a", "1.5.0"), []crowsnest.Affected{affects("npm", "a", sem("0", "<1.5.0", "2.0.0", "<2.3.0"))}, ""},
		{"fix of the installed line", pkg("npm", "a", "2.1.0"), []crowsnest.Affected{affects("npm", "a", sem("0", "<1.5.0", "2.0.0", "<2.3.0"))}, "2.3.0"},
		{"first of several lines", pkg("npm", "a", "1.1.0"), []crowsnest.Affected{affects("npm", "a", sem("0", "<1.5.0", "2.0.0", "<2.3.0"))}, "1.5.0"},
		{"events out of order", pkg("npm", "a", "1.7.0"), []crowsnest.Affected{affects("npm", "a", sem("<2.3.0", "2.0.0", "<1.5.0", "0"))}, ""},
		{"fix of another range does not count", pkg("npm", "a", "2.1.0"), []crowsnest.Affected{affects("npm", "a", sem("0", "<1.5.0"), sem("2.0.0"))}, "-"},
		{"fix that another entry still affects is passed over", pkg("npm", "a", "1.0.0"),
			[]crowsnest.Affected{affects("npm", "a", sem("0", "<1.5.0")), affects("npm", "a", sem("1.4.0", "<1.6.0"), sem("0", "<1.6.0"))}, "1.6.0"},
		{"at last affected", pkg("npm", "a", "1.2.0"), []crowsnest.Affected{affects("npm", "a", sem("0", "<=1.2.0"))}, "-"},
		{"after last affected", pkg("npm", "a", "1.2.1"), []crowsnest.Affected{affects("npm", "a", sem("0", "<=1.2.0"))}, ""},
		{"one version only", pkg("npm", "a", "1.2.0"), []crowsnest.Affected{affects("npm", "a", sem("1.2.0", "<=1.2.0"))}, "-"},
		{"after one version only", pkg("npm", "a", "1.3.0"), []crowsnest.Affected{affects("npm", "a", sem("1.2.0", "<=1.2.0"))}, ""},
		{"empty series", pkg("npm", "a", "1.3.0"), []crowsnest.Affected{affects("npm", "a", sem("1.0.0", "<1.0.0"))}, ""},
		{"fixed on one line and introduced on the next", pkg("npm", "a", "1.0.0"), []crowsnest.Affected{affects("npm", "a", sem("0", "<1.0.0", "1.0.0", "<1.2.0"))}, "1.2.0"},
		{"below a limit", pkg("npm", "a", "1.9.0"), []crowsnest.Affected{affects("npm", "a", sem("0", "|2.0.0"))}, "-"},
		{"at a limit", pkg("npm", "a", "2.0.0"), []crowsnest.Affected{affects("npm", "a", sem("0", "|2.0.0"))}, ""},
		{"one of two limits is enough", pkg("npm", "a", "2.5.0"), []crowsnest.Affected{affects("npm", "a", sem("0", "|2.0.0", "|3.0.0"))}, "-"},
		{"no limit beside a limit", pkg("npm", "a", "9.0.0"), []crowsnest.Affected{affects("npm", "a", sem("0", "|2.0.0", "|*"))}, "-"},
		{"range without introduced", pkg("npm", "a", "1.0.0"), []crowsnest.Affected{affects("npm", "a", sem("<2.0.0"))}, ""},
		{"git range matches nothing", pkg("PyPI", "a", "1.0"), []crowsnest.Affected{affects("PyPI", "a", rng(crowsnest.RangeGit, "0"))}, ""},
		{"listed version beside a git range", pkg("PyPI", "a", "1.0"),
			[]crowsnest.Affected{{Ecosystem: "PyPI", Name: "a", Versions: []string{"1.0"}, Ranges: []crowsnest.Range{rng(crowsnest.RangeGit, "0")}}}, "-"},
		{"listed version outside the range", pkg("PyPI", "a", "3.0"),
			[]crowsnest.Affected{{Ecosystem: "PyPI", Name: "a", Versions: []string{"3.0"}, Ranges: []crowsnest.Range{eco("0", "<2.0")}}}, "-"},
		{"listed in another spelling", pkg("PyPI", "a", "1.0.RC1"), []crowsnest.Affected{{Ecosystem: "PyPI", Name: "a", Versions: []string{"1.0rc1"}}}, "-"},
		{"not listed", pkg("npm", "a", "1.0.1"), []crowsnest.Affected{{Ecosystem: "npm", Name: "a", Versions: []string{"1.0.0"}}}, ""},
		{"neither versions nor ranges", pkg("npm", "a", "1.0.1"), []crowsnest.Affected{affects("npm", "a")}, ""},

		{"version that is none", pkg("npm", "a", "latest"), []crowsnest.Affected{affects("npm", "a", sem("0", "<2.0.0"))}, ""},
		{"version that is none but listed", pkg("npm", "a", "latest"), []crowsnest.Affected{{Ecosystem: "npm", Name: "a", Versions: []string{"latest"}}}, "-"},
		{"version that is none of a package affected in every version", pkg("npm", "a", "latest"), []crowsnest.Affected{affects("npm", "a", sem("0"))}, "-"},
		{"every version in an ecosystem with unknown order", pkg("Nowhere", "a", "x"), []crowsnest.Affected{affects("Nowhere", "a", eco("0"))}, "-"},
		{"every version leaves no fix", pkg("npm", "a", "1.0.0"), []crowsnest.Affected{affects("npm", "a", sem("0", "<2.0.0")), affects("npm", "a", sem("0"))}, "-"},
		{"empty version", pkg("npm", "a", ""), []crowsnest.Affected{affects("npm", "a", sem("0", "<2.0.0"))}, ""},
		{"main module without a version", pkg("Go", "example.com/m", "(devel)"), []crowsnest.Affected{affects("Go", "example.com/m", sem("0", "<1.0.0"))}, ""},
		{"composer branch", pkg("Packagist", "a/b", "dev-main"), []crowsnest.Affected{affects("Packagist", "a/b", eco("0", "<1.0"))}, ""},
		{"composer numeric branch", pkg("Packagist", "a/b", "1.x-dev"), []crowsnest.Affected{affects("Packagist", "a/b", eco("0", "<2.0"))}, ""},
		{"maven property", pkg("Maven", "g:a", "${revision}"), []crowsnest.Affected{affects("Maven", "g:a", eco("0", "<2.0"))}, ""},
		{"event that is no version takes its range with it", pkg("PyPI", "a", "1.0"), []crowsnest.Affected{affects("PyPI", "a", eco("0", "<2019-09-12"))}, ""},
		{"ecosystem with unknown order", pkg("Nowhere", "a", "1.0"), []crowsnest.Affected{affects("Nowhere", "a", eco("0", "<2.0"))}, ""},
		{"semver range in an ecosystem with unknown order", pkg("Nowhere", "a", "1.0.0"), []crowsnest.Affected{affects("Nowhere", "a", sem("0", "<2.0.0"))}, "2.0.0"},
		{"no ecosystem", pkg("", "a", "1.0"), []crowsnest.Affected{affects("", "a", eco("0"))}, ""},

		{"go pseudo-version before the fix", pkg("Go", "golang.org/x/net", "v0.0.0-20210119194325-5f4716e94777"),
			[]crowsnest.Affected{affects("Go", "golang.org/x/net", sem("0", "<0.0.0-20210520170846-37e1c6afe023"))}, "0.0.0-20210520170846-37e1c6afe023"},
		{"go pseudo-version after the fix", pkg("Go", "golang.org/x/net", "v0.0.0-20210614182718-04defd469f4e"),
			[]crowsnest.Affected{affects("Go", "golang.org/x/net", sem("0", "<0.0.0-20210520170846-37e1c6afe023"))}, ""},
		{"go incompatible", pkg("Go", "github.com/dgrijalva/jwt-go", "v3.2.0+incompatible"),
			[]crowsnest.Affected{affects("Go", "github.com/dgrijalva/jwt-go", sem("0.0.0-0", "<4.0.0-preview1"))}, "4.0.0-preview1"},
		{"go standard library by its other name", pkg("Go", "go", "1.21.0"), []crowsnest.Affected{affects("Go", "stdlib", sem("0", "<1.20.8", "1.21.0-0", "<1.21.1"))}, "1.21.1"},
		{"go standard library with a toolchain's version", pkg("Go", "stdlib", "go1.20.7"), []crowsnest.Affected{affects("Go", "stdlib", sem("0", "<1.20.8", "1.21.0-0", "<1.21.1"))}, "1.20.8"},
		{"go release candidate", pkg("Go", "stdlib", "go1.21rc2"), []crowsnest.Affected{affects("Go", "stdlib", sem("1.21.0-rc.1", "<1.21.0-rc.3"))}, "1.21.0-rc.3"},
		{"go standard library with an experiment", pkg("Go", "stdlib", "go1.21.1 X:boringcrypto"), []crowsnest.Affected{affects("Go", "stdlib", sem("1.21.0-0", "<1.21.1"))}, ""},
		{"go module names have case", pkg("Go", "github.com/Masterminds/x", "v1.0.0"), []crowsnest.Affected{affects("Go", "github.com/masterminds/x", sem("0"))}, ""},

		{"python name is normalised on both sides", pkg("PyPI", "ruamel_yaml", "0.1"), []crowsnest.Affected{affects("PyPI", "Ruamel.YAML", eco("0"))}, "-"},
		{"python post-release", pkg("PyPI", "a", "1.0.post1"), []crowsnest.Affected{affects("PyPI", "a", eco("0", "<1.0"))}, ""},
		{"python development release", pkg("PyPI", "a", "1.0.dev3"), []crowsnest.Affected{affects("PyPI", "a", eco("0", "<1.0"))}, "1.0"},
		{"python epoch", pkg("PyPI", "a", "1!0.5"), []crowsnest.Affected{affects("PyPI", "a", eco("0", "<9.0"))}, ""},
		{"nuget case and fourth part", pkg("NuGet", "newtonsoft.json", "12.0.3.1"), []crowsnest.Affected{affects("NuGet", "Newtonsoft.Json", eco("0", "<12.0.3.2"))}, "12.0.3.2"},
		{"crate dash and underscore", pkg("crates.io", "Rand-core", "0.6.0"), []crowsnest.Affected{affects("crates.io", "rand_core", sem("0.6.0", "<0.6.2"))}, "0.6.2"},
		{"maven qualifier is a release", pkg("Maven", "g:a", "2.0.1.Final"), []crowsnest.Affected{affects("Maven", "g:a", eco("0", "<2.0.1"))}, ""},
		{"maven milestone is before", pkg("Maven", "g:a", "2.0.1-M1"), []crowsnest.Affected{affects("Maven", "g:a", eco("0", "<2.0.1"))}, "2.0.1"},
		{"gem platform pre-release", pkg("RubyGems", "rack", "2.2.3.rc1"), []crowsnest.Affected{affects("RubyGems", "rack", eco("0", "<2.2.3"))}, "2.2.3"},
		{"bitnami revision is not a pre-release", pkg("Bitnami", "redis", "7.0.15-3"), []crowsnest.Affected{affects("Bitnami", "redis", sem("0", "<7.0.15"))}, ""},
		{"composer repository suffix", pkg("Packagist", "drupal/ctools", "3.10.0"), []crowsnest.Affected{affects("Packagist:https://packages.drupal.org/8", "drupal/ctools", eco("0", "<3.11.0"))}, "3.11.0"},

		{"debian release", pkg("Debian:12", "curl", "7.88.1-10+deb12u1"),
			[]crowsnest.Affected{affects("Debian:11", "curl", eco("0", "<7.74.0-1.3+deb11u10")), affects("Debian:12", "curl", eco("0", "<7.88.1-10+deb12u4"))}, "7.88.1-10+deb12u4"},
		{"debian other release only", pkg("Debian:12", "curl", "7.88.1-10"), []crowsnest.Affected{affects("Debian:13", "curl", eco("0", "<8.5.0-1"))}, ""},
		{"debian any release", pkg("Debian:12", "curl", "7.88.1-10"), []crowsnest.Affected{affects("Debian", "curl", eco("0", "<7.88.1-11"))}, "7.88.1-11"},
		{"debian point release", pkg("Debian:12.4", "curl", "7.88.1-10"), []crowsnest.Affected{affects("Debian:12", "curl", eco("0", "<7.88.1-11"))}, "7.88.1-11"},
		{"debian release is not a prefix", pkg("Debian:12", "curl", "7.88.1-10"), []crowsnest.Affected{affects("Debian:1", "curl", eco("0"))}, ""},
		{"debian unknown release", pkg("Debian", "curl", "7.88.1-10"), []crowsnest.Affected{affects("Debian:12", "curl", eco("0"))}, ""},
		{"debian epoch", pkg("Debian:12", "git", "1:2.39.2-1"), []crowsnest.Affected{affects("Debian:12", "git", eco("0", "<2.40.0-1"))}, ""},
		{"debian tilde is before", pkg("Debian:12", "x", "1.0~rc1-1"), []crowsnest.Affected{affects("Debian:12", "x", eco("0", "<1.0-1"))}, "1.0-1"},
		{"debian zero means not affected", pkg("Debian:12", "x", "1.0-1"), []crowsnest.Affected{affects("Debian:12", "x", eco("0", "<0"))}, ""},
		{"debian source package and version", crowsnest.PackageVersion{Ecosystem: "Debian:12", Type: "deb", Name: "libc6", Version: "2.36-9+deb12u1", Source: "glibc", SourceVersion: "2.36-9+deb12u1"},
			[]crowsnest.Affected{affects("Debian:12", "glibc", eco("0", "<2.36-9+deb12u3"))}, "2.36-9+deb12u3"},
		{"debian source version differs from the binary's", crowsnest.PackageVersion{Ecosystem: "Debian:12", Name: "libgcc-s1", Version: "1:12.2.0-14", Source: "gcc-12", SourceVersion: "12.2.0-14"},
			[]crowsnest.Affected{affects("Debian:12", "gcc-12", eco("0", "<12.2.0-15"))}, "12.2.0-15"},
		{"debian binary name does not count", crowsnest.PackageVersion{Ecosystem: "Debian:12", Name: "curl", Version: "1", Source: "curl-source"},
			[]crowsnest.Affected{affects("Debian:12", "curl", eco("0"))}, ""},

		{"ubuntu long-term suffix", pkg("Ubuntu:22.04", "openssl", "3.0.2-0ubuntu1"), []crowsnest.Affected{affects("Ubuntu:22.04:LTS", "openssl", eco("0", "<3.0.2-0ubuntu1.1"))}, "3.0.2-0ubuntu1.1"},
		{"ubuntu pro is not for others", pkg("Ubuntu:18.04:LTS", "openssl", "1.1.1-1ubuntu2"), []crowsnest.Affected{affects("Ubuntu:Pro:18.04:LTS", "openssl", eco("0", "<1.1.1-1ubuntu2.1~18.04.23+esm3"))}, ""},
		{"ubuntu pro goes before the standard release", pkg("Ubuntu:Pro:18.04:LTS", "openssl", "1.1.1-1ubuntu2.1~18.04.23+esm3"),
			[]crowsnest.Affected{affects("Ubuntu:18.04:LTS", "openssl", eco("0")), affects("Ubuntu:Pro:18.04:LTS", "openssl", eco("0", "<1.1.1-1ubuntu2.1~18.04.23+esm3"))}, ""},
		{"ubuntu pro goes before the standard release in any order", pkg("Ubuntu:Pro:18.04:LTS", "openssl", "1.1.1-1ubuntu2.1~18.04.23+esm3"),
			[]crowsnest.Affected{affects("Ubuntu:Pro:18.04:LTS", "openssl", eco("0", "<1.1.1-1ubuntu2.1~18.04.23+esm3")), affects("Ubuntu:18.04:LTS", "openssl", eco("0"))}, ""},
		{"ubuntu pro falls back to the standard release", pkg("Ubuntu:Pro:18.04:LTS", "openssl", "1.1.1-1ubuntu2"),
			[]crowsnest.Affected{affects("Ubuntu:18.04:LTS", "openssl", eco("0", "<1.1.1-1ubuntu2.1"))}, "1.1.1-1ubuntu2.1"},
		{"ubuntu fips is not pro", pkg("Ubuntu:Pro:18.04:LTS", "openssl", "1.1.1-1ubuntu2"), []crowsnest.Affected{affects("Ubuntu:Pro:FIPS:18.04:LTS", "openssl", eco("0"))}, ""},

		{"alpine release", pkg("Alpine:v3.19", "busybox", "1.36.1-r14"), []crowsnest.Affected{affects("Alpine:v3.19", "busybox", eco("0", "<1.36.1-r16"))}, "1.36.1-r16"},
		{"alpine point release", pkg("Alpine:v3.19.1", "busybox", "1.36.1-r14"), []crowsnest.Affected{affects("Alpine:v3.19", "busybox", eco("0", "<1.36.1-r16"))}, "1.36.1-r16"},
		{"alpine release is not a prefix", pkg("Alpine:v3.19", "busybox", "1.36.1-r14"), []crowsnest.Affected{affects("Alpine:v3.1", "busybox", eco("0", "<1.36.1-r16"))}, ""},
		{"alpine letter and suffix", pkg("Alpine:v3.10", "openssl", "1.1.1c_git20200101-r0"), []crowsnest.Affected{affects("Alpine:v3.10", "openssl", eco("0", "<1.1.1d-r0"))}, "1.1.1d-r0"},
		{"alpine event with a stray dot", pkg("Alpine:v3.10", "libxi", "1.7.4-r0"), []crowsnest.Affected{affects("Alpine:v3.10", "libxi", eco("0", "<1.7.5.-r1"))}, "1.7.5.-r1"},

		{"rpm binary package", crowsnest.PackageVersion{Ecosystem: "AlmaLinux:9", Name: "openssl-libs", Version: "1:3.0.7-16.el9", Source: "openssl", SourceVersion: "3.0.7-16.el9"},
			[]crowsnest.Affected{affects("AlmaLinux:9", "openssl-libs", eco("0", "<1:3.0.7-25.el9_3"))}, "1:3.0.7-25.el9_3"},
		{"rpm source package", crowsnest.PackageVersion{Ecosystem: "Rocky Linux:9", Name: "openssl-libs", Version: "1:3.0.7-16.el9", Source: "openssl", SourceVersion: "3.0.7-16.el9"},
			[]crowsnest.Affected{affects("Rocky Linux:9", "openssl", eco("0", "<1:3.0.7-25.el9_3"))}, "1:3.0.7-25.el9_3"},
		{"rpm source version takes the epoch", crowsnest.PackageVersion{Ecosystem: "Rocky Linux:9", Name: "openssl-libs", Version: "1:3.0.7-25.el9_3", Source: "openssl", SourceVersion: "3.0.7-25.el9_3"},
			[]crowsnest.Affected{affects("Rocky Linux:9", "openssl", eco("0", "<1:3.0.7-25.el9_3"))}, ""},
		{"rpm missing epoch is zero", pkg("AlmaLinux:9", "bash", "5.1.8-6.el9"), []crowsnest.Affected{affects("AlmaLinux:9", "bash", eco("0", "<0:5.1.8-6.el9"))}, ""},
		{"rpm point release", pkg("Rocky Linux:9.3", "bash", "5.1.8-5.el9"), []crowsnest.Affected{affects("Rocky Linux:9", "bash", eco("0", "<5.1.8-6.el9"))}, "5.1.8-6.el9"},
		{"rpm older module build with the fix", pkg("AlmaLinux:8", "npm", "1:6.14-2.module_el8.4.0+2249"),
			[]crowsnest.Affected{affects("AlmaLinux:8", "npm", eco("0", "<1:6.14-2.module_el8.5.0+71")), affects("AlmaLinux:8", "npm", eco("0", "<1:6.14-2.module_el8.4.0+2249"))}, ""},
		{"rpm older module build without the fix", pkg("AlmaLinux:8", "npm", "1:6.14-1.module_el8.4.0+2000"),
			[]crowsnest.Affected{affects("AlmaLinux:8", "npm", eco("0", "<1:6.14-2.module_el8.5.0+71")), affects("AlmaLinux:8", "npm", eco("0", "<1:6.14-2.module_el8.4.0+2249"))}, "1:6.14-2.module_el8.4.0+2249"},
		{"rpm module against the distribution's own build", pkg("AlmaLinux:8", "perl-DBI", "1.641-3.el8"), []crowsnest.Affected{affects("AlmaLinux:8", "perl-DBI", eco("0", "<1.641-4.module_el8.4.0+2249+3ddf2832"))}, ""},
		{"distribution's own build against a module", pkg("AlmaLinux:8", "perl-DBI", "1.641-3.module_el8.4.0+2249+3ddf2832"), []crowsnest.Affected{affects("AlmaLinux:8", "perl-DBI", eco("0", "<1.641-4.el8"))}, ""},
		{"rpm module of another spelling", pkg("Rocky Linux:8", "perl-DBI", "1.641-3.module+el8.3.0+6124+b8d9b1f3"), []crowsnest.Affected{affects("Rocky Linux:8", "perl-DBI", eco("0", "<1.641-4.module+el8.4.0+2249+3ddf2832"))}, "1.641-4.module+el8.4.0+2249+3ddf2832"},
		{"red hat product", pkg("Red Hat:enterprise_linux:9::baseos", "bash", "5.1.8-5.el9"), []crowsnest.Affected{affects("Red Hat:enterprise_linux:9::appstream", "bash", eco("0", "<5.1.8-6.el9"))}, "5.1.8-6.el9"},
		{"red hat extended support is another product", pkg("Red Hat:enterprise_linux:9::baseos", "bash", "5.1.8-5.el9"), []crowsnest.Affected{affects("Red Hat:rhel_eus:9.0::baseos", "bash", eco("0", "<5.1.8-6.el9"))}, ""},
		{"suse module of the installed service pack", pkg("SUSE:15.4", "zlib", "1.2.11-1"), []crowsnest.Affected{affects("SUSE:Linux Enterprise Module for Basesystem 15 SP4", "zlib", eco("0", "<1.2.11-2"))}, "1.2.11-2"},
		{"suse other service pack", pkg("SUSE:Linux Enterprise Server 15 SP4", "zlib", "1.2.11-1"), []crowsnest.Affected{affects("SUSE:Linux Enterprise Server 15 SP5", "zlib", eco("0", "<1.2.11-2"))}, ""},
		{"suse micro is another product", pkg("SUSE:15.4", "zlib", "1.2.11-1"), []crowsnest.Affected{affects("SUSE:Linux Enterprise High Availability Extension 15 SP4", "zlib", eco("0"))}, ""},
		{"opensuse leap", pkg("openSUSE:15.5", "zlib", "1.2.11-1"), []crowsnest.Affected{affects("openSUSE:Leap 15.5", "zlib", eco("0", "<1.2.11-2"))}, "1.2.11-2"},
		{"wolfi has no releases", pkg("Wolfi", "curl", "8.5.0-r0"), []crowsnest.Affected{affects("Wolfi", "curl", eco("0", "<8.6.0-r0"))}, "8.6.0-r0"},
		{"wolfi names the origin", crowsnest.PackageVersion{Ecosystem: "Wolfi", Name: "libcurl-openssl4", Version: "8.5.0-r0", Source: "curl"}, []crowsnest.Affected{affects("Wolfi", "curl", eco("0", "<8.6.0-r0"))}, "8.6.0-r0"},
		{"chainguard", pkg("Chainguard", "nginx", "1.25.3-r0"), []crowsnest.Affected{affects("Chainguard", "nginx", eco("0", "<1.25.4-r0"))}, "1.25.4-r0"},
		{"chainguard is not wolfi", pkg("Chainguard", "nginx", "1.25.3-r0"), []crowsnest.Affected{affects("Wolfi", "nginx", eco("0", "<1.25.4-r0"))}, ""},
		{"photon", pkg("Photon OS:5.0", "curl", "8.1.2-3.ph5"), []crowsnest.Affected{affects("Photon OS:5.0", "curl", eco("0", "<8.1.2-4.ph5"))}, "8.1.2-4.ph5"},
		{"photon of another release", pkg("Photon OS:4.0", "curl", "8.1.2-3.ph4"), []crowsnest.Affected{affects("Photon OS:5.0", "curl", eco("0", "<8.1.2-4.ph5"))}, ""},
		{"azure linux", pkg("Azure Linux:3", "openssl", "3.3.0-1.azl3"), []crowsnest.Affected{affects("Azure Linux:3", "openssl", eco("0", "<3.3.0-2.azl3"))}, "3.3.0-2.azl3"},
		{"azure linux of another release", pkg("Azure Linux:3", "openssl", "3.3.0-1.azl3"), []crowsnest.Affected{affects("Azure Linux:2", "openssl", eco("0", "<3.3.0-2.cm2"))}, ""},
		{"openEuler and its service pack", pkg("openEuler:24.03-LTS-SP1", "zlib", "1.2.13-2.oe2403sp1"), []crowsnest.Affected{affects("openEuler:24.03-LTS-SP1", "zlib", eco("0", "<1.2.13-3.oe2403sp1"))}, "1.2.13-3.oe2403sp1"},
		{"openEuler before its service pack", pkg("openEuler:24.03-LTS", "zlib", "1.2.13-2.oe2403"), []crowsnest.Affected{affects("openEuler:24.03-LTS-SP1", "zlib", eco("0", "<1.2.13-3.oe2403sp1"))}, ""},
		{"opensuse tumbleweed", pkg("openSUSE:Tumbleweed", "zlib", "1.3-1.1"), []crowsnest.Affected{affects("openSUSE:Tumbleweed", "zlib", eco("0", "<1.3.1-1.1"))}, "1.3.1-1.1"},
		{"another ecosystem", pkg("npm", "a", "1.0.0"), []crowsnest.Affected{affects("PyPI", "a", eco("0"))}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := []string{"CVE-2024-0001=" + tt.want}
			switch tt.want {
			case "":
				want = nil
			case "-":
				want = []string{"CVE-2024-0001="}
			}
			got := found(Match(tt.pv, []*crowsnest.Advisory{advisory("CVE-2024-0001", tt.adv...)}).Findings)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMatchWithdrawn(t *testing.T) {
	a := advisory("GHSA-aaaa-aaaa-aaaa", affects("npm", "a", sem("0")))
	a.Withdrawn = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := Match(pkg("npm", "a", "1.0.0"), []*crowsnest.Advisory{a, nil}).Findings; got != nil {
		t.Errorf("a withdrawn advisory gives %v", got)
	}
	newer := *a
	newer.Modified = a.Modified.Add(time.Hour)
	old := *a
	old.Withdrawn = time.Time{}
	if got := Match(pkg("npm", "a", "1.0.0"), []*crowsnest.Advisory{&old, &newer}).Findings; got != nil {
		t.Errorf("the older record of an ID that is now withdrawn gives %v", got)
	}
}

// TestMatchPartsOfOneRecord hands out one record in two parts, one for each name of an RPM.
func TestMatchPartsOfOneRecord(t *testing.T) {
	pv := crowsnest.PackageVersion{Ecosystem: "AlmaLinux:8", Name: "npm", Version: "1:6.14.11-1", Source: "nodejs", SourceVersion: "14.16.0-1"}
	source := advisory("ALSA-2024:1", affects("AlmaLinux:8", "nodejs", eco("0", "<1:14.16.0-1"))) // an epoch that the binary has as well
	binary := advisory("ALSA-2024:1", affects("AlmaLinux:8", "npm", eco("0", "<1:6.14.12-1")))
	for _, candidates := range [][]*crowsnest.Advisory{{source, binary}, {binary, source}} {
		if diff := cmp.Diff([]string{"ALSA-2024:1=1:6.14.12-1"}, found(Match(pv, candidates).Findings)); diff != "" {
			t.Errorf("findings (-want +got):\n%s", diff)
		}
	}
}

func TestMatchDoesNotChangeItsInput(t *testing.T) {
	a := advisory("GHSA-aaaa-aaaa-aaaa", affects("npm", "a", sem("<2.0.0", "0")))
	a.Aliases = make([]string, 1, 8)
	a.Aliases[0] = "CVE-2024-0002"
	a.Upstream = []string{"X-1", "X-2"}
	before := []string{"CVE-2024-0002", "", ""}
	Match(pkg("npm", "a", "1.0.0"), []*crowsnest.Advisory{a})
	if diff := cmp.Diff(before, a.Aliases[:3]); diff != "" {
		t.Errorf("aliases changed (-want +got):\n%s", diff)
	}
	if a.Affected[0].Ranges[0].Events[0].Fixed != "2.0.0" {
		t.Error("the events were sorted in place")
	}
}

// TestMatchOrderDoesNotMatter shuffles candidates and events of a set with every kind of
// relation between its records.
func TestMatchOrderDoesNotMatter(t *testing.T) {
	set := func() []*crowsnest.Advisory {
		a := func(id string, aliases ...string) *crowsnest.Advisory {
			x := advisory(id, affects("PyPI", "p", eco("0", "<1.5", "2.0", "<2.3", "2.3", "<2.5")), affects("PyPI", "p", eco("0", "<=1.0")))
			x.Aliases = aliases
			return x
		}
		twin := a("PYSEC-2024-1", "GHSA-1111-1111-1111")
		twin.Summary = "another text with the same time"
		return []*crowsnest.Advisory{
			a("CVE-2024-0001"), a("GHSA-1111-1111-1111", "CVE-2024-0001"), a("PYSEC-2024-1", "GHSA-1111-1111-1111"), twin,
			a("PYSEC-2024-2", "GHSA-2222-2222-2222"), a("GHSA-2222-2222-2222"), a("X-3", "Y-3"), a("Z-3", "Y-3"),
			a("B-1", "CVE-2024-0003", "CVE-2024-0004", "GHSA-3333-3333-3333"), a("GHSA-3333-3333-3333", "CVE-2024-0003"),
			a("Q-1", "X-3"), a("R-1", "Q-1", "PYSEC-2024-1"),
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, version := range []string{"0.5", "1.0", "1.2", "1.5", "2.1", "2.3", "2.5"} {
		want := Match(pkg("PyPI", "p", version), set()).Findings
		for range 50 {
			s := set()
			r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
			for _, a := range s {
				if a.Summary != "" {
					continue // equal but for the text, which its twin must keep to be told apart
				}
				for _, aff := range a.Affected {
					for _, rg := range aff.Ranges {
						r.Shuffle(len(rg.Events), func(i, j int) { rg.Events[i], rg.Events[j] = rg.Events[j], rg.Events[i] })
					}
				}
			}
			if diff := cmp.Diff(want, Match(pkg("PyPI", "p", version), s).Findings); diff != "" {
				t.Fatalf("%s: findings depend on the order (-want +got):\n%s", version, diff)
			}
		}
	}
}

func TestTagVersion(t *testing.T) {
	for tag, want := range map[string]string{
		"v18.17.0": "18.17.0", "openssl-3.0.7": "3.0.7", "OpenSSL_1_1_1k": "1.1.1k", "REL_15_3": "15.3", "REL9_6_24": "9.6.24", "release-1.25.1": "1.25.1", "jdk-17.0.7+7": "17.0.7+7",
		"php-8.2.1": "8.2.1", "v3_2_2": "3.2.2", "go1.20": "1.20", "1_36_1": "1.36.1", "curl-8_1_0": "8.1.0", "R_2_5_0": "2.5.0", "OTP-26.0.1": "26.0.1", "7.0.11": "7.0.11", "v20.0.0-rc.1": "20.0.0-rc.1",
		"mysql-cluster-8.0.33": "", "openssl-fips-2.0.16": "", "main": "", "v": "", "": "", "release-": "", "-1": "", "1" + strings.Repeat("0", maxVersion): "",
	} {
		got, ok := tagVersion(tag)
		if got != want || ok != (want != "") {
			t.Errorf("tagVersion(%q) = %q, %v; want %q", tag, got, ok, want)
		}
	}
}

// Software without a package manager meets the advisories of its repository by the tags these list.
func TestRepositories(t *testing.T) {
	commits := crowsnest.Range{Type: crowsnest.RangeGit, Events: []crowsnest.Event{{Introduced: "0"}, {Fixed: "4df1b6d478020ac51c84467f47e42083f53adbad"}}}
	versions := crowsnest.Range{Type: crowsnest.RangeSemver, Events: []crowsnest.Event{{Introduced: "7.7"}, {Fixed: "7.86.0"}}}
	affected := func(name string, tags []string, ranges ...crowsnest.Range) crowsnest.Affected {
		return crowsnest.Affected{Ecosystem: "GIT", Name: name, Versions: tags, Ranges: ranges}
	}
	tests := []struct {
		name, version string
		affected      crowsnest.Affected
		want, fix     string
	}{
		{"by its tag", "3.0.7", affected("https://github.com/Owner/Repo.git", []string{"repo-3.0.6", "repo-3.0.7"}, commits), "CVE-2024-0001", ""},
		{"another tag", "3.0.8", affected("https://github.com/owner/repo", []string{"repo-3.0.7"}, commits), "", ""},
		{"a tag that begins so", "3.0", affected("https://github.com/owner/repo", []string{"repo-3.0.7", "v3.0-rc1"}, commits), "", ""},
		{"a letter in the version", "1.1.1k", affected("git://github.com/owner/repo/", []string{"Repo_1_1_1k"}, commits), "CVE-2024-0001", ""},
		{"another repository", "3.0.7", affected("https://github.com/owner/other", []string{"v3.0.7"}, commits), "", ""},
		{"only commits", "3.0.7", affected("https://github.com/owner/repo", nil, commits), "", ""},
		{"a range of versions", "7.85.0", affected("https://github.com/owner/repo", []string{"7.85.0"}, versions, commits), "CVE-2024-0001", "7.86.0"},
		{"beyond the range, whatever is listed", "7.86.0", affected("https://github.com/owner/repo", []string{"v7.86.0"}, versions, commits), "", ""},
		{"a version that no range can place", "7.85.0k", affected("https://github.com/owner/repo", []string{"v7.85.0k"}, versions), "CVE-2024-0001", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pv := crowsnest.PackageVersion{PURL: "pkg:generic/repo@" + tt.version, Type: "generic", Name: "repo", Version: tt.version, Ecosystem: "GIT", Source: "github.com/owner/repo"}
			got := Match(pv, []*crowsnest.Advisory{{ID: "CVE-2024-0001", Affected: []crowsnest.Affected{tt.affected}}}).Findings
			var found, fix string
			if len(got) > 0 {
				found, fix = got[0].Vulnerability, got[0].FixedVersion
			}
			if found != tt.want || fix != tt.fix {
				t.Errorf("found %q, fixed in %q; want %q and %q", found, fix, tt.want, tt.fix)
			}
			// What a distribution owns is not matched.
			pv.Ecosystem = ""
			if got := Match(pv, []*crowsnest.Advisory{{ID: "CVE-2024-0001", Affected: []crowsnest.Affected{tt.affected}}}).Findings; got != nil {
				t.Errorf("without an ecosystem: %v", got)
			}
		})
	}
}

// Each stream of a module has fixes of its own.
func TestMatchStreams(t *testing.T) {
	for _, tt := range []struct{ summary, installed, want string }{
		{"nodejs:18 security update", "1:16.20.2-4.module_el8.9.0+3731+490e3ce9", ""},
		{"nodejs:18 security update", "1:18.14.2-2.module_el8.7.0+3454+5c2a4e2f", "1:18.20.2-1.module_el8.9.0+3784+07b8a0f4"},
		{"nodejs:18 security, bug fix, and enhancement update", "1:1.8.0-1.module_el8.9.0+1+1", ""},
		{"container-tools:rhel8 security update", "1:16.20.2-4.module_el8.9.0+3731+490e3ce9", "1:18.20.2-1.module_el8.9.0+3784+07b8a0f4"},
		{"nodejs security update", "1:16.20.2-4.module_el8.9.0+3731+490e3ce9", "1:18.20.2-1.module_el8.9.0+3784+07b8a0f4"},
	} {
		a := advisory("CVE-2024-0001", affects("AlmaLinux:8", "nodejs", eco("0", "<1:18.20.2-1.module_el8.9.0+3784+07b8a0f4")))
		a.Summary = tt.summary
		var want []string
		if tt.want != "" {
			want = []string{"CVE-2024-0001=" + tt.want}
		}
		if diff := cmp.Diff(want, found(Match(pkg("AlmaLinux:8", "nodejs", tt.installed), []*crowsnest.Advisory{a}).Findings)); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", tt.summary, tt.installed, diff)
		}
	}
}

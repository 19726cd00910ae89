package bench_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

// scaleVariable names the environment variable that holds the size, 1 being the design's.
const scaleVariable = "CROWSNEST_BENCH_SCALE"

// size is how much of everything there is.
type size struct {
	repositories     int // with tags images each
	tags             int
	packages         int // distinct package versions
	advisories       int
	installed        int // advisories that name a package of an image
	environments     int
	integrations     int
	occurrences      int // open, over all integrations
	runningPerSource int // distinct images an integration runs
}

func sizeOf(tb testing.TB) size {
	tb.Helper()
	scale := 1.0
	if text := os.Getenv(scaleVariable); text != "" {
		var err error
		if scale, err = strconv.ParseFloat(text, 64); err != nil || scale < 0.01 || scale > 10 {
			tb.Fatalf("%s is %q, want a number from 0.01 to 10", scaleVariable, text)
		}
	} else if testing.Short() {
		scale = 0.05
	}
	n := func(full int) int { return max(1, int(math.Round(float64(full)*scale))) }
	return size{
		repositories: n(1000), tags: 10, packages: n(50_000), advisories: n(100_000), installed: n(8_000),
		environments: 10, integrations: 20, occurrences: n(100_000), runningPerSource: n(300),
	}
}

// family is a line of packages with one way of writing names and versions.
type family struct {
	ecosystem, purl, typ string
	version              func(n int) string
}

func (f family) make(name string, n int, source string) crowsnest.PackageVersion {
	v := f.version(n)
	p := crowsnest.PackageVersion{PURL: fmt.Sprintf(f.purl, name, v), Type: f.typ, Name: name, Version: v, Ecosystem: f.ecosystem}
	if source != name {
		p.Source = source
	}
	return p
}

func numbered(format string) func(int) string {
	return func(n int) string { return fmt.Sprintf(format, n) }
}

var distributions = []family{
	{"Debian:12", "pkg:deb/debian/%s@%s?arch=amd64&distro=debian-12", "deb", numbered("1.4.2-9+deb12u%d")},
	{"Debian:11", "pkg:deb/debian/%s@%s?arch=amd64&distro=debian-11", "deb", numbered("1.3.9-2+deb11u%d")},
	{"Ubuntu:22.04:LTS", "pkg:deb/ubuntu/%s@%s?arch=amd64&distro=ubuntu-22.04", "deb", numbered("1.4.0-1ubuntu0.%d")},
	{"Ubuntu:24.04:LTS", "pkg:deb/ubuntu/%s@%s?arch=amd64&distro=ubuntu-24.04", "deb", numbered("1.5.0-1ubuntu0.%d")},
	{"Alpine:v3.18", "pkg:apk/alpine/%s@%s?arch=x86_64&distro=alpine-3.18", "apk", numbered("1.4.%d-r0")},
	{"Alpine:v3.20", "pkg:apk/alpine/%s@%s?arch=x86_64&distro=alpine-3.20", "apk", numbered("1.6.%d-r0")},
	{"AlmaLinux:9", "pkg:rpm/almalinux/%s@%s?arch=x86_64&distro=almalinux-9", "rpm", numbered("1.4.2-%d.el9")},
	{"Red Hat:enterprise_linux:8::baseos", "pkg:rpm/redhat/%s@%s?arch=x86_64&distro=rhel-8", "rpm", numbered("1.2.0-%d.el8")},
}

var languages = []family{
	{"npm", "pkg:npm/%s@%s", "npm", numbered("2.%d.0")},
	{"PyPI", "pkg:pypi/%s@%s", "pypi", numbered("1.%d")},
	{"Go", "pkg:golang/%s@%s", "golang", numbered("1.%d.0")},
	{"Maven", "pkg:maven/%s@%s", "maven", numbered("3.%d.1")},
}

// product is a package over its versions, as advisories see it.
type product struct {
	family   family
	name     string   // as advisories name it: of a distribution's package the source
	binaries []string // what is installed of it
	versions int
}

// universe is what can be installed.
type universe struct {
	size size
	// distributions holds the products of each distribution, the most common first.
	distributions [][]product
	languages     [][]product
}

// builds is how many builds of each distribution's base image there were; each
// takes up some newer packages.
const builds = 12

// perDistribution is how many products of a distribution are ever installed.
const perDistribution = 250

func newUniverse(s size, rng *rand.Rand) *universe {
	u := &universe{size: s}
	scaled := max(40, perDistribution*s.packages/50_000)
	for _, f := range distributions {
		var list []product
		for i := range scaled {
			p := product{family: f, name: fmt.Sprintf("%s-%03d", word(i), i), versions: builds}
			p.binaries = []string{p.name}
			for b := range rng.IntN(3) {
				p.binaries = append(p.binaries, fmt.Sprintf("lib%s%d", p.name, b))
			}
			list = append(list, p)
		}
		u.distributions = append(u.distributions, list)
	}
	// An image's own application takes one package version, distribution packages some
	// 7 for each product; the rest are libraries of 4 versions on average.
	libraries := (s.packages - s.repositories*s.tags - len(distributions)*scaled*7) / 4
	for i, f := range languages {
		var list []product
		for j := range max(50, libraries/len(languages)) {
			name := fmt.Sprintf("%s-%s-%d", word(j), word(j/7+i), j)
			switch f.typ {
			case "golang":
				name = "example.com/" + name
			case "maven":
				name = "com.example:" + name
			}
			list = append(list, product{family: f, name: name, binaries: []string{name}, versions: 1 + rng.IntN(7)})
		}
		u.languages = append(u.languages, list)
	}
	return u
}

var words = [...]string{"amber", "birch", "cedar", "delta", "ember", "flint", "grove", "heron", "iris", "jade", "kelp", "lark", "maple", "north", "opal", "pine", "quartz", "reed", "slate", "tern"}

func word(n int) string { return words[n%len(words)] }

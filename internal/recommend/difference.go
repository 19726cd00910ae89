package recommend

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// key is what makes two findings of different images the same: the vulnerability, in whatever version of the package.
type key struct{ vulnerability, kind, name string }

func (f Finding) key() key { return key{f.Vulnerability, f.Package.Type, f.Package.Name} }

// difference counts the findings of one side that the other has not.
func difference(of, without []Finding) (s crowsnest.Summary) {
	has := keys(without)
	for _, f := range of {
		if !has[f.key()] {
			s.Add(f.Severity, 1)
		}
	}
	return s
}

func keys(list []Finding) map[key]bool {
	out := make(map[key]bool, len(list))
	for _, f := range list {
		out[f.key()] = true
	}
	return out
}

// lacking returns the names of packages that one image has and the other not, sorted.
func lacking(now, then Image) []string {
	type name struct{ kind, name string }
	has := make(map[name]bool, len(then.Packages))
	for _, p := range then.Packages {
		has[name{p.Type, p.Name}] = true
	}
	var out []string
	for _, p := range now.Packages {
		if p.Type != generic && !has[name{p.Type, p.Name}] {
			out = append(out, p.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// generic is the type of packages that no package manager brought; software speaks of them.
const generic = "generic"

// parts are programs that are in images for the sake of others.
var parts = []string{"bash", "busybox", "curl", "expat", "glibc", "openssl", "zlib"}

// runtimes are the programs that an image is for.
func runtimes(i Image) []Software {
	return slices.DeleteFunc(slices.Clone(i.Software), func(s Software) bool { return slices.Contains(parts, s.Name) })
}

func programs(list []Software) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// software compares the programs that both images have.
func (q Question) software(i Image) []BaseReason {
	if q.Current == nil {
		return nil
	}
	var out []BaseReason
	for _, a := range runtimes(*q.Current) {
		of := runtimes(i)
		at := slices.IndexFunc(of, func(b Software) bool { return b.Name == a.Name })
		if at < 0 {
			out = append(out, BaseReason{Name: Lacks, Count: 1, To: a.Name})
			continue
		}
		b := of[at]
		r := BaseReason{Name: SameSoftware, For: true, From: a.Name + " " + a.Version, To: b.Name + " " + b.Version}
		switch n := compareVersions(a.Version, b.Version); {
		case n > 0:
			r.Name, r.For = OlderSoftware, false
		case number(a.Version) != number(b.Version):
			r.Name, r.For = SoftwareStep, false
		case n < 0:
			r.Name = NewerSoftware
		}
		out = append(out, r)
	}
	return out
}

// compareVersions orders versions that are numbers with dots between them, as those of programs are.
func compareVersions(a, b string) int {
	for a != b {
		x, y := number(a), number(b)
		if x != y {
			return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y))
		}
		restA, restB := strings.TrimLeft(a, "v"), strings.TrimLeft(b, "v")
		_, restA, moreA := strings.Cut(restA, ".")
		_, restB, moreB := strings.Cut(restB, ".")
		switch {
		case moreA && moreB:
			a, b = restA, restB
		case moreA:
			return 1
		case moreB:
			return -1
		default:
			return strings.Compare(a, b)
		}
	}
	return 0
}

// number is the number that a version begins with, without leading zeros.
func number(version string) string {
	version = strings.TrimLeft(version, "v")
	end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(version)
	}
	return strings.TrimLeft(version[:end], "0")
}

// variant is what a tag says beside versions: "slim-bookworm" of "3.12-slim-bookworm".
func variant(tag string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(tag, "-"), func(part string) bool {
		return part == "latest" || strings.ContainsAny(part[:min(len(part), 1)], "0123456789") || part == ""
	}), "-")
}

// byFirst are distributions of which the first number is the release, and what follows a point of it.
var byFirst = []string{"almalinux", "centos", "ol", "rhel", "rocky"}

// release names the release of a distribution, without its point.
func release(d crowsnest.Distribution) string {
	numbers := strings.Split(d.VersionID, ".")
	switch {
	case slices.Contains(byFirst, d.ID):
		numbers = numbers[:1]
	case d.ID == "alpine":
		numbers = numbers[:min(len(numbers), 2)]
	}
	return strings.TrimSpace(d.ID + " " + strings.Join(numbers, "."))
}

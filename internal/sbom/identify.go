package sbom

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/osv-scalibr/purl"
	"github.com/ossf/osv-schema/bindings/go/osvconstants"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/distribution"
)

// collector gathers the packages of a document that somebody else wrote.
type collector struct {
	document *Document
	id       string // of the distribution, as in os-release
	release  string
	pending  []pending
}

// pending is a package whose distribution may stand further down in the document.
type pending struct {
	purl, name, version   string
	source, sourceVersion string
	licences              []string
	owned                 bool // by a package of an operating system
}

// system tells the operating system that the document is of.
func (c *collector) system(id, release string) { c.id, c.release = id, release }

func (c *collector) add(p pending) { c.pending = append(c.pending, p) }

// finish makes packages of what was gathered.
func (c *collector) finish() error {
	if len(c.pending) > MaxPackages {
		return tooMany()
	}
	if c.id != "" {
		c.document.Distribution = strings.TrimSpace(crowsnest.Text(c.id + " " + c.release))
	}
	unnamed, uncovered := 0, make(map[string]int)
	known := make(map[string]int)
	for _, p := range c.pending {
		v, covered, ok := c.version(p)
		if !ok {
			unnamed++
			continue
		}
		if !covered {
			uncovered[v.Type]++
		}
		pkg := crowsnest.Package{PackageVersion: v, Licences: p.licences}
		key := identity(pkg)
		if _, twice := known[key]; twice {
			continue
		}
		known[key] = len(c.document.Packages)
		c.document.Packages = append(c.document.Packages, pkg)
	}
	if unnamed > 0 {
		c.problem("%d packages of the document have no valid package URL, so they are not listed", unnamed)
	}
	for _, kind := range []string{purl.TypeDebian, purl.TypeApk, purl.TypeRPM} {
		if n := uncovered[kind]; n > 0 {
			c.problem("no package URL names a release of a distribution that advisories are known for, so %d %s packages were compared with none", n, kind)
		}
	}
	return nil
}

func (c *collector) problem(format string, args ...any) {
	c.document.Problems = append(c.document.Problems, crowsnest.Problem{Reason: fmt.Sprintf(format, args...)})
}

// ecosystems are the OSV ecosystems of packages that no distribution brings, by the type of their
// package URL (https://ossf.github.io/osv-schema/#defined-ecosystems).
var ecosystems = map[string]osvconstants.Ecosystem{
	purl.TypeCargo: osvconstants.EcosystemCratesIO, purl.TypeComposer: osvconstants.EcosystemPackagist, purl.TypeConan: osvconstants.EcosystemConanCenter,
	purl.TypeCran: osvconstants.EcosystemCRAN, purl.TypeGem: osvconstants.EcosystemRubyGems, purl.TypeGolang: osvconstants.EcosystemGo,
	purl.TypeHackage: osvconstants.EcosystemHackage, purl.TypeHex: osvconstants.EcosystemHex, purl.TypeMaven: osvconstants.EcosystemMaven,
	purl.TypeNPM: osvconstants.EcosystemNPM, purl.TypeNuget: osvconstants.EcosystemNuGet, purl.TypePub: osvconstants.EcosystemPub, purl.TypePyPi: osvconstants.EcosystemPyPI,
}

const maxText = 4096 // bytes of a package URL, name or version

// version reads the package URL. covered is false for packages of an operating system of which
// no release is known that advisories speak of.
func (c *collector) version(p pending) (v crowsnest.PackageVersion, covered, ok bool) {
	u, err := purl.FromString(p.purl)
	if err != nil || u.Name == "" || len(p.purl) > maxText {
		return v, false, false
	}
	qualifiers := make(map[string]string, len(u.Qualifiers))
	for _, q := range u.Qualifiers {
		qualifiers[q.Key] = q.Value
	}
	v = crowsnest.PackageVersion{Type: u.Type, Name: u.Name, Version: u.Version}
	switch u.Type {
	case purl.TypeDebian, purl.TypeApk, purl.TypeRPM:
		release := c.releaseOf(u.Namespace, qualifiers[purl.Distro])
		arch := qualifiers[purl.Arch]
		v.Source, v.SourceVersion = p.source, p.sourceVersion
		if upstream := qualifiers[qualifierUpstream]; v.Source == "" && upstream != "" { // as Syft writes it
			v.Source, v.SourceVersion, _ = strings.Cut(strings.TrimSuffix(upstream, ".src.rpm"), "@")
			if u.Type == purl.TypeRPM {
				v.Source, v.SourceVersion = splitRPM(v.Source)
			}
		}
		epoch := 0
		if q := qualifiers[purl.Epoch]; q != "" && q != "0" && !strings.Contains(v.Version, ":") {
			if _, err := fmt.Sscanf(q, "%d", &epoch); err == nil && epoch > 0 {
				v.Version = fmt.Sprintf("%d:%s", epoch, v.Version)
			}
		}
		if v.Source == v.Name {
			v.Source = ""
		}
		if v.SourceVersion == v.Version {
			v.SourceVersion = ""
		}
		v.Ecosystem, covered = release.Ecosystem(u.Type), release.Covered(u.Type)
		if release.ByBinary() {
			v.Source, v.SourceVersion = "", ""
		}
		v.PURL = release.PURL(distribution.Package{Type: u.Type, Name: v.Name, Version: v.Version, Epoch: epoch, Architecture: arch})
	default:
		covered = true
		v.Ecosystem = string(ecosystems[u.Type])
		switch u.Type {
		case purl.TypeMaven:
			v.Name = u.Namespace + ":" + u.Name
		case purl.TypeGolang:
			v.Version = strings.TrimPrefix(v.Version, "v")
			fallthrough
		default:
			if u.Namespace != "" {
				v.Name = u.Namespace + "/" + u.Name
			}
		}
		if v.Version == "" || v.Version == "(devel)" || p.owned {
			v.Ecosystem = "" // no advisory can be compared with it, or its owner's decide
		}
		u.Version, u.Qualifiers = v.Version, nil
		v.PURL = u.String()
	}
	for _, s := range []*string{&v.PURL, &v.Type, &v.Name, &v.Version, &v.Ecosystem, &v.Source, &v.SourceVersion} {
		if *s = crowsnest.Text(*s); len(*s) > maxText {
			return v, false, false
		}
	}
	return v, covered, true
}

// splitRPM reads the name and version of a source package file without its ending, "bash-5.1.8-6.el9".
func splitRPM(file string) (name, version string) {
	release := strings.LastIndexByte(file, '-')
	if release <= 0 {
		return file, ""
	}
	at := strings.LastIndexByte(file[:release], '-')
	if at <= 0 {
		return file, ""
	}
	return file[:at], file[at+1:]
}

// longTerm are the versions of Ubuntu with long-term support, which its advisories name so.
var longTerm = regexp.MustCompile(`^\d[02468]\.04$`)

// releaseOf finds the release of a distribution by the qualifier "distro" of a package URL, which Syft, Trivy
// and Crowsnest write as "debian-12", or else by the document's own operating system.
func (c *collector) releaseOf(namespace, distro string) distribution.Release {
	id, version := c.id, c.release
	if distro != "" {
		id, version = namespace, distro
		if at := strings.LastIndexByte(distro, '-'); at > 0 {
			id, version = distro[:at], distro[at+1:]
		}
	}
	if id == "" {
		id = namespace
	}
	switch id { // names that others use
	case "redhat":
		id = "rhel"
	case "opensuse.leap":
		id = "opensuse-leap"
	}
	r := distribution.OSRelease{"ID": id, "VERSION_ID": version}
	switch {
	case id == "ubuntu" && longTerm.MatchString(version):
		r["PRETTY_NAME"] = "LTS"
	case id == "debian" && version != "" && (version[0] < '0' || version[0] > '9'):
		r["VERSION_ID"], r["VERSION_CODENAME"] = "", version
	case id == "rhel":
		major, _, _ := strings.Cut(version, ".")
		r["CPE_NAME"] = "cpe:/o:redhat:enterprise_linux:" + major + "::baseos"
	}
	return r.Release()
}

package distribution

import (
	"regexp"
	"slices"
	"strings"

	"github.com/google/osv-scalibr/purl"
	"github.com/ossf/osv-schema/bindings/go/osvconstants"
)

// Release is what a distribution's packages get from os-release.
type Release struct {
	id        string // ID, as in a purl's namespace
	distro    string // the purl qualifier: "debian-12"
	ecosystem map[string]string
	byBinary  bool
}

// Package is a package of a distribution as its database names it.
type Package struct {
	Type         string // purl type
	Name         string
	Version      string // with the epoch before a colon, if there is one
	Epoch        int    // of an RPM
	Architecture string
}

// Ecosystem returns the OSV ecosystem of the packages of a purl type, or nothing.
func (r Release) Ecosystem(packageType string) string { return r.ecosystem[packageType] }

// ByBinary reports whether the distribution's advisories name the packages that are
// installed and not the source packages they are built from.
func (r Release) ByBinary() bool { return r.byBinary }

// debianReleases gives the number of a release by its codename: a testing release
// has no VERSION_ID until it is published.
var debianReleases = map[string]string{
	"wheezy": "7", "jessie": "8", "stretch": "9", "buster": "10", "bullseye": "11", "bookworm": "12",
	"trixie": "13", "forky": "14", "duke": "15",
}

// Release derives what the packages of the distribution get.
func (r OSRelease) Release() Release {
	id, version := r["ID"], r["VERSION_ID"]
	if id == "debian" && version == "" {
		version = debianReleases[r["VERSION_CODENAME"]]
	}
	out := Release{id: id, distro: id}
	for _, v := range []string{version, r["VERSION_CODENAME"], r["BUILD_ID"]} {
		if v == "" {
			continue
		}
		if id == "" {
			out.distro = v
		} else {
			out.distro = id + "-" + v
		}
		break
	}
	packageType, ecosystem := ecosystemOf(r, version)
	out.ecosystem = map[string]string{packageType: ecosystem}
	out.byBinary = id == "almalinux" || id == "rhel"
	return out
}

// rolling are the ecosystems that have no releases.
var rolling = []string{
	string(osvconstants.EcosystemWolfi), string(osvconstants.EcosystemChainguard), string(osvconstants.EcosystemMinimOS), string(osvconstants.EcosystemCleanStart),
}

// Covered reports whether advisories can be about the packages of a purl type: the distribution
// has an ecosystem, and the release is known where it has releases.
func (r Release) Covered(packageType string) bool {
	e := r.ecosystem[packageType]
	return strings.Contains(e, ":") || slices.Contains(rolling, e)
}

// ecosystemOf returns the OSV ecosystem of the packages of a distribution, and the
// purl type they have: https://ossf.github.io/osv-schema/#defined-ecosystems. A
// distribution that is not listed has none, even if it is made from a listed one:
// its packages have their own versions, so the other's advisories would mislead.
func ecosystemOf(r OSRelease, version string) (packageType, ecosystem string) {
	major, _, _ := strings.Cut(version, ".")
	with := func(e osvconstants.Ecosystem, suffix string) string {
		if suffix == "" {
			return string(e)
		}
		return string(e) + ":" + suffix
	}
	switch r["ID"] {
	case "debian":
		return purl.TypeDebian, with(osvconstants.EcosystemDebian, major)
	case "ubuntu":
		return purl.TypeDebian, ubuntu(version, r["VERSION"]+r["PRETTY_NAME"])
	case "alpine":
		return purl.TypeApk, with(osvconstants.EcosystemAlpine, alpineBranch(version))
	case "wolfi":
		return purl.TypeApk, string(osvconstants.EcosystemWolfi)
	case "chainguard":
		return purl.TypeApk, string(osvconstants.EcosystemChainguard)
	case "minimos":
		return purl.TypeApk, string(osvconstants.EcosystemMinimOS)
	case "alpaquita":
		return purl.TypeApk, with(osvconstants.EcosystemAlpaquita, version)
	case "bellsoft-hardened-containers":
		return purl.TypeApk, with(osvconstants.EcosystemBellSoftHardenedContainers, version)
	case "clnstrt", "cleanstart":
		return purl.TypeApk, string(osvconstants.EcosystemCleanStart)
	case "almalinux":
		return purl.TypeRPM, with(osvconstants.EcosystemAlmaLinux, major)
	case "rocky":
		return purl.TypeRPM, with(osvconstants.EcosystemRockyLinux, major)
	case "rhel":
		// The suffix is what follows the vendor in "cpe:/o:redhat:enterprise_linux:9::baseos".
		_, suffix, _ := strings.Cut(r["CPE_NAME"], ":redhat:")
		return purl.TypeRPM, with(osvconstants.EcosystemRedHat, suffix)
	case "sles":
		return purl.TypeRPM, suse(version)
	case "opensuse-leap":
		return purl.TypeRPM, with(osvconstants.EcosystemOpenSUSE, "Leap "+version)
	case "opensuse-tumbleweed":
		return purl.TypeRPM, with(osvconstants.EcosystemOpenSUSE, "Tumbleweed")
	case "openEuler":
		return purl.TypeRPM, openEuler(r["PRETTY_NAME"])
	case "mageia":
		return purl.TypeRPM, with(osvconstants.EcosystemMageia, version)
	case "azurelinux", "mariner":
		return purl.TypeRPM, with(osvconstants.EcosystemAzureLinux, major)
	case "photon":
		return purl.TypeRPM, with(osvconstants.EcosystemPhotonOS, version)
	}
	return "", ""
}

// alpineBranch names the branch of a version: "v3.19" for "3.19.1". A snapshot of
// edge has the number of the branch to come, "3.21.0_alpha20240807".
func alpineBranch(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return ""
	}
	return "v" + parts[0] + "." + parts[1]
}

// ubuntu adds LTS to the releases that have long-term support, as their os-release says.
func ubuntu(version, words string) string {
	if version == "" {
		return string(osvconstants.EcosystemUbuntu)
	}
	e := string(osvconstants.EcosystemUbuntu) + ":" + version
	if strings.Contains(words, "LTS") {
		e += ":LTS"
	}
	return e
}

// suse turns "15.5" into the product's name.
func suse(version string) string {
	major, pack, ok := strings.Cut(version, ".")
	e := string(osvconstants.EcosystemSUSE) + ":Linux Enterprise Server " + major
	if ok && pack != "0" {
		e += " SP" + pack
	}
	return e
}

var openEulerName = regexp.MustCompile(`^openEuler ([0-9]{2}\.[0-9]{2})(?: \((LTS(?:[- ]SP[0-9]+)?)\))?$`)

// openEuler turns "openEuler 24.03 (LTS-SP1)" into its ecosystem.
func openEuler(name string) string {
	m := openEulerName.FindStringSubmatch(name)
	switch {
	case m == nil:
		return ""
	case m[2] == "":
		return string(osvconstants.EcosystemOpenEuler) + ":" + m[1]
	}
	return string(osvconstants.EcosystemOpenEuler) + ":" + m[1] + "-" + strings.ReplaceAll(m[2], " ", "-")
}

// PURL makes the package URL of a distribution's package. Type, namespace, name
// and version are those of scalibr; of the qualifiers only those of the purl types'
// own definitions are kept (architecture, epoch) with the release, since the source
// package has its own fields in the vocabulary.
func (r Release) PURL(k Package) string {
	u := purl.PackageURL{Type: k.Type, Namespace: r.namespace(k.Type), Name: k.Name, Version: k.Version}
	q := map[string]string{}
	if k.Architecture != "" {
		q[purl.Arch] = k.Architecture
	}
	if r.distro != "" {
		q[purl.Distro] = r.distro
	}
	switch k.Type {
	case purl.TypeApk:
		u.Name = strings.ToLower(k.Name)
	case purl.TypeRPM:
		if k.Epoch > 0 {
			epoch, version, _ := strings.Cut(k.Version, ":")
			u.Version, q[purl.Epoch] = version, epoch
		}
	}
	u.Qualifiers = purl.QualifiersFromMap(q)
	return u.String()
}

func (r Release) namespace(packageType string) string {
	switch packageType {
	case purl.TypeDebian, purl.TypeOpkg, purl.TypePacman, purl.TypePortage:
		if r.id == "" {
			return "linux"
		}
	case purl.TypeApk:
		if r.id == "" {
			return "alpine"
		}
	case purl.TypeRPM:
		switch r.id {
		case "sles":
			return "suse"
		case "mariner":
			return "azurelinux"
		}
	case purl.TypeNix, purl.TypeCOS:
		return ""
	}
	return r.id
}

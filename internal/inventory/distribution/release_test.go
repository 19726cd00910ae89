package distribution

import (
	"testing"

	"github.com/google/osv-scalibr/extractor"
	apkmeta "github.com/google/osv-scalibr/extractor/filesystem/os/apk/metadata"
	dpkgmeta "github.com/google/osv-scalibr/extractor/filesystem/os/dpkg/metadata"
	pacmanmeta "github.com/google/osv-scalibr/extractor/filesystem/os/pacman/metadata"
	rpmmeta "github.com/google/osv-scalibr/extractor/filesystem/os/rpm/metadata"
	"github.com/google/osv-scalibr/inventory/osvecosystem"
)

func TestEcosystems(t *testing.T) {
	tests := []struct {
		name        string
		release     string
		packageType string
		want        string
	}{
		{"debian", "ID=debian\nVERSION_ID=12", "deb", "Debian:12"},
		{"debian point release", "ID=debian\nVERSION_ID=\"10.3\"", "deb", "Debian:10"},
		{"debian testing", "ID=debian\nVERSION_CODENAME=trixie", "deb", "Debian:13"},
		{"debian unstable", "ID=debian\nVERSION_CODENAME=sid", "deb", "Debian"},
		{"ubuntu LTS", "ID=ubuntu\nVERSION_ID=\"22.04\"\nVERSION=\"22.04.4 LTS (Jammy Jellyfish)\"", "deb", "Ubuntu:22.04:LTS"},
		{"ubuntu LTS by its name", "ID=ubuntu\nVERSION_ID=\"24.04\"\nPRETTY_NAME=\"Ubuntu 24.04 LTS\"", "deb", "Ubuntu:24.04:LTS"},
		{"ubuntu", "ID=ubuntu\nVERSION_ID=\"24.10\"\nVERSION=\"24.10 (Oracular Oriole)\"", "deb", "Ubuntu:24.10"},
		{"alpine", "ID=alpine\nVERSION_ID=3.19.1", "apk", "Alpine:v3.19"},
		{"alpine edge", "ID=alpine\nVERSION_ID=3.21.0_alpha20240807", "apk", "Alpine:v3.21"},
		{"wolfi", "ID=wolfi\nVERSION_ID=20230201", "apk", "Wolfi"},
		{"chainguard", "ID=chainguard", "apk", "Chainguard"},
		{"postmarketOS", "ID=postmarketos\nVERSION_ID=v23.12", "apk", ""},
		{"rocky", "ID=\"rocky\"\nVERSION_ID=\"9.3\"", "rpm", "Rocky Linux:9"},
		{"almalinux", "ID=\"almalinux\"\nVERSION_ID=\"8.10\"", "rpm", "AlmaLinux:8"},
		{"rhel", "ID=\"rhel\"\nVERSION_ID=\"9.4\"\nCPE_NAME=\"cpe:/o:redhat:enterprise_linux:9::baseos\"", "rpm", "Red Hat:enterprise_linux:9::baseos"},
		{"sles", "ID=\"sles\"\nVERSION_ID=\"15.5\"", "rpm", "SUSE:Linux Enterprise Server 15 SP5"},
		{"leap", "ID=\"opensuse-leap\"\nVERSION_ID=\"15.6\"", "rpm", "openSUSE:Leap 15.6"},
		{"tumbleweed", "ID=\"opensuse-tumbleweed\"\nVERSION_ID=\"20240101\"", "rpm", "openSUSE:Tumbleweed"},
		{"openEuler", "ID=\"openEuler\"\nVERSION_ID=\"24.03\"\nPRETTY_NAME=\"openEuler 24.03 (LTS-SP1)\"", "rpm", "openEuler:24.03-LTS-SP1"},
		{"openEuler innovation", "ID=\"openEuler\"\nVERSION_ID=\"24.09\"\nPRETTY_NAME=\"openEuler 24.09\"", "rpm", "openEuler:24.09"},
		{"mageia", "ID=\"mageia\"\nVERSION_ID=\"9\"", "rpm", "Mageia:9"},
		{"azure linux", "ID=azurelinux\nVERSION_ID=\"3.0\"", "rpm", "Azure Linux:3"},
		{"photon", "ID=photon\nVERSION_ID=5.0", "rpm", "Photon OS:5.0"},
		{"fedora", "ID=fedora\nVERSION_ID=40", "rpm", ""},
		{"nothing", "", "deb", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Parse(tt.release).Release().Ecosystem(tt.packageType)
			if got != tt.want {
				t.Errorf("ecosystem %q, want %q", got, tt.want)
			}
			if got != "" {
				if _, err := osvecosystem.Parse(got); err != nil {
					t.Errorf("%q is no ecosystem of OSV: %v", got, err)
				}
			}
		})
	}
}

// The identity part of a purl must be what scalibr makes of the same package.
func TestPURLsOfDistributions(t *testing.T) {
	tests := []struct {
		name    string
		release string
		record  Package
		scalibr extractor.Package
		want    string
	}{
		{
			"deb", "ID=debian\nVERSION_ID=12", Package{Type: "deb", Name: "libc6", Version: "2.36-9+deb12u4", Architecture: "amd64"},
			extractor.Package{PURLType: "deb", Name: "libc6", Version: "2.36-9+deb12u4", Metadata: &dpkgmeta.Metadata{PackageName: "libc6", OSID: "debian"}},
			"pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12",
		},
		{
			"deb without a release", "", Package{Type: "deb", Name: "a", Version: "1"},
			extractor.Package{PURLType: "deb", Name: "a", Version: "1", Metadata: &dpkgmeta.Metadata{PackageName: "a"}},
			"pkg:deb/linux/a@1",
		},
		{
			"deb of testing", "ID=debian\nVERSION_CODENAME=sid", Package{Type: "deb", Name: "a", Version: "1"},
			extractor.Package{PURLType: "deb", Name: "a", Version: "1", Metadata: &dpkgmeta.Metadata{PackageName: "a", OSID: "debian"}},
			"pkg:deb/debian/a@1?distro=debian-sid",
		},
		{
			"apk", "ID=alpine\nVERSION_ID=3.19.1", Package{Type: "apk", Name: "Musl", Version: "1.2.4-r2", Architecture: "x86_64"},
			extractor.Package{PURLType: "apk", Name: "Musl", Version: "1.2.4-r2", Metadata: &apkmeta.Metadata{OSID: "alpine"}},
			"pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.19.1",
		},
		{
			"rpm with an epoch", "ID=rocky\nVERSION_ID=9.3", Package{Type: "rpm", Name: "openssl-libs", Version: "1:3.0.7-24.el9", Epoch: 1, Architecture: "x86_64"},
			extractor.Package{PURLType: "rpm", Name: "openssl-libs", Version: "3.0.7-24.el9", Metadata: &rpmmeta.Metadata{OSID: "rocky"}},
			"pkg:rpm/rocky/openssl-libs@3.0.7-24.el9?arch=x86_64&distro=rocky-9.3&epoch=1",
		},
		{
			"rpm of SUSE", "ID=sles\nVERSION_ID=15.5", Package{Type: "rpm", Name: "bash", Version: "4.4-1"},
			extractor.Package{PURLType: "rpm", Name: "bash", Version: "4.4-1", Metadata: &rpmmeta.Metadata{OSID: "sles"}},
			"pkg:rpm/suse/bash@4.4-1?distro=sles-15.5",
		},
		{
			"arch", "ID=arch\nBUILD_ID=rolling", Package{Type: "pacman", Name: "bash", Version: "5.2-1"},
			extractor.Package{PURLType: "pacman", Name: "bash", Version: "5.2-1", Metadata: &pacmanmeta.Metadata{PackageName: "bash", OSID: "arch"}},
			"pkg:pacman/arch/bash@5.2-1?distro=arch-rolling",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Parse(tt.release).Release().PURL(tt.record)
			if got != tt.want {
				t.Errorf("purl\n got %s\nwant %s", got, tt.want)
			}
			u := tt.scalibr.PURL()
			if u == nil {
				t.Fatal("scalibr makes no purl")
			}
			u.Qualifiers = nil
			if s := u.String(); len(got) < len(s) || got[:len(s)] != s {
				t.Errorf("purl %s does not begin as scalibr's %s", got, s)
			}
		})
	}
}

func TestUnquote(t *testing.T) {
	for in, want := range map[string]string{
		`debian`: "debian", `"a b"`: "a b", `'a b'`: "a b", `"a \"b\" \$c \\ \n"`: `a "b" $c \ \n`, `'a\"'`: `a\"`, `"`: `"`, `"a`: `"a`, ``: "", ` x `: "x",
	} {
		if got := unquote(in); got != want {
			t.Errorf("unquote(%s) = %s, want %s", in, got, want)
		}
	}
}

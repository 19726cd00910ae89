package inventory

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

// The package database and os-release are hardly ever in the same layer for good:
// each case has one Debian package in the lowest layer.
func TestOSReleaseIsThatOfTheImage(t *testing.T) {
	base := file("var/lib/dpkg/status", deb("bash", "5.2"))
	debian, ubuntu := osReleaseOf("debian", "12"), osReleaseOf("ubuntu", "24.10")
	tests := []struct {
		name   string
		layers [][]item
		want   string
	}{
		{"same layer", [][]item{{base, file("etc/os-release", debian)}}, "Debian:12"},
		{"layer above", [][]item{{base}, {file("etc/os-release", debian)}}, "Debian:12"},
		{"only in usr/lib", [][]item{{base, file("usr/lib/os-release", debian)}}, "Debian:12"},
		{"etc before usr/lib", [][]item{{base, file("usr/lib/os-release", ubuntu), file("etc/os-release", debian)}}, "Debian:12"},
		{"relative link", [][]item{{base, symlink("etc/os-release", "../usr/lib/os-release")}, {file("usr/lib/os-release", debian)}}, "Debian:12"},
		{"absolute link", [][]item{{base, symlink("etc/os-release", "/usr/lib/os-release")}, {file("usr/lib/os-release", debian)}}, "Debian:12"},
		{"link that leaves the root", [][]item{{base, symlink("etc/os-release", "../../../../usr/lib/os-release"), file("usr/lib/os-release", debian)}}, "Debian:12"},
		{"chain of links", [][]item{{base, symlink("etc/os-release", "../usr/lib/os-release"), symlink("usr/lib/os-release", "os.release.d/os-release-x"), file("usr/lib/os.release.d/os-release-x", debian)}}, "Debian:12"},
		{"link of a directory", [][]item{{base, symlink("etc", "usr/etc"), file("usr/etc/os-release", debian)}}, "Debian:12"},
		{"circle of links", [][]item{{base, symlink("etc/os-release", "../usr/lib/os-release"), symlink("usr/lib/os-release", "/etc/os-release")}}, ""},
		{"dangling link, then usr/lib", [][]item{{base, symlink("etc/os-release", "nowhere"), file("usr/lib/os-release", debian)}}, "Debian:12"},
		{"hard link", [][]item{{base, file("usr/lib/os-release", debian), hardlink("etc/os-release", "usr/lib/os-release")}}, "Debian:12"},
		{"overwritten", [][]item{{base, file("etc/os-release", ubuntu)}, {file("etc/os-release", debian)}}, "Debian:12"},
		{"deleted", [][]item{{base, file("etc/os-release", debian)}, {file("etc/.wh.os-release", "")}}, ""},
		{"deleted, then usr/lib", [][]item{{base, file("etc/os-release", ubuntu), file("usr/lib/os-release", debian)}, {file("etc/.wh.os-release", "")}}, "Debian:12"},
		{"directory opaque", [][]item{{base, file("etc/os-release", debian)}, {file("etc/.wh..wh..opq", "")}}, ""},
		{"link overwritten by a file", [][]item{{base, symlink("etc/os-release", "../usr/lib/os-release"), file("usr/lib/os-release", ubuntu)}, {file("etc/os-release", debian)}}, "Debian:12"},
		{"none", [][]item{{base}}, ""},
		{"made-up distribution", [][]item{{base, file("etc/os-release", osReleaseOf("shesek", "1.0"))}}, ""},
		{"derived distribution", [][]item{{base, file("etc/os-release", "ID=kali\nID_LIKE=debian\nVERSION_ID=2024.1\n")}}, ""},
		{"distribution of another package manager", [][]item{{base, file("etc/os-release", osReleaseOf("alpine", "3.19.1"))}}, ""},
		{"too large", [][]item{{base, file("etc/os-release", debian+string(make([]byte, maxRelease)))}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := image(t, tt.layers...)
			if len(got.Packages) != 1 {
				t.Fatalf("packages: %v", names(got))
			}
			if got.Packages[0].Ecosystem != tt.want {
				t.Errorf("ecosystem %q, want %q", got.Packages[0].Ecosystem, tt.want)
			}
		})
	}
}

func TestDistribution(t *testing.T) {
	got := image(t, []item{file("etc/os-release", "# comment\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID='12'\nVERSION_CODENAME=bookworm\nnonsense\n")})
	want := crowsnest.Distribution{ID: "debian", VersionID: "12", Codename: "bookworm", Name: "Debian GNU/Linux 12 (bookworm)"}
	if diff := cmp.Diff(want, got.Distribution); diff != "" {
		t.Errorf("distribution (-want +got):\n%s", diff)
	}
}

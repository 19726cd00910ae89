package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

// goProgram builds a small program of a module without requirements: its build
// information names the standard library alone.
var goProgram = sync.OnceValues(func() ([]byte, error) {
	dir := filepath.Join(built, "shop")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{"go.mod": "module example.com/shop\n\ngo 1.24\n", "main.go": "package main\n\nfunc main() { println(\"shop\") }\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	path := filepath.Join(built, "shop.bin")
	if err := goBuild(dir, path, "."); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

const debian12 = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
`

const libc = `Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u7
Maintainer: Nobody <nobody@example.com>
Description: C library

`

const libssl = `Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.0.17-1~deb12u2
Maintainer: Nobody <nobody@example.com>
Description: TLS library

`

// base is a layer with Debian's package database.
func base(status string) imagekit.Layer {
	return imagekit.Layer{Files: []imagekit.File{
		imagekit.Dir("etc"), imagekit.Text("etc/os-release", debian12),
		imagekit.Dir("var/lib/dpkg"), imagekit.Text("var/lib/dpkg/status", status),
	}, CreatedBy: "ADD rootfs.tar /"}
}

// npm is a layer with one npm package below app.
func npm(name, version string) imagekit.Layer {
	return imagekit.Layer{Files: []imagekit.File{npmFile("app/node_modules/"+name, name, version)}, CreatedBy: "RUN npm install"}
}

func npmFile(dir, name, version string) imagekit.File {
	b, _ := json.Marshal(map[string]string{"name": name, "version": version}) // strings always marshal
	return imagekit.Text(dir+"/package.json", string(b))
}

// shop is the image most tests are about: Debian packages, an npm package and a
// Go program, in three layers. Its findings are those of advisories. Each test has
// its own, of the same layers.
func shop(t testing.TB) v1.Image {
	t.Helper()
	return imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{
		base(libc + libssl),
		npm("lodash", "4.17.15"),
		{Files: []imagekit.File{imagekit.Executable("usr/local/bin/shop", got(goProgram())(t))}, CreatedBy: "COPY shop /usr/local/bin/"},
	}, Labels: map[string]string{"test": t.Name()}})
}

// small is an image of one Debian package in one layer, this test's own; word makes it another one.
func small(t testing.TB, word string) v1.Image {
	t.Helper()
	return layered(t, word, base(libssl))
}

// layered is an image of these layers, this test's own; word makes it another one.
func layered(t testing.TB, word string, layers ...imagekit.Layer) v1.Image {
	t.Helper()
	return imagekit.Build(t, imagekit.Image{Layers: layers, Labels: map[string]string{"test": t.Name(), "word": word}})
}

// shopLoaded is what is seen loaded of shop: libssl3 alone.
func shopLoaded() sysdigkit.Package {
	return sysdigkit.OSPackage("debian", "12.5", "libssl3", "3.0.17-1~deb12u2", "openssl")
}

// obj is a JSON object in the making.
type obj = map[string]any

// affects says that versions of a package up to fixed are affected; "" is all of them.
func affects(ecosystem, name, fixed string) []any {
	events := []any{obj{"introduced": "0"}}
	if fixed != "" {
		events = append(events, obj{"fixed": fixed})
	}
	return []any{obj{"package": obj{"ecosystem": ecosystem, "name": name}, "ranges": []any{obj{"type": "ECOSYSTEM", "events": events}}}}
}

const vector98 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"

// openssl is a critical vulnerability with a fix in the given version.
func openssl(modified, fixed string) obj {
	return obj{
		"id": "DEBIAN-CVE-2099-0001", "modified": modified, "upstream": []any{"CVE-2099-0001"}, "summary": "a flaw in openssl",
		"severity": []any{obj{"type": "CVSS_V3", "score": vector98}}, "affected": affects("Debian:12", "openssl", fixed),
	}
}

// advisories cover shop: one finding for each of its packages, with and without a
// vector, a fix and a severity.
func advisories() []obj {
	lodash := obj{
		"id": "GHSA-aaaa-bbbb-cccc", "modified": "2024-05-01T00:00:00Z", "aliases": []any{"CVE-2099-0002"}, "summary": "a flaw in lodash",
		"database_specific": obj{"severity": "HIGH"}, "affected": affects("npm", "lodash", "4.17.21"),
	}
	glibc := obj{
		"id": "DEBIAN-CVE-2099-0003", "modified": "2024-05-01T00:00:00Z", "upstream": []any{"CVE-2099-0003"}, "summary": "a flaw in glibc",
		"affected": []any{obj{"package": obj{"ecosystem": "Debian:12", "name": "glibc"}, "ranges": []any{obj{"type": "ECOSYSTEM", "events": []any{obj{"introduced": "0"}}}}, "ecosystem_specific": obj{"urgency": "low"}}},
	}
	stdlib := obj{
		"id": "GO-2099-0004", "modified": "2024-05-01T00:00:00Z", "summary": "a flaw in the standard library",
		"affected": []any{obj{"package": obj{"ecosystem": "Go", "name": "stdlib"}, "ranges": []any{obj{"type": "SEMVER", "events": []any{obj{"introduced": "0"}, obj{"fixed": "99.0.0"}}}}}},
	}
	return []obj{openssl("2024-05-01T00:00:00Z", "3.0.17-1~deb12u3"), lodash, glibc, stdlib}
}

// shopSummary is what advisories make of shop.
var shopSummary = crowsnest.Summary{Critical: 1, High: 1, Low: 1, Unspecified: 1}

// zipped puts records into an archive as OSV's buckets hold them.
func zipped(t testing.TB, records ...obj) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, r := range records {
		f, err := w.Create(r["id"].(string) + ".json")
		must(t, err)
		must(t, json.NewEncoder(f).Encode(r))
	}
	must(t, w.Close())
	return b.Bytes()
}

// upload sends records to a server.
func (s *server) upload(t testing.TB, records ...obj) {
	t.Helper()
	results := got(s.UploadAdvisories(ctx(t), "", bytes.NewReader(zipped(t, records...))))(t)
	if len(results) != 1 || results[0].Records != len(records) || results[0].Skipped != 0 {
		t.Fatalf("upload of %d records: %+v", len(records), results)
	}
}

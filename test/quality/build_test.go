package quality

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/rpmkit"
)

// sample is an image of one kind of packages, with what is installed in it.
type sample struct {
	t      testing.TB
	kind   string
	layers []imagekit.Layer
	truth  map[string]bool
}

func newSample(t testing.TB, kind string) *sample {
	return &sample{t: t, kind: kind, truth: map[string]bool{}}
}

// installed notes a package that the image has in the end.
func (s *sample) installed(packageType, name, version string) {
	s.truth[strings.Join([]string{packageType, name, version}, " ")] = true
}

// owned notes one that a package of the distribution brought.
func (s *sample) owned(packageType, name, version, owner string) {
	s.truth[strings.Join([]string{packageType, name, version, "of", owner}, " ")] = true
}

// layer adds a layer.
func (s *sample) layer(files ...imagekit.File) {
	s.layers = append(s.layers, imagekit.Layer{Files: files})
}

func osRelease(id, version string) imagekit.File {
	return imagekit.Text("etc/os-release", fmt.Sprintf("ID=%s\nVERSION_ID=%q\n", id, version))
}

func stanza(name, version, status string) string {
	text := fmt.Sprintf("Package: %s\nArchitecture: amd64\nVersion: %s\n", name, version)
	if status != "" {
		text += "Status: " + status + "\n"
	}
	return text + "Description: something\n long\n\n"
}

// program is an ELF file that says something of itself.
func program(path, words string) imagekit.File {
	return imagekit.Executable(path, []byte("\x7fELF\x02\x01\x01"+strings.Repeat("\x90", 5000)+"\x00"+words+"\x00"))
}

func samples(t testing.TB) []*sample {
	var all []*sample
	for kind, build := range map[string]func(*sample){
		"deb": debian, "deb of distroless": distroless, "apk": alpine, "pacman": arch, "Go": goPrograms, "npm": npm, "Python": python, "Java": java,
		"Ruby": ruby, ".NET": dotnet, "Rust": rust, "PHP": php, "software": software, "owned": owned, "not installed": notInstalled,
		"rpm in SQLite": func(s *sample) {
			b, err := rpmkit.SQLite(t.TempDir(), rpms...)
			if err != nil {
				t.Fatal(err)
			}
			s.rpm("var/lib/rpm/rpmdb.sqlite", b)
		},
		"rpm in ndb":         func(s *sample) { s.rpm("usr/lib/sysimage/rpm/Packages.db", rpmkit.NDB(rpms...)) },
		"rpm in Berkeley DB": func(s *sample) { s.rpm("var/lib/rpm/Packages", rpmkit.BDB(rpms...)) },
	} {
		s := newSample(t, kind)
		build(s)
		all = append(all, s)
	}
	return all
}

func debian(s *sample) {
	s.layer(osRelease("debian", "12"), imagekit.Text("var/lib/dpkg/status",
		stanza("libc6", "2.36-9+deb12u4", "install ok installed")+stanza("wget", "1.21.3-1", "install ok installed")+
			stanza("gone", "1.0-1", "deinstall ok config-files")+stanza("broken", "1:2.0-1", "install ok half-configured")))
	// Another layer upgrades one package and removes another.
	s.layer(imagekit.Text("var/lib/dpkg/status",
		stanza("libc6", "2.36-9+deb12u7", "install ok installed")+stanza("broken", "1:2.0-1", "install ok installed")+stanza("curl", "7.88.1-10", "install ok installed")))
	s.installed("deb", "libc6", "2.36-9+deb12u7")
	s.installed("deb", "broken", "1:2.0-1")
	s.installed("deb", "curl", "7.88.1-10")
}

func distroless(s *sample) {
	var files []imagekit.File
	for _, name := range []string{"base-files", "netbase", "tzdata"} {
		files = append(files, imagekit.Text("var/lib/dpkg/status.d/"+name, stanza(name, "12.4", "")), imagekit.Text("var/lib/dpkg/status.d/"+name+".md5sums", "d41d8cd98f00b204e9800998ecf8427e  etc/"+name+"\n"))
		s.installed("deb", name, "12.4")
	}
	s.layer(append(files, osRelease("debian", "12"))...)
}

func alpine(s *sample) {
	s.layer(osRelease("alpine", "3.19.1"), imagekit.Text("lib/apk/db/installed", "C:Q1\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\nC:Q1\nP:libcrypto3\nV:3.1.4-r5\nA:x86_64\no:openssl\n\n"))
	s.installed("apk", "musl", "1.2.4-r2")
	s.installed("apk", "libcrypto3", "3.1.4-r5")
}

func arch(s *sample) {
	s.layer(osRelease("arch", ""), imagekit.Text("var/lib/pacman/local/bash-5.2.026-2/desc", "%NAME%\nbash\n\n%VERSION%\n5.2.026-2\n\n%ARCH%\nx86_64\n"))
	s.installed("pacman", "bash", "5.2.026-2")
}

var rpms = []rpmkit.Package{
	{Name: "openssl-libs", Version: "3.0.7", Release: "24.el9", Arch: "x86_64", Epoch: 1, Source: "openssl-3.0.7-24.el9.src.rpm"},
	{Name: "bash", Version: "5.1.8", Release: "6.el9", Arch: "x86_64", Source: "bash-5.1.8-6.el9.src.rpm"},
	{Name: "long", Version: "1", Release: "1", Arch: "noarch", Licence: strings.Repeat("MIT and ", 900) + "MIT"}, // on more than one page
	{Name: "gpg-pubkey", Version: "350d275d", Release: "6279464b", Arch: "(none)"},
}

func (s *sample) rpm(path string, database []byte) {
	s.layer(osRelease("rocky", "9.3"), imagekit.File{Path: path, Content: database})
	s.installed("rpm", "openssl-libs", "1:3.0.7-24.el9")
	s.installed("rpm", "bash", "5.1.8-6.el9")
	s.installed("rpm", "long", "1-1")
}

// goPrograms are this test itself, of which the runtime knows what made it, and a program with what
// the linker writes for debug/buildinfo to read.
func goPrograms(s *sample) {
	name, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		s.t.Fatal(err)
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		s.t.Fatal("the test has no build information")
	}
	goVersion, _, _ := strings.Cut(strings.TrimPrefix(info.GoVersion, "go"), " ")
	s.installed("golang", "stdlib", goVersion)
	s.installed("golang", info.Main.Path, "") // of a working copy no version is known
	for _, d := range info.Deps {
		s.installed("golang", d.Path, strings.TrimPrefix(d.Version, "v"))
	}

	modules := strings.Repeat("\x00", 16) + "path\texample.com/server\nmod\texample.com/server\tv1.2.3\th1:x=\n" +
		"dep\tgolang.org/x/net\tv0.17.0\th1:x=\ndep\texample.com/old\tv1.0.0\n=>\texample.com/fork\tv1.0.1\th1:x=\n" + strings.Repeat("\x00", 16)
	record := []byte("\xff Go buildinf:\x08\x02" + strings.Repeat("\x00", 16))
	for _, text := range []string{"go1.21.5", modules} {
		record = append(binary.AppendUvarint(record, uint64(len(text))), text...)
	}
	s.layer(imagekit.Executable("usr/local/bin/test", b), imagekit.Executable("usr/local/bin/server", elfWith(".go.buildinfo", record)))
	s.installed("golang", "stdlib", "1.21.5")
	s.installed("golang", "example.com/server", "1.2.3")
	s.installed("golang", "golang.org/x/net", "0.17.0")
	s.installed("golang", "example.com/fork", "1.0.1")
}

func npm(s *sample) {
	pkg := func(dir, name, version string) imagekit.File {
		s.installed("npm", name, version)
		return imagekit.Text(dir+"/package.json", fmt.Sprintf(`{"name":%q,"version":%q,"license":"MIT"}`, name, version))
	}
	s.layer(pkg("app", "app", "1.0.0"), pkg("app/node_modules/semver", "semver", "7.5.4"), pkg("app/node_modules/@types/node", "@types/node", "20.1.0"),
		pkg("app/node_modules/semver/node_modules/lru-cache", "lru-cache", "6.0.0"),
		imagekit.Text("app/node_modules/semver/test/package.json", `{"type":"module"}`))
	s.layer(imagekit.Text("srv/node_modules/left-pad/package.json", `{"name":"left-pad","version":"1.3.0"}`))
	s.layer(imagekit.Whiteout("srv/node_modules"))
}

func python(s *sample) {
	const site = "usr/local/lib/python3.11/site-packages/"
	meta := func(path, name, version string) imagekit.File {
		s.installed("pypi", name, version)
		return imagekit.Text(path, "Metadata-Version: 2.1\nName: "+name+"\nVersion: "+version+"\n\nText\n")
	}
	s.layer(meta(site+"requests-2.31.0.dist-info/METADATA", "requests", "2.31.0"), meta(site+"old-1.0-py3.11.egg-info", "old", "1.0"),
		meta(site+"older.egg-info/PKG-INFO", "older", "0.9"), meta("opt/venv/lib/python3.11/site-packages/urllib3-2.0.7.dist-info/METADATA", "urllib3", "2.0.7"))
}

func archive(t testing.TB, files map[string][]byte) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range files {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func java(s *sample) {
	pom := func(into map[string][]byte, group, artifact, version string) map[string][]byte {
		s.installed("maven", group+":"+artifact, version)
		into["META-INF/maven/"+group+"/"+artifact+"/pom.properties"] = fmt.Appendf(nil, "groupId=%s\nartifactId=%s\nversion=%s\n", group, artifact, version)
		return into
	}
	inner := archive(s.t, pom(map[string][]byte{}, "org.example", "inner", "1.1"))
	nested := pom(map[string][]byte{"WEB-INF/lib/middle.jar": archive(s.t, pom(map[string][]byte{"lib/inner.jar": inner}, "org.example", "middle", "1.2"))}, "org.example", "web", "1.0")
	shaded := pom(pom(pom(map[string][]byte{}, "com.example", "app", "3.0"), "com.google.guava", "guava", "31.1-jre"), "org.slf4j", "slf4j-api", "1.7.36")
	s.layer(imagekit.File{Path: "opt/web.war", Content: archive(s.t, nested)}, imagekit.File{Path: "app/app.jar", Content: archive(s.t, shaded)},
		imagekit.File{Path: "app/commons-io-2.11.0.jar", Content: archive(s.t, map[string][]byte{
			"META-INF/MANIFEST.MF": []byte("Manifest-Version: 1.0\r\nBundle-SymbolicName: org.apache.commons.commons-io\r\nImplementation-Title: Apache Commons IO\r\nImplementation-Vendor-Id: commons-io\r\nImplementation-Version: 2.11.0\r\n\r\n"),
		})})
	s.installed("maven", "commons-io:commons-io", "2.11.0")
	// As Debian builds them: the name of the file has a series in place of the version, or a name of Debian's own.
	s.layer(imagekit.File{Path: "usr/share/java/spring3-core-3.x.jar", Content: archive(s.t, map[string][]byte{
		"META-INF/MANIFEST.MF": []byte("Manifest-Version: 1.0\r\nImplementation-Title: spring-core\r\nImplementation-Version: 4.3.30.RELEASE\r\n\r\n"),
	})}, imagekit.File{Path: "usr/share/java/commons-collections3-3.2.2.jar", Content: archive(s.t, map[string][]byte{
		"META-INF/MANIFEST.MF": []byte("Manifest-Version: 1.0\r\nBundle-SymbolicName: org.apache.commons.collections\r\nExtension-Name: commons-collections\r\nImplementation-Title: Commons Collections\r\nImplementation-Version: 3.2.2\r\n\r\n"),
	})})
	s.installed("maven", "org.springframework:spring-core", "4.3.30.RELEASE")
	s.installed("maven", "commons-collections:commons-collections", "3.2.2")
}

func ruby(s *sample) {
	s.layer(imagekit.Text("usr/local/bundle/specifications/rack-2.2.3.gemspec", "Gem::Specification.new do |s|\n  s.name = \"rack\".freeze\n  s.version = \"2.2.3\"\nend\n"),
		imagekit.Text("usr/local/bundle/gems/rack-2.2.3/rack.gemspec", "Gem::Specification.new do |s|\n  s.name = \"rack\"\n  s.version = Rack::VERSION\nend\n"))
	s.installed("gem", "rack", "2.2.3")
}

func dotnet(s *sample) {
	s.layer(imagekit.Text("app/web.deps.json", `{"runtimeTarget":{"name":".NETCoreApp,Version=v8.0"},"targets":{},"libraries":{"web/1.0.0":{"type":"project"},"Newtonsoft.Json/13.0.1":{"type":"package"}}}`))
	s.installed("nuget", "web", "1.0.0")
	s.installed("nuget", "Newtonsoft.Json", "13.0.1")
}

// rust is a program with the section that cargo-auditable writes: JSON in zlib.
func rust(s *sample) {
	record, err := json.Marshal(map[string]any{"packages": []map[string]any{
		{"name": "app", "version": "0.1.0", "source": "local", "root": true, "dependencies": []int{1, 2}},
		{"name": "serde", "version": "1.0.193", "source": "crates.io"},
		{"name": "cc", "version": "1.0.83", "source": "crates.io", "kind": "build"},
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	if _, err := w.Write(record); err != nil {
		s.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.layer(imagekit.Executable("usr/local/bin/app", elfWith(".dep-v0", packed.Bytes())))
	s.installed("cargo", "app", "0.1.0")
	s.installed("cargo", "serde", "1.0.193") // what only built it is not in it
}

// elfWith is an ELF file for amd64 with one section beside that of the names, loaded as it lies in the file.
func elfWith(name string, content []byte) []byte {
	const head, programs, start = 64, 56, 128
	names := "\x00" + name + "\x00.shstrtab\x00"
	b := make([]byte, start, start+len(content)+len(names)+3*64)
	copy(b, "\x7fELF\x02\x01\x01")
	b = append(append(b, content...), names...)
	for len(b)%8 != 0 {
		b = append(b, 0)
	}
	le := binary.LittleEndian
	le.PutUint16(b[16:], 2)  // an executable
	le.PutUint16(b[18:], 62) // amd64
	le.PutUint32(b[20:], 1)
	le.PutUint64(b[32:], head)           // the table of what is loaded
	le.PutUint64(b[40:], uint64(len(b))) // the table of sections
	le.PutUint16(b[52:], head)
	le.PutUint16(b[54:], programs)
	le.PutUint16(b[56:], 1)
	le.PutUint16(b[58:], 64)
	le.PutUint16(b[60:], 3) // sections
	le.PutUint16(b[62:], 2) // that of the names
	le.PutUint32(b[head:], 1)
	le.PutUint32(b[head+4:], 6)               // to be read and written
	le.PutUint64(b[head+32:], uint64(len(b))) // bytes in the file
	le.PutUint64(b[head+40:], uint64(len(b))) // and in memory
	section := func(name, kind uint32, offset, size int) {
		h := make([]byte, 64)
		le.PutUint32(h[0:], name)
		le.PutUint32(h[4:], kind)
		le.PutUint64(h[16:], uint64(offset)) // address
		le.PutUint64(h[24:], uint64(offset))
		le.PutUint64(h[32:], uint64(size))
		le.PutUint64(h[48:], 1)
		b = append(b, h...)
	}
	section(0, 0, 0, 0)
	section(1, 1, start, len(content))
	section(uint32(len(name)+2), 3, start+len(content), len(names))
	return b
}

func php(s *sample) {
	s.layer(imagekit.Text("var/www/vendor/composer/installed.json", `{"packages":[{"name":"monolog/monolog","version":"3.5.0","type":"library"},{"name":"psr/log","version":"3.0.0","type":"library"}],"dev":false}`),
		imagekit.Text("var/www/html/wp-includes/version.php", "<?php\n$wp_version = '6.2.2';\n"))
	s.installed("composer", "monolog/monolog", "3.5.0")
	s.installed("composer", "psr/log", "3.0.0")
	s.installed("generic", "wordpress", "6.2.2")
}

// software is what official images build from source.
func software(s *sample) {
	s.layer(program("usr/local/bin/node", "node.js/v20.11.1"), program("usr/local/lib/libpython3.11.so.1.0", "3.11.4"), program("usr/local/bin/redis-server", "7.0.11host-16860000000\x007.0.11"),
		program("usr/sbin/nginx", "nginx version: nginx/1.25.1"), program("usr/local/bin/postgres", "postgres (PostgreSQL) 15.3"), program("usr/local/lib/libcrypto.so.3", "OpenSSL 3.0.19 27 Jan 2026"),
		program("usr/local/bin/php", "X-Powered-By: PHP/8.2.6"), program("usr/local/bin/ruby", "ruby 3.2.2 (2023-03-30 revision e51014f9c0)"), program("bin/busybox", "BusyBox v1.36.1 (2023-11-07)"),
		imagekit.Text("opt/java/openjdk/release", "JAVA_VERSION=\"17.0.15\"\nJAVA_RUNTIME_VERSION=\"17.0.15+6\"\n"), imagekit.Text("usr/local/go/VERSION", "go1.21.5\n"),
		program("usr/local/bin/mytool", "node.js/v1.2.3"), imagekit.Text("srv/release", "VERSION=\"4\"\n"))
	for name, version := range map[string]string{
		"node": "20.11.1", "python": "3.11.4", "redis": "7.0.11", "nginx": "1.25.1", "postgresql": "15.3", "openssl": "3.0.19", "php": "8.2.6", "ruby": "3.2.2", "busybox": "1.36.1", "openjdk": "17.0.15+6",
	} {
		s.installed("generic", name, version)
	}
	s.installed("golang", "stdlib", "1.21.5")
}

// owned has packages of languages and programs that packages of the distribution brought.
func owned(s *sample) {
	const six = "usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO"
	s.layer(osRelease("debian", "12"), imagekit.Text("var/lib/dpkg/status", stanza("python3-six", "1.16.0-4", "install ok installed")+stanza("bash", "5.2.15-2", "install ok installed")),
		imagekit.Text("var/lib/dpkg/info/python3-six.list", "/.\n/"+six+"\n"), imagekit.Text(six, "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n"),
		imagekit.Text("var/lib/dpkg/info/bash.list", "/.\n/bin\n/bin/bash\n"), program("bin/bash", "@(#)Bash version 5.2.15(1) release GNU"))
	s.installed("deb", "python3-six", "1.16.0-4")
	s.installed("deb", "bash", "5.2.15-2")
	s.owned("pypi", "six", "1.16.0", "python3-six")
	s.owned("generic", "bash", "5.2.15", "bash")
}

// notInstalled has only files that name packages which are not there.
func notInstalled(s *sample) {
	s.layer(imagekit.Text("app/package-lock.json", `{"name":"app","lockfileVersion":3,"packages":{"node_modules/evil":{"version":"1.0.0"}}}`),
		imagekit.Text("app/requirements.txt", "evil==1.0\n"), imagekit.Text("app/Gemfile.lock", "GEM\n  specs:\n    evil (1.0)\n"), imagekit.Text("app/go.mod", "module app\n\nrequire evil.example/evil v1.0.0\n"),
		imagekit.Text("app/bom.cdx.json", `{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","name":"evil","version":"1.0","purl":"pkg:npm/evil@1.0"}]}`),
		imagekit.Text("usr/share/doc/node", "node.js/v20.11.1"), imagekit.Executable("usr/local/bin/node", []byte("#!/bin/sh\nexec echo node.js/v20.11.1\n")))
}

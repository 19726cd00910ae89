package classify

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// example is a file as its makers write it, as far as a classifier looks at it. Those of
// redis and valkey were made by hosts that begin with a digit.
type example struct{ path, content, version string }

var examples = map[string][]example{
	"bash":      {{"bin/bash", "\x00@(#)Bash version 5.2.15(1) release GNU\x00", "5.2.15"}},
	"busybox":   {{"bin/busybox", "\x00BusyBox v1.36.1 (2023-11-07 18:53:09 UTC)\x00", "1.36.1"}, {"usr/bin/busybox.static", "BusyBox v1.37.0\x00", "1.37.0"}, {"bin/[", "\x00BusyBox v1.36.1 (2024-01-17 21:58:10 UTC)\x00", "1.36.1"}},
	"curl":      {{"usr/local/bin/curl", "\x00curl 8.1.2 (x86_64-pc-linux-musl) %s\n\x00", "8.1.2"}, {"usr/local/lib/libcurl.so.4.8.0", "\x00libcurl/8.1.2\x00", "8.1.2"}},
	"erlang":    {{"usr/local/lib/erlang/releases/26/OTP_VERSION", "26.2.5.1\n", "26.2.5.1"}},
	"expat":     {{"usr/local/lib/libexpat.so.1.8.10", "\x00expat_2.5.0\x00", "2.5.0"}},
	"glibc":     {{"lib/libc.so.6", "\nGNU C Library (GNU libc) stable release version 2.36.\n", "2.36"}, {"lib/libc-2.31.so", "GNU C Library (Some GLIBC 2.31-13) stable release version 2.31.\n", "2.31"}},
	"haproxy":   {{"usr/local/sbin/haproxy", "\x00<h2>HAProxy version 2.8.1-a90123a, released 2023/07/03\x00", "2.8.1"}, {"usr/local/sbin/haproxy", " version 2.9-dev3, released 2023/08/12", "2.9-dev3"}},
	"httpd":     {{"usr/local/apache2/bin/httpd", "\x00Apache/2.4.57 (Unix)\x00", "2.4.57"}},
	"mariadb":   {{"usr/sbin/mariadbd", "\x0010.11.4-MariaDB-1:10.11.4+maria~ubu2204\x00", "10.11.4"}},
	"memcached": {{"usr/local/bin/memcached", "\x00memcached 1.6.21\n\x00", "1.6.21"}},
	"mysql":     {{"usr/sbin/mysqld", "\x00/export/build/mysql-8.0.33/sql/mysqld.cc\x00", "8.0.33"}},
	"nginx":     {{"usr/sbin/nginx", "\x00nginx version: nginx/1.25.1\n\x00", "1.25.1"}},
	"node":      {{"usr/local/bin/node", "\x00node.js/v20.11.1\x00", "20.11.1"}, {"nodejs/bin/node", "node.js/v22.0.0-rc.1\x00", "22.0.0-rc.1"}},
	"openjdk": {
		{"opt/java/openjdk/release", "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_RUNTIME_VERSION=\"17.0.15+6-LTS\"\nJAVA_VERSION=\"17.0.15\"\n", "17.0.15+6"},
		{"opt/java/openjdk/release", "JAVA_VERSION=\"17.0.15\"\nJAVA_RUNTIME_VERSION=\"17.0.15+6\"\n", "17.0.15+6"},
		{"usr/java/jre/release", "JAVA_VERSION=\"1.8.0_372\"\nOS_NAME=\"Linux\"\n", "1.8.0_372"},
	},
	"openresty": {{"usr/local/openresty/nginx/sbin/nginx", "\x00nginx version: openresty/1.21.4.1\n\x00", "1.21.4.1"}},
	"openssl": {
		{"usr/local/lib/libcrypto.so.3", "\x00OpenSSL 3.0.19 27 Jan 2026\x00", "3.0.19"},
		{"usr/local/lib/libssl.so.1.1", "\x00OpenSSL 1.1.1k  25 Mar 2021\x00", "1.1.1k"},
		{"usr/local/bin/openssl", "\x00OpenSSL 1.0.2zg-fips  7 Feb 2023\x00", "1.0.2zg"},
	},
	"perl":       {{"usr/local/bin/perl5.36.0", "\x00/usr/local/lib/perl5/5.36.0\x00", "5.36.0"}, {"opt/lib/libperl.so", "/usr/local/lib/x86_64/perl/5.38.2\x00", "5.38.2"}},
	"php":        {{"usr/local/bin/php", "\x00X-Powered-By: PHP/8.2.6\x00", "8.2.6"}, {"usr/local/sbin/php-fpm", "X-Powered-By: PHP/8.3.0RC2\x00", "8.3.0RC2"}, {"usr/lib/apache2/modules/libphp8.so", "X-Powered-By: PHP/8.1.0\x00", "8.1.0"}},
	"postgresql": {{"usr/local/bin/postgres", "\x00postgres (PostgreSQL) 15.3\n\x00", "15.3"}, {"usr/lib/postgresql/9/bin/postgres", "postgres (PostgreSQL) 9.6.24\n", "9.6.24"}, {"usr/local/bin/postgres", "postgres (PostgreSQL) 16beta1\n", "16beta1"}},
	"python":     {{"usr/local/lib/libpython3.11.so.1.0", "\x003.11.4\x00", "3.11.4"}, {"usr/local/bin/python3.12", "tail/Python-3.12.0rc1\x00", "3.12.0rc1"}, {"opt/lib/libpython3.7m.so.1.0", "3.7.16+\x00", "3.7.16"}},
	"redis":      {{"usr/local/bin/redis-server", "\x007.0.113f2a9c41d0-168600000000000000000\x00bare\x007.0.11\x005.2.1\x00", "7.0.11"}},
	"ruby":       {{"usr/local/lib/libruby.so.3.2.2", "\x00ruby 3.2.2 (2023-03-30 revision e51014f9c0) [x86_64-linux]\x00", "3.2.2"}, {"usr/local/bin/ruby", "ruby 2.7.8p225 (2023-03-30 revision 1f4d455848) [x86_64-linux]\x00", "2.7.8"}},
	"rust":       {{"usr/local/rustup/toolchains/x/lib/librustc_driver-6108105cd7e839cf.so", "\x00rustc version 1.95.0 (59807616e 2026-04-14)\x00", "1.95.0"}},
	"stdlib":     {{"usr/local/go/VERSION", "go1.21.5\ntime 2023-11-29T21:21:46Z\n", "1.21.5"}, {"usr/local/go/VERSION", "go1.22rc1\n", "1.22rc1"}},
	"valkey":     {{"usr/local/bin/valkey-server", "\x007.2.5buildhost-17120000000\x00a 7.2.5\x00", "7.2.5"}},
	"wordpress":  {{"var/www/html/wp-includes/version.php", "<?php\n/**\n * @global string $wp_version\n */\n$wp_version = '6.2.2';\n", "6.2.2"}},
	"zlib":       {{"usr/local/lib/libz.so.1.2.13", "\x00 deflate 1.2.13 Copyright 1995-2022 Jean-loup Gailly and Mark Adler \x00", "1.2.13"}},
}

// elf is a file that begins as ELF does, with noise of n bytes before the content and some after it.
func elf(n int, content string) []byte {
	all := noise()
	for len(all) < n {
		all = append(all, all...)
	}
	return slices.Concat([]byte("\x7fELF\x02\x01\x01"), all[:n], []byte(content), all[:300])
}

var noise = sync.OnceValue(func() []byte {
	r := rand.New(rand.NewPCG(1, 1))
	b := make([]byte, 2*chunk)
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
	return slices.Clip(b)
})

func isText(c *classifier, content string) []byte {
	if c.text {
		return []byte(content)
	}
	return elf(1000, content)
}

func versions(t testing.TB, p string, r io.Reader) []string {
	t.Helper()
	found, err := Of(p).Read(r)
	if err != nil {
		t.Fatalf("%s: %v", p, err)
	}
	var out []string
	for _, s := range found {
		out = append(out, s.Name+" "+s.Version)
	}
	return out
}

func TestEveryClassifierFindsItsExamples(t *testing.T) {
	for i := range classifiers {
		c := &classifiers[i]
		if len(examples[c.name]) == 0 {
			t.Errorf("%s has no example", c.name)
		}
		for _, e := range examples[c.name] {
			if got := versions(t, e.path, bytes.NewReader(isText(c, e.content))); !slices.Equal(got, []string{c.name + " " + e.version}) {
				t.Errorf("%s: found %q, want %s", e.path, got, e.version)
			}
			// The same words in a file of the other kind say nothing.
			other := []byte(e.content)
			if c.text {
				other = elf(1000, e.content)
			}
			if got := versions(t, e.path, bytes.NewReader(other)); got != nil {
				t.Errorf("%s of the other kind: found %q", e.path, got)
			}
		}
	}
	for name := range examples {
		if !slices.ContainsFunc(classifiers, func(c classifier) bool { return c.name == name }) {
			t.Errorf("there is an example of %s and no classifier", name)
		}
	}
}

// The list must be such that a scan is a search for strings.
func TestList(t *testing.T) {
	seen := map[string]bool{}
	for i := range classifiers {
		c := &classifiers[i]
		if seen[c.name] {
			t.Errorf("%s is there twice", c.name)
		}
		seen[c.name] = true
		if c.golang == (c.repository != "") || strings.ContainsAny(c.repository, ": ") || c.repository != strings.ToLower(c.repository) {
			t.Errorf("%s: repository %q; want it in lower case, without a scheme", c.name, c.repository)
		}
		for _, p := range c.compile("3.11") {
			if p.expression.NumSubexp() != 1 {
				t.Errorf("%s: %s has %d groups, want one", c.name, p.expression, p.expression.NumSubexp())
			}
			if least := 4; !c.text && len(p.anchor) < least && !p.joined {
				t.Errorf("%s: the literal %q is shorter than %d bytes", c.name, p.anchor, least)
			}
		}
		for _, f := range c.files {
			base := path.Base(f)
			if stem(base) == "" && !strings.HasPrefix(base, `\`) {
				t.Errorf("%s: the pattern %s does not begin with a literal character", c.name, f)
			}
			if _, err := path.Match(f, "x"); err != nil {
				t.Errorf("%s: %s: %v", c.name, f, err)
			}
		}
	}
}

func TestPathsThatFit(t *testing.T) {
	for p, want := range map[string][]string{
		"usr/bin/node": {"node"}, "bin/node": {"node"}, "node": nil, "usr/share/doc/node": nil, "xbin/node": nil, "usr/bin/nodejs": nil,
		"usr/bin/python3": nil, "usr/bin/python3.11": {"python"}, "usr/bin/python3-config": nil, "usr/lib/python3.11/os.py": nil,
		"bin/[": {"busybox"}, "usr/bin/[": {"busybox"}, "bin/[[": nil, "[": nil, "usr/sbin/nginx": {"nginx", "openresty"}, "usr/sbin/mysqld": {"mariadb", "mysql"}, "VERSION": nil, "app/VERSION": nil, "go/VERSION": {"stdlib"},
		"release": {"openjdk"}, "etc/os-release": nil, "": nil, "libc.so.6": {"glibc"}, "lib/libc++.so.1": nil, "wp-includes/version.php": {"wordpress"}, "version.php": nil,
	} {
		var got []string
		for _, c := range Of(p) {
			got = append(got, c.name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s fits %q, want %q", p, got, want)
		}
	}
}

// A version is found wherever the borders of chunks fall.
func TestAcrossChunks(t *testing.T) {
	for _, e := range []struct {
		path, content, want string
	}{
		{"usr/bin/node", "\x00node.js/v20.11.1\x00", "node 20.11.1"},
		{"usr/sbin/mariadbd", "\x0010.11.4-MariaDB\x00", "mariadb 10.11.4"},
		{"usr/bin/redis-server", "\x007.0.113f2a9c41d0-168600000000000000000\x007.0.11\x00", "redis 7.0.11"},
	} {
		for at := chunk - 80; at < chunk+keep+40; at++ {
			if got := versions(t, e.path, bytes.NewReader(elf(at, e.content))); !slices.Equal(got, []string{e.want}) {
				t.Fatalf("with the version at %d: found %q, want %q", at, got, e.want)
			}
		}
	}
	if got := versions(t, "bin/node", iotest.OneByteReader(bytes.NewReader(elf(chunk, "node.js/v20.11.1\x00")))); !slices.Equal(got, []string{"node 20.11.1"}) {
		t.Errorf("byte by byte: found %q", got)
	}
}

func TestNothingIsGuessed(t *testing.T) {
	for name, e := range map[string]example{
		"another's words":              {path: "usr/bin/node", content: "X-Powered-By: PHP/8.2.6"},
		"a minor that is another's":    {path: "usr/bin/python3.11", content: "\x003.12.4\x00"},
		"a longer minor":               {path: "usr/bin/python3.1", content: "\x003.11.4\x00"},
		"joined and never alone":       {path: "usr/bin/redis-server", content: "\x007.0.113f2a9c41d0-168600000000000000000\x00"},
		"alone and never joined":       {path: "usr/bin/redis-server", content: "\x007.0.11\x00"},
		"alone, the end of a longer":   {path: "usr/bin/redis-server", content: "\x007.0.11h-1686000000\x00177.0.11\x00"},
		"only the beginning of a word": {path: "usr/bin/node", content: "node.js/v"},
	} {
		if got := versions(t, e.path, bytes.NewReader(elf(100, e.content))); got != nil {
			t.Errorf("%s: found %q", name, got)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestCaps(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("\x7fELF"), zeros{})
	if found, err := Of("bin/node").read(endless, 10*chunk); !errors.Is(err, ErrTooLarge) || found != nil {
		t.Errorf("an endless file: %v, %v", found, err)
	}
	// What decides stops the reading.
	r := io.MultiReader(bytes.NewReader(elf(10, "node.js/v20.11.1\x00")), zeros{})
	if found, err := Of("bin/node").Read(r); err != nil || len(found) != 1 {
		t.Errorf("an endless file with a version: %v, %v", found, err)
	}
	broken := errors.New("broken")
	if _, err := Of("bin/node").Read(io.MultiReader(strings.NewReader("\x7fELF"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the reader", err)
	}
}

func TestSoftware(t *testing.T) {
	found, err := Of("bin/node").Read(bytes.NewReader(elf(0, "node.js/v20.11.1\x00")))
	if err != nil {
		t.Fatal(err)
	}
	want := []Software{{Type: "generic", Name: "node", Version: "20.11.1", PURL: "pkg:generic/node@20.11.1", Ecosystem: "GIT", Repository: "github.com/nodejs/node"}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("node (-want +got):\n%s", diff)
	}
	found, err = Of("usr/local/go/VERSION").Read(strings.NewReader("go1.21.5\n"))
	if err != nil {
		t.Fatal(err)
	}
	want = []Software{{Type: "golang", Name: "stdlib", Version: "1.21.5", PURL: "pkg:golang/stdlib@1.21.5", Ecosystem: "Go"}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("Go (-want +got):\n%s", diff)
	}
}

// FuzzRead compares the scan of a stream in chunks with one of the whole.
func FuzzRead(f *testing.F) {
	for i := range classifiers {
		for _, e := range examples[classifiers[i].name] {
			f.Add(e.path, string(isText(&classifiers[i], e.content)), uint32(chunk-20))
		}
	}
	f.Add("bin/redis-server", "\x7fELF"+strings.Repeat("1.1.1a-1000000000", 9), uint32(7))
	f.Fuzz(func(t *testing.T, p, content string, shift uint32) {
		c := Of(p)
		if c == nil {
			return
		}
		whole, err := c.Read(strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		bytewise, err := c.Read(iotest.HalfReader(strings.NewReader(content)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole, bytewise); diff != "" {
			t.Errorf("the size of reads matters (-whole +halves):\n%s", diff)
		}
		for _, s := range whole {
			if s.Version == "" || len(s.Version) > reach || !strings.Contains(content, s.Version) {
				t.Errorf("the version %q of %s is not in the file", s.Version, s.Name)
			}
		}
		if rest, ok := strings.CutPrefix(content, "\x7fELF"); ok && !c[0].text && len(whole) == 1 && len(c) == 1 {
			moved := "\x7fELF" + strings.Repeat("\xff", int(shift%(2*chunk))) + rest
			again, err := c.Read(strings.NewReader(moved))
			if err != nil || len(again) != 1 {
				t.Fatalf("moved by %d bytes: %v, %v; want %v", shift%(2*chunk), again, err, whole)
			}
		}
	})
}

func BenchmarkOf(b *testing.B) {
	paths := []string{"usr/share/zoneinfo/Europe/Berlin", "app/node_modules/semver/package.json", "usr/bin/python3.11", "usr/lib/x86_64-linux-gnu/libglib-2.0.so.0.7400.6"}
	for b.Loop() {
		for _, p := range paths {
			Of(p)
		}
	}
}

// BenchmarkRead scans a program in which nothing is found.
func BenchmarkRead(b *testing.B) {
	file := elf(32<<20, "")
	for _, p := range []string{"usr/bin/node", "usr/bin/perl", "usr/bin/redis-server", "usr/bin/python3.11"} {
		b.Run(path.Base(p), func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if found, err := Of(p).Read(bytes.NewReader(file)); err != nil || found != nil {
					b.Fatal(found, err)
				}
			}
		})
	}
}

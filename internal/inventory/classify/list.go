package classify

// classifier recognises one piece of software.
type classifier struct {
	name string // in the purl, which is of the type generic

	// files are patterns of the last elements of a path, as path.Match has them. The letters a
	// file name begins with must be literal. One that begins with an escaped character instead
	// is tried on every name that does not begin with a letter.
	files []string

	// text is for files that people can read; the others are ELF files.
	text bool

	// versions are tried in their order of preference. The first group is the version.
	versions []pattern

	// repository is what advisories of OSV's ecosystem GIT call the software.
	repository string

	// golang is for the Go toolchain, whose standard library has an ecosystem.
	golang bool
}

// pattern finds a version. Without an anchor the expression must begin with a literal, "{minor}"
// in it being the "3.11" of a file name such as libpython3.11.so.
type pattern struct {
	expression string

	anchor string // literal text that is searched for, if it does not come first
	before int    // bytes before the anchor at which the expression may begin

	// joined says that other text follows the version without anything between, which is told
	// from the version by the latter standing alone, as a string that ends with it, elsewhere.
	joined bool
}

// number is a version of two or three numbers with an optional pre-release, as most have it.
const number = `(\d+\.\d+(?:\.\d+)?(?:-?(?:alpha|beta|rc|dev|pre|preview)[.-]?\d*)?)`

// classifiers is the list, by name. The sources are those of the makers, where the comment says.
var classifiers = []classifier{
	// SCCSVERSION in version.h, which support/mkversion.sh makes.
	{name: "bash", files: []string{"bin/bash"}, repository: "git.savannah.gnu.org/git/bash",
		versions: []pattern{{expression: `@\(#\)Bash version (\d+\.\d+\.\d+)`}}},
	// BANNER in libbb/messages.c. Its images hold one program under the names of all commands, of
	// which a sorted archive stores the first; the others are hard links to that.
	{name: "busybox", files: []string{"busybox", "busybox.static", `bin/\[`}, repository: "git.busybox.net/busybox",
		versions: []pattern{{expression: `BusyBox v(\d+\.\d+(?:\.\d+)?)`}}},
	// CURL_ID in src/tool_version.h; LIBCURL_NAME and LIBCURL_VERSION in lib/version.c.
	{name: "curl", files: []string{"bin/curl", "libcurl.so*", "libcurl-gnutls.so*"}, repository: "github.com/curl/curl",
		versions: []pattern{{expression: `libcurl/(\d+\.\d+\.\d+)`}, {expression: `curl (\d+\.\d+\.\d+) \(`}}},
	// The file that erts reads its release from (OTP system principles, "OTP version").
	{name: "erlang", files: []string{"OTP_VERSION"}, text: true, repository: "github.com/erlang/otp",
		versions: []pattern{{expression: `^(\d+\.\d+(?:\.\d+)*)\s`}}},
	// XML_ExpatVersion in lib/xmlparse.c.
	{name: "expat", files: []string{"libexpat.so*"}, repository: "github.com/libexpat/libexpat",
		versions: []pattern{{expression: `expat_(\d+\.\d+\.\d+)`}}},
	// The banner in csu/version.c.
	{name: "glibc", files: []string{"libc.so.6", "libc-[0-9]*.so"}, repository: "sourceware.org/git/glibc",
		versions: []pattern{{expression: `GNU C Library \([^)\n]{1,80}\) (?:stable|development) release version (\d+\.\d+(?:\.\d+)?)`}}},
	// The file that runtime.Version of a distribution of Go goes by (cmd/dist/build.go, findgoversion).
	{name: "stdlib", files: []string{"go/VERSION"}, text: true, golang: true,
		versions: []pattern{{expression: `^go(\d+\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?)\s`}}},
	// STATS_VERSION_STRING in include/haproxy/stats.h.
	{name: "haproxy", files: []string{"sbin/haproxy", "bin/haproxy"}, repository: "github.com/haproxy/haproxy",
		versions: []pattern{{expression: ` version (\d+\.\d+(?:\.\d+|-dev\d+|-rc\d+))[-0-9a-zA-Z.+~]{0,60}, released 20`}}},
	// AP_SERVER_BASEVERSION in include/ap_release.h.
	{name: "httpd", files: []string{"bin/httpd", "sbin/httpd", "sbin/apache2"}, repository: "github.com/apache/httpd",
		versions: []pattern{{expression: `Apache/(\d+\.\d+\.\d+)`}}},
	// MYSQL_SERVER_VERSION in include/mysql_version.h.in: the suffix is set by CMake.
	{name: "mariadb", files: []string{"bin/mariadbd", "sbin/mariadbd", "bin/mysqld", "sbin/mysqld"}, repository: "github.com/mariadb/server",
		versions: []pattern{{expression: `(\d+\.\d+\.\d+)-MariaDB`, anchor: "-MariaDB", before: 16}}},
	// usage() in memcached.c prints PACKAGE and VERSION, joined by the compiler.
	{name: "memcached", files: []string{"bin/memcached"}, repository: "github.com/memcached/memcached",
		versions: []pattern{{expression: `memcached (\d+\.\d+\.\d+)`}}},
	// Assertions name the source tree, which releases call after their version.
	{name: "mysql", files: []string{"bin/mysqld", "sbin/mysqld"}, repository: "github.com/mysql/mysql-server",
		versions: []pattern{{expression: `/mysql-(\d+\.\d+\.\d+)/`}}},
	// NGINX_VER in src/core/nginx.h, as show_version_info in src/core/nginx.c prints it.
	{name: "nginx", files: []string{"sbin/nginx", "bin/nginx"}, repository: "github.com/nginx/nginx",
		versions: []pattern{{expression: `nginx version: nginx/(\d+\.\d+\.\d+)`}}},
	// The browser that src/inspector_socket_server.cc says it is.
	{name: "node", files: []string{"bin/node"}, repository: "github.com/nodejs/node",
		versions: []pattern{{expression: `node\.js/v(\d+\.\d+\.\d+(?:-(?:rc|pre|nightly|test)[0-9a-z.]*)?)`}}},
	// The release file that make/ReleaseFile.gmk writes. Java 8 has no JAVA_RUNTIME_VERSION.
	{name: "openjdk", files: []string{"release"}, text: true, repository: "github.com/openjdk/jdk",
		versions: []pattern{{expression: `JAVA_RUNTIME_VERSION="(\d+(?:\.\d+)*\+\d+)`}, {expression: `JAVA_VERSION="(\d+[0-9._]*)"`}}},
	// The same place as nginx, under the name that its bundle sets.
	{name: "openresty", files: []string{"sbin/nginx", "bin/openresty"}, repository: "github.com/openresty/openresty",
		versions: []pattern{{expression: `nginx version: openresty/(\d+\.\d+\.\d+\.\d+)`}}},
	// OPENSSL_VERSION_TEXT in include/openssl/opensslv.h.
	{name: "openssl", files: []string{"bin/openssl", "libcrypto.so*", "libssl.so*"}, repository: "github.com/openssl/openssl",
		versions: []pattern{{expression: `OpenSSL (\d+\.\d+\.\d+[a-z]{0,2}(?:-(?:alpha|beta|pre)\d+)?)(?:-fips|\+quic)? {1,2}\d{1,2} [A-Z][a-z]{2} 20\d\d`}}},
	// PRIVLIB_EXP and SITELIB_EXP in config.h: where the modules of exactly this version are.
	{name: "perl", files: []string{"bin/perl", "bin/perl5*", "libperl.so*"}, repository: "github.com/perl/perl5",
		versions: []pattern{{expression: `/perl5/(5\.\d+\.\d+)`}, {expression: `/perl/(5\.\d+\.\d+)`}}},
	// SAPI_PHP_VERSION_HEADER in main/SAPI.h.
	{name: "php", files: []string{"bin/php", "bin/php[0-9]*", "bin/php-cgi*", "sbin/php-fpm*", "libphp*.so"}, repository: "github.com/php/php-src",
		versions: []pattern{{expression: `X-Powered-By: PHP/(\d+\.\d+\.\d+(?:(?:alpha|beta|RC)\d+)?)`}}},
	// PG_BACKEND_VERSIONSTR, as src/backend/main/main.c prints it.
	{name: "postgresql", files: []string{"bin/postgres"}, repository: "github.com/postgres/postgres",
		versions: []pattern{{expression: `postgres \(PostgreSQL\) (\d+(?:\.\d+){1,2}|\d+(?:beta|rc)\d+)`}}},
	// PY_VERSION in Include/patchlevel.h, as Python/getversion.c has it. A linker may let it share
	// the end of another string, so what comes before it is not asked for.
	{name: "python", files: []string{"bin/python[23].*", "libpython[23].*"}, repository: "github.com/python/cpython",
		versions: []pattern{{expression: `({minor}\.\d+(?:(?:a|b|rc)\d+)?)\+?\x00`}}},
	// REDIS_BUILD_ID_RAW in src/release.c: version, host name, a dash and the seconds since 1970.
	{name: "redis", files: []string{"redis-server"}, repository: "github.com/redis/redis",
		versions: []pattern{{expression: `[^0-9.](\d+\.\d+\.\d+)[0-9A-Za-z._-]{0,80}-1\d{9}`, anchor: "-1", before: 100, joined: true}}},
	// ruby_description in version.c.
	{name: "ruby", files: []string{"bin/ruby", "bin/ruby[0-9]*", "libruby*.so*"}, repository: "github.com/ruby/ruby",
		versions: []pattern{{expression: `ruby (\d+\.\d+\.\d+(?:(?:preview|rc)\d+)?)(?:p\d+|dev)? \(20`}}},
	// What rustc_interface writes of itself into what it compiles, and prints.
	{name: "rust", files: []string{"bin/rustc", "librustc_driver-*.so", "libstd-*.so"}, repository: "github.com/rust-lang/rust",
		versions: []pattern{{expression: `rustc version (\d+\.\d+\.\d+(?:-(?:beta|nightly)(?:\.\d+)?)?) \(`}}},
	// VALKEY_VERSION in src/version.h; the build is told in src/release.c as in Redis.
	{name: "valkey", files: []string{"valkey-server"}, repository: "github.com/valkey-io/valkey",
		versions: []pattern{{expression: `[^0-9.](\d+\.\d+\.\d+)[0-9A-Za-z._-]{0,80}-1\d{9}`, anchor: "-1", before: 100, joined: true}}},
	// $wp_version in wp-includes/version.php.
	{name: "wordpress", files: []string{"wp-includes/version.php"}, text: true, repository: "github.com/wordpress/wordpress-develop",
		versions: []pattern{{expression: `\$wp_version = '` + number + `'`}}},
	// deflate_copyright in deflate.c.
	{name: "zlib", files: []string{"libz.so*"}, repository: "github.com/madler/zlib",
		versions: []pattern{{expression: ` deflate (\d+\.\d+(?:\.\d+)*) Copyright 1995`}}},
}

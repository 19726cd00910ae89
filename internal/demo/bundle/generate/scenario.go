package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// The Debian packages of the base image, and what images install on top of it.
var (
	base = []string{
		"apt", "base-files", "coreutils", "gpgv", "libc6", "libexpat1", "libgcc-s1", "libssl3",
		"perl-base", "tar", "tzdata", "zlib1g",
	}
	addedToWeb   = []string{"ca-certificates", "openssl"}
	addedToAdmin = []string{"node-semver"}
	addedToDebug = []string{"curl", "libcurl4"}
)

// listed are the packages whose installed files are kept as facts: enough to
// ask who owns a file, without the thousands of paths of the others.
var listed = []string{"libssl3", "node-semver", "zlib1g"}

// debianPackages returns the names of all Debian packages of the scenario.
func debianPackages() []string {
	names := slices.Concat(base, addedToWeb, addedToAdmin, addedToDebug)
	slices.Sort(names)
	return names
}

// The npm packages of each folder, as name@version.
var (
	frontendModules = []string{"lodash@4.17.15", "marked@0.6.3", "minimist@1.2.0", "ms@2.1.3", "node-fetch@2.6.0", "qs@6.5.2"}
	frontendRemoved = []string{"semver@5.7.1"} // pruned by an upper layer
	frontendCache   = []string{"json5@2.2.0"}  // in a folder that an upper layer replaces
	webHelper       = []string{"minimist@1.2.0"}
	adminModules    = []string{"marked@0.3.12", "minimist@1.2.8", "ms@2.1.3"}
)

// npmPackages returns all npm packages of the scenario.
func npmPackages() []string {
	names := slices.Concat(frontendModules, frontendRemoved, frontendCache, webHelper, adminModules)
	slices.Sort(names)
	return slices.Compact(names)
}

// programPlans lists the Go programs.
var programPlans = []program{
	{Module: "web-1.0", Arch: "amd64", Image: "shop/web:1.0", Path: "usr/local/bin/web"},
	{Module: "web-2.0", Arch: "amd64", Image: "shop/web:2.0", Path: "usr/local/bin/web"},
	{Module: "worker-1.0", Arch: "amd64", Image: "shop/worker:1.0", Path: "worker"},
	{Module: "worker-1.0", Arch: "arm64", Image: "shop/worker:1.0", Path: "worker"},
}

// imagePlans returns the images in the order of their names.
func imagePlans(f facts, programs programSet) []imagePlan {
	amd64 := []string{"amd64"}
	older, newer := f.older, f.newer
	return []imagePlan{
		{
			name: "shop/admin:1.0", arches: amd64, created: day(5),
			config: config("admin", "33:33", "node", "/opt/admin/server.js"),
			layers: func(string) []layerPlan {
				return []layerPlan{
					debianBase(older), installed(older, addedToAdmin),
					{"COPY --chown=33:33 . /opt/admin", slices.Concat(
						app("opt/admin", npmPackage{"shop-admin", "1.0.0", "Apache-2.0"}), modules(f, "opt/admin", adminModules))},
				}
			},
		},
		{
			name: "shop/frontend:1.0", arches: amd64, created: day(6),
			config: config("frontend", "1000:1000", "node", "/srv/frontend/server.js"),
			layers: func(string) []layerPlan {
				return []layerPlan{
					debianBase(newer),
					{"COPY --chown=1000:1000 . /srv/frontend", slices.Concat(
						app("srv/frontend", npmPackage{"shop-frontend", "1.0.0", "Apache-2.0"}),
						modules(f, "srv/frontend", slices.Concat(frontendModules, frontendRemoved)),
						modules(f, "srv/frontend/cache", frontendCache))},
					{"RUN npm prune --omit=dev && rm -rf cache && mkdir cache", []file{
						whiteout("srv/frontend/node_modules/semver"),
						opaque("srv/frontend/cache"),
						{path: "srv/frontend/cache/README", content: []byte("Pages that were rendered before are kept here.\n")},
					}},
				}
			},
		},
		web("1.0", day(4), f, older, programs),
		web("2.0", day(11), f, newer, programs),
		{
			name: "shop/worker:1.0", arches: []string{"amd64", "arm64"}, created: day(7),
			config: config("worker", "65532:65532", "/worker"),
			layers: func(arch string) []layerPlan {
				return []layerPlan{
					{"COPY passwd /etc/passwd", []file{{path: "etc/passwd", content: []byte("worker:x:65532:65532:worker:/:/sbin/nologin\n")}}},
					{"COPY worker /worker", []file{{path: "worker", content: programs[[2]string{"worker-1.0", arch}].content, executable: true}}},
				}
			},
		},
		{
			name: "tools/debug:1.0", unpushed: true, arches: amd64, created: day(8),
			config: config("debug", "", "sleep", "infinity"),
			layers: func(string) []layerPlan { return []layerPlan{debianBase(older), installed(older, addedToDebug)} },
		},
	}
}

// web is the one application of two versions: the update changes the base, the
// program's modules and the program.
func web(version string, created time.Time, f facts, debian map[string]debPackage, programs programSet) imagePlan {
	return imagePlan{
		name: "shop/web:" + version, arches: []string{"amd64"}, created: created,
		config: config("web", "1000:1000", "/usr/local/bin/web"),
		layers: func(arch string) []layerPlan {
			return []layerPlan{
				debianBase(debian), installed(debian, addedToWeb),
				{"COPY web /usr/local/bin/web # and a helper to set it up", slices.Concat(
					[]file{{path: "usr/local/bin/web", content: programs[[2]string{"web-" + version, arch}].content, executable: true}},
					modules(f, "opt/setup", webHelper))},
				{"RUN rm -rf /opt/setup", []file{whiteout("opt/setup")}},
			}
		},
	}
}

// day is a time in May 2026, when the images say they were made.
func day(n int) time.Time { return time.Date(2026, 5, n, 9, 30, 0, 0, time.UTC) }

func config(title, user string, entrypoint ...string) v1.Config {
	return v1.Config{
		User:       user,
		Entrypoint: entrypoint,
		Env:        []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
		Labels: map[string]string{
			"org.opencontainers.image.title":  title,
			"org.opencontainers.image.source": "https://git.example.org/shop/" + title,
		},
	}
}

// debianBase is Debian 12 as far as a scanner looks at it: who it is and what is installed.
func debianBase(set map[string]debPackage) layerPlan {
	point := pointRelease(set)
	files := []file{
		{path: "etc/debian_version", content: []byte(point + "\n")},
		{path: "usr/lib/os-release", content: []byte("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n" +
			"VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n")},
	}
	return layerPlan{"debian " + point + " (bookworm)", append(files, packageDatabase(set, base, base)...)}
}

// pointRelease is what base-files says of itself: 12.4+deb12u15 is of Debian 12.15.
func pointRelease(set map[string]debPackage) string {
	_, point, _ := strings.Cut(set["base-files"].field("Version"), "+deb12u")
	return "12." + point
}

// installed is the layer that apt-get install of the names leaves on the base.
func installed(set map[string]debPackage, names []string) layerPlan {
	return layerPlan{"RUN apt-get install -y " + strings.Join(names, " "), packageDatabase(set, slices.Concat(base, names), names)}
}

// packageDatabase is dpkg's database of all the packages, with the file lists of
// those that are new in this layer and the packages' own files that matter here.
func packageDatabase(set map[string]debPackage, all, fresh []string) []file {
	slices.Sort(all)
	var packages []debPackage
	for _, name := range all {
		packages = append(packages, set[name])
	}
	files := []file{{path: "var/lib/dpkg/status", content: status(packages)}}
	for _, name := range fresh {
		p := set[name]
		if len(p.files) == 0 {
			continue
		}
		// dpkg adds the architecture to the name where several may be installed side by side.
		owner := name
		if p.field("Multi-Arch") == "same" {
			owner += ":" + p.field("Architecture")
		}
		files = append(files, file{path: "var/lib/dpkg/info/" + owner + ".list", content: []byte(strings.Join(p.files, "\n") + "\n")})
	}
	if slices.Contains(fresh, "node-semver") {
		files = append(files, app("usr/share/nodejs/semver", semverOf(set["node-semver"]))...)
	}
	return files
}

// semverOf is the npm package that Debian's node-semver installs. Its version
// has the npm package's before "+~".
func semverOf(p debPackage) npmPackage {
	version, _, _ := strings.Cut(p.field("Version"), "+~")
	return npmPackage{Name: "semver", Version: version, License: "ISC"}
}

// app is a folder with the package.json of an npm package.
func app(dir string, p npmPackage) []file {
	b, err := p.packageJSON()
	if err != nil {
		panic(fmt.Sprintf("a struct of strings is always JSON: %v", err))
	}
	return []file{{path: dir + "/package.json", content: b}}
}

// modules is what npm install of the packages leaves of their descriptions in dir.
func modules(f facts, dir string, names []string) []file {
	var files []file
	for _, name := range names {
		p := f.npm[name]
		files = append(files, app(dir+"/node_modules/"+p.Name, p)...)
	}
	return files
}

package main

import (
	"fmt"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/demo/bundle"
)

// workload is one container of the scenario.
type workload struct {
	namespace, kind, name string
	image                 string // repository:tag

	// What the runtime saw loaded; all empty where it has no profile yet.
	debian []string
	npm    []string // name@version
	golang []string // module paths
}

// runs is what runs in each cluster. The container is called like the workload.
var runs = []struct {
	cluster, environment string
	workloads            []workload
}{
	{"prod-eu", "production", []workload{
		{namespace: "shop", kind: "deployment", name: "web", image: "shop/web:1.0",
			debian: []string{"libc6", "libssl3", "openssl"}, golang: []string{"github.com/buger/jsonparser", "golang.org/x/text"}},
		{namespace: "shop", kind: "deployment", name: "frontend", image: "shop/frontend:1.0",
			debian: []string{"libc6", "libgcc-s1"}, npm: []string{"lodash@4.17.15", "ms@2.1.3", "node-fetch@2.6.0"}},
		{namespace: "shop", kind: "statefulset", name: "worker", image: "shop/worker:1.0",
			golang: []string{"github.com/tidwall/gjson", "github.com/tidwall/match"}},
		{namespace: "batch", kind: "cronjob", name: "report", image: "shop/worker:1.0"},
		{namespace: "ops", kind: "deployment", name: "debug", image: "tools/debug:1.0",
			debian: []string{"curl", "libc6", "libcurl4", "zlib1g"}},
	}},
	{"staging-eu", "staging", []workload{
		{namespace: "shop", kind: "deployment", name: "web", image: "shop/web:2.0",
			debian: []string{"libc6", "libssl3"}, golang: []string{"github.com/buger/jsonparser", "golang.org/x/text"}},
		{namespace: "shop", kind: "deployment", name: "frontend", image: "shop/frontend:1.0",
			debian: []string{"libc6"}, npm: []string{"lodash@4.17.15"}},
	}},
}

// builtFrom says of each image which Debian packages it has and which program.
var builtFrom = map[string]struct {
	newer  bool
	module string
}{
	"shop/web:1.0":      {module: "web-1.0"},
	"shop/web:2.0":      {newer: true, module: "web-2.0"},
	"shop/frontend:1.0": {newer: true},
	"shop/worker:1.0":   {module: "worker-1.0"},
	"tools/debug:1.0":   {},
}

func clustersJSON(f facts, programs programSet, imageIDs map[string]string) ([]byte, error) {
	var clusters []bundle.Cluster
	for _, c := range runs {
		cluster := bundle.Cluster{Name: c.cluster, Environment: c.environment}
		for _, w := range c.workloads {
			loaded, err := loadedPackages(f, programs, w)
			if err != nil {
				return nil, fmt.Errorf("list what %s/%s loads: %w", w.namespace, w.name, err)
			}
			id, err := crowsnest.ParseDigest(imageIDs[w.image])
			if err != nil {
				return nil, err
			}
			cluster.Items = append(cluster.Items, crowsnest.Observation{
				Namespace: w.namespace, Kind: w.kind, Name: w.name, Container: w.name, ImageID: id, Loaded: loaded,
			})
		}
		clusters = append(clusters, cluster)
	}
	return indented(clusters)
}

// loadedPackages writes packages as Sysdig reports them: package URLs are not
// escaped and have no other qualifier than the distribution.
func loadedPackages(f facts, programs programSet, w workload) ([]crowsnest.LoadedPackage, error) {
	from := builtFrom[w.image]
	set := f.older
	if from.newer {
		set = f.newer
	}
	var loaded []crowsnest.LoadedPackage
	for _, name := range w.debian {
		p := set[name]
		version := p.field("Version")
		loaded = append(loaded, crowsnest.LoadedPackage{
			PURL: "pkg:deb/debian/" + name + "@" + version + "?distro=debian-" + pointRelease(set),
			Type: "deb", Name: name, Version: version, Source: p.source(),
		})
	}
	for _, name := range w.npm {
		p := f.npm[name]
		loaded = append(loaded, crowsnest.LoadedPackage{
			PURL: "pkg:npm/" + p.Name + "@" + p.Version, Type: "npm", Name: p.Name, Version: p.Version,
		})
	}
	for _, module := range w.golang {
		version, err := programs.version(from.module, module)
		if err != nil {
			return nil, err
		}
		loaded = append(loaded, crowsnest.LoadedPackage{
			PURL: "pkg:golang/" + module + "@" + version, Type: "golang", Name: module, Version: version,
		})
	}
	return loaded, nil
}

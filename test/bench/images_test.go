package bench_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// layer is what one layer of an image brings.
type layer struct {
	diffID   crowsnest.Digest
	packages []crowsnest.Package
}

// generated is an image with all that is known of it.
type generated struct {
	crowsnest.Image
	distribution crowsnest.Distribution
	layers       []*layer
}

func (g *generated) analysis() crowsnest.Analysis {
	a := crowsnest.Analysis{Image: g.Image, Distribution: g.distribution}
	for _, l := range g.layers {
		a.Packages = append(a.Packages, l.packages...)
	}
	return a
}

// tag is what names the image.
func (g *generated) tag() *store.Tag {
	i := strings.LastIndexByte(g.Name, ':')
	return &store.Tag{Repository: g.Name[:i], Name: g.Name[i+1:], Target: g.Index}
}

// imageMaker makes the images of an installation, repository by repository.
type imageMaker struct {
	u     *universe
	rng   *rand.Rand
	bases [][]*layer // by distribution and build
	used  map[crowsnest.PackageVersion]bool
	zipf  []*rand.Zipf // choice of a library, by language
}

func newImageMaker(u *universe, rng *rand.Rand) *imageMaker {
	m := &imageMaker{u: u, rng: rng, used: make(map[crowsnest.PackageVersion]bool)}
	for d, products := range u.distributions {
		installed := make([]int, len(products)) // the version of each in the build
		var list []*layer
		for b := range builds {
			l := &layer{diffID: crowsnest.DigestOf(fmt.Appendf(nil, "base %d %d", d, b))}
			for i, p := range products[:len(products)*2/5] {
				if b > 0 && rng.IntN(4) == 0 {
					installed[i] = b
				}
				for _, binary := range p.binaries {
					l.packages = append(l.packages, m.pack(p.family.make(binary, installed[i], p.name), "var/lib/dpkg/status", l.diffID))
				}
			}
			list = append(list, l)
		}
		m.bases = append(m.bases, list)
	}
	for _, products := range u.languages {
		m.zipf = append(m.zipf, rand.NewZipf(rng, 1.2, 20, uint64(len(products)-1)))
	}
	return m
}

func (m *imageMaker) pack(v crowsnest.PackageVersion, path string, diffID crowsnest.Digest) crowsnest.Package {
	m.used[v] = true
	return crowsnest.Package{PackageVersion: v, Locations: []crowsnest.Location{{Path: path, Layer: diffID}}, Licences: []string{"MIT"}}
}

// repository makes the images of one repository, oldest first. From tag to tag the base
// image, the distribution's packages added to it and the libraries change now and
// then, the application always.
func (m *imageMaker) repository(r int) []*generated {
	name := fmt.Sprintf("registry.example/%s/%s-%d", word(r), word(r/3), r)
	d, l := m.rng.IntN(len(m.bases)), m.rng.IntN(len(languages))
	build := m.rng.IntN(builds / 2)
	libraries := make(map[int]int) // product to version
	for len(libraries) < min(40+m.rng.IntN(130), len(m.u.languages[l])/2) {
		i := int(m.zipf[l].Uint64())
		libraries[i] = m.rng.IntN(m.u.languages[l][i].versions)
	}
	var extra, vendor *layer
	var out []*generated
	for tag := range m.u.size.tags {
		changed := tag == 0
		if tag > 0 && m.rng.IntN(3) == 0 {
			build, changed = min(build+1+m.rng.IntN(2), builds-1), true
		}
		if changed { // packages installed on top, as of the base's time
			extra = &layer{diffID: crowsnest.DigestOf(fmt.Appendf(nil, "extra %s %d", name, tag))}
			products := m.u.distributions[d]
			optional := products[len(products)*2/5:]
			for _, i := range m.rng.Perm(len(optional))[:min(len(optional), 5+m.rng.IntN(25))] {
				p := optional[i]
				for _, binary := range p.binaries {
					extra.packages = append(extra.packages, m.pack(p.family.make(binary, build-build%3, p.name), "var/lib/dpkg/status", extra.diffID))
				}
			}
		}
		if tag == 0 || m.rng.IntN(3) == 0 {
			vendor = &layer{diffID: crowsnest.DigestOf(fmt.Appendf(nil, "vendor %s %d", name, tag))}
			for i := range m.u.languages[l] { // in a fixed order
				version, ok := libraries[i]
				if !ok {
					continue
				}
				p := m.u.languages[l][i]
				if tag > 0 && m.rng.IntN(10) == 0 {
					version = min(version+1, p.versions-1)
					libraries[i] = version
				}
				vendor.packages = append(vendor.packages, m.pack(p.family.make(p.name, version, p.name), "app/lib/"+p.name, vendor.diffID))
			}
		}
		app := &layer{diffID: crowsnest.DigestOf(fmt.Appendf(nil, "app %s %d", name, tag))}
		own := fmt.Sprintf("%s-app-%d", word(r), r)
		app.packages = append(app.packages, m.pack(languages[l].make(own, tag, own), "app/manifest", app.diffID))
		out = append(out, m.image(fmt.Sprintf("%s:1.%d.0", name, tag), d, m.bases[d][build], extra, vendor, app))
	}
	return out
}

func (m *imageMaker) image(name string, d int, layers ...*layer) *generated {
	g := &generated{layers: layers, distribution: crowsnest.Distribution{ID: distributions[d].typ, Name: distributions[d].ecosystem}}
	g.Image = crowsnest.Image{
		Name: name, Digest: crowsnest.DigestOf([]byte("manifest " + name)), ImageID: crowsnest.DigestOf([]byte("config " + name)),
		Index: crowsnest.DigestOf([]byte("index " + name)), Platform: crowsnest.DefaultPlatform, Size: 40_000_000 + m.rng.Int64N(400_000_000),
	}
	for _, l := range layers {
		g.Layers = append(g.Layers, crowsnest.Layer{DiffID: l.diffID, Digest: l.diffID, Size: g.Size / int64(len(layers))})
	}
	return g
}

// images makes all images.
func images(u *universe, rng *rand.Rand) []*generated {
	m := newImageMaker(u, rng)
	var out []*generated
	for r := range u.size.repositories {
		out = append(out, m.repository(r)...)
	}
	// What is in no image yet goes into the applications, one or more each.
	fresh := u.size.packages - len(m.used)
	for i := range fresh {
		g := out[i%len(out)]
		app := g.layers[len(g.layers)-1]
		f := languages[i%len(languages)]
		name := fmt.Sprintf("rare-%s-%d", word(i), i)
		app.packages = append(app.packages, m.pack(f.make(name, i%5, name), "app/lib/"+name, app.diffID))
	}
	return out
}

package export

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/openvex/go-vex/pkg/vex"

	"github.com/crowsnest-sec/crowsnest"
)

// NotLoaded is a finding in an image whose package run time watched and never saw loaded.
type NotLoaded struct {
	Image         string // reference, as registry.example.com/shop/web:1.0
	Digest        crowsnest.Digest
	Vulnerability string
	Aliases       []string
	PURL          string
}

// NotLoadedVEX makes an OpenVEX document that states of each finding that the image is not affected,
// since the vulnerable code is not in the execute path: what Docker Scout made of the same facts. It
// is a fact of one environment up to a time, and another document once something loads the package.
// There must be a finding: a document has a statement at least.
// The statements are ordered, and the identifier is of the content, so that the same facts make the same document.
func NotLoadedVEX(author, environment string, asOf time.Time, list []NotLoaded) vex.VEX {
	asOf = asOf.UTC()
	type image struct {
		name   string
		digest crowsnest.Digest
	}
	products := make(map[string]map[image][]string) // purls, by vulnerability
	names := make(map[string]map[string]bool)
	for _, n := range list {
		if products[n.Vulnerability] == nil {
			products[n.Vulnerability], names[n.Vulnerability] = make(map[image][]string), make(map[string]bool)
		}
		at := image{n.Image, n.Digest}
		products[n.Vulnerability][at] = append(products[n.Vulnerability][at], n.PURL)
		for _, alias := range n.Aliases {
			names[n.Vulnerability][alias] = true
		}
	}
	doc := vex.VEX{
		Metadata: vex.Metadata{
			Context: vex.ContextLocator(), Author: author, AuthorRole: "Document Creator", Timestamp: &asOf, Version: 1, Tooling: "crowsnest",
		},
		Statements: []vex.Statement{},
	}
	note := fmt.Sprintf("Run time profiles of environment %q, as of %s, never saw the package loaded in this image.", environment, asOf.Format(time.RFC3339))
	for _, id := range slices.Sorted(maps.Keys(products)) {
		s := vex.Statement{
			Vulnerability: vex.Vulnerability{Name: vex.VulnerabilityID(id)}, Timestamp: &asOf,
			Status: vex.StatusNotAffected, Justification: vex.VulnerableCodeNotInExecutePath, StatusNotes: note,
		}
		for _, alias := range slices.Sorted(maps.Keys(names[id])) {
			s.Vulnerability.Aliases = append(s.Vulnerability.Aliases, vex.VulnerabilityID(alias))
		}
		for _, img := range slices.SortedFunc(maps.Keys(products[id]), func(a, b image) int {
			return strings.Compare(a.name+string(a.digest), b.name+string(b.digest))
		}) {
			p := vex.Product{Component: vex.Component{ID: imagePURL(img.name, img.digest)}}
			purls := products[id][img]
			slices.Sort(purls)
			for _, purl := range slices.Compact(purls) {
				p.Subcomponents = append(p.Subcomponents, vex.Subcomponent{Component: vex.Component{ID: purl}})
			}
			s.Products = append(s.Products, p)
		}
		doc.Statements = append(doc.Statements, s)
	}
	b, err := json.Marshal(doc.Statements)
	if err != nil {
		panic("export: statements that JSON cannot write: " + err.Error())
	}
	sum := sha256.Sum256(append(b, author...))
	doc.ID = "urn:crowsnest:vex:" + hex.EncodeToString(sum[:16])
	return doc
}

// imagePURL names an image as the purl specification has it for OCI: the last part of the repository,
// the digest as the version, the whole repository and the tag as qualifiers.
func imagePURL(name string, digest crowsnest.Digest) string {
	repository, tag := name, ""
	if i := strings.IndexByte(repository, '@'); i >= 0 {
		repository = repository[:i]
	}
	if i := strings.LastIndexByte(repository, ':'); i > strings.LastIndexByte(repository, '/') {
		repository, tag = repository[:i], repository[i+1:]
	}
	short := strings.ToLower(repository[strings.LastIndexByte(repository, '/')+1:])
	out := "pkg:oci/" + url.PathEscape(short) + "@" + url.QueryEscape(string(digest)) + "?repository_url=" + url.QueryEscape(strings.ToLower(repository))
	if tag != "" {
		out += "&tag=" + url.QueryEscape(tag)
	}
	return out
}

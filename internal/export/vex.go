package export

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
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

	Source   string    // who saw it, as Sysdig, cluster prod-eu (integration prod-eu)
	Reported time.Time // when that was last reported of the image: the time of the statement
}

// Statement says who states what was not loaded, and where.
type Statement struct {
	Publisher   string // who publishes such documents of which environment, in a form that does not change: the identifier is made of it
	Author      string
	Environment string
	Version     int // grows with every change of what is stated
}

// NotLoadedVEX makes an OpenVEX document that states of each finding that the image is not affected,
// since the vulnerable code is not in the execute path: what Docker Scout made of the same facts. It
// is a fact of one environment up to a time, and another document once something loads the package.
// There must be a finding: a document has a statement at least.
//
// Its identifier is the same for all documents of one publisher, environment and author, so that a later one takes the place of
// the one before and what is no longer in it is no longer stated. A statement is as old as its evidence, not as the question: images of which it was
// reported at different times have statements of their own. They are ordered, so that the same facts make the same text.
func NotLoadedVEX(by Statement, list []NotLoaded) vex.VEX {
	type image struct {
		name   string
		digest crowsnest.Digest
	}
	type statement struct {
		vulnerability, note string
		at                  time.Time
	}
	products := make(map[statement]map[image][]string) // purls
	names := make(map[string]map[string]bool)
	var newest time.Time
	for _, n := range list {
		at := n.Reported.UTC().Truncate(time.Second) // as documents write it
		if at.After(newest) {
			newest = at
		}
		s := statement{n.Vulnerability, fmt.Sprintf("%s, environment %q: what this image loads, as last reported at %s, does not include the package.", n.Source, by.Environment, at.Format(time.RFC3339)), at}
		if products[s] == nil {
			products[s] = make(map[image][]string)
		}
		if names[n.Vulnerability] == nil {
			names[n.Vulnerability] = make(map[string]bool)
		}
		of := image{n.Image, n.Digest}
		products[s][of] = append(products[s][of], n.PURL)
		for _, alias := range n.Aliases {
			names[n.Vulnerability][alias] = true
		}
	}
	sum := sha256.Sum256([]byte(by.Publisher + "\x00" + by.Environment + "\x00" + by.Author))
	doc := vex.VEX{
		Metadata: vex.Metadata{
			Context: vex.ContextLocator(), ID: "urn:crowsnest:vex:" + hex.EncodeToString(sum[:16]), Author: by.Author, AuthorRole: "Document Creator",
			Timestamp: &newest, Version: by.Version, Tooling: "crowsnest",
		},
		Statements: []vex.Statement{},
	}
	for _, of := range slices.SortedFunc(maps.Keys(products), func(a, b statement) int {
		return cmp.Or(strings.Compare(a.vulnerability, b.vulnerability), a.at.Compare(b.at), strings.Compare(a.note, b.note))
	}) {
		s := vex.Statement{
			Vulnerability: vex.Vulnerability{Name: vex.VulnerabilityID(of.vulnerability)}, Timestamp: &of.at,
			Status: vex.StatusNotAffected, Justification: vex.VulnerableCodeNotInExecutePath, StatusNotes: of.note,
		}
		for _, alias := range slices.Sorted(maps.Keys(names[of.vulnerability])) {
			s.Vulnerability.Aliases = append(s.Vulnerability.Aliases, vex.VulnerabilityID(alias))
		}
		for _, img := range slices.SortedFunc(maps.Keys(products[of]), func(a, b image) int {
			return strings.Compare(a.name+string(a.digest), b.name+string(b.digest))
		}) {
			p := vex.Product{Component: vex.Component{ID: imagePURL(img.name, img.digest)}}
			purls := products[of][img]
			slices.Sort(purls)
			for _, purl := range slices.Compact(purls) {
				p.Subcomponents = append(p.Subcomponents, vex.Subcomponent{Component: vex.Component{ID: purl}})
			}
			s.Products = append(s.Products, p)
		}
		doc.Statements = append(doc.Statements, s)
	}
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

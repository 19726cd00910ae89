// Package delivery is the form in which something else than the server, a pipeline or a watch beside a registry that the server
// cannot reach, says what it found in an image. Packages and what is told of the image are in it, and never content.
//
// Whoever may deliver can name any digest, so what comes this way counts for its organisation alone: it is an analysis by
// an analyser of its own, which no other organisation is ever given, and it gives way to what the server found itself.
package delivery

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/attestation"
	"github.com/crowsnest-sec/crowsnest/internal/image/redact"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/statement"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// MaxBytes bounds a delivery, statements that were attested included.
const MaxBytes = 96 << 20

// Bounds of what is in one.
const (
	maxPackages   = 200_000
	maxLocations  = 1_000 // of a package
	maxLayers     = 4_096
	maxProblems   = 20_000
	maxStatements = 64
	maxText       = 4_096 // bytes
)

// Delivery is one image. Without content and failure it only names the image, and the answer says whether the rest is
// needed.
type Delivery struct {
	Analyser string         `json:"analyser" maxLength:"9" pattern:"^[1-9][0-9]*$" doc:"Version of the analyser that looked into it"`
	Image    DeliveredImage `json:"image"`
	Tag      *Tag           `json:"tag,omitempty" doc:"By which a registry gave it"`
	Content  *Content       `json:"content,omitempty" doc:"What was found in it"`
	Failure  *Failure       `json:"failure,omitempty" doc:"Why it could not be analysed"`
}

// DeliveredImage is what is told of an image; see crowsnest.Image.
type DeliveredImage struct {
	Name     string             `json:"name" minLength:"1" maxLength:"4096" doc:"What it is called"`
	Digest   crowsnest.Digest   `json:"digest" doc:"Of the platform manifest"`
	ImageID  crowsnest.Digest   `json:"imageId" doc:"Digest of the configuration"`
	Index    crowsnest.Digest   `json:"index,omitempty" doc:"From which the platform was chosen"`
	Platform crowsnest.Platform `json:"platform"`
	Size     int64              `json:"size" doc:"Bytes of its layers as they are stored"`
	Layers   []DeliveredLayer   `json:"layers" maxItems:"4096" doc:"Lowest first"`
	Created  time.Time          `json:"created,omitzero"`
	User     string             `json:"user,omitempty"`
	Labels   map[string]string  `json:"labels,omitempty"`
	Config   crowsnest.Config   `json:"config,omitzero" doc:"How it wants to run"`
}

// DeliveredLayer is a layer without its content; see crowsnest.Layer.
type DeliveredLayer struct {
	DiffID    crowsnest.Digest `json:"diffId"`
	Digest    crowsnest.Digest `json:"digest,omitempty" doc:"Of the blob as it is stored"`
	MediaType string           `json:"mediaType,omitempty"`
	Size      int64            `json:"size"`
	CreatedBy string           `json:"createdBy,omitempty" doc:"The line of the history"`
}

// Told makes a delivery's form of an image.
func Told(img crowsnest.Image) DeliveredImage {
	return DeliveredImage{
		Name: img.Name, Digest: img.Digest, ImageID: img.ImageID, Index: img.Index, Platform: img.Platform, Size: img.Size,
		Layers: wire.Each(img.Layers, func(l crowsnest.Layer) DeliveredLayer { return DeliveredLayer(l) }), Created: img.Created, User: img.User, Labels: img.Labels, Config: img.Config,
	}
}

// image is the reverse.
func (d DeliveredImage) image() crowsnest.Image {
	return crowsnest.Image{
		Name: d.Name, Digest: d.Digest, ImageID: d.ImageID, Index: d.Index, Platform: d.Platform, Size: d.Size,
		Layers: wire.Each(d.Layers, func(l DeliveredLayer) crowsnest.Layer { return crowsnest.Layer(l) }), Created: d.Created, User: d.User, Labels: d.Labels, Config: d.Config,
	}
}

// Tag is what a registry was asked for.
type Tag struct {
	Repository string           `json:"repository" minLength:"3" maxLength:"512" doc:"As images are named, without a tag, such as registry.example.com/shop/web"`
	Name       string           `json:"name" minLength:"1" maxLength:"128"`
	Target     crowsnest.Digest `json:"target,omitempty" doc:"What it names: an index or a manifest; empty if there is no such tag any more"`
}

// Content is what was found in an image.
type Content struct {
	Distribution crowsnest.Distribution `json:"distribution"`
	Packages     []crowsnest.Package    `json:"packages" maxItems:"200000"`
	Changes      []crowsnest.Change     `json:"changes,omitempty" doc:"What each layer does to the packages, lowest first"`
	Problems     []crowsnest.Problem    `json:"problems,omitempty" doc:"What could not be read"`
	Statements   []Statement            `json:"statements,omitempty" doc:"What was attested of it"`
	Documents    []Document             `json:"documents,omitempty" maxItems:"32" doc:"VEX documents in its file system; they do not count where something is attested of it"`
}

// Document is a file of the image that is a document in the sense of VEX by its name; see crowsnest.VEXFile.
type Document struct {
	Path    string           `json:"path" minLength:"1" maxLength:"4096"`
	Layer   crowsnest.Digest `json:"layer" doc:"Diff ID of the layer that brought it"`
	Content []byte           `json:"content" doc:"In base64; 4 MiB at most, and 16 MiB of all"`
}

// Documents makes a delivery's form of the documents in an image.
func Documents(list []crowsnest.VEXFile) []Document {
	out := make([]Document, len(list))
	for i, f := range list {
		out[i] = Document(f)
	}
	return out
}

// Statement is an attestation with what it says.
type Statement struct {
	crowsnest.Attestation
	Statement []byte `json:"statement,omitempty" doc:"The in-toto statement, or the bare document, in base64"`
}

// Failure is why an image could not be analysed.
type Failure struct {
	Kind   string `json:"kind" enum:"internal,invalid,not found,unauthorized,forbidden,rate limited,unavailable,too large,corrupt,unsupported"`
	Reason string `json:"reason" minLength:"1" maxLength:"2048"`
}

// Receipt is the answer.
type Receipt struct {
	Digest   crowsnest.Digest `json:"digest"`
	Known    bool             `json:"known" doc:"Whether an analysis was there that is at least as good: nothing more is needed, and what was delivered beside the name and the tag was not kept"`
	Findings *wire.CVEs       `json:"findings,omitempty" doc:"In the packages that were delivered"`
}

// Tags are what a registry says of the tags of a repository.
type Tags struct {
	Tags []Tag `json:"tags" minItems:"1" maxItems:"1000"`
}

// Statements makes a delivery's form of attestations.
func Statements(list []crowsnest.Attestation) []Statement {
	return wire.Each(list, func(a crowsnest.Attestation) Statement { return Statement{a, a.Statement} })
}

func refuse(field, hint, format string, args ...any) error {
	return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read delivery", Field: field, Hint: hint, Err: fmt.Errorf(format, args...)}
}

const oneImage = "deliver what crowsnest push or crowsnest watch found"

// Stored returns the tag as it is kept.
func (t Tag) Stored() (store.Tag, error) {
	out := store.Tag{Repository: t.Repository, Name: t.Name, Target: t.Target}
	if !strings.Contains(t.Repository, "/") || strings.ContainsAny(t.Repository, "@ \x00") || strings.ContainsAny(t.Name, "/:@ \x00") || t.Name == "" || !plain(t.Repository+t.Name) {
		return out, refuse("tag", "write the repository as registry.example.com/team/web and the tag as 1.0", "this is no tag of a repository")
	}
	if t.Target == "" {
		return out, nil
	}
	_, err := crowsnest.ParseDigest(string(t.Target))
	return out, crowsnest.InField("tag.target", err)
}

// plain reports whether a text has only what references may have.
func plain(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// Read checks a delivery and makes it fit to be kept: who sent it may be another program than ours.
func (d Delivery) Read() (crowsnest.Analysis, []crowsnest.Attestation, *store.Tag, error) {
	a := crowsnest.Analysis{Image: d.Image.image()}
	fail := func(err error) (crowsnest.Analysis, []crowsnest.Attestation, *store.Tag, error) {
		return a, nil, nil, err
	}
	if d.Content != nil && d.Failure != nil {
		return fail(refuse("failure", oneImage, "what failed has no content"))
	}
	if err := readImage(&a.Image); err != nil {
		return fail(err)
	}
	var tag *store.Tag
	if d.Tag != nil {
		t, err := d.Tag.Stored()
		if err != nil {
			return fail(err)
		}
		if t.Target != a.Image.Digest && t.Target != a.Image.Index {
			return fail(refuse("tag.target", oneImage, "the tag names another image"))
		}
		tag = &t
	}
	if d.Content == nil {
		return a, nil, tag, nil
	}
	list, err := d.Content.read(&a)
	return a, list, tag, err
}

func readImage(img *crowsnest.Image) error {
	for field, digest := range map[string]crowsnest.Digest{"image.digest": img.Digest, "image.imageId": img.ImageID} {
		if _, err := crowsnest.ParseDigest(string(digest)); err != nil {
			return crowsnest.InField(field, err)
		}
	}
	if img.Index != "" {
		if _, err := crowsnest.ParseDigest(string(img.Index)); err != nil {
			return crowsnest.InField("image.index", err)
		}
	}
	if img.Platform != (crowsnest.Platform{}) {
		if _, err := crowsnest.ParsePlatform(img.Platform.String()); err != nil {
			return crowsnest.InField("image.platform", err)
		}
	}
	if img.Name = crowsnest.Text(strings.TrimSpace(img.Name)); img.Name == "" || len(img.Name) > maxText {
		return refuse("image.name", oneImage, "an image has a name of up to %d bytes", maxText)
	}
	if img.Size < 0 || len(img.Layers) > maxLayers {
		return refuse("image.layers", oneImage, "an image has %d layers at most, and no negative size", maxLayers)
	}
	for i := range img.Layers {
		l := &img.Layers[i]
		if _, err := crowsnest.ParseDigest(string(l.DiffID)); err != nil {
			return crowsnest.InField("image.layers", err)
		}
		if l.Digest != "" {
			if _, err := crowsnest.ParseDigest(string(l.Digest)); err != nil {
				return crowsnest.InField("image.layers", err)
			}
		}
		l.MediaType = crowsnest.Text(l.MediaType[:min(len(l.MediaType), 256)])
	}
	redact.Image(img)
	return nil
}

func (c *Content) read(a *crowsnest.Analysis) ([]crowsnest.Attestation, error) {
	if len(c.Packages) > maxPackages || len(c.Problems) > maxProblems || len(c.Statements) > maxStatements || len(c.Changes) > len(a.Image.Layers) {
		return nil, refuse("content", oneImage, "there is too much of something in it")
	}
	a.Distribution = c.Distribution
	texts := []*string{&a.Distribution.ID, &a.Distribution.VersionID, &a.Distribution.Codename, &a.Distribution.Name}
	a.Packages, a.Problems, a.Changes = c.Packages, c.Problems, c.Changes
	for i := range a.Packages {
		p := &a.Packages[i]
		if p.Name == "" || p.PURL == "" || p.Type == "" || len(p.Locations) > maxLocations || len(p.Licences) > maxLocations {
			return nil, refuse("content.packages", oneImage, "package %d has no name, or lies in too many places", i)
		}
		texts = append(texts, &p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion)
		for j := range p.Licences {
			texts = append(texts, &p.Licences[j])
		}
		for j := range p.Locations {
			l := &p.Locations[j]
			if texts = append(texts, &l.Path, (*string)(&l.Layer)); l.OwnedBy != nil {
				texts = append(texts, &l.OwnedBy.PURL, &l.OwnedBy.Name, &l.OwnedBy.Version)
			}
		}
	}
	for i := range a.Problems {
		p := &a.Problems[i]
		texts = append(texts, &p.Path, &p.Reason, (*string)(&p.Layer))
	}
	for i := range a.Changes {
		texts = append(texts, (*string)(&a.Changes[i].Layer))
	}
	for _, s := range texts {
		if len(*s) > maxText {
			return nil, refuse("content", oneImage, "there is a text of %d bytes in it, more than %d", len(*s), maxText)
		}
		*s = crowsnest.Text(*s)
	}
	if err := c.documents(a); err != nil {
		return nil, err
	}
	list := make([]crowsnest.Attestation, len(c.Statements))
	for i, s := range c.Statements {
		list[i] = s.Attestation
		list[i].Statement = s.Statement
	}
	return attestation.Again(a.Image, list), nil
}

// documents reads the VEX documents in the image, within the bounds of one that is analysed here. What they state is read where they are kept.
func (c *Content) documents(a *crowsnest.Analysis) error {
	total := 0
	for i, d := range c.Documents {
		total += len(d.Content)
		switch _, err := crowsnest.ParseDigest(string(d.Layer)); {
		case err != nil:
			return crowsnest.InField("content.documents", err)
		case !statement.Is(d.Path) || len(d.Path) > maxText:
			return refuse("content.documents", oneImage, "document %d is not called as VEX documents in images are", i)
		case i == statement.MaxFiles || len(d.Content) > statement.MaxFile || total > statement.MaxBytes:
			return refuse("content.documents", oneImage, "there are more than %d documents, one has more than %d bytes, or all have more than %d", statement.MaxFiles, statement.MaxFile, statement.MaxBytes)
		}
		a.VEX = append(a.VEX, crowsnest.VEXFile{Path: crowsnest.Text(d.Path), Layer: d.Layer, Content: d.Content})
	}
	return nil
}

// words stand between the version of an analyser and the organisation that its result counts for.
const words = " delivered to "

// By names the analyser of what was delivered to an organisation: another content of the same image is by another
// one, so that a later delivery counts and not the first.
func (d Delivery) By(org store.OrgID) (string, error) {
	raw, err := json.Marshal(d.Content)
	if err != nil {
		return "", err
	}
	return d.Analyser + words + string(org) + " " + string(crowsnest.DigestOf(raw)), nil
}

// Delivered tells whether an analyser is one that delivered.
func Delivered(analyser string) bool {
	_, by, other := strings.Cut(analyser, " ")
	return other && strings.HasPrefix(" "+by, words)
}

// Covers tells whether an image of which an analysis is there needs no other: where it is by an analyser that is no
// older, be it the server's own or one that delivered. What was taken from an attestation because the image could not
// be analysed gives way.
func Covers(analyser, version string) bool {
	held, _, other := strings.Cut(analyser, " ")
	if other && !Delivered(analyser) {
		return false
	}
	a, err := strconv.Atoi(held)
	b, failed := strconv.Atoi(version)
	return cmp.Or(err, failed) == nil && a >= b
}

// Renews tells whether a delivery takes the place of an analysis that covers it: where that was delivered too, and by the
// same version, the later one counts.
func (d Delivery) Renews(analyser string) bool {
	return d.Content != nil && strings.HasPrefix(analyser, d.Analyser+words)
}

// KindOf reads the kind of a failure.
func (f Failure) KindOf() (crowsnest.Kind, error) {
	for k := crowsnest.Internal; k <= crowsnest.Canceled; k++ {
		if k.String() == f.Kind {
			return k, nil
		}
	}
	return crowsnest.Internal, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read delivery", Field: "failure.kind", Err: errors.New("there is no such kind of failure")}
}

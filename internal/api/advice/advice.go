// Package advice is the room of the API about what to change so that an image has fewer vulnerabilities.
//
// Nothing is asked of a registry or of anybody else: bases to change to are images that the organisation has analysed. What is
// said is made when it is asked for, and nothing of it is kept.
package advice

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/recommend"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/candidate"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// Store is what is read.
type Store interface {
	why.Store
	candidate.Finder[store.OrgID]
}

// Reader answers from what is held, on a server as on one machine.
type Reader struct {
	Store Store
	Now   func() time.Time // nil is the system's clock
}

// The bounds on what is compared and told.
const (
	maxOurs     = 12 // images of the repository of the base that are compared, beside what its tag names
	maxOthers   = 8  // of other repositories
	maxChanges  = 10
	adviceBatch = 50 // packages whose advisories are in memory at a time

	maxRequest  = 64 << 20
	requestTime = 2 * time.Minute
)

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Store, log *slog.Logger) {
	r := Reader{Store: s}
	huma.Register(api, base.Operation(http.MethodGet, "/images/{digest}/recommendations", "Images", "get-image-recommendations", "Say what to build an image on, and which packages to upgrade"),
		func(ctx context.Context, in *struct {
			Digest string `path:"digest" maxLength:"1024" doc:"Any digest of the image, twelve digits of one or more, or its name"`
			Question
		}) (*base.Answer[Recommendations], error) {
			answer, err := r.OfImage(ctx, base.OrgOf(ctx), in.Digest, in.Question)
			return base.Reply(log, answer, err)
		})
	sent := base.Operation(http.MethodPost, "/evaluations/recommendations", "Analyses", "recommend-for-packages", "Say what to build an image on that is not kept, and which packages to upgrade")
	sent.MaxBodyBytes, sent.BodyReadTimeout = maxRequest, requestTime
	huma.Register(api, sent, func(ctx context.Context, in *struct{ Body Sent }) (*base.Answer[Recommendations], error) {
		answer, err := r.OfSent(ctx, base.OrgOf(ctx), in.Body)
		return base.Reply(log, answer, err)
	})
}

// asked is the image that is asked about.
type asked struct {
	target   wire.Target
	digest   crowsnest.Digest // of the manifest of an image that is kept; empty of others
	platform string
	base     *crowsnest.Base // nil if it is not known
	layers   []crowsnest.Layer
}

// wellFormedTag is what a tag may look like, by the specification of distribution.
var wellFormedTag = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// OfImage answers a question about an analysed image.
func (r Reader) OfImage(ctx context.Context, org store.OrgID, image string, q Question) (Recommendations, error) {
	row, err := r.Store.Image(ctx, org, image)
	if err != nil {
		return Recommendations{}, err
	}
	findings, err := why.Reader{Store: r.Store}.Rows(ctx, org, row, why.FindingsOf{Environment: q.Environment, Reference: q.Reference})
	if err != nil {
		return Recommendations{}, err
	}
	omissions, err := r.Store.ImageOmissions(ctx, org, row.Digest)
	if err != nil {
		return Recommendations{}, err
	}
	about := asked{target: wire.NewTarget(row), digest: row.Digest, platform: row.Platform.String()}
	if d := row.Detail; d != nil {
		about.base, about.layers = d.Base, d.Layers
	}
	return r.answer(ctx, org, about, findings, omissions, q.Tag)
}

// answer puts together what is said of an image with such findings.
func (r Reader) answer(ctx context.Context, org store.OrgID, about asked, findings []store.FindingRow, omissions store.Omissions, tag string) (Recommendations, error) {
	if tag != "" && !wellFormedTag.MatchString(tag) {
		return Recommendations{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read tag", Subject: tag, Hint: "give the tag of the base image alone, such as 12-slim"}
	}
	out := Recommendations{
		Image: about.target, Changes: []recommend.RankedBase{}, Refresh: Refresh{State: NoBase},
		Problems: wire.List(omissions.Problems), MissingAdvisories: wire.Each(omissions.MissingAdvisories, wire.NewMissingAdvisories),
	}
	b := bases{Reader: r, org: org, about: about, out: &out}
	if err := b.find(ctx, tag); err != nil {
		return out, err
	}
	installed, err := r.installed(ctx, about, findings)
	if err != nil {
		return out, err
	}
	out.Upgrades = recommend.Plan(installed, b.question.Current, b.anew, b.question.Describe)
	return out, nil
}

// installed returns the packages that have findings that count, each with the version to go to.
func (r Reader) installed(ctx context.Context, about asked, findings []store.FindingRow) ([]recommend.Installed, error) {
	ofBase := make(map[crowsnest.Digest]bool)
	if about.base != nil {
		for _, l := range about.layers[:min(about.base.Layers, len(about.layers))] {
			ofBase[l.DiffID] = true
		}
	}
	var list []recommend.Installed
	at := make(map[crowsnest.PackageVersion]int)
	for _, f := range findings {
		if f.Suppressed != nil || f.NotAffected {
			continue
		}
		i, known := at[f.Package]
		if !known {
			i = len(list)
			at[f.Package] = i
			outside := func(l crowsnest.Location) bool { return !ofBase[l.Layer] }
			list = append(list, recommend.Installed{Package: f.Package, InUse: f.InUse, InBase: len(f.Locations) > 0 && !slices.ContainsFunc(f.Locations, outside)})
		}
		list[i].Findings = append(list[i].Findings, recommend.Found{Vulnerability: f.Vulnerability, Severity: f.Severity, Fixable: f.FixedVersion != ""})
	}
	list = slices.DeleteFunc(list, func(p recommend.Installed) bool {
		return !slices.ContainsFunc(p.Findings, func(f recommend.Found) bool { return recommend.Urgent(f.Severity) })
	})
	for part := range slices.Chunk(list, adviceBatch) {
		pending := make([]store.Pending, len(part))
		for i, p := range part {
			pending[i] = store.Pending{ID: int64(i), Package: p.Package}
		}
		advisories, err := r.Store.Candidates(ctx, pending)
		if err != nil {
			return nil, err
		}
		for i := range part {
			wanted := func(v string) bool {
				return slices.ContainsFunc(part[i].Findings, func(f recommend.Found) bool { return f.Vulnerability == v && recommend.Urgent(f.Severity) })
			}
			to, left := match.UpdateFor(part[i].Package, advisories[int64(i)], wanted)
			part[i].To, part[i].Left = to.Version, left
		}
	}
	return list, nil
}

// bases finds what an image could be built on.
type bases struct {
	Reader
	org      store.OrgID
	about    asked
	question recommend.Question
	anew     *recommend.Image // what the tag of the base names, if that is another image
	out      *Recommendations
}

func (b *bases) find(ctx context.Context, tag string) error {
	b.question.Now = time.Now()
	if b.Now != nil {
		b.question.Now = b.Now()
	}
	known := b.about.base
	if known == nil {
		return nil
	}
	b.out.Base = &RecommendedFrom{Base: *known}
	if tag == "" {
		tag = tagOf(known.Name)
	}
	found, err := b.Store.BaseCandidates(ctx, b.org, candidate.Query{Image: b.about.digest, Platform: b.about.platform, Base: known.Digest, Repository: crowsnest.Repository(known.Name), Tag: tag})
	if err != nil {
		return err
	}
	if tag == "" && found.Base != nil { // a tag that still names it is as good as the one it was built from
		for _, t := range found.Base.Tags {
			if t.Repository == found.Repository {
				tag = t.Name
				break
			}
		}
	}
	b.out.Tags, b.out.NotAnalysed = found.Tags, len(found.Unread)
	b.question.Repository, b.question.Tag = found.Repository, tag
	if found.Repository != "" && tag != "" {
		b.out.Base.Reference = found.Repository + ":" + tag
	}
	if found.Base != nil {
		image, err := b.load(ctx, *found.Base)
		if err != nil {
			return err
		}
		b.question.Current = &image
		described := b.question.Describe(image)
		b.out.Base.Known = &described
	}
	if err := b.refresh(ctx, found); err != nil {
		return err
	}
	return b.changes(ctx, found)
}

// refresh looks what the tag of the base names now.
func (b *bases) refresh(ctx context.Context, found candidate.Found) error {
	out, tag := &b.out.Refresh, b.question.Tag
	if tag == "" || found.Repository == "" {
		out.State = NoTag
		return nil
	}
	is := func(t candidate.Tag) bool { return t.Repository == found.Repository && t.Name == tag }
	note := func(state RefreshState, tags []candidate.Tag) bool {
		i := slices.IndexFunc(tags, is)
		if i >= 0 {
			out.State, out.Names, out.Since = state, tags[i].Target, tags[i].Since
		}
		return i >= 0
	}
	digest := b.about.base.Digest
	out.State = UnknownTag
	if found.Base != nil && note(UpToDate, found.Base.Tags) {
		return nil
	}
	if note(NotAnalysed, found.Unread) {
		if out.Names == digest {
			out.State = UpToDate
		}
	}
	for _, i := range found.Images {
		if !note(Newer, i.Tags) {
			continue
		}
		image, err := b.load(ctx, i)
		if err != nil {
			return err
		}
		ranked := b.question.Refresh(image)
		out.To, b.anew = &ranked, &image
	}
	if digest == "" && out.State != UnknownTag { // what the tag named then is not known
		out.State = NoDigest
		b.anew = nil
	}
	return nil
}

// changes ranks other bases.
func (b *bases) changes(ctx context.Context, found candidate.Found) error {
	var images []recommend.Image
	ours, others := 0, 0
	for _, i := range found.Images {
		if b.anew != nil && i.Digest == b.anew.Digest {
			continue
		}
		image := bare(i)
		switch {
		case !b.question.MayFit(image):
			continue
		case b.question.Ours(image):
			if ours++; ours > maxOurs {
				continue
			}
		default:
			if others++; others > maxOthers {
				continue
			}
		}
		image, err := b.load(ctx, i)
		if err != nil {
			return err
		}
		images = append(images, image)
	}
	ranked := b.question.Changes(images)
	n := min(len(ranked), maxChanges)
	b.out.Changes, b.out.More = append(b.out.Changes, ranked[:n]...), len(ranked)-n
	return nil
}

// bare is an image without packages and findings.
func bare(i candidate.Image) recommend.Image {
	out := recommend.Image{Digest: i.Digest, Release: i.Release, Size: i.Size, Built: i.Built, Incomplete: i.Problems > 0}
	for _, t := range i.Tags {
		out.Tags = append(out.Tags, recommend.Tag{Repository: t.Repository, Name: t.Name, Target: t.Target})
	}
	for _, s := range i.Software {
		out.Software = append(out.Software, recommend.Software(s))
	}
	return out
}

// load reads the packages and findings of an image.
func (b *bases) load(ctx context.Context, i candidate.Image) (recommend.Image, error) {
	out := bare(i)
	packages, err := b.Store.ImagePackages(ctx, b.org, i.Digest)
	if err != nil {
		return out, err
	}
	findings, err := b.Store.ImageFindings(ctx, b.org, i.Digest, "")
	if err != nil {
		return out, err
	}
	omissions, err := b.Store.ImageOmissions(ctx, b.org, i.Digest)
	if err != nil {
		return out, err
	}
	out.Incomplete = len(omissions.Problems)+len(omissions.MissingAdvisories) > 0
	for _, p := range packages {
		out.Packages = append(out.Packages, p.PackageVersion)
	}
	for _, f := range findings {
		if f.Suppressed == nil {
			out.Findings = append(out.Findings, recommend.Finding{Vulnerability: f.Vulnerability, Severity: f.Severity, Package: f.Package})
		}
	}
	return out, nil
}

// tagOf returns the tag of an image's name; empty if it has none.
func tagOf(name string) string {
	name, _, _ = strings.Cut(name, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name[i+1:]
	}
	return ""
}

// Package why is the room of the API about the findings of an image and their reasons: why one was found, and why one that was
// expected was not.
//
// A reason is made when it is asked for, from the packages of the image and the advisories that name them, by the same
// rules that make findings. Nothing of it is kept.
package why

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/reason"
	"github.com/danielgtaylor/huma/v2"
)

// Store is what is read.
type Store interface {
	store.Images
	store.Advisories
	store.AdvisoryHistory
	store.Matching
	store.Threats
	decided.Decisions[store.OrgID]
}

// Reader answers from what is held, on a server as on one machine.
type Reader struct{ Store Store }

// The bounds on what is asked and told.
const (
	maxPackages     = 200
	maxJudged       = 2000 // packages that are looked at
	maxNotInstalled = 50
	maxTold         = 50 // advisories
	maxNames        = 20
	maxFollowed     = 5  // other names that are looked up, each of which reads all advisories
	candidateBatch  = 50 // packages whose advisories are in memory at a time

	// maxRequest bounds the packages sent with a question, and requestTime the time a slow line may take for them.
	maxRequest  = 64 << 20
	requestTime = 2 * time.Minute
)

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Store, log *slog.Logger) {
	r := Reader{s}
	huma.Register(api, base.Operation(http.MethodGet, "/images/{digest}/findings", "Images", "get-image-findings", "List the vulnerabilities of an image"),
		func(ctx context.Context, in *struct {
			Digest      string `path:"digest" maxLength:"1024" doc:"Any digest of the image, twelve digits of one or more, or its name"`
			Environment string `query:"environment" maxLength:"128" doc:"Take in-use data from this environment only"`
			IgnoreMinor bool   `query:"ignoreMinor" doc:"Leave out what the distribution takes as minor; minorHidden counts it"`
			Explain     bool   `query:"explain" doc:"Say of each why it was found"`
			Reference   string `query:"reference" maxLength:"1024" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Suppress what is decided for this name of the image; without it, what is decided for each of its names"`
		}) (*base.Answer[wire.CVEs], error) {
			report, err := r.Findings(ctx, base.OrgOf(ctx), in.Digest, FindingsOf{in.Environment, in.Reference, in.Explain})
			if in.IgnoreMinor {
				report = report.WithoutMinor()
			}
			return base.Reply(log, report, err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/images/{digest}/why", "Images", "explain-image", "Say why an image has a vulnerability, or has not"),
		func(ctx context.Context, in *struct {
			Digest string `path:"digest" maxLength:"1024" doc:"Any digest of the image, twelve digits of one or more, or its name"`
			Question
		}) (*base.Answer[Why], error) {
			report, err := r.OfImage(ctx, base.OrgOf(ctx), in.Digest, in.Question)
			return base.Reply(log, report, err)
		})
	packages := base.Operation(http.MethodPost, "/evaluations/why", "Analyses", "explain-packages", "Say why packages that are not kept have a vulnerability, or have not")
	packages.MaxBodyBytes, packages.BodyReadTimeout = maxRequest, requestTime
	huma.Register(api, packages, func(ctx context.Context, in *struct{ Body WhyRequest }) (*base.Answer[Why], error) {
		report, err := r.OfPackages(ctx, base.OrgOf(ctx), in.Body)
		return base.Reply(log, report, err)
	})
}

// FindingsOf says how findings of an image are asked for.
type FindingsOf struct {
	Environment string
	// Reference is the name that decisions must hold for; empty for all names of the image.
	Reference string
	Explain   bool
}

// Findings lists the findings of an analysed image, with reasons if they are asked for.
func (r Reader) Findings(ctx context.Context, org store.OrgID, image string, of FindingsOf) (wire.CVEs, error) {
	row, err := r.Store.Image(ctx, org, image)
	if err != nil {
		return wire.CVEs{}, err
	}
	findings, err := r.Rows(ctx, org, row, of)
	if err != nil {
		return wire.CVEs{}, err
	}
	omissions, err := r.Store.ImageOmissions(ctx, org, row.Digest)
	if err != nil {
		return wire.CVEs{}, err
	}
	report := wire.NewCVEs(wire.NewTarget(row), findings, omissions)
	if of.Explain {
		err = r.Explain(ctx, findings, &report)
	}
	return report, err
}

// Rows reads the findings of an analysed image, with what is decided for the name that is asked for.
func (r Reader) Rows(ctx context.Context, org store.OrgID, row store.ImageRow, of FindingsOf) ([]store.FindingRow, error) {
	findings, err := r.Store.ImageFindings(ctx, org, row.Digest, of.Environment)
	if err == nil && of.Reference != "" {
		err = r.decide(ctx, org, row, of, findings)
	}
	return findings, err
}

// decide says of findings what is suppressed under one name of their image. It must be a name of that image, so that nobody
// takes what is decided for another one for theirs.
func (r Reader) decide(ctx context.Context, org store.OrgID, row store.ImageRow, of FindingsOf, findings []store.FindingRow) error {
	known, err := r.Store.Image(ctx, org, of.Reference)
	if err == nil && known.Digest != row.Digest {
		err = &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read decisions for", Subject: of.Reference, Hint: "it names another image now: " + string(known.Digest)}
	}
	if err != nil {
		return err
	}
	list, err := r.Store.DecisionsInForce(ctx, org)
	if err != nil {
		return err
	}
	decisions := crowsnest.NewDecisions(list, time.Now())
	name := []crowsnest.ImageReference{crowsnest.NewImageReference(of.Reference, row.Digest, row.ImageID)}
	for i := range findings {
		f := &findings[i]
		f.Suppressed = nil
		if d := decisions.Of(f.Package.PURL, append([]string{f.Vulnerability, f.Advisory}, f.Aliases...)...).Suppress(name, of.Environment); d != nil {
			f.Suppressed = d.Suppression()
		}
	}
	return nil
}

// OfImage answers a question about an analysed image.
func (r Reader) OfImage(ctx context.Context, org store.OrgID, image string, q Question) (Why, error) {
	row, err := r.Store.Image(ctx, org, image)
	if err != nil {
		return Why{}, err
	}
	packages, err := r.Store.ImagePackages(ctx, org, row.Digest)
	if err != nil {
		return Why{}, err
	}
	omissions, err := r.Store.ImageOmissions(ctx, org, row.Digest)
	if err != nil {
		return Why{}, err
	}
	watch, err := r.Store.Watch(ctx, org, row.Digest, q.Environment)
	if err != nil {
		return Why{}, err
	}
	known, err := r.Rows(ctx, org, row, FindingsOf{Environment: q.Environment, Reference: q.Reference})
	if err != nil {
		return Why{}, err
	}
	type finding struct{ purl, vulnerability string }
	suppressed := make(map[finding]*crowsnest.Suppression)
	for _, f := range known {
		if f.Suppressed != nil {
			suppressed[finding{f.Package.PURL, f.Vulnerability}] = f.Suppressed
		}
	}
	return r.answer(ctx, q, wire.NewTarget(row), packages, told{watch, func(p crowsnest.PackageVersion, f crowsnest.Finding) *crowsnest.Suppression {
		return suppressed[finding{p.PURL, f.Vulnerability}]
	}}, omissions)
}

// told is what is known of findings of an image beside advisories: what run time sees, and what decisions take out of counts.
type told struct {
	crowsnest.Watch
	suppressed func(crowsnest.PackageVersion, crowsnest.Finding) *crowsnest.Suppression
}

// OfPackages answers a question about packages that are not kept.
func (r Reader) OfPackages(ctx context.Context, org store.OrgID, in WhyRequest) (Why, error) {
	target := in.Image
	target.ImageID = crowsnest.Digest(crowsnest.Text(string(target.ImageID)))
	for i := range in.Packages {
		p := &in.Packages[i]
		for _, s := range []*string{&p.PURL, &p.Type, &p.Name, &p.Version, &p.Ecosystem, &p.Source, &p.SourceVersion} {
			*s = crowsnest.Text(*s)
		}
	}
	watch, err := r.Store.Watch(ctx, org, target.ImageID, in.Environment)
	if err != nil {
		return Why{}, err
	}
	statuses, err := r.Store.AdvisoryStatuses(ctx)
	if err != nil {
		return Why{}, err
	}
	counted := make([]store.MissingAdvisories, len(in.Packages))
	for i, p := range in.Packages {
		counted[i] = store.MissingAdvisories{Ecosystem: p.Ecosystem, Type: p.Type, Packages: 1}
	}
	held, err := r.Store.DecisionsInForce(ctx, org)
	if err != nil {
		return Why{}, err
	}
	decisions, names := crowsnest.NewDecisions(held, time.Now()), []crowsnest.ImageReference{crowsnest.NewImageReference(target.Name, target.Digest, target.ImageID)}
	suppressed := func(p crowsnest.PackageVersion, f crowsnest.Finding) *crowsnest.Suppression {
		if d := decisions.Of(p.PURL, append([]string{f.Vulnerability, f.Advisory}, f.Aliases...)...).Suppress(names, in.Environment); d != nil {
			return d.Suppression()
		}
		return nil
	}
	return r.answer(ctx, in.Question, target, in.Packages, told{watch, suppressed}, store.Omissions{MissingAdvisories: store.WithoutAdvisories(counted, statuses)})
}

func (r Reader) answer(ctx context.Context, q Question, target wire.Target, packages []crowsnest.Package, known told, omissions store.Omissions) (Why, error) {
	q.Vulnerability, q.Package = strings.TrimSpace(q.Vulnerability), strings.TrimSpace(q.Package)
	out := Why{
		Image: target, Name: q.Vulnerability, Package: q.Package, Vulnerabilities: []string{}, Packages: []PackageReason{}, NotInstalled: []RecordedPackage{}, Ecosystems: []string{}, Advisories: []string{},
		Problems: wire.List(omissions.Problems), MissingAdvisories: wire.Each(omissions.MissingAdvisories, wire.NewMissingAdvisories),
	}
	if q.Vulnerability == "" {
		return out, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "explain vulnerability", Hint: "name one, such as a CVE"}
	}
	about, err := r.subject(ctx, q.Vulnerability)
	if err != nil {
		return out, err
	}
	out.Name = about.asked
	out.Advisories = wire.List(about.ids[:min(len(about.ids), maxTold)])
	for e := range about.packages {
		if !slices.Contains(out.Ecosystems, e.base) {
			out.Ecosystems = append(out.Ecosystems, e.base)
		}
	}
	slices.Sort(out.Ecosystems)

	chosen := about.choose(packages, q.Package)
	if n := len(chosen); n > maxJudged {
		chosen, out.More = chosen[:maxJudged], n-maxJudged
	}
	if err := r.reasons(ctx, about, chosen, known, &out); err != nil {
		return out, err
	}
	out.notInstalled(about, packages, q.Package)
	out.Answer = out.sum(about)
	slices.SortStableFunc(out.Packages, func(a, b PackageReason) int { return cmp.Compare(rank[a.Answer], rank[b.Answer]) })
	if n := len(out.Packages); n > maxPackages {
		out.Packages, out.More = out.Packages[:maxPackages], out.More+n-maxPackages
	}
	return out, nil
}

// sum is the answer for the whole image.
func (w *Why) sum(about subject) Answer {
	best := Answer("")
	for _, p := range w.Packages {
		if best == "" || rank[p.Answer] < rank[best] {
			best = p.Answer
		}
	}
	switch {
	case best != "" && best != NotNamed:
		return best
	case len(about.ids) == 0:
		return NoRecord
	case best == NotNamed:
		return NotNamed
	case len(w.NotInstalled) > 0 || w.Package != "":
		return NotInstalled
	}
	return OtherEcosystems
}

// reasons explains each of the chosen packages.
func (r Reader) reasons(ctx context.Context, about subject, chosen []crowsnest.Package, of told, out *Why) error {
	known := make(map[string]bool)
	for part := range slices.Chunk(chosen, candidateBatch) {
		pending := make([]store.Pending, len(part))
		for i, p := range part {
			pending[i] = store.Pending{ID: int64(i), Package: p.PackageVersion}
		}
		candidates, err := r.Store.Candidates(ctx, pending)
		if err != nil {
			return err
		}
		for i, p := range part {
			one := PackageReason{Package: wire.NewFindingPackage(p.PackageVersion), Findings: []wire.Finding{}}
			if p.Ecosystem == "" {
				one.Answer, one.OwnedBy = NotMatched, p.Owners()
				one.OwnedBy = one.OwnedBy[:min(len(one.OwnedBy), maxNames)]
				out.Packages = append(out.Packages, one)
				continue
			}
			result, judgements := match.Match(p.PackageVersion, candidates[int64(i)]), match.Judge(p.PackageVersion, candidates[int64(i)])
			var found []crowsnest.Finding
			for _, f := range result.Findings {
				if about.isAbout(f.Advisory, f.Vulnerability) {
					found = append(found, f)
				}
			}
			e := reason.New(p.PackageVersion, judgements, found, func(j match.Judgement) bool { return about.isAbout(j.Advisory.ID, j.Vulnerabilities...) })
			one.Explanation = &e
			for _, s := range e.Sources {
				for _, v := range s.Vulnerabilities {
					known[v] = known[v] || about.isAbout(s.Advisory, v)
				}
			}
			if err := r.findings(ctx, p, result, found, of, &one); err != nil {
				return err
			}
			if one.Answer == "" {
				one.Answer = NotAffected
				if len(e.Sources) == 0 {
					one.Answer = NotNamed
				}
			}
			out.Packages = append(out.Packages, one)
		}
	}
	maps.DeleteFunc(known, func(_ string, yes bool) bool { return !yes })
	out.Vulnerabilities = append(out.Vulnerabilities, slices.Sorted(maps.Keys(known))...)
	out.Vulnerabilities = out.Vulnerabilities[:min(len(out.Vulnerabilities), maxNames)]
	return nil
}

// findings fills in what was found of a package, and the answer that follows.
func (r Reader) findings(ctx context.Context, p crowsnest.Package, result match.Result, found []crowsnest.Finding, of told, one *PackageReason) error {
	var names []string
	for _, f := range found {
		names = append(names, f.Vulnerability)
	}
	threats, err := r.Store.Threats(ctx, names)
	if err != nil {
		return err
	}
	state, counts := of.InUse(p.PackageVersion), false
	for _, f := range found {
		if f.Decides || !slices.ContainsFunc(found, func(g crowsnest.Finding) bool { return g.Decides && g.Vulnerability == f.Vulnerability }) {
			by := of.suppressed(p.PackageVersion, f)
			counts = counts || by == nil
			one.Findings = append(one.Findings, wire.NewFinding(store.FindingRow{Finding: f, Package: p.PackageVersion, InUse: state, Threat: threats[f.Vulnerability], Update: result.Update, Suppressed: by}))
		}
	}
	if len(one.Findings) > 0 {
		switch one.Answer = Found; {
		case !counts:
			one.Answer = Suppressed
		case !of.Affects(state):
			one.Answer = Discounted
		}
	}
	return nil
}

// Explain says of each finding of a report, which was made of the rows, why it was found.
func (r Reader) Explain(ctx context.Context, rows []store.FindingRow, report *wire.CVEs) error {
	out := make([]*reason.Explanation, len(rows))
	byPackage := make(map[crowsnest.PackageVersion][]int)
	var packages []crowsnest.PackageVersion
	for i, row := range rows {
		if byPackage[row.Package] == nil {
			packages = append(packages, row.Package)
		}
		byPackage[row.Package] = append(byPackage[row.Package], i)
	}
	for part := range slices.Chunk(packages, candidateBatch) {
		pending := make([]store.Pending, len(part))
		for i, p := range part {
			pending[i] = store.Pending{ID: int64(i), Package: p}
		}
		candidates, err := r.Store.Candidates(ctx, pending)
		if err != nil {
			return err
		}
		for i, p := range part {
			result, judgements := match.Match(p, candidates[int64(i)]), match.Judge(p, candidates[int64(i)])
			for _, at := range byPackage[p] {
				v := rows[at].Vulnerability
				var found []crowsnest.Finding
				for _, f := range result.Findings {
					if f.Vulnerability == v {
						found = append(found, f)
					}
				}
				e := reason.New(p, judgements, found, func(j match.Judgement) bool { return slices.Contains(j.Vulnerabilities, v) })
				out[at] = &e
			}
		}
	}
	counted, not := 0, 0
	for i, row := range rows {
		if row.NotAffected {
			report.NotAffected[not].Explanation, not = out[i], not+1
		} else {
			report.Findings[counted].Explanation, counted = out[i], counted+1
		}
	}
	return nil
}

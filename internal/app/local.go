package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/fetch"
	"github.com/crowsnest-sec/crowsnest/internal/api/advice"
	"github.com/crowsnest-sec/crowsnest/internal/api/feed"
	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/policy/evaluation"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// Local runs the engines for one person on one machine: analyses and advisories
// are kept in a SQLite cache, and there is no server and no sign-in.
type Local struct {
	store  *sqlstore.Store
	engine *engine
	org    store.OrgID
}

// OpenLocal opens the cache at path, made if missing; images are analysed within limits.
func OpenLocal(ctx context.Context, path string, limits config.Limits) (*Local, error) {
	s, err := sqlstore.Open(ctx, path, sqldb.Options{})
	if err != nil {
		return nil, err
	}
	org, err := s.EnsureOrganisation(ctx, "local")
	if err == nil {
		l := &Local{store: s, org: org.ID}
		if l.engine, err = newEngine(s, 2, limits); err == nil {
			return l, nil
		}
	}
	s.Close()
	return nil, err
}

// Close closes the cache.
func (l *Local) Close() error { return l.store.Close() }

// Analyse analyses an image of any source and returns its digest.
func (l *Local) Analyse(ctx context.Context, source string, opts image.Options, stage Stage) (crowsnest.Digest, error) {
	return l.engine.analyse(ctx, l.org, source, "", opts, stage)
}

// Image returns an analysed image.
func (l *Local) Image(ctx context.Context, digest crowsnest.Digest) (wire.Image, error) {
	row, err := l.store.Image(ctx, l.org, string(digest))
	if err != nil {
		return wire.Image{}, err
	}
	img := wire.NewImage(row)
	omissions, err := l.store.ImageOmissions(ctx, l.org, row.Digest)
	img.Omit(omissions)
	return img, err
}

// SBOM returns what is in an analysed image.
func (l *Local) SBOM(ctx context.Context, digest crowsnest.Digest) (wire.SBOM, error) {
	row, err := l.store.Image(ctx, l.org, string(digest))
	if err != nil {
		return wire.SBOM{}, err
	}
	packages, err := l.store.ImagePackages(ctx, l.org, row.Digest)
	if err != nil {
		return wire.SBOM{}, err
	}
	omissions, err := l.store.ImageOmissions(ctx, l.org, row.Digest)
	return wire.NewSBOM(row, packages, omissions.Problems), err
}

// FileOwners says which packages brought files of an analysed image.
func (l *Local) FileOwners(ctx context.Context, digest crowsnest.Digest, paths []string) ([]wire.FileOwner, error) {
	return l.engine.fileOwners(ctx, l.org, string(digest), paths)
}

// CVEs returns the findings of an analysed image, with reasons if they are asked for.
func (l *Local) CVEs(ctx context.Context, digest crowsnest.Digest, explain bool) (wire.CVEs, error) {
	return why.Reader{Store: l.store}.Findings(ctx, l.org, string(digest), why.FindingsOf{Explain: explain})
}

// Policies asks the policies that every organisation begins with about an analysed image.
func (l *Local) Policies(ctx context.Context, digest crowsnest.Digest) (compliance.ImagePolicies, error) {
	row, err := l.store.Image(ctx, l.org, string(digest))
	if err != nil {
		return compliance.ImagePolicies{}, err
	}
	report, err := evaluation.New(l.store, nil, nil).Image(ctx, l.org, row.Digest, "")
	return compliance.NewImagePolicies(wire.NewTarget(row), "", report), err
}

// Evaluate returns the findings of packages that are not kept.
func (l *Local) Evaluate(ctx context.Context, request wire.EvaluationRequest) (wire.CVEs, error) {
	return l.engine.evaluate(ctx, l.org, request)
}

// Why answers a question about an analysed image.
func (l *Local) Why(ctx context.Context, digest crowsnest.Digest, q why.Question) (why.Why, error) {
	return why.Reader{Store: l.store}.OfImage(ctx, l.org, string(digest), q)
}

// Recommendations says what to build an analysed image on, of what was analysed here, and which packages to upgrade.
func (l *Local) Recommendations(ctx context.Context, digest crowsnest.Digest, q advice.Question) (advice.Recommendations, error) {
	return advice.Reader{Store: l.store}.OfImage(ctx, l.org, string(digest), q)
}

// WhyPackages answers a question about packages that are not kept.
func (l *Local) WhyPackages(ctx context.Context, request why.WhyRequest) (why.Why, error) {
	return why.Reader{Store: l.store}.OfPackages(ctx, l.org, request)
}

// ImportAdvisories takes whatever is at a place.
// HTTP of the place is this method's to give.
func (l *Local) ImportAdvisories(ctx context.Context, from advisory.Place, progress func(ecosystem string, records int)) ([]advisory.Result, error) {
	hc, err := egress.New(egress.Policy{Allow: private, ProxyFromEnvironment: true, Timeout: egress.NoTimeout})
	if err != nil {
		return nil, err
	}
	defer hc.CloseIdleConnections()
	from.HTTP = hc
	results, err := advisory.Importer{Store: l.store}.From(ctx, from, progress)
	return results, here(err)
}

// here tells the hint of a server's setting in words for one machine.
func here(err error) error {
	var refused *crowsnest.Error
	if errors.As(err, &refused) && refused.Kind == crowsnest.Forbidden && strings.Contains(refused.Hint, egress.AllowSetting) {
		own := *refused // the setting is a server's
		own.Hint = "use https and a public or private address, or download the file and give that"
		return &own
	}
	return err
}

// Refresh takes the bundle at a place if it is another one than was taken there last: of a URL by what its server says of it, of
// a file by its time and size.
func (l *Local) Refresh(ctx context.Context, from advisory.Place) error {
	held, err := l.store.StartFeed(ctx, store.BundleFeed)
	if err != nil {
		return err
	}
	prefix, valid := from.Location+" ", "" // a validator is of one place, and of what was asked of it
	if from.Key != nil {
		prefix += from.Key.String() + " "
	}
	if rest, same := strings.CutPrefix(held.Validator, prefix); same {
		from.Validator = rest
	}
	if strings.Contains(from.Location, "://") {
		hc, err := egress.New(egress.Policy{Allow: private, ProxyFromEnvironment: true, Timeout: egress.NoTimeout})
		if err != nil {
			return err
		}
		defer hc.CloseIdleConnections()
		_, valid, err = advisory.Importer{Store: l.store}.FetchBundle(ctx, fetch.Client{HTTP: hc}, from, nil)
		if errors.Is(err, fetch.ErrUnchanged) {
			return nil
		}
		if err != nil {
			return here(err)
		}
	} else {
		info, err := os.Stat(from.Location)
		if err != nil {
			return &crowsnest.Error{Kind: crowsnest.NotFound, Op: "read advisories from", Subject: from.Location, Hint: "give a bundle or the URL of one", Err: errors.Unwrap(err)}
		}
		if valid = fmt.Sprintf("file:%d %d", info.ModTime().UnixNano(), info.Size()); valid == from.Validator {
			return nil
		}
		if _, err := (advisory.Importer{Store: l.store}).Bundle(ctx, from.Location, from.Location, from.Key, nil); err != nil {
			return err
		}
	}
	return l.store.FinishFeed(ctx, store.BundleFeed, store.FeedOutcome{Changed: true, Validator: prefix + valid})
}

// ExportAdvisories writes everything that the cache holds of advisories: whole sets, as nobody could tell from parts of one what
// is missing. That there is none is an error.
func (l *Local) ExportAdvisories(ctx context.Context, w io.Writer, by string, progress func(what string)) error {
	written, err := bundle.Write(ctx, w, l.store, bundle.Options{By: by, Created: time.Now(), Progress: progress})
	if err == nil && len(written.Files) == 0 {
		return &crowsnest.Error{Kind: crowsnest.Conflict, Op: "export advisories", Err: errors.New("no whole set of them is held"), Hint: "import some first; of a single zip say with --ecosystem whose whole set it is"}
	}
	return err
}

// AdvisoryUpdates lists what imports changed, newest first.
func (l *Local) AdvisoryUpdates(ctx context.Context, filter store.UpdateFilter) ([]wire.AdvisoryUpdate, error) {
	list, err := l.store.AdvisoryUpdates(ctx, filter, store.Page{Limit: store.MaxLimit})
	return wire.Each(list.Items, wire.NewAdvisoryUpdate), err
}

// Advisory returns the records that bear a name.
func (l *Local) Advisory(ctx context.Context, name string) (wire.NamedAdvisories, error) {
	return feed.Reader{Store: l.store}.Named(ctx, name)
}

// private is what a person may reach from their own machine beside public addresses, over
// plain http too: the machine itself and the networks it is in. The link-local addresses at
// which clouds hand out credentials are not among them; nobody keeps advisories there.
var private = []netip.Prefix{
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("fc00::/7"),
}

// AdvisoryStatuses lists what the cache holds of advisories.
func (l *Local) AdvisoryStatuses(ctx context.Context) ([]wire.AdvisoryStatus, error) {
	return feed.Reader{Store: l.store}.Statuses(ctx)
}

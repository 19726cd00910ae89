package app

import (
	"context"
	"net/http"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Local runs the engines for one person on one machine: analyses and advisories
// are kept in a SQLite cache, and there is no server and no sign-in.
type Local struct {
	store  *sqlstore.Store
	engine *engine
	org    store.OrgID
}

// OpenLocal opens the cache at path, made if missing.
func OpenLocal(ctx context.Context, path string) (*Local, error) {
	s, err := sqlstore.Open(ctx, path, sqldb.Options{})
	if err != nil {
		return nil, err
	}
	org, err := s.EnsureOrganisation(ctx, "local")
	if err == nil {
		l := &Local{store: s, org: org.ID}
		if l.engine, err = newEngine(s, 2); err == nil {
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
	return l.engine.analyse(ctx, l.org, source, opts, stage)
}

// Image returns an analysed image.
func (l *Local) Image(ctx context.Context, digest crowsnest.Digest) (wire.Image, error) {
	row, err := l.store.Image(ctx, l.org, string(digest))
	if err != nil {
		return wire.Image{}, err
	}
	img := wire.NewImage(row)
	img.Problems, err = l.store.ImageProblems(ctx, l.org, row.Digest)
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
	problems, err := l.store.ImageProblems(ctx, l.org, row.Digest)
	return wire.NewSBOM(row, packages, problems), err
}

// CVEs returns the findings of an analysed image.
func (l *Local) CVEs(ctx context.Context, digest crowsnest.Digest) (wire.CVEs, error) {
	row, err := l.store.Image(ctx, l.org, string(digest))
	if err != nil {
		return wire.CVEs{}, err
	}
	findings, err := l.store.ImageFindings(ctx, l.org, row.Digest, "")
	if err != nil {
		return wire.CVEs{}, err
	}
	problems, err := l.store.ImageProblems(ctx, l.org, row.Digest)
	return wire.NewCVEs(wire.NewTarget(row), findings, problems), err
}

// ImportAdvisories takes advisories from a folder, a zip or a URL.
func (l *Local) ImportAdvisories(ctx context.Context, location string, ecosystems []string, progress func(ecosystem string, records int)) ([]advisory.Result, error) {
	src, err := osv.Open(ctx, location, http.DefaultClient)
	if err != nil {
		return nil, err
	}
	return advisory.Importer{Store: l.store}.Import(ctx, src, ecosystems, progress)
}

// AdvisoryStatuses lists the ecosystems the cache holds.
func (l *Local) AdvisoryStatuses(ctx context.Context) ([]wire.AdvisoryStatus, error) {
	list, err := l.store.AdvisoryStatuses(ctx)
	return wire.Each(list, wire.NewAdvisoryStatus), err
}

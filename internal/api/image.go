package api

import (
	"context"
	"net/http"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// ImageText filters images by a text.
type ImageText struct {
	Q string `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the name, of a digest of manifest or configuration, or of the distribution; ASCII letters in either case"`
}

// ImageQuery filters images.
type ImageQuery struct {
	ImageText
	Environment string `query:"environment" maxLength:"128" doc:"Only images that run there"`
	Repository  string `query:"repository" maxLength:"512" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only images that a tag of this repository names or named, or that were asked for by it; as images are named, without a tag"`
	Sort        string `query:"sort" enum:"name,newest" default:"name"`
}

func (q ImageQuery) filter() store.ImageFilter {
	return store.ImageFilter{Environment: q.Environment, Repository: q.Repository, Query: q.Q, Sort: store.ImageSort(q.Sort)}
}

// VulnerabilityQuery filters vulnerabilities.
type VulnerabilityQuery struct {
	Environment string   `query:"environment" maxLength:"128" doc:"Only those of images that run there"`
	Severity    []string `query:"severity" maxItems:"5" enum:"critical,high,medium,low,unspecified" doc:"Only these severities, separated by commas"`
	Q           string   `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the identifier, of another of its names or of a summary; ASCII letters in either case"`
	Fixable     bool     `query:"fixable" doc:"Only those of which a fix is known for one of the packages"`
	KEV         bool     `query:"kev" doc:"Only those in CISA's catalogue of known exploited vulnerabilities"`
	InUse       bool     `query:"inUse" doc:"Only those in a package that run time saw loaded, in what runs or in what runs in the environment; with severity, of that severity there"`
	IgnoreMinor bool     `query:"ignoreMinor" doc:"Leave out what the distribution takes as minor; minorHidden counts it"`
	Suppressed  bool     `query:"suppressed" doc:"List as well what decisions suppress wherever it is found; without it, suppressedHidden counts that"`
	NotSeen     bool     `query:"notSeen" doc:"List as well what does not count in the environment, as it takes as not affected what is not seen loaded; without it, notSeenHidden counts that"`
	MinEPSS     float64  `query:"minEpss" minimum:"0" maximum:"1" doc:"Only those with at least this EPSS score; 0 is all"`
	Sort        string   `query:"sort" enum:"worst,urgency" default:"worst" doc:"By urgency: first what is in use, then what is in CISA's catalogue, then by EPSS, then the worst"`
}

func (q VulnerabilityQuery) filter() store.VulnerabilityFilter {
	filter := store.VulnerabilityFilter{Environment: q.Environment, Query: q.Q, Fixable: q.Fixable, Exploited: q.KEV, MinEPSS: q.MinEPSS, InUse: q.InUse, IgnoreMinor: q.IgnoreMinor, Suppressed: q.Suppressed, NotSeen: q.NotSeen, Sort: store.VulnerabilitySort(q.Sort)}
	for _, word := range q.Severity {
		severity, _ := crowsnest.ParseSeverity(word)
		filter.Severities = append(filter.Severities, severity)
	}
	return filter
}

func (s *server) images(api huma.API) {
	const tag = "Images"
	huma.Register(api, operation(http.MethodGet, "/images", tag, "list-images", "List images"), func(ctx context.Context, in *struct {
		Paging
		ImageQuery
		Name string `query:"name" maxLength:"1024" doc:"Only the image last asked for under exactly this name"`
	}) (*answer[wire.Page[wire.Image]], error) {
		if in.Name != "" {
			row, err := s.Store.Image(ctx, orgOf(ctx), in.Name)
			if crowsnest.KindOf(err) == crowsnest.NotFound && err != nil {
				return reply(s, wire.Page[wire.Image]{Items: []wire.Image{}}, nil)
			}
			return reply(s, wire.Page[wire.Image]{Items: []wire.Image{wire.NewImage(row)}}, err)
		}
		list, err := s.Store.Images(ctx, orgOf(ctx), in.filter(), in.Page())
		return reply(s, wire.PageOf(list, wire.NewImage), err)
	})
	huma.Register(api, operation(http.MethodGet, "/images/{digest}", tag, "get-image", "Get an image"), func(ctx context.Context, in *ImageKey) (*answer[wire.Image], error) {
		row, err := s.Store.Image(ctx, orgOf(ctx), in.Digest)
		if err != nil {
			return nil, s.fail(err)
		}
		img := wire.NewImage(row)
		if row.State != store.Analysed {
			return reply(s, img, nil)
		}
		if len(row.Environments) > 0 {
			warnings, err := s.Store.ImageWarnings(ctx, orgOf(ctx), row.Digest)
			if err != nil {
				return nil, s.fail(err)
			}
			img.Warnings = wire.NewWarnings(warnings)
		}
		omissions, err := s.Store.ImageOmissions(ctx, orgOf(ctx), row.Digest)
		img.Omit(omissions)
		return reply(s, img, err)
	})
	huma.Register(api, operation(http.MethodGet, "/images/{digest}/packages", tag, "get-image-packages", "List the packages in an image"),
		func(ctx context.Context, in *ImageKey) (*answer[wire.SBOM], error) {
			contents, err := s.contents(ctx, in.Digest)
			return reply(s, contents, err)
		})
	s.sbom(api, tag)
	s.imageUse(api, tag)
	huma.Register(api, operation(http.MethodGet, "/images/{digest}/occurrences", tag, "get-image-occurrences", "List where an image runs and ran"),
		func(ctx context.Context, in *struct {
			ImageKey
			Paging
		}) (*answer[wire.Page[wire.Occurrence]], error) {
			row, err := s.Store.Image(ctx, orgOf(ctx), in.Digest)
			if err != nil {
				return nil, s.fail(err)
			}
			list, err := s.Store.Occurrences(ctx, orgOf(ctx), running.Filter{Image: row.Digest}, in.Page())
			return reply(s, wire.PageOf(list, wire.NewOccurrence), err)
		})
	huma.Register(api, operation(http.MethodGet, "/vulnerabilities", "Vulnerabilities", "list-vulnerabilities", "List vulnerabilities over all images, worst or most urgent first"),
		func(ctx context.Context, in *struct {
			Paging
			VulnerabilityQuery
		}) (*answer[wire.VulnerabilityPage], error) {
			list, err := s.Store.Vulnerabilities(ctx, orgOf(ctx), in.filter(), in.Page())
			if err != nil {
				return nil, s.fail(err)
			}
			hidden, err := s.Store.MinorVulnerabilities(ctx, orgOf(ctx), in.filter())
			if err != nil {
				return nil, s.fail(err)
			}
			left, err := s.Store.LeftOutVulnerabilities(ctx, orgOf(ctx), in.filter())
			return reply(s, wire.VulnerabilityPage{Page: wire.PageOf(list, wire.NewVulnerability), MinorHidden: hidden, SuppressedHidden: left.Suppressed, NotSeenHidden: left.NotSeen}, err)
		})
}

// contents returns what is in an image.
func (s *server) contents(ctx context.Context, digest string) (wire.SBOM, error) {
	row, err := s.Store.Image(ctx, orgOf(ctx), digest)
	if err != nil {
		return wire.SBOM{}, err
	}
	packages, err := s.Store.ImagePackages(ctx, orgOf(ctx), row.Digest)
	if err != nil {
		return wire.SBOM{}, err
	}
	omissions, err := s.Store.ImageOmissions(ctx, orgOf(ctx), row.Digest)
	return wire.NewSBOM(row, packages, omissions.Problems), err
}

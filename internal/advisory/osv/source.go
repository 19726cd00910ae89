package osv

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/fetch"
)

// Stats says what came of reading a set.
type Stats struct {
	Records  int      // handed out
	Skipped  int      // records that could not be used
	Problems []string // why, at most maxProblems of them
}

// maxProblems bounds the problems that are named; Skipped counts them all.
const maxProblems = 20

func (s *Stats) skip(where string, err error) {
	s.Skipped++
	if len(s.Problems) < maxProblems {
		s.Problems = append(s.Problems, where+": "+crowsnest.Reason(err))
	}
}

// Source is a place where OSV records are. It holds no open file or connection
// and may be used by several goroutines at once.
type Source struct {
	location string // as given, without credentials
	place    place
}

// place is one way in which records are kept.
type place interface {
	ecosystems(ctx context.Context) ([]string, error)
	fingerprint(ctx context.Context, ecosystem string) (string, error)
	each(ctx context.Context, ecosystem string, accept func(records int) error, fn func(*crowsnest.Advisory) error) (Stats, error)
}

// Open finds out how records are kept at a location that a person gives:
//
//   - a folder with a folder for each ecosystem and an all.zip in it, as OSV's bucket has it;
//   - a zip archive of JSON records;
//   - a JSON file with one record, an array of records or one record after the other;
//   - a folder of JSON files, at any depth;
//   - an http or https URL below which the bucket's layout is found, or of one zip archive.
//
// hc does all network access and may be nil if the location is not a URL. A URL
// is not contacted yet. Errors are of kind NotFound, Invalid or Unsupported.
func Open(ctx context.Context, location string, hc *http.Client) (*Source, error) {
	location = strings.TrimSpace(location)
	if err := ctx.Err(); err != nil {
		return nil, openError(crowsnest.Canceled, location, "", err)
	}
	if strings.Contains(location, "://") {
		return openURL(location, hc)
	}
	if location == "" {
		return nil, openError(crowsnest.Invalid, "", "give a folder, a zip archive, a JSON file or a URL", errors.New("no location is given"))
	}
	info, err := os.Stat(location)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, openError(crowsnest.NotFound, location, "check the path; a URL begins with https://", errors.New("there is no such file or folder"))
	case err != nil:
		return nil, openError(crowsnest.Invalid, location, "", cause(err))
	case info.IsDir():
		return openFolder(location)
	case !info.Mode().IsRegular():
		return nil, openError(crowsnest.Unsupported, location, "give a folder, a zip archive or a JSON file", errors.New("it is neither a file nor a folder"))
	}
	zipped, err := isZip(location)
	if err != nil {
		return nil, openError(crowsnest.Invalid, location, "", cause(err))
	}
	if zipped {
		return &Source{location, archives{map[string]string{"": location}}}, nil
	}
	return &Source{location, looseFiles{location}}, nil
}

func openFolder(location string) (*Source, error) {
	entries, err := os.ReadDir(location)
	if err != nil {
		return nil, openError(crowsnest.Invalid, location, "", cause(err))
	}
	byEcosystem := map[string]string{}
	for _, e := range entries {
		file := filepath.Join(location, e.Name(), "all.zip")
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			byEcosystem[e.Name()] = file
		}
	}
	if len(byEcosystem) > 0 {
		return &Source{location, archives{byEcosystem}}, nil
	}
	return &Source{location, looseFiles{location}}, nil
}

func openURL(location string, hc *http.Client) (*Source, error) {
	u, err := url.Parse(location)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, openError(crowsnest.Invalid, "", "give an http or https URL", errors.New("the URL cannot be used"))
	}
	shown := fetch.Show(*u)
	if hc == nil {
		return nil, openError(crowsnest.Internal, shown, "", errors.New("no HTTP client is given for a URL"))
	}
	return &Source{shown, &bucket{base: u, shown: shown, get: fetch.Client{HTTP: hc}}}, nil
}

// Location returns the place as it may be shown: without credentials and query.
func (s *Source) Location() string { return s.location }

// Single reports whether the source is one archive, of which only its giver knows what it is
// the whole set of.
func (s *Source) Single() bool {
	switch p := s.place.(type) {
	case archives:
		_, single := p.files[""]
		return single
	case *bucket:
		return p.single()
	}
	return false
}

// Ecosystems lists the sets of records, sorted: the names OSV's ecosystems have, or one
// empty name where records are not kept by ecosystem. A release's own set
// ("Debian:12") is left out where the ecosystem's is there, which contains it.
func (s *Source) Ecosystems(ctx context.Context) ([]string, error) {
	all, err := s.place.ecosystems(ctx)
	if err != nil {
		return nil, err
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(name string) bool {
		base, _, release := strings.Cut(name, ":")
		return release && slices.Contains(all, base)
	}), nil
}

// Fingerprint returns a text that changes when the set of an ecosystem does, so that an
// unchanged one need not be read again: a hash of the content, or what a server says
// of it (ETag, else time of change and size). Empty if the server says nothing.
// Take it before Each: if the set changes in between, the old fingerprint makes
// the next run read it again.
func (s *Source) Fingerprint(ctx context.Context, ecosystem string) (string, error) {
	return s.place.fingerprint(ctx, ecosystem)
}

// Each hands every record of an ecosystem's set to fn, in the order of the set, from the
// calling goroutine. Records are decoded ahead by a few workers; memory is bounded
// by the queue, not by the size of the set. Records that cannot be used are
// counted in Stats, which is valid with an error too.
//
// An archive that is truncated, damaged or beyond a cap hands out nothing. An error of fn
// ends the work and is returned as it is. Other errors are of kind NotFound,
// Unavailable, RateLimited, Unauthorized, Forbidden, Corrupt, TooLarge or Canceled. A set
// without any usable record is Corrupt.
func (s *Source) Each(ctx context.Context, ecosystem string, fn func(*crowsnest.Advisory) error) (Stats, error) {
	return s.place.each(ctx, ecosystem, nil, fn)
}

// EachAccepted is Each, but asks accept, with the number of records of the verified set, before it hands out
// the first one. An error of accept ends it. Loose files are not asked about: nobody knows how many there are.
func (s *Source) EachAccepted(ctx context.Context, ecosystem string, accept func(records int) error, fn func(*crowsnest.Advisory) error) (Stats, error) {
	return s.place.each(ctx, ecosystem, accept, fn)
}

func openError(kind crowsnest.Kind, location, hint string, err error) error {
	op := "open advisories"
	if location != "" {
		op += " at"
	}
	return &crowsnest.Error{Kind: kind, Op: op, Subject: location, Hint: hint, Err: err}
}

// readError is about a place: a file, a URL.
func readError(kind crowsnest.Kind, place, hint string, err error) error {
	return fetch.Error(kind, place, hint, err)
}

// setError is about an ecosystem that a place does not have.
func setError(kind crowsnest.Kind, ecosystem, hint string, err error) error {
	return &crowsnest.Error{Kind: kind, Op: "find advisories of", Subject: ecosystem, Hint: hint, Err: err}
}

// cause strips a path error to its reason: the path is in the message already.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func canceled(what string, err error) error {
	return readError(crowsnest.Canceled, what, "", err)
}

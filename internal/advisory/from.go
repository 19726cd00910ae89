package advisory

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"aead.dev/minisign"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/fetch"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
)

// Place is where advisories are imported from.
type Place struct {
	Location   string       // a path, or a URL
	Ecosystems []string     // only these of OSV's sets, if any
	HTTP       *http.Client // for a URL
	Token      string       // for the URL of a bundle that another server has
	Validator  string       // what that server said of the bundle taken last; then an unchanged one is fetch.ErrUnchanged
	// Key must have signed a bundle, unless it is nil. OnlySigned refuses all else.
	Key        *minisign.PublicKey
	OnlySigned bool
}

// BundlePath ends the path of the URL at which a server has its bundle.
const BundlePath = "/advisories/bundle"

// ofBundle reports whether a URL is that of a bundle: as servers have them, or of a file that is called so.
func ofBundle(location string) bool {
	u, err := url.Parse(location)
	return err == nil && u.Host != "" && (strings.HasSuffix(u.Path, BundlePath) || strings.HasSuffix(u.Path, ".bundle"))
}

// From takes whatever is at a place: a bundle, OSV's sets, CISA's catalogue or FIRST's scores.
func (im Importer) From(ctx context.Context, from Place, progress func(ecosystem string, records int)) ([]Result, error) {
	switch {
	case ofBundle(from.Location):
		results, _, err := im.FetchBundle(ctx, fetch.Client{HTTP: from.HTTP}, from, progress)
		return results, err
	case !strings.Contains(from.Location, "://") && bundle.Is(from.Location):
		return im.Bundle(ctx, from.Location, from.Location, from.Key, progress)
	case from.OnlySigned:
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "check the signature of", Subject: from.Location, Hint: "only bundles are signed, as crowsnest advisory export --sign-key writes them", Err: errors.New("it is no bundle")}
	}
	if feed := FeedOf(from.Location); feed != "" {
		result, err := im.Threats(ctx, feed, from.Location, from.HTTP)
		if err != nil {
			return nil, err
		}
		return []Result{result}, nil
	}
	src, err := osv.Open(ctx, from.Location, from.HTTP)
	if err != nil {
		return nil, err
	}
	return im.Import(ctx, src, from.Ecosystems, progress)
}

// FetchBundle takes the bundle at a URL, and returns what its server said of it. It is fetch.ErrUnchanged if it is
// the one that the place's validator is of.
func (im Importer) FetchBundle(ctx context.Context, client fetch.Client, from Place, progress func(ecosystem string, records int)) ([]Result, string, error) {
	request, err := fetch.Get(from.Location)
	if err != nil {
		return nil, "", err
	}
	request.Token, request.Validator = from.Token, from.Validator
	f, validator, remove, err := client.Temporary(ctx, request, bundle.MaxBytes)
	if err != nil {
		return nil, "", err
	}
	defer remove()
	results, err := im.Bundle(ctx, f.Name(), request.Shown, from.Key, progress)
	return results, validator, err
}

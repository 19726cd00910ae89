package sysdig

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crowsnest-sec/crowsnest"
)

// limits are the page sizes asked for, the next one when one is refused. No document
// gives the largest; 500 and 250 were those of version 1.
var limits = []int{500, 250, 100}

const (
	maxRejections = 100     // of containers, and of packages, that come with their reason
	maxUnusable   = 10_000  // containers of which it is kept what they are
	maxPackages   = 50_000  // of one container
	maxCached     = 250_000 // package lists, and reasons for what was left out, kept for containers that report the same
	maxField      = 1024    // bytes; Kubernetes names have 253 at most
	maxPURL       = 4096
)

// Stats says what reading a cluster took and what could not be used.
type Stats struct {
	Pages    int `json:"pages"`    // read completely
	Items    int `json:"items"`    // containers handed on
	Packages int `json:"packages"` // loaded packages handed on
	Requests int `json:"requests"` // sent, refused ones and retries included
	Retries  int `json:"retries"`
	Limit    int `json:"limit"` // items asked for per page

	// RejectedItems and RejectedPackages count what could not be used. Rejections says why, for the
	// first hundred of each.
	RejectedItems    int         `json:"rejectedItems"`
	RejectedPackages int         `json:"rejectedPackages"`
	Rejections       []Rejection `json:"rejections,omitempty"`

	// Unusable are the rejected items without their images, as far as they could be read: what is empty is not
	// known. Those with a name that no usable item has are left out. Unkept counts those beyond the first ten thousand.
	Unusable []crowsnest.Observation `json:"-"`
	Unkept   int                     `json:"-"`
}

// reject adds what could not be used of a page.
func (s *Stats) reject(p *imagesPage) {
	s.RejectedItems += p.rejectedItems
	s.RejectedPackages += p.rejectedPackages
	kept := min(len(p.unusable), maxUnusable-len(s.Unusable))
	s.Unusable = append(s.Unusable, p.unusable[:kept]...)
	s.Unkept += p.unkept + len(p.unusable) - kept
	listed := func(isPackage bool) (n int) {
		for _, r := range s.Rejections {
			if r.Package == isPackage {
				n++
			}
		}
		return n
	}
	left := map[bool]int{true: maxRejections - listed(true), false: maxRejections - listed(false)}
	for _, r := range p.rejections {
		if left[r.Package] > 0 {
			left[r.Package]--
			s.Rejections = append(s.Rejections, r)
		}
	}
}

// Rejection is an item or a package of an item that could not be used. A container
// whose item is rejected runs all the same: what is known of it must not be closed.
type Rejection struct {
	Page      int    `json:"page"` // from 1
	Namespace string `json:"namespace,omitempty"`
	Kind      string `json:"kind,omitempty"`
	Name      string `json:"name,omitempty"`
	Container string `json:"container,omitempty"`
	Package   bool   `json:"package"` // only a package was left out; the container was handed on
	Reason    string `json:"reason"`
}

// RuntimeImages reads what runs in a cluster and hands it to page, one page at a
// time and not concurrently. The slice is page's to keep. Of containers that report the same list of packages only those
// of the first page have it in Loaded, and share it; it must not be changed.
//
// A nil error means that the list was read to its end. Any error means that it was
// not, and that nothing may be concluded from what is missing; Stats then counts
// what came before. An error of page ends the reading and is returned as it is. A cluster Sysdig
// does not know answers like one where nothing runs: with an empty list.
func (c *Client) RuntimeImages(ctx context.Context, cluster string, page func([]crowsnest.Observation) error) (Stats, error) {
	return c.runtimeImages(ctx, cluster, limits, page)
}

// runtimeImages is RuntimeImages with the sizes of pages to ask for.
func (c *Client) runtimeImages(ctx context.Context, cluster string, limits []int, page func([]crowsnest.Observation) error) (Stats, error) {
	const op = "read running images at Sysdig"
	var stats Stats
	if why := unusable(cluster, maxField); why != "" || cluster == "" {
		if why == "" {
			why = "it is empty"
		}
		return stats, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read cluster name", Hint: "use the name that the agent's settings give: cluster_config.name of the chart shield, global.clusterConfig.name of older ones", Err: errors.New(why)}
	}
	var counted tally
	follow := cursors{max: c.maxPages}
	cache := &loadedCache{}
	cursor, smaller := "", limits
	for n := 1; ; n++ {
		r := request{
			op: op, subject: fmt.Sprintf("%s, cluster %q, page %d", c.base.Host, cluster, n),
			path: imagesPath, maxBody: c.maxBody, tally: &counted,
		}
		var got *imagesPage
		var err error
		for {
			stats.Limit = smaller[0]
			r.query = url.Values{"clusterName": {cluster}, "limit": {strconv.Itoa(stats.Limit)}}
			if cursor != "" {
				r.query.Set("cursor", cursor)
			}
			err = c.get(ctx, r, func(body io.Reader) error {
				var err error
				got, err = readImages(body, n, cache, c.redact)
				return err
			})
			// Only on page one: a cursor may count in pages of the size it was made with.
			refused := statusOf(err) == http.StatusBadRequest || crowsnest.KindOf(err) == crowsnest.TooLarge
			if err == nil || !refused || n > 1 || len(smaller) == 1 {
				break
			}
			smaller = smaller[1:]
		}
		smaller = smaller[:1]
		stats.Requests, stats.Retries = counted.requests, counted.retries
		if err != nil {
			return stats, err
		}
		stats.Pages++
		stats.Items += len(got.items)
		stats.Packages += got.packages
		stats.reject(got)
		if err := page(got.items); err != nil {
			return stats, err
		}
		cache.forget()
		if got.next == "" {
			return stats, nil
		}
		if err := follow.follow(got.next); err != nil {
			return stats, &crowsnest.Error{Kind: crowsnest.Corrupt, Op: r.op, Subject: r.subject, Hint: "nothing was concluded from the incomplete list; report it to Sysdig if it stays", Err: err}
		}
		cursor = got.next
	}
}

// Probe asks for one container of a cluster and keeps nothing of it: the test that a sweep could begin. It reports
// whether nothing runs there; a cluster Sysdig does not know answers the same.
func (c *Client) Probe(ctx context.Context, cluster string) (empty bool, err error) {
	enough := errors.New("one page is enough")
	more := false
	stats, err := c.runtimeImages(ctx, cluster, []int{1}, func(page []crowsnest.Observation) error {
		if len(page) == 0 && !more {
			more = true // an empty page says nothing if another one follows
			return nil
		}
		return enough
	})
	if err != nil && !errors.Is(err, enough) {
		return false, err
	}
	return err == nil && stats.RejectedItems == 0, nil
}

// wireItem is a container as it comes. Unknown fields are ignored.
type wireItem struct {
	Namespace    string
	WorkloadKind string
	WorkloadName string
	Container    string
	ImageID      string
	Packages     []byte // JSON, empty if the field is absent
}

// imagesPage is a page in the words of package crowsnest.
type imagesPage struct {
	number   int
	items    []crowsnest.Observation
	packages int
	next     string
	cache    *loadedCache
	redact   func(string) string

	rejectedItems, rejectedPackages int
	rejections                      []Rejection
	unusable                        []crowsnest.Observation
	unkept                          int
}

// rejectItem leaves a container out. What is known of it is kept: something runs there.
func (p *imagesPage) rejectItem(it wireItem, format string, args ...any) {
	if p.rejectedItems++; p.rejectedItems <= maxRejections {
		p.reject(it, false, fmt.Sprintf(format, args...))
	}
	if slices.ContainsFunc([]string{it.Namespace, it.WorkloadKind, it.WorkloadName, it.Container}, func(s string) bool { return unusable(s, maxField) != "" }) {
		return
	}
	if len(p.unusable) == maxUnusable {
		p.unkept++
		return
	}
	known := func(s string) string {
		if p.redact(s) != s {
			return "" // not the place for a secret that is sent back
		}
		return s
	}
	p.unusable = append(p.unusable, crowsnest.Observation{Namespace: known(it.Namespace), Kind: known(kind(it.WorkloadKind)), Name: known(it.WorkloadName), Container: known(it.Container)})
}

// rejectPackage leaves a package of a container out.
func (p *imagesPage) rejectPackage(it wireItem, why string) {
	if p.rejectedPackages++; p.rejectedPackages <= maxRejections {
		p.reject(it, true, why)
	}
}

func (p *imagesPage) reject(it wireItem, isPackage bool, why string) {
	show := func(s string) string { return p.redact(clip(p.redact(s), 253)) }
	p.rejections = append(p.rejections, Rejection{
		Page: p.number, Namespace: show(it.Namespace), Kind: show(kind(it.WorkloadKind)), Name: show(it.WorkloadName), Container: show(it.Container),
		Package: isPackage, Reason: clip(why, 253),
	})
}

func (p *imagesPage) add(it wireItem) {
	id, err := imageID(it.ImageID)
	if err != nil {
		p.rejectItem(it, "its image ID %q is no digest", clip(p.redact(it.ImageID), 100))
		return
	}
	o := crowsnest.Observation{Namespace: it.Namespace, Kind: kind(it.WorkloadKind), Name: it.WorkloadName, Container: it.Container, ImageID: id}
	for _, f := range []struct{ name, value string }{
		{"namespace", o.Namespace}, {"workloadKind", o.Kind}, {"workloadName", o.Name}, {"container", o.Container},
	} {
		if why := unusable(f.value, maxField); why != "" {
			p.rejectItem(it, "its %s cannot be used: %s", f.name, why)
			return
		}
	}
	loaded := p.cache.read(it.ImageID, it.Packages)
	for _, why := range loaded.rejected {
		p.rejectPackage(it, why)
	}
	p.rejectedPackages += loaded.more
	o.Profile, o.Loaded = loaded.profile, loaded.packages
	p.packages += loaded.count
	p.items = append(p.items, o)
}

// kind is lower case in what was seen; other writings name the same kind.
func kind(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// imageID reads a digest, also with a repository in front ("repo@sha256:…") as
// container runtimes write it, in upper case, or without the algorithm.
func imageID(s string) (crowsnest.Digest, error) {
	s = strings.TrimSpace(s)
	s = strings.ToLower(s[strings.LastIndexByte(s, '@')+1:])
	if len(s) == sha256.Size*2 {
		s = crowsnest.DigestPrefix + s
	}
	return crowsnest.ParseDigest(s)
}

// unusable says why a text cannot be a name: databases and terminals choke on it.
func unusable(s string, most int) string {
	if len(s) > most {
		return fmt.Sprintf("it has more than %d bytes", most)
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }); i >= 0 {
		return "it holds a control character"
	}
	if !utf8.ValidString(s) { // JSON cannot bring it, the escapes of a package URL can
		return "it is not valid UTF-8"
	}
	return ""
}

// loadedCache reads package lists. Many containers run the same image and report
// the same bytes: these are parsed once, and their packages held until the page they came with was handed on.
type loadedCache struct {
	lists map[[sha256.Size]byte]*loadedList
	fresh []*loadedList // of pages that were not handed on, as one that is to be asked for again
	size  int
	folds folds
}

// loadedList is a package list with the reasons for what was left out of it.
type loadedList struct {
	profile  string
	count    int
	packages []crowsnest.LoadedPackage // nil after forget
	rejected []string
	more     int // rejected beyond those
}

func (c *loadedCache) read(image string, raw []byte) *loadedList {
	if len(raw) == 0 || string(raw) == "null" || string(raw) == "[]" {
		return &loadedList{}
	}
	if l := c.folds.unfold(raw); l != nil {
		return l
	}
	key := sha256.Sum256(raw)
	if l := c.lists[key]; l != nil {
		c.folds.learn(image, raw, l)
		return l
	}
	l := readPackages(raw)
	if n := 1 + len(l.rejected); c.size+n <= maxCached {
		if c.lists == nil {
			c.lists = map[[sha256.Size]byte]*loadedList{}
		}
		c.lists[key] = l
		c.size += n
		c.fresh = append(c.fresh, l)
		c.folds.learn(image, raw, l)
	}
	return l
}

// forget lets go of the packages of all lists that were read: they were handed on.
func (c *loadedCache) forget() {
	for _, l := range c.fresh {
		l.packages = nil
	}
	c.fresh = nil
}

func readPackages(raw []byte) *loadedList {
	l := &loadedList{}
	var wire []wirePackage
	var wrong *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &wire); err != nil && (!errors.As(err, &wrong) || wire == nil) {
		// The bytes were valid JSON when the item was read: it is no list.
		l.rejected = []string{"packages is not a list"}
		return l
	}
	reject := func(format string, args ...any) {
		if len(l.rejected) < maxRejections {
			l.rejected = append(l.rejected, fmt.Sprintf(format, args...))
		} else {
			l.more++
		}
	}
	if len(wire) > maxPackages {
		reject("it lists %d packages, more than the %d that are read", len(wire), maxPackages)
		wire = wire[:maxPackages]
	}
	unread := false
	l.packages = make([]crowsnest.LoadedPackage, 0, len(wire)+1)
	for i, w := range wire {
		p, why := w.loaded()
		if why != "" {
			reject("package %d cannot be used: %s", i+1, why)
			continue
		}
		l.packages = append(l.packages, p)
		unread = unread || p.Type == "" || p.Version == ""
	}
	if unread || len(l.rejected) > 0 {
		l.packages = append(l.packages, crowsnest.LoadedPackage{}) // its key is crowsnest.UnreadKey
	}
	l.packages = slices.Clip(l.packages)
	if l.count = len(l.packages); l.count > 0 {
		l.profile = crowsnest.ProfileOf(l.packages)
	}
	return l
}

package sysdigkit

import (
	"net/http"
	"strconv"
	"time"
)

// The calls that a Fault can be aimed at.
const (
	Clusters = "runtimeclusters"
	Images   = "runtimeimages"
	Results  = "runtime-results"
	Sources  = "dataSources/clusters" // of the clusters Sysdig has data of
	Resource = "inventory/resources"  // of the clusters of the inventory
)

// Match selects requests. Zero values match everything.
type Match struct {
	Request int    // the n-th request the server gets, from 1
	Call    string // Clusters, Images, Results, Sources or Resource
	Cluster string
	Page    int // the n-th page of a list, from 1
	Limit   int // the limit that holds for the request
}

// Fault changes the answer to the requests it matches. Where several match, the
// one injected first is used, alone.
type Fault struct {
	Match
	Times int // how many requests it applies to; 0 is once, negative is always

	// Arrived, if set, gets a value when a matching request is in; the server
	// waits for it to be taken. Hold, if set, delays the answer until it is
	// closed. Both waits end when the client goes away.
	Arrived chan<- struct{}
	Hold    <-chan struct{}

	// Another answer than the list: set Status or Body or both. A Status alone
	// gets the error body Sysdig has for it, a Body alone is a 200.
	Status int
	Body   string
	Header map[string]string // set on the answer, whatever it is

	// A damaged connection.
	Drop     bool // cut it without an answer
	CutAfter int  // cut it after so many bytes of the body, at least 1

	// A damaged list.
	RepeatCursor bool // name the cursor of this page as the next one; on page one any cursor
	EndlessNext  bool // name a next page on the last one too
	EmptyNext    bool // mark the last page by "" instead of by nothing
	OmitData     bool // leave data out; returned stays
	NullData     bool // write null for data; returned stays
	OmitPage     bool // leave page out
	HalfData     bool // give the first half of the items that returned counts
}

// TooManyRequests is a 429 as Sysdig's gateways write it. retryAfter is left out
// when empty, reset when zero.
func TooManyRequests(retryAfter string, reset time.Time) Fault {
	f := Fault{Status: http.StatusTooManyRequests, Header: map[string]string{"X-Ratelimit-Limit": "60", "X-Ratelimit-Remaining": "0"}}
	if retryAfter != "" {
		f.Header["Retry-After"] = retryAfter
	}
	if !reset.IsZero() {
		f.Header["X-Ratelimit-Reset"] = strconv.FormatInt(reset.Unix(), 10)
	}
	return f
}

// LoginPage is what a wrong host or a proxy in between answers: a page for people, with status 200.
func LoginPage() Fault {
	return Fault{
		Body:   "\n<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form action=\"/login\"></form></body></html>\n",
		Header: map[string]string{"Content-Type": "text/html; charset=utf-8"},
	}
}

// Inject adds a fault and returns a function that takes it away again.
func (s *Server) Inject(f Fault) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := &injected{Fault: f, left: f.Times}
	if f.Times == 0 {
		entry.left = 1
	}
	s.faults = append(s.faults, entry)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		entry.left = 0
	}
}

type injected struct {
	Fault
	left int // negative is always
}

func (m Match) matches(r Request) bool {
	return (m.Request == 0 || m.Request == r.Number) &&
		(m.Call == "" || m.Call == r.Call) &&
		(m.Cluster == "" || m.Cluster == r.Cluster) &&
		(m.Page == 0 || m.Page == r.Page) &&
		(m.Limit == 0 || m.Limit == r.Limit)
}

// fault takes the first fault that matches. The caller holds the lock.
func (s *Server) fault(r Request) *Fault {
	for _, f := range s.faults {
		if f.left != 0 && f.matches(r) {
			if f.left > 0 {
				f.left--
			}
			return &f.Fault
		}
	}
	return nil
}

package sysdigkit

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Prefix is where both calls of Risk Spotlight live on a host, ResultsPath the list of runtime results
// of the Vulnerability Management API.
const (
	Prefix      = "/api/scanning/eveintegration/v2/"
	ResultsPath = "/secure/vulnerability/v1/" + Results
)

// The limits of a page, and how many unfinished lists and old requests are kept.
const (
	DefaultLimit = 250
	MaxLimit     = 500
	MaxResults   = 1000 // of the list of runtime results

	maxCursors  = 10_000
	maxRequests = 100_000
)

// Shape is a form of the answer of runtimeclusters.
type Shape int

// The forms a client may meet. ShapeClusterName is the default.
const (
	ShapeClusterName Shape = iota // {"page":{…},"data":[{"clusterName":"a"}]}
	ShapeName                     // {"page":{…},"data":[{"name":"a"}]}
	ShapeStrings                  // {"page":{…},"data":["a"]}
	ShapeClusters                 // {"clusters":["a"]}
	ShapeArray                    // ["a"]
	ShapeObjects                  // [{"name":"a"}]
)

// Request is one request the server got.
type Request struct {
	Number     int    // from 1
	Call       string // Clusters, Images, or the path of any other
	Cluster    string
	Page       int // from 1; 0 where the cursor is not known
	Limit      int
	Authorized bool
}

// Server is the state of a Sysdig account and an http.Handler that serves it. All
// methods may be called while it serves.
type Server struct {
	mu        sync.Mutex
	tokens    map[[sha256.Size]byte]bool
	apiTokens map[[sha256.Size]byte]bool
	names     map[string]string // by image ID
	clusters  map[string][]json.RawMessage
	detached  map[string]bool // clusters without an agent
	shape     Shape
	maxLimit  int
	pageSize  int // 0 is what is asked for
	shifting  bool
	faults    []*injected
	cursors   map[string]*cursor
	order     []string // of cursors, oldest first
	requests  []Request
	count     int
	now       func() time.Time
}

// cursor is a place in a list as it was when its first page was asked for.
type cursor struct {
	call    string
	cluster string
	items   []json.RawMessage
	offset  int
	page    int
}

// New returns a server without clusters that accepts the tokens given.
func New(tokens ...string) *Server {
	s := &Server{clusters: map[string][]json.RawMessage{}, cursors: map[string]*cursor{}, maxLimit: MaxLimit}
	s.SetTokens(tokens...)
	return s
}

// SetTokens replaces the tokens that are accepted.
func (s *Server) SetTokens(tokens ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = hashes(tokens)
}

// SetAPITokens replaces the tokens that open the list of runtime results; those of Risk Spotlight do not.
func (s *Server) SetAPITokens(tokens ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.apiTokens = hashes(tokens)
}

// SetNames replaces the pull strings by image ID that the list of runtime results gives. An image without
// one is not in it, as one that was not scanned yet.
func (s *Server) SetNames(names map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = maps.Clone(names)
}

func hashes(tokens []string) map[[sha256.Size]byte]bool {
	out := map[[sha256.Size]byte]bool{}
	for _, t := range tokens {
		out[sha256.Sum256([]byte(t))] = true
	}
	return out
}

// SetCluster replaces what runs in a cluster, and makes the cluster known.
func (s *Server) SetCluster(name string, items ...Item) {
	raw := make([]json.RawMessage, len(items))
	for i, it := range items {
		if it.Packages == nil {
			it.Packages = []Package{}
		}
		b, err := marshal(it)
		if err != nil {
			panic(fmt.Sprintf("item %d of cluster %s: %v", i, name, err)) // strings always marshal
		}
		raw[i] = b
	}
	s.SetClusterJSON(name, raw...)
}

// SetClusterJSON is SetCluster with items in the form of the wire, sent as they are.
func (s *Server) SetClusterJSON(name string, items ...json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clusters[name] = slices.Clone(items)
}

// RemoveCluster forgets a cluster. It then answers as one that never was: with an empty list.
func (s *Server) RemoveCluster(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.clusters, name)
}

// SetClusterShape chooses the form of the answer of runtimeclusters. The forms
// without a page give all clusters at once.
func (s *Server) SetClusterShape(shape Shape) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shape = shape
}

// SetMaxLimit sets the largest limit that is accepted; a larger one gets a 400.
func (s *Server) SetMaxLimit(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.maxLimit = n
}

// SetPageSize makes pages smaller than what is asked for, so that a list of a few items has many. 0 takes that back.
func (s *Server) SetPageSize(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pageSize = n
}

// SetShifting makes a list of images go on at the same number of the list as it is by then, and not as it was when its first page was asked for:
// what goes meanwhile makes the next page leave something out, and what comes makes it tell something twice.
func (s *Server) SetShifting(shifting bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shifting = shifting
}

// SetClock makes the Date header of answers come from now. By default it is the time of the machine.
func (s *Server) SetClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Count returns how many requests came in.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Requests returns the requests that came in, oldest first; of very many only the latest.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// answer is what goes over the wire.
type answer struct {
	status int
	header map[string]string
	body   []byte
	fault  *Fault
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Known clients send a small body with their GET.
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 1<<20))

	a := s.answer(r)
	f := a.fault
	if f != nil {
		if f.Arrived != nil {
			select {
			case f.Arrived <- struct{}{}:
			case <-r.Context().Done():
			}
		}
		if f.Hold != nil {
			select {
			case <-f.Hold:
			case <-r.Context().Done():
			}
		}
		if f.Drop {
			panic(http.ErrAbortHandler)
		}
	}
	s.write(w, r, a)
}

func (s *Server) write(w http.ResponseWriter, r *http.Request, a answer) {
	h := w.Header()
	h.Set("X-Request-Id", uuid.NewString())
	for k, v := range a.header {
		h.Set(k, v)
	}
	if a.fault != nil {
		for k, v := range a.fault.Header {
			h.Set(k, v)
		}
	}
	body := a.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		if err != nil {
			panic(err) // only for a level that does not exist
		}
		_, _ = z.Write(body) // into memory: cannot fail
		_ = z.Close()
		body = b.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	if f := a.fault; f != nil && f.CutAfter > 0 && f.CutAfter < len(body) {
		_, _ = w.Write(body[:f.CutAfter])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body) // a client that went away is no concern
}

func (s *Server) answer(r *http.Request) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	req := Request{Number: s.count, Call: r.URL.Path, Page: 1}
	if call, ok := strings.CutPrefix(r.URL.Path, Prefix); ok && (call == Clusters || call == Images) {
		req.Call = call
	}
	if call, ok := map[string]string{ResultsPath: Results, SourcesPath: Sources, ResourcePath: Resource}[r.URL.Path]; ok {
		req.Call = call
	}
	query := r.URL.Query()
	req.Cluster = s.clusterName(query, r.URL.RawQuery)
	limit, limitErr := s.limit(query.Get("limit"), s.maxLimit)
	known := s.tokens
	switch req.Call {
	case Results:
		req.Cluster = filtered(query.Get("filter"))
		limit, limitErr = s.limit(query.Get("limit"), MaxResults)
		known = s.apiTokens
	case Sources, Resource:
		limit, limitErr = 0, ""
		if n, err := strconv.Atoi(query.Get("limit")); err == nil {
			limit = n
		}
		known = s.apiTokens
	}
	req.Limit = limit
	req.Authorized = authorized(known, r.Header.Get("Authorization"))

	at, cursorErr := s.place(query.Get("cursor"), req)
	req.Page = 0
	if at != nil {
		req.Page = at.page
	}
	if len(s.requests) >= maxRequests {
		s.requests = slices.Delete(s.requests, 0, maxRequests/2)
	}
	s.requests = append(s.requests, req)

	f := s.fault(req)
	a := s.right(r, req, at, limitErr, cursorErr, query.Get("cursor"), f)
	a.fault = f
	if f != nil && (f.Status != 0 || f.Body != "") {
		a.status, a.header, a.body = http.StatusOK, jsonHeader(), []byte(f.Body)
		if f.Status != 0 {
			a.status = f.Status
		}
		if f.Body == "" {
			e := failure(f.Status, "")
			a.header, a.body = e.header, e.body
		}
	}
	if s.now != nil {
		a.header["Date"] = s.now().UTC().Format(http.TimeFormat)
	}
	return a
}

// right is the answer without a fault, but for the damage f does to a list.
func (s *Server) right(r *http.Request, req Request, at *cursor, limitErr, cursorErr, asked string, f *Fault) answer {
	switch {
	case !slices.Contains([]string{Clusters, Images, Results, Sources, Resource}, req.Call):
		return failure(http.StatusNotFound, "not found")
	case r.Method != http.MethodGet:
		a := failure(http.StatusMethodNotAllowed, "method not allowed")
		a.header["Allow"] = http.MethodGet
		return a
	case !req.Authorized:
		return failure(http.StatusUnauthorized, "")
	case req.Call == Sources:
		return s.sources(req.Limit)
	case req.Call == Resource:
		return s.resources(r.URL.Query())
	case limitErr != "":
		return failure(http.StatusBadRequest, limitErr)
	case cursorErr != "":
		return failure(http.StatusBadRequest, cursorErr)
	case req.Call == Images && req.Cluster == "":
		return failure(http.StatusBadRequest, "clusterName is missing")
	}
	if f == nil {
		f = &Fault{}
	}
	if req.Call == Clusters && s.shape >= ShapeClusters {
		if s.shape == ShapeClusters {
			return success(`{"clusters":` + list(at.items) + `}`)
		}
		return success(list(at.items))
	}
	return s.page(at, req.Limit, asked, f)
}

func (s *Server) page(at *cursor, limit int, asked string, f *Fault) answer {
	if s.pageSize > 0 {
		limit = min(limit, s.pageSize)
	}
	end := min(at.offset+limit, len(at.items))
	items := at.items[at.offset:end]
	page := map[string]any{"returned": len(items)}
	if at.call == Results {
		page = map[string]any{"total": len(at.items)}
	}
	if end < len(at.items) || f.EndlessNext || f.RepeatCursor {
		next := &cursor{call: at.call, cluster: at.cluster, items: at.items, offset: end, page: at.page + 1}
		name := s.keep(next)
		if f.RepeatCursor && asked != "" {
			name = asked
		}
		page["next"] = name
	} else if f.EmptyNext {
		page["next"] = ""
	}
	if f.HalfData {
		items = items[:len(items)/2]
	}
	var fields []string
	if !f.OmitPage {
		b, err := marshal(page)
		if err != nil {
			panic(err) // numbers and strings always marshal
		}
		fields = append(fields, `"page":`+string(b))
	}
	switch {
	case f.OmitData:
	case f.NullData:
		fields = append(fields, `"data":null`)
	default:
		fields = append(fields, `"data":`+list(items))
	}
	return success("{" + strings.Join(fields, ",") + "}")
}

// list writes items as they were given, without a look at them.
func list(items []json.RawMessage) string {
	size := 2
	for _, it := range items {
		size += len(it) + 1
	}
	var b strings.Builder
	b.Grow(size)
	b.WriteByte('[')
	for i, it := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(it)
	}
	b.WriteByte(']')
	return b.String()
}

// keep stores a place and returns its cursor, made of characters that need no escape in a URL.
func (s *Server) keep(at *cursor) string {
	b := make([]byte, 18)
	_, _ = rand.Read(b) // never fails
	name := base64.RawURLEncoding.EncodeToString(b)
	if len(s.order) >= maxCursors {
		delete(s.cursors, s.order[0])
		s.order = s.order[1:]
	}
	s.order = append(s.order, name)
	s.cursors[name] = at
	return name
}

// place finds where a request goes on. An empty cursor is page one.
func (s *Server) place(name string, req Request) (at *cursor, problem string) {
	if name != "" {
		at := s.cursors[name]
		if at == nil || at.call != req.Call || at.cluster != req.Cluster {
			return nil, "invalid cursor"
		}
		if s.shifting && at.call == Images {
			now := *at
			now.items = s.clusters[at.cluster]
			now.offset = min(at.offset, len(now.items))
			return &now, ""
		}
		return at, ""
	}
	at = &cursor{call: req.Call, cluster: req.Cluster, page: 1}
	switch req.Call {
	case Images:
		at.items = s.clusters[req.Cluster]
	case Results:
		at.items = s.results(req.Cluster)
	case Clusters:
		at.items = []json.RawMessage{}
		for _, name := range slices.Sorted(maps.Keys(s.clusters)) {
			entry := any(name)
			switch s.shape {
			case ShapeClusterName:
				entry = map[string]string{"clusterName": name}
			case ShapeName, ShapeObjects:
				entry = map[string]string{"name": name}
			}
			b, err := marshal(entry)
			if err != nil {
				panic(fmt.Sprintf("cluster %s: %v", name, err)) // strings always marshal
			}
			at.items = append(at.items, b)
		}
	}
	return at, ""
}

func (s *Server) limit(text string, most int) (n int, problem string) {
	if text == "" {
		return min(DefaultLimit, most), ""
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return n, fmt.Sprintf("limit must be between 1 and %d", most)
	}
	return n, ""
}

// clusterName reads the name as sent escaped, or as the clients write it that do not escape.
func (s *Server) clusterName(query url.Values, raw string) string {
	name := query.Get("clusterName")
	if _, known := s.clusters[name]; known {
		return name
	}
	for part := range strings.SplitSeq(raw, "&") {
		if text, ok := strings.CutPrefix(part, "clusterName="); ok {
			if _, known := s.clusters[text]; known {
				return text
			}
		}
	}
	return name
}

func authorized(tokens map[[sha256.Size]byte]bool, header string) bool {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	found := 0
	for known := range tokens {
		found |= subtle.ConstantTimeCompare(known[:], sum[:])
	}
	return found == 1
}

func jsonHeader() map[string]string {
	return map[string]string{"Content-Type": "application/json;charset=UTF-8"}
}

func success(body string) answer {
	return answer{status: http.StatusOK, header: jsonHeader(), body: []byte(body)}
}

// failure writes an error in one of the two forms of the older API: with a message
// and a reference for 401, with a list of reasons for the others.
func failure(status int, message string) answer {
	if status == http.StatusUnauthorized {
		return answer{
			status: status,
			header: map[string]string{"Content-Type": "text/plain; charset=utf-8"},
			body:   []byte(`{"message":"cannot verify credentials","referenceId":"` + uuid.NewString() + `"}` + "\n"),
		}
	}
	if message == "" {
		message = strings.ToLower(http.StatusText(status))
	}
	b, err := marshal(map[string]any{"errors": []any{map[string]string{"reason": http.StatusText(status), "message": message}}})
	if err != nil {
		panic(err) // strings always marshal
	}
	return answer{status: status, header: jsonHeader(), body: b}
}

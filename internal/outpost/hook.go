package outpost

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
)

// listen takes what the registry tells of pushes until ctx ends. What is told only makes the registry be asked.
func (p *post) listen(ctx context.Context, running *sync.WaitGroup) error {
	listener, err := net.Listen("tcp", net.JoinHostPort("", strconv.Itoa(p.place.Port)))
	if err != nil {
		return &refusal{&crowsnest.Error{Kind: crowsnest.Unavailable, Op: "listen for pushes on port", Subject: strconv.Itoa(p.place.Port), Hint: "another program may use it; choose another one", Err: errors.Unwrap(err)}}
	}
	server := &http.Server{Handler: http.HandlerFunc(p.serve), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, MaxHeaderBytes: 64 << 10}
	context.AfterFunc(ctx, func() { server.Close() })
	running.Go(func() { _ = server.Serve(listener) }) // it ends with ctx
	p.log.Info("listening for pushes", "address", listener.Addr())
	return nil
}

func (p *post) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "send the events of the registry with POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, registry.MaxEvent))
	if err != nil {
		http.Error(w, "the event is too long or broke off", http.StatusRequestEntityTooLarge)
		return
	}
	h := r.Header
	proof := registry.Proof{
		Authorization: h.Get("Authorization"), Header: h.Get("X-Crowsnest-Hook"), Query: r.URL.Query().Get("secret"),
		GitHub: h.Get("X-Hub-Signature-256"), Artifactory: h.Get("X-JFrog-Event-Auth"), Nexus: h.Get("X-Nexus-Webhook-Signature"),
	}
	if !proof.Holds(p.place.Hook, body) {
		http.Error(w, "the secret is another", http.StatusUnauthorized)
		return
	}
	pushes, err := registry.ParseEvent(body)
	if err != nil {
		http.Error(w, "this is no event of a registry", http.StatusUnprocessableEntity)
		return
	}
	var out []told
	for _, push := range pushes {
		if name := p.meant(push.Repositories); name != "" {
			out = append(out, told{name, push.Tags})
		}
	}
	if len(out) > 0 {
		select {
		case p.told <- out:
		default: // so much was told of that the next look at everything is due anyhow
		}
	}
	w.WriteHeader(http.StatusAccepted)
}

// meant returns which of a few names of a repository is watched: the one that is known, or else the first that may be.
func (p *post) meant(names []string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	best := ""
	for _, n := range names {
		n = strings.TrimPrefix(n, p.place.Host+"/")
		if slices.Contains(p.names, n) {
			return n
		}
		if best == "" && len(p.place.Repositories) == 0 && p.place.admits(n) {
			best = n
		}
	}
	return best
}

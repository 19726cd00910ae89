package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// hasty waits for a moment where a real client waits for a minute, and for work for as long as a real one.
func hasty(c *Client) *Client {
	const moment = 250 * time.Millisecond
	c.patience.answer, c.patience.idle = moment, moment
	return c
}

// silent serves with handler and then says nothing until the test ends. A server that does
// not read a body would not notice that the caller has left.
func silent(t *testing.T, handler http.HandlerFunc) *Client {
	end := make(chan struct{})
	c := hasty(serve(t, func(w http.ResponseWriter, r *http.Request) {
		handler(w, r)
		<-end
	}))
	t.Cleanup(func() { close(end) }) // before the server is closed, which waits for it
	return c
}

func TestSilentServers(t *testing.T) {
	takes := func(t *testing.T) *Client { // the connection, and never reads from it
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return hasty(dial(t, "http://"+l.Addr().String()))
	}
	for name, c := range map[string]struct {
		client *Client
		says   []string
	}{
		"takes the connection": {takes(t), []string{"call server", "no answer after 250ms"}},
		"takes the request":    {silent(t, func(http.ResponseWriter, *http.Request) {}), []string{"call server", "no answer after 250ms"}},
		"begins an answer": {silent(t, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"version":`)
			w.(http.Flusher).Flush()
		}), []string{"read answer of", "in the middle"}},
		"begins a refusal": {silent(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusConflict)
			w.(http.Flusher).Flush()
		}), []string{"409"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.client.Version(t.Context())
			if crowsnest.KindOf(err) != crowsnest.Unavailable && crowsnest.KindOf(err) != crowsnest.Conflict || err == nil {
				t.Fatalf("got %v", err)
			}
			for _, s := range append(c.says, c.client.Host()) {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
		})
	}
}

// endless is an upload that is longer than any buffer on the way.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestServerThatTakesNoneOfAnUpload(t *testing.T) {
	c := silent(t, func(http.ResponseWriter, *http.Request) {})
	_, err := c.UploadAdvisories(t.Context(), "npm", endless{})
	wantError(t, err, crowsnest.Unavailable, "call server", "no answer")
}

// slowly is an upload over a slow line: each part comes in time, the whole does not.
type slowly struct{ parts int }

func (s *slowly) Read(p []byte) (int, error) {
	if s.parts == 0 {
		return 0, io.EOF
	}
	s.parts--
	time.Sleep(20 * time.Millisecond)
	p[0] = 'x'
	return 1, nil
}

// Neither a slow line nor a server that works is a silent one.
func TestSlowServersAreWaitedFor(t *testing.T) {
	c := hasty(serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if r.Method != http.MethodGet {
			time.Sleep(400 * time.Millisecond) // works
			io.WriteString(w, `[]`)
			return
		}
		for _, part := range strings.SplitAfter(`{"version":"1.2.3"}`, "") {
			io.WriteString(w, part)
			w.(http.Flusher).Flush()
			time.Sleep(20 * time.Millisecond)
		}
	}))
	if v, err := c.Version(t.Context()); err != nil || v.Version != "1.2.3" {
		t.Errorf("a slow answer: %+v, %v", v, err)
	}
	if _, err := c.ImportAdvisories(t.Context(), "https://osv.example.com", nil); err != nil {
		t.Errorf("an import that takes long: %v", err)
	}
	if _, err := c.UploadAdvisories(t.Context(), "npm", &slowly{parts: 15}); err != nil {
		t.Errorf("a slow upload: %v", err)
	}
}

// That the caller gave up is not the server's silence.
func TestCallersMayGiveUp(t *testing.T) {
	c := silent(t, func(http.ResponseWriter, *http.Request) {})
	c.patience = usual
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := c.Version(ctx)
	wantError(t, err, crowsnest.Unavailable, "no answer in time")
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.RequestAnalysis(stopped, "x", "")
	wantError(t, err, crowsnest.Canceled)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestExposed(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:8080": false, "http://127.8.9.1": false, "http://[::1]:8080": false, "http://localhost:8080": false, "crowsnest.example.com": false,
		"https://10.0.0.1": false, "http://10.0.0.1:8080": true, "http://crowsnest.example.com": true, "http://localhost.example.com": true, "http://[fd00::1]": true,
	} {
		c, err := New(address, token)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Exposed(); got != want {
			t.Errorf("%s: exposed %t", address, got)
		}
	}
}

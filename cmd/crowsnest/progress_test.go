package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Short work passes without a word, and a line of another's making moves no cursor.
func TestProgressAfterASecond(t *testing.T) {
	for name, c := range map[string]struct {
		since    time.Duration
		terminal bool
		want     string
	}{
		"work that has just begun": {0, false, ""},
		"work that goes on":        {time.Minute, false, "fi\uFFFD[2Jrst\uFFFD …\n"},
		"a terminal":               {time.Minute, true, ""}, // its one line comes with the ticker
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			p := &progress{w: &b, terminal: c.terminal, started: time.Now().Add(-c.since), stop: make(chan struct{})}
			for range 2 {
				p.say("fi%srst\r", "\x1b[2J")
			}
			p.end()
			p.end()
			if b.String() != c.want {
				t.Errorf("got %q, want %q", b.String(), c.want)
			}
		})
	}
}

// Whatever asks a server says so when the answer takes long.
func TestWaitingForAServerIsShown(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(patience + patience/2)
		http.Error(w, "no", http.StatusTeapot)
	}))
	defer s.Close()
	newPerson(t) // for its home
	var wg sync.WaitGroup
	for _, line := range []string{
		"environment", "environment production", "integration list", "integration delete --name n", "integration sync --name n", "advisory status",
		"login " + s.URL + " --token t", "cves 0123456789ab", "sbom 0123456789ab", "quickview 0123456789ab",
	} {
		wg.Go(func() {
			var said bytes.Buffer
			root := newRoot(io.Discard, &said, []string{"CROWSNEST_SERVER=" + s.URL, "CROWSNEST_TOKEN=t"})
			root.SetArgs(strings.Fields(line))
			if err := root.ExecuteContext(t.Context()); err == nil || strings.Count(said.String(), " …\n") != 1 {
				t.Errorf("%s: %v, said %q", line, err, said.String())
			}
		})
	}
	wg.Wait()
}

func TestProgressOfATerminalLeavesNothingBehind(t *testing.T) {
	var b bytes.Buffer
	p := &progress{w: &b, terminal: true, started: time.Now(), stop: make(chan struct{})}
	p.say("sweeping")
	p.show()
	p.end()
	if !strings.HasPrefix(b.String(), "\r\x1b[Ksweeping … ") || !strings.HasSuffix(b.String(), " s\r\x1b[K") {
		t.Errorf("got %q", b.String())
	}
}

func TestQuiet(t *testing.T) {
	var b bytes.Buffer
	p := (&cli{err: &b, quiet: true}).progress()
	p.started = p.started.Add(-time.Minute)
	p.say("working")
	p.end()
	if b.Len() != 0 {
		t.Errorf("said %q", b.String())
	}
}

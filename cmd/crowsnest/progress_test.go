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

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/progress"
)

// Whatever asks a server says so when the answer takes long.
func TestWaitingForAServerIsShown(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(progress.Patience + progress.Patience/2)
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

func TestQuiet(t *testing.T) {
	var b bytes.Buffer
	p := (&cli.CLI{Err: &b, Quiet: true}).Progress()
	p.Say("working")
	time.Sleep(progress.Patience + progress.Patience/5)
	p.End()
	if b.Len() != 0 {
		t.Errorf("said %q", b.String())
	}
}

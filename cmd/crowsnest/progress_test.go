package main

import (
	"bytes"
	"strings"
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

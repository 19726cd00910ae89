package progress

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
			p := &Progress{w: &b, terminal: c.terminal, started: time.Now().Add(-c.since), stop: make(chan struct{})}
			for range 2 {
				p.Say("fi%srst\r", "\x1b[2J")
			}
			p.End()
			p.End()
			if b.String() != c.want {
				t.Errorf("got %q, want %q", b.String(), c.want)
			}
		})
	}
}

func TestProgressOfATerminalLeavesNothingBehind(t *testing.T) {
	var b bytes.Buffer
	p := &Progress{w: &b, terminal: true, started: time.Now(), stop: make(chan struct{})}
	p.Say("sweeping")
	p.show()
	p.End()
	if !strings.HasPrefix(b.String(), "\r\x1b[Ksweeping … ") || !strings.HasSuffix(b.String(), " s\r\x1b[K") {
		t.Errorf("got %q", b.String())
	}
}

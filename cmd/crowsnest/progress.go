package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/report"
)

// progress shows on standard error what is being done, once it has taken a second:
// on a terminal in one line that is replaced, elsewhere now and then in a new one.
type progress struct {
	w        io.Writer
	terminal bool
	mu       sync.Mutex
	line     string
	started  time.Time
	shown    time.Time // when a line was last written; zero before the first
	stop     chan struct{}
	done     sync.WaitGroup
}

// patience is how long work may take without a word.
const patience = time.Second

// pause is the time between two lines where each stays, as in the log of a CI run.
const pause = 5 * time.Second

func (c *cli) progress() *progress {
	p := &progress{w: c.err, terminal: isTerminal(c.err), started: time.Now(), stop: make(chan struct{})}
	if c.quiet {
		p.w = io.Discard
	}
	p.done.Go(p.run)
	return p
}

// say sets what is being done.
func (p *progress) say(format string, args ...any) {
	line := report.Clean(fmt.Sprintf(format, args...))
	p.mu.Lock()
	defer p.mu.Unlock()
	if line == p.line {
		return
	}
	p.line = line
	if !p.terminal && time.Since(p.started) > patience && time.Since(p.shown) > pause {
		p.show()
	}
}

// show writes the line; the caller holds the lock.
func (p *progress) show() {
	if p.line == "" {
		return
	}
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%s … %d s", p.line, int(time.Since(p.started).Seconds()))
	} else {
		fmt.Fprintf(p.w, "%s …\n", p.line)
	}
	p.shown = time.Now()
}

func (p *progress) run() {
	ticker := time.NewTicker(patience)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
			p.mu.Lock()
			if p.terminal || p.shown.IsZero() {
				p.show()
			}
			p.mu.Unlock()
		}
	}
}

// end clears the line. It may be called more than once.
func (p *progress) end() {
	p.mu.Lock()
	select {
	case <-p.stop:
		p.mu.Unlock()
		return
	default:
	}
	close(p.stop)
	p.mu.Unlock()
	p.done.Wait()
	if p.terminal && !p.shown.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

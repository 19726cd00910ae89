// Package progress tells a person what is being done while they wait.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/report"
)

// Progress shows what is being done, once it has taken a second: on a terminal in one line that
// is replaced, elsewhere now and then in a new one.
type Progress struct {
	w        io.Writer
	terminal bool
	mu       sync.Mutex
	line     string
	started  time.Time
	shown    time.Time // when a line was last written; zero before the first
	stop     chan struct{}
	done     sync.WaitGroup
}

// Patience is how long work may take without a word.
const Patience = time.Second

// pause is the time between two lines where each stays, as in the log of a CI run.
const pause = 5 * time.Second

// New begins to show on w, which is a terminal or not.
func New(w io.Writer, terminal bool) *Progress {
	p := &Progress{w: w, terminal: terminal, started: time.Now(), stop: make(chan struct{})}
	p.done.Go(p.run)
	return p
}

// Say sets what is being done.
func (p *Progress) Say(format string, args ...any) {
	line := report.Clean(fmt.Sprintf(format, args...))
	p.mu.Lock()
	defer p.mu.Unlock()
	if line == p.line {
		return
	}
	p.line = line
	if !p.terminal && time.Since(p.started) > Patience && time.Since(p.shown) > pause {
		p.show()
	}
}

// show writes the line; the caller holds the lock.
func (p *Progress) show() {
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

func (p *Progress) run() {
	ticker := time.NewTicker(Patience)
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

// End clears the line. It may be called more than once.
func (p *Progress) End() {
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

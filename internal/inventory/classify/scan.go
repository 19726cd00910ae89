package classify

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
)

const (
	// MaxScanned is how many bytes of a file are looked at: more than twice the largest
	// known, the driver of Rust's compiler.
	MaxScanned = 384 << 20

	maxText   = 64 << 10  // bytes of a text
	chunk     = 128 << 10 // bytes looked at together
	reach     = 256       // bytes that a version can take from its anchor on, both included
	keep      = 2 * reach // bytes of a chunk that the next one begins with
	maxJoined = 64        // texts and versions remembered of a file, to be told apart at its end
)

var buffers = sync.Pool{New: func() any { b := make([]byte, keep+chunk); return &b }}

// ErrTooLarge says that a file was not read to its end, and that no version was found before.
var ErrTooLarge = fmt.Errorf("no version is named in its first %d bytes", MaxScanned)

// Read reads as much of a file as it takes to tell what it is. It returns ErrTooLarge, or the
// error of r. r need not be at its end.
func (c Candidates) Read(r io.Reader) ([]Software, error) { return c.read(r, MaxScanned) }

func (c Candidates) read(r io.Reader, most int64) ([]Software, error) {
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	s := scanner{buf: *b, most: most, looking: make([]search, len(c))}
	for i := range c {
		s.looking[i] = search{candidate: &c[i], best: len(c[i].compiled)}
	}
	err := s.read(r)
	var out []Software
	for i := range s.looking {
		if v := s.looking[i].result(); v != "" {
			out = append(out, c[i].software(v))
		}
	}
	if errors.Is(err, ErrTooLarge) && len(out) > 0 {
		err = nil
	}
	return out, err
}

// scanner goes through one file.
type scanner struct {
	buf     []byte
	most    int64 // bytes to be read
	looking []search
}

// search is what is known of one candidate.
type search struct {
	candidate *candidate
	best      int // index of the pattern that found version; their number if none did
	version   string

	joined []string // beginnings with a version and more
	alone  []string // versions that end a string
}

func (s *scanner) read(r io.Reader) error {
	held, total := 0, int64(0)
	for first := true; ; first = false {
		n, err := io.ReadFull(r, s.buf[held:])
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return err
		}
		total += int64(n)
		data := s.buf[:held+n]
		if first && !s.begin(data) {
			return nil
		}
		open := false
		for i := range s.looking {
			s.looking[i].look(data, first, end)
			open = open || s.looking[i].best > 0
		}
		switch {
		case end || !open:
			return nil
		case total >= s.most:
			return ErrTooLarge
		}
		held = copy(s.buf, data[len(data)-keep:])
	}
}

// begin drops what the first bytes of the file are not of.
func (s *scanner) begin(data []byte) bool {
	elf := bytes.HasPrefix(data, []byte("\x7fELF"))
	for i := range s.looking {
		x := &s.looking[i]
		if x.candidate.text == elf {
			x.best = 0 // nothing is better
		}
	}
	return slices.ContainsFunc(s.looking, func(x search) bool { return x.best > 0 })
}

// look goes through the bytes that follow upon what was looked at before, of which data
// begins with the last. A version that the end of data may cut is left to the next call.
func (x *search) look(data []byte, first, end bool) {
	if x.candidate.text {
		if !first {
			x.best = 0
			return
		}
		data, end = data[:min(len(data), maxText)], true
	}
	for i := 0; i < x.best; i++ {
		p := &x.candidate.compiled[i]
		if p.anchor == nil {
			if m := p.expression.FindSubmatch(data[:min(len(data), reach)]); first && m != nil {
				x.best, x.version = i, string(m[1])
			}
			continue
		}
		for at := 0; ; at++ {
			next := bytes.Index(data[at:], p.anchor)
			if next < 0 {
				break
			}
			if at += next; !end && len(data)-at < reach {
				break
			}
			m := p.expression.FindSubmatch(data[max(0, at-p.before):min(len(data), at+reach)])
			if m == nil {
				continue
			}
			if !p.joined {
				x.best, x.version = i, string(m[1])
				break
			}
			x.joined = remember(x.joined, string(m[0][bytes.Index(m[0], m[1]):]))
		}
		if p.joined {
			x.standAlone(data)
		}
	}
}

func remember(list []string, s string) []string {
	if len(list) == maxJoined || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

var endsWithVersion = regexp.MustCompile(`[^0-9.](\d+\.\d+\.\d+)$`)

// standAlone remembers the versions that end a string.
func (x *search) standAlone(data []byte) {
	const longest = 24
	for at := 0; ; at++ {
		next := bytes.IndexByte(data[at:], 0)
		if next < 0 {
			return
		}
		if at += next; at == 0 || data[at-1] < '0' || data[at-1] > '9' {
			continue
		}
		if m := endsWithVersion.FindSubmatch(data[max(0, at-longest):at]); m != nil {
			x.alone = remember(x.alone, string(m[1]))
		}
	}
}

// result returns the version that was found. One that is joined to more text is the
// longest that stands alone and with which that text begins.
func (x *search) result() string {
	best := x.version
	for _, j := range x.joined {
		for _, v := range x.alone {
			if len(v) > len(best) && strings.HasPrefix(j, v) {
				best = v
			}
		}
	}
	return best
}

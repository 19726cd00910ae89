// Package epss reads and writes the scores of FIRST's Exploit Prediction Scoring System (https://www.first.org/epss):
// a gzipped CSV of every day, with a comment that says of which day and model it is, a heading, and a line for each CVE.
package epss

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/crowsnest-sec/crowsnest"
)

// URL is where the scores of the day are published.
const URL = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"

// The caps on what is read: of 2026 there are some 360,000 scores, in 2.6 MB packed and 10 MB unpacked.
const (
	MaxBytes    = 256 << 20 // packed
	maxUnpacked = 1 << 30
	maxLine     = 256
	maxScores   = 5_000_000
)

const heading = "cve,epss,percentile"

// Read reads all scores, packed or not, and of when they are. A line that cannot be used makes all of it Corrupt: there
// would be no telling a broken file from a whole one.
func Read(r io.Reader) ([]crowsnest.EPSS, time.Time, error) {
	bad := func(err error) ([]crowsnest.EPSS, time.Time, error) {
		return nil, time.Time{}, &crowsnest.Error{Kind: crowsnest.Corrupt, Op: "read EPSS", Hint: "get it again from " + URL, Err: err}
	}
	in := bufio.NewReader(r)
	if head, _ := in.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return bad(errors.New("it is not a whole gzip file"))
		}
		in = bufio.NewReader(unpacked)
	}
	limited := &io.LimitedReader{R: in, N: maxUnpacked + 1}
	lines := bufio.NewScanner(limited)
	lines.Buffer(make([]byte, 0, maxLine), maxLine)
	var day time.Time
	headed := false
	var out []crowsnest.EPSS
	seen := make(map[string]bool)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), "\r")
		switch {
		case strings.HasPrefix(line, "#"):
			for part := range strings.SplitSeq(line[1:], ",") {
				if value, ok := strings.CutPrefix(strings.TrimSpace(part), "score_date:"); ok {
					var err error
					if day, err = readDay(value); err != nil {
						return bad(errors.New("its day cannot be read"))
					}
				}
			}
		case !headed:
			if line != heading {
				return bad(errors.New("its heading is not " + heading))
			}
			headed = true
		case line == "":
		default:
			e, err := score(line)
			if err != nil {
				return bad(fmt.Errorf("line %d is not a score", n))
			}
			if seen[e.CVE] {
				return bad(fmt.Errorf("line %d has %s once more", n, e.CVE))
			}
			seen[e.CVE] = true
			if out = append(out, e); len(out) > maxScores {
				return nil, time.Time{}, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read EPSS", Err: fmt.Errorf("it has more than %d scores", maxScores)}
			}
		}
	}
	switch {
	case limited.N <= 0:
		return nil, time.Time{}, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read EPSS", Err: fmt.Errorf("it has more than %d bytes", maxUnpacked)}
	case lines.Err() != nil:
		return bad(errors.New("it does not end as it should"))
	case day.IsZero():
		return bad(errors.New("it does not say of which day it is"))
	case len(out) == 0:
		return bad(errors.New("it has no score"))
	}
	return out, day, nil
}

// readDay reads the day, which is written with a time zone as no standard layout has it.
func readDay(s string) (day time.Time, err error) {
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339, time.DateOnly} {
		if day, err = time.Parse(layout, s); err == nil {
			return day.UTC(), nil
		}
	}
	return day, err
}

func score(line string) (e crowsnest.EPSS, err error) {
	cve, rest, _ := strings.Cut(line, ",")
	p, q, ok := strings.Cut(rest, ",")
	if !ok || !strings.HasPrefix(cve, "CVE-") || crowsnest.Text(cve) != cve {
		return e, errors.New("no score")
	}
	e.CVE = cve
	for _, f := range []struct {
		to   *float64
		from string
	}{{&e.Score, p}, {&e.Percentile, q}} {
		if *f.to, err = strconv.ParseFloat(f.from, 64); err != nil || !(*f.to >= 0 && *f.to <= 1) {
			return e, errors.New("no probability")
		}
	}
	return e, nil
}

// Writer writes scores as Read reads them, packed.
type Writer struct {
	packed *gzip.Writer
	w      *bufio.Writer
}

// NewWriter begins a file with the scores of a day. Close must follow.
func NewWriter(w io.Writer, day time.Time) *Writer {
	packed := gzip.NewWriter(w)
	out := &Writer{packed, bufio.NewWriter(packed)}
	fmt.Fprintf(out.w, "#model_version:unknown,score_date:%s\n%s\n", day.UTC().Format("2006-01-02T15:04:05-0700"), heading)
	return out
}

// Write adds a score.
func (w *Writer) Write(e crowsnest.EPSS) error {
	_, err := fmt.Fprintf(w.w, "%s,%s,%s\n", e.CVE, strconv.FormatFloat(e.Score, 'f', -1, 64), strconv.FormatFloat(e.Percentile, 'f', -1, 64))
	return err
}

// Close ends the file.
func (w *Writer) Close() error {
	return errors.Join(w.w.Flush(), w.packed.Close())
}

package epss

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

const two = "#model_version:v2025.03.14,score_date:2026-03-04T12:55:00+0000\ncve,epss,percentile\nCVE-1999-0001,0.01025,0.76425\nCVE-2099-2,1.0,0\n"

var (
	scored = time.Date(2026, 3, 4, 12, 55, 0, 0, time.UTC)
	scores = []crowsnest.EPSS{{CVE: "CVE-1999-0001", Score: 0.01025, Percentile: 0.76425}, {CVE: "CVE-2099-2", Score: 1}}
)

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRead(t *testing.T) {
	for name, b := range map[string][]byte{
		"packed": packed(t, two), "plain": []byte(two), "lines of Windows": []byte(strings.ReplaceAll(two, "\n", "\r\n")), "only a day": []byte(strings.Replace(two, "T12:55:00+0000", "", 1)),
	} {
		got, at, err := Read(bytes.NewReader(b))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(scores, got); diff != "" || at.Format(time.DateOnly) != scored.Format(time.DateOnly) {
			t.Errorf("%s of %v (-want +got):\n%s", name, at, diff)
		}
	}
}

func TestReadWhatWasWritten(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b, scored)
	for _, s := range scores {
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, at, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(scores, got); diff != "" || !at.Equal(scored) {
		t.Errorf("of %v (-want +got):\n%s", at, diff)
	}
}

func TestReadRefuses(t *testing.T) {
	whole := packed(t, two)
	damaged := bytes.Clone(whole)
	damaged[len(damaged)-6] ^= 1 // of the checksum
	for name, b := range map[string][]byte{
		"nothing":            nil,
		"half of it":         whole[:len(whole)/2],
		"a changed byte":     damaged,
		"a page":             []byte("<html>sign in</html>"),
		"no day":             []byte(strings.Replace(two, "score_date", "date", 1)),
		"another heading":    []byte(strings.Replace(two, "cve,epss", "cve,score", 1)),
		"no score":           []byte(two[:strings.Index(two, "CVE-")]),
		"half a line":        []byte(two[:len(two)-5]),
		"beyond 1":           []byte(strings.Replace(two, ",1.0,", ",1.5,", 1)),
		"no number":          []byte(strings.Replace(two, ",1.0,", ",NaN,", 1)),
		"a CVE twice":        []byte(two + "CVE-2099-2,0.5,0.5\n"),
		"a line without end": []byte(two + strings.Repeat("x", 10*maxLine)),
	} {
		if list, _, err := Read(bytes.NewReader(b)); crowsnest.KindOf(err) != crowsnest.Corrupt || err == nil || list != nil {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(two))
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, day, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out bytes.Buffer
		w := NewWriter(&out, day)
		for _, e := range list {
			if err := w.Write(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		again, _, err := Read(&out)
		if diff := cmp.Diff(list, again); err != nil || diff != "" {
			t.Errorf("%v (-read +read again):\n%s", err, diff)
		}
	})
}

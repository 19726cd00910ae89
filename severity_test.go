package crowsnest

import (
	"encoding/json"
	"math"
	"testing"
)

func TestSeverityWordsOfSources(t *testing.T) {
	for word, want := range map[string]Severity{
		"critical": Critical, "CRITICAL": Critical, " Critical ": Critical,
		"high": High, "Important": High,
		"medium": Medium, "MODERATE": Medium,
		"low": Low, "minor": Low, "negligible": Low, "unimportant": Low,
		"unspecified": Unspecified, "none": Unspecified, "unknown": Unspecified,
	} {
		if got, ok := ParseSeverity(word); !ok || got != want {
			t.Errorf("ParseSeverity(%q) is %s, %t, want %s", word, got, ok, want)
		}
	}
	for _, word := range []string{"", "severe", "9.8", "not yet assigned", "critical!"} {
		if got, ok := ParseSeverity(word); ok || got != Unspecified {
			t.Errorf("ParseSeverity(%q) is %s, %t, want a word that is not known", word, got, ok)
		}
	}
}

// The bands of https://www.first.org/cvss/v3.1/specification-document, table 14, and
// of version 4.0, table 22.
func TestSeverityBands(t *testing.T) {
	for _, c := range []struct {
		score float64
		want  Severity
	}{
		{-1, Unspecified}, {0, Unspecified}, {0.1, Low}, {3.9, Low}, {4.0, Medium}, {6.9, Medium},
		{7.0, High}, {8.9, High}, {9.0, Critical}, {10, Critical}, {math.NaN(), Unspecified},
	} {
		if got := SeverityOfScore(c.score); got != c.want {
			t.Errorf("a score of %v is %s, want %s", c.score, got, c.want)
		}
	}
}

func TestSeveritiesAreOrderedAndReadBack(t *testing.T) {
	if !(Unspecified < Low && Low < Medium && Medium < High && High < Critical) {
		t.Error("severities do not rise")
	}
	for s := Unspecified; s <= Critical; s++ {
		b, err := json.Marshal(s)
		var back Severity
		if err != nil || string(b) != `"`+s.String()+`"` || json.Unmarshal(b, &back) != nil || back != s {
			t.Errorf("%d is written as %s and read as %d", s, b, back)
		}
	}
	s := High
	if err := json.Unmarshal([]byte(`"awful"`), &s); KindOf(err) != Invalid || s != High {
		t.Errorf("an unknown word gives %v and leaves %s", err, s)
	}
	if got := Severity(9).String(); got != "severity(9)" {
		t.Errorf("a severity that is none is written as %q", got)
	}
}

func TestSummaryCountsEachSeverityApart(t *testing.T) {
	var s Summary
	for i, severity := range []Severity{Critical, High, Medium, Low, Unspecified} {
		s.Add(severity, 1<<i)
	}
	if want := (Summary{Critical: 1, High: 2, Medium: 4, Low: 8, Unspecified: 16}); s != want {
		t.Errorf("got %+v, want %+v", s, want)
	}
	if s.Total() != 31 {
		t.Errorf("the total is %d, want 31", s.Total())
	}
	if got, want := s.Plus(s), (Summary{2, 4, 8, 16, 32}); got != want {
		t.Errorf("twice is %+v, want %+v", got, want)
	}
	if got := s.String(); got != "1C 2H 4M 8L 16?" {
		t.Errorf("written as %q", got)
	}
	if got := (Summary{}).String(); got != "0C 0H 0M 0L" {
		t.Errorf("nothing is written as %q", got)
	}
	b, err := json.Marshal(s)
	if err != nil || string(b) != `{"critical":1,"high":2,"medium":4,"low":8,"unspecified":16}` {
		t.Errorf("JSON is %s, %v", b, err)
	}
}

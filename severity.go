package crowsnest

import (
	"fmt"
	"strings"
)

// Severity orders how bad a vulnerability is. The zero value is Unspecified:
// no source gave a score or a word.
type Severity uint8

// Severities from least to most urgent.
const (
	Unspecified Severity = iota
	Low
	Medium
	High
	Critical
)

var severityNames = [...]string{"unspecified", "low", "medium", "high", "critical"}

// String returns the lower-case name.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// ParseSeverity reads a source's own word. The words are those that advisory
// sources use: "moderate" is medium, "important" is high, and Debian's and
// Ubuntu's "negligible" and "unimportant" are low. Anything else is Unspecified and false.
func ParseSeverity(word string) (Severity, bool) {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "critical":
		return Critical, true
	case "high", "important":
		return High, true
	case "medium", "moderate":
		return Medium, true
	case "low", "minor", "negligible", "unimportant":
		return Low, true
	case "unspecified", "none", "unknown":
		return Unspecified, true
	}
	return Unspecified, false
}

// SeverityOfScore bands a CVSS base score (0 to 10): low from 0.1, medium from
// 4.0, high from 7.0, critical from 9.0. Zero is Unspecified. The bands are those of
// CVSS v3 and v4 and are used for v2 scores as well.
func SeverityOfScore(score float64) Severity {
	switch {
	case score >= 9:
		return Critical
	case score >= 7:
		return High
	case score >= 4:
		return Medium
	case score > 0:
		return Low
	}
	return Unspecified
}

// MarshalText writes the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name.
func (s *Severity) UnmarshalText(b []byte) error {
	v, ok := ParseSeverity(string(b))
	if !ok {
		return &Error{Kind: Invalid, Op: "read severity", Subject: string(b), Hint: "use critical, high, medium, low or unspecified"}
	}
	*s = v
	return nil
}

// CVSS is a scored vector. Version is "4.0", "3.1", "3.0" or "2.0".
type CVSS struct {
	Version string  `json:"version"`
	Score   float64 `json:"score"`
	Vector  string  `json:"vector"`
}

// Summary counts vulnerabilities by severity, in the order people read them.
type Summary struct {
	Critical    int `json:"critical"`
	High        int `json:"high"`
	Medium      int `json:"medium"`
	Low         int `json:"low"`
	Unspecified int `json:"unspecified"`
}

// Add counts n more of s.
func (s *Summary) Add(severity Severity, n int) {
	switch severity {
	case Critical:
		s.Critical += n
	case High:
		s.High += n
	case Medium:
		s.Medium += n
	case Low:
		s.Low += n
	default:
		s.Unspecified += n
	}
}

// Plus returns the sum of both.
func (s Summary) Plus(t Summary) Summary {
	return Summary{s.Critical + t.Critical, s.High + t.High, s.Medium + t.Medium, s.Low + t.Low, s.Unspecified + t.Unspecified}
}

// Minus returns s without a part of it.
func (s Summary) Minus(part Summary) Summary {
	return Summary{s.Critical - part.Critical, s.High - part.High, s.Medium - part.Medium, s.Low - part.Low, s.Unspecified - part.Unspecified}
}

// Total is the number of all vulnerabilities counted.
func (s Summary) Total() int { return s.Critical + s.High + s.Medium + s.Low + s.Unspecified }

// String writes the counts as "2C 5H 9M 20L 1?"; the last is left out when zero.
func (s Summary) String() string {
	out := fmt.Sprintf("%dC %dH %dM %dL", s.Critical, s.High, s.Medium, s.Low)
	if s.Unspecified > 0 {
		out += fmt.Sprintf(" %d?", s.Unspecified)
	}
	return out
}

package match

import (
	"cmp"
	"strings"

	cvss2 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"
	cvss4 "github.com/pandatix/go-cvss/40"

	"github.com/crowsnest-sec/crowsnest"
)

// maxVector is the length beyond which a vector is not read; the longest valid one has about 200 bytes.
const maxVector = 512

// Severity returns the severity that a source gives: from its CVSS vectors, v4
// before v3.1 before v3.0 before v2, the highest score where there are several
// of one version; else from its own word; else Unspecified. A vector that cannot be
// read is passed over. CVSS is nil unless a vector was used. Scores of v2 and v3 are
// base scores; the score of a v4 vector counts all of its metrics, as v4 has it.
func Severity(vectors []crowsnest.SeverityVector, word string) (crowsnest.Severity, *crowsnest.CVSS) {
	var best *crowsnest.CVSS
	for _, v := range vectors {
		c, ok := score(v)
		if !ok {
			continue
		}
		if best == nil || c.Version > best.Version || (c.Version == best.Version && better(c, *best)) {
			best = &c
		}
	}
	if best != nil {
		return crowsnest.SeverityOfScore(best.Score), best
	}
	severity, _ := crowsnest.ParseSeverity(word)
	return severity, nil
}

func better(a, b crowsnest.CVSS) bool {
	return a.Score > b.Score || (a.Score == b.Score && a.Vector < b.Vector)
}

// score reads a vector by its own prefix; v2 has none and is known by its type.
func score(v crowsnest.SeverityVector) (crowsnest.CVSS, bool) {
	vector := strings.TrimSpace(v.Vector)
	if vector == "" || len(vector) > maxVector {
		return crowsnest.CVSS{}, false
	}
	c := crowsnest.CVSS{Vector: vector}
	switch {
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		p, err := cvss4.ParseVector(vector)
		if err != nil {
			return c, false
		}
		c.Version, c.Score = "4.0", p.Score()
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		p, err := cvss31.ParseVector(vector)
		if err != nil {
			return c, false
		}
		c.Version, c.Score = "3.1", p.BaseScore()
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		p, err := cvss30.ParseVector(vector)
		if err != nil {
			return c, false
		}
		c.Version, c.Score = "3.0", p.BaseScore()
	case v.Type == "CVSS_V2":
		p, err := cvss2.ParseVector(strings.TrimSuffix(strings.TrimPrefix(vector, "("), ")"))
		if err != nil {
			return c, false
		}
		c.Version, c.Score = "2.0", p.BaseScore()
	default:
		return c, false
	}
	return c, true
}

// severityOf returns what an advisory says of the affected entries: an entry's own
// vectors and word go before the advisory's, and the worst entry counts.
func severityOf(base string, a *crowsnest.Advisory, entries []*crowsnest.Affected) (crowsnest.Severity, *crowsnest.CVSS) {
	wordFirst := ratesByWord[base] && ships(base, a.ID)
	var worst crowsnest.Severity
	var cvss *crowsnest.CVSS
	for i, e := range entries {
		s, c := severityOfEntry(a, e, wordFirst)
		if i == 0 || s > worst || (s == worst && c != nil && (cvss == nil || better(*c, *cvss))) {
			worst, cvss = s, c
		}
	}
	return worst, cvss
}

// ratesByWord are the distributions that rate a vulnerability in what they ship by a word of their own. The vectors in their
// records are those of the CVE, whose score tells how bad it is in general, and stay beside the word.
var ratesByWord = map[string]bool{"AlmaLinux": true, "Debian": true, "Red Hat": true, "Rocky Linux": true, "Ubuntu": true}

// titleWord returns the word that begins the title of a notice, as in "Important: openssl security update": AlmaLinux and
// others of its family say nowhere else how bad it is.
func titleWord(a *crowsnest.Advisory) string {
	word, _, ok := strings.Cut(a.Summary, ":")
	if s, known := crowsnest.ParseSeverity(word); !ok || !known || s == crowsnest.Unspecified || !IsNotice(a.ID) {
		return ""
	}
	return word
}

func severityOfEntry(a *crowsnest.Advisory, e *crowsnest.Affected, wordFirst bool) (crowsnest.Severity, *crowsnest.CVSS) {
	word := cmp.Or(a.Word, titleWord(a))
	if s, ok := crowsnest.ParseSeverity(e.Word); ok && s != crowsnest.Unspecified {
		word = e.Word
	}
	severity, cvss := Severity(e.Severity, "")
	if cvss == nil {
		severity, cvss = Severity(a.Severity, word)
	}
	if s, _ := crowsnest.ParseSeverity(word); wordFirst && s != crowsnest.Unspecified {
		severity = s
	}
	return severity, cvss
}

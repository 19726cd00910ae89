package crowsnest

import (
	"cmp"
	"time"
)

// Threat is what is known of attacks on a vulnerability, beside what advisories say of it. Who says so
// names vulnerabilities by CVE alone.
type Threat struct {
	Exploited *Exploited // nil unless CISA lists it among those that are exploited
	EPSS      *EPSS      // nil unless FIRST estimates it
}

// Exploited is an entry of CISA's catalogue of vulnerabilities that are known to be exploited.
type Exploited struct {
	CVE        string
	Vendor     string
	Product    string
	Name       string
	Action     string    // what CISA requires to be done
	Added      time.Time // the day, UTC
	Due        time.Time // by which day agencies must have done it; zero if it says none
	Ransomware bool      // known from campaigns of ransomware
}

// EPSS is FIRST's estimate for a vulnerability.
type EPSS struct {
	CVE        string
	Score      float64 // probability, 0 to 1, that it is exploited within thirty days
	Percentile float64 // part of all estimated ones, 0 to 1, whose score is not higher
}

// Compare orders threats from the one to be dealt with first: what is exploited, then by the estimate.
func (t Threat) Compare(u Threat) int {
	exploited := func(t Threat) int {
		if t.Exploited != nil {
			return 1
		}
		return 0
	}
	return cmp.Or(exploited(u)-exploited(t), cmp.Compare(u.score(), t.score()))
}

// score is below every estimate without one.
func (t Threat) score() float64 {
	if t.EPSS == nil {
		return -1
	}
	return t.EPSS.Score
}

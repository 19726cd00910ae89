package wire

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// KEV is the entry of a vulnerability in CISA's catalogue of those that are known to be exploited.
type KEV struct {
	Added      string `json:"added" format:"date" doc:"The day it was listed"`
	Due        string `json:"due,omitempty" format:"date" doc:"The day by which US agencies must have dealt with it"`
	Ransomware bool   `json:"ransomware" doc:"Known from campaigns of ransomware"`
	Vendor     string `json:"vendor"`
	Product    string `json:"product"`
	Name       string `json:"name"`
	Action     string `json:"action" doc:"What CISA requires to be done"`
}

// EPSS is FIRST's estimate for a vulnerability.
type EPSS struct {
	Score      float64 `json:"score" minimum:"0" maximum:"1" doc:"Probability that it is exploited within thirty days"`
	Percentile float64 `json:"percentile" minimum:"0" maximum:"1" doc:"Part of all estimated vulnerabilities whose score is not higher"`
}

// Threat is what is known of attacks on a vulnerability.
type Threat struct {
	KEV  *KEV  `json:"kev" doc:"Null unless CISA lists it among those known to be exploited"`
	EPSS *EPSS `json:"epss" doc:"Null unless FIRST estimates how likely it is exploited"`
}

// NewThreat converts a threat.
func NewThreat(t crowsnest.Threat) Threat {
	var out Threat
	if e := t.Exploited; e != nil {
		out.KEV = &KEV{Added: e.Added.Format(time.DateOnly), Ransomware: e.Ransomware, Vendor: e.Vendor, Product: e.Product, Name: e.Name, Action: e.Action}
		if !e.Due.IsZero() {
			out.KEV.Due = e.Due.Format(time.DateOnly)
		}
	}
	if e := t.EPSS; e != nil {
		out.EPSS = &EPSS{Score: e.Score, Percentile: e.Percentile}
	}
	return out
}

// Compare orders threats as crowsnest.Threat does.
func (t Threat) Compare(u Threat) int { return t.Domain().Compare(u.Domain()) }

// Domain is the reverse of NewThreat, but for the CVE, which is not in it.
func (t Threat) Domain() (out crowsnest.Threat) {
	if k := t.KEV; k != nil {
		out.Exploited = &crowsnest.Exploited{Vendor: k.Vendor, Product: k.Product, Name: k.Name, Action: k.Action, Added: day(k.Added), Due: day(k.Due), Ransomware: k.Ransomware}
	}
	if e := t.EPSS; e != nil {
		out.EPSS = &crowsnest.EPSS{Score: e.Score, Percentile: e.Percentile}
	}
	return out
}

// day reads a day; none is zero.
func day(text string) time.Time {
	t, _ := time.Parse(time.DateOnly, text)
	return t
}

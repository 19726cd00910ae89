// Package kev reads and writes CISA's catalogue of known exploited vulnerabilities
// (https://www.cisa.gov/known-exploited-vulnerabilities-catalog), as JSON. It names vulnerabilities by CVE, with the
// day by which US agencies must have dealt with each.
package kev

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// URL is where CISA publishes the catalogue.
const URL = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"

// The caps on what is read: the catalogue has some 1,500 entries in 1.4 MB and grows by 200 a year.
const (
	MaxBytes   = 64 << 20
	maxEntries = 100_000
	maxText    = 1000
	maxName    = 64
)

type catalogue struct {
	Title    string  `json:"title,omitempty"`
	Version  string  `json:"catalogVersion,omitempty"`
	Released string  `json:"dateReleased"`
	Count    int     `json:"count"`
	Entries  []entry `json:"vulnerabilities"`
}

type entry struct {
	CVE        string `json:"cveID"`
	Vendor     string `json:"vendorProject"`
	Product    string `json:"product"`
	Name       string `json:"vulnerabilityName"`
	Added      string `json:"dateAdded"`
	Action     string `json:"requiredAction"`
	Due        string `json:"dueDate"`
	Ransomware string `json:"knownRansomwareCampaignUse"`
}

// Read reads a whole catalogue and when it was released. An entry that cannot be used makes all of it Corrupt: what
// is exploited must not get lost.
func Read(r io.Reader) ([]crowsnest.Exploited, time.Time, error) {
	bad := func(err error) ([]crowsnest.Exploited, time.Time, error) {
		return nil, time.Time{}, &crowsnest.Error{Kind: crowsnest.Corrupt, Op: "read CISA's catalogue", Hint: "get it again from " + URL, Err: err}
	}
	limited := &io.LimitedReader{R: r, N: MaxBytes + 1}
	b, err := io.ReadAll(limited)
	if err != nil {
		return nil, time.Time{}, err
	}
	if limited.N <= 0 {
		return nil, time.Time{}, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read CISA's catalogue", Err: fmt.Errorf("it has more than %d bytes", MaxBytes)}
	}
	var c catalogue
	if err := json.Unmarshal(b, &c); err != nil {
		return bad(errors.New("it is not the catalogue's JSON"))
	}
	released, err := time.Parse(time.RFC3339, c.Released)
	if err != nil {
		return bad(errors.New("it does not say when it was released"))
	}
	switch {
	case len(c.Entries) == 0:
		return bad(errors.New("it lists no vulnerability"))
	case len(c.Entries) > maxEntries:
		return bad(fmt.Errorf("it has more than %d entries", maxEntries))
	case c.Count != len(c.Entries):
		return bad(fmt.Errorf("it says it has %d entries and has %d", c.Count, len(c.Entries)))
	}
	seen := make(map[string]bool, len(c.Entries))
	out := make([]crowsnest.Exploited, 0, len(c.Entries))
	for i, e := range c.Entries {
		cve := strings.ToUpper(strings.TrimSpace(e.CVE))
		added, err := time.Parse(time.DateOnly, e.Added)
		if !strings.HasPrefix(cve, "CVE-") || len(cve) > maxName || crowsnest.Text(cve) != cve || err != nil {
			return bad(fmt.Errorf("entry %d has no CVE or not the day it was added", i+1))
		}
		if seen[cve] {
			continue
		}
		seen[cve] = true
		x := crowsnest.Exploited{
			CVE: cve, Vendor: text(e.Vendor), Product: text(e.Product), Name: text(e.Name), Action: text(e.Action),
			Added: added, Ransomware: strings.EqualFold(strings.TrimSpace(e.Ransomware), known),
		}
		if e.Due != "" {
			if x.Due, err = time.Parse(time.DateOnly, e.Due); err != nil {
				return bad(fmt.Errorf("entry %d has a due date that is none", i+1))
			}
		}
		out = append(out, x)
	}
	return out, released.UTC(), nil
}

// known and unknown are what the catalogue says of campaigns of ransomware.
const known, unknown = "Known", "Unknown"

// text makes a text one line of bounded length.
func text(s string) string {
	s = strings.Join(strings.Fields(crowsnest.Text(s)), " ")
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}

// Write writes a catalogue that Read reads as it was.
func Write(w io.Writer, list []crowsnest.Exploited, released time.Time) error {
	c := catalogue{Title: "CISA Catalog of Known Exploited Vulnerabilities", Version: released.UTC().Format("2006.01.02"), Released: released.UTC().Format(time.RFC3339Nano), Count: len(list), Entries: []entry{}}
	list = slices.SortedFunc(slices.Values(list), func(a, b crowsnest.Exploited) int {
		return cmp.Or(b.Added.Compare(a.Added), strings.Compare(a.CVE, b.CVE))
	})
	for _, x := range list {
		e := entry{CVE: x.CVE, Vendor: x.Vendor, Product: x.Product, Name: x.Name, Added: x.Added.Format(time.DateOnly), Action: x.Action, Ransomware: unknown}
		if x.Ransomware {
			e.Ransomware = known
		}
		if !x.Due.IsZero() {
			e.Due = x.Due.Format(time.DateOnly)
		}
		c.Entries = append(c.Entries, e)
	}
	return json.NewEncoder(w).Encode(c)
}

package kev

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

const two = `{"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2026.03.04", "dateReleased": "2026-03-04T17:04:19.9796Z", "count": 2, "vulnerabilities": [
	{"cveID": "CVE-2099-1", "vendorProject": "Example", "product": "Thing", "vulnerabilityName": "A flaw", "dateAdded": "2026-03-01", "shortDescription": "…",
		"requiredAction": "Apply updates\n per vendor instructions.", "dueDate": "2026-03-22", "knownRansomwareCampaignUse": "Known", "notes": "", "cwes": ["CWE-59"]},
	{"cveID": "cve-2099-2 ", "dateAdded": "2026-03-04", "dueDate": "", "knownRansomwareCampaignUse": "Unknown"}]}`

var released = time.Date(2026, 3, 4, 17, 4, 19, 979600000, time.UTC)

func day(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }

var entries = []crowsnest.Exploited{
	{CVE: "CVE-2099-1", Vendor: "Example", Product: "Thing", Name: "A flaw", Action: "Apply updates per vendor instructions.", Added: day(1), Due: day(22), Ransomware: true},
	{CVE: "CVE-2099-2", Added: day(4)},
}

func TestRead(t *testing.T) {
	got, at, err := Read(strings.NewReader(two))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entries, got); diff != "" || !at.Equal(released) {
		t.Errorf("released %v (-want +got):\n%s", at, diff)
	}
}

func TestReadWhatWasWritten(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, entries, released); err != nil {
		t.Fatal(err)
	}
	got, at, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]crowsnest.Exploited{entries[1], entries[0]}, got); diff != "" || !at.Equal(released) {
		t.Errorf("released %v (-want +got):\n%s", at, diff)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":           "",
		"half of it":        two[:len(two)/2],
		"a page":            "<html>sign in</html>",
		"an advisory":       `{"id": "GHSA-1", "modified": "2026-01-01T00:00:00Z"}`,
		"no entry":          `{"dateReleased": "2026-03-04T00:00:00Z", "count": 0, "vulnerabilities": []}`,
		"one entry missing": strings.Replace(two, `"count": 2`, `"count": 3`, 1),
		"no CVE":            strings.Replace(two, "CVE-2099-1", "GHSA-1", 1),
		"no day":            strings.Replace(two, `"2026-03-01"`, `"March"`, 1),
		"no due day":        strings.Replace(two, `"2026-03-22"`, `"soon"`, 1),
		"no release":        strings.Replace(two, "2026-03-04T17", "yesterday", 1),
	} {
		if list, _, err := Read(strings.NewReader(text)); crowsnest.KindOf(err) != crowsnest.Corrupt || err == nil || list != nil {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
	many := `{"dateReleased": "2026-03-04T00:00:00Z", "vulnerabilities": [` + strings.Repeat(" ", MaxBytes) + `]}`
	if _, _, err := Read(strings.NewReader(many)); crowsnest.KindOf(err) != crowsnest.TooLarge || err == nil {
		t.Errorf("one that is too large: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(two)
	f.Add(`{"count": 1, "dateReleased": "2026-03-04T00:00:00Z", "vulnerabilities": [{"cveID": "CVE-\u0000"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		list, at, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := Write(&b, list, at); err != nil {
			t.Fatal(err)
		}
		again, _, err := Read(&b)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if len(again) != len(list) {
			t.Errorf("%d entries became %d", len(list), len(again))
		}
	})
}

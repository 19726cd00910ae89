package wire

import (
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// What is left out as minor is counted, once each time it is asked for.
func TestWithoutMinor(t *testing.T) {
	row := func(id, name string, state crowsnest.VendorState, notAffected bool) store.FindingRow {
		return store.FindingRow{
			Finding: crowsnest.Finding{Vulnerability: id, Severity: crowsnest.Low, State: state}, NotAffected: notAffected,
			Package: crowsnest.PackageVersion{Type: "deb", Name: name, Version: "1-1", Ecosystem: "Debian:12"}, Update: crowsnest.Update{Version: "1-2"},
		}
	}
	all := NewCVEs(Target{}, []store.FindingRow{
		row("CVE-1", "a", "", false), row("CVE-2", "a", crowsnest.StateNoDSA, false), row("CVE-3", "b", crowsnest.StateUnimportant, false), row("CVE-4", "c", crowsnest.StateEndOfLife, true), row("CVE-5", "d", "", true),
	}, store.Omissions{})
	if len(all.Updates) != 4 || all.Summary.Low != 3 || all.MinorHidden != 0 {
		t.Errorf("with all: %+v", all)
	}
	got := all.WithoutMinor()
	if len(got.Findings) != 1 || len(got.NotAffected) != 1 || got.Summary.Low != 1 || got.MinorHidden != 3 || len(got.Updates) != 2 {
		t.Errorf("without minor: %+v", got)
	}
	if again := got.WithoutMinor(); again.MinorHidden != 3 || len(all.Findings) != 3 {
		t.Errorf("a second time: %d hidden, and %d of the first left", again.MinorHidden, len(all.Findings))
	}
}

package wire

import (
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

// Two packages can have one URL and differ in what they are built from.
func TestUseByURL(t *testing.T) {
	watch := crowsnest.Watch{Loaded: map[string]bool{crowsnest.UseKey("deb", "a", "1"): true}}
	of := func(url, typ, name string) crowsnest.Package {
		return crowsnest.Package{PackageVersion: crowsnest.PackageVersion{PURL: url, Type: typ, Name: name, Version: "1"}}
	}
	loaded, unseen, unknown := of("u", "deb", "a"), of("u", "deb", "b"), of("u", "generic", "c")
	for _, c := range []struct {
		name string
		list []crowsnest.Package
		want crowsnest.InUse
	}{
		{"loaded", []crowsnest.Package{loaded}, crowsnest.Loaded},
		{"not seen", []crowsnest.Package{unseen, unseen}, crowsnest.NotSeen},
		{"one is loaded", []crowsnest.Package{unknown, loaded, unseen}, crowsnest.Loaded},
		{"of one nothing is known", []crowsnest.Package{unseen, unknown}, crowsnest.NotObserved},
		{"of one nothing is known, the other way round", []crowsnest.Package{unknown, unseen}, crowsnest.NotObserved},
	} {
		if got := UseByURL(c.list, watch)["u"]; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

package source

import (
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
)

func TestLongListsOfClustersAreCut(t *testing.T) {
	names := strings.Split(strings.Repeat("c", 11), "")
	for n, want := range map[int]string{11: strings.Repeat("c, ", 9) + "c and more", 10: strings.Repeat("c, ", 9) + "c"} {
		if got := Hint("x", sysdig.Trial{Others: names[:n]}); got != "Sysdig does not list the cluster x; it reports "+want {
			t.Errorf("%q", got)
		}
	}
}

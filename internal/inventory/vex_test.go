package inventory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/statement"
)

// The documents of an image are those that its last file system has; they survive being stored.
func TestVEXFiles(t *testing.T) {
	lower := analyse(t, file("app/a.vex.json", "a"), file("app/b.vex.json", "b"), file("app/gone.vex.json", "c"), file("app/.vex.json", "no name"), file("app/vex.json", "no suffix"), file("app/b.vex.json", "b again"))
	upper := analyse(t, file("app/a.vex.json", "a of the upper"), file("app/.wh.gone.vex.json", ""))
	raw, err := lower.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if lower, err = Decode(raw); err != nil {
		t.Fatal(err)
	}
	got := Merge(crowsnest.Image{}, []*Layer{lower, upper})
	want := []crowsnest.VEXFile{{Path: "app/a.vex.json", Layer: upper.DiffID(), Content: []byte("a of the upper")}, {Path: "app/b.vex.json", Layer: lower.DiffID(), Content: []byte("b again")}}
	if diff := cmp.Diff(want, got.VEX); diff != "" || len(got.Problems) != 0 {
		t.Errorf("problems %v (-want +got):\n%s", got.Problems, diff)
	}
}

func TestVEXFilesAreBounded(t *testing.T) {
	var items []item
	for i := range statement.MaxFiles + 2 {
		items = append(items, file(fmt.Sprintf("app/%02d.vex.json", i), "x"))
	}
	many := analyse(t, items...)
	if len(many.vex) != statement.MaxFiles || len(many.Problems()) != 2 || !strings.Contains(many.Problems()[0].Reason, "more VEX documents") {
		t.Errorf("%d documents, problems %v", len(many.vex), many.Problems())
	}
	large := analyse(t, file("large.vex.json", strings.Repeat(" ", statement.MaxFile+1)), file("most.vex.json", strings.Repeat(" ", statement.MaxFile)))
	if len(large.vex) != 1 || large.vex[0].Path != "most.vex.json" || len(large.Problems()) != 1 || large.Problems()[0].Path != "large.vex.json" {
		t.Errorf("%d documents, problems %v", len(large.vex), large.Problems())
	}
	other := analyse(t, file("other.vex.json", "x"))
	got := Merge(crowsnest.Image{}, []*Layer{many, other})
	if len(got.VEX) != statement.MaxFiles || got.VEX[len(got.VEX)-1].Path != "other.vex.json" || len(got.Problems) != 3 {
		t.Errorf("%d documents of the image, problems %v", len(got.VEX), got.Problems)
	}
}

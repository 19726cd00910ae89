package markdown

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func rows(n, width int) [][]string {
	out := make([][]string, n)
	for i := range out {
		out[i] = []string{fmt.Sprint(i), strings.Repeat("ü", width)}
	}
	return out
}

// A forge refuses a longer comment as a whole.
func TestAlwaysBelowTheLimit(t *testing.T) {
	for name, c := range map[string]struct {
		tables, rows, width int
		says                string
	}{
		"little":         {1, 3, 10, "| 2 | üüüüüüüüüü |"},
		"long lists":     {5, 70, 20, "10 more are not shown here."},
		"wide rows":      {5, 70, 400, "more are not shown here."},
		"wider rows":     {5, 1000, 30_000, "1000 more are not shown here."},
		"a long heading": {40, 1, 1000, "left out"},
	} {
		var d Document
		for range c.tables {
			d.Printf("## Heading")
			d.Details("summary", false, []string{"Number", "Text"}, rows(c.rows, c.width))
		}
		if name == "a long heading" {
			d.Printf("%s", strings.Repeat("ü", Limit))
		}
		got := d.String("https://example.com/report?a=b")
		if len(got) >= Limit || !utf8.ValidString(got) || !strings.Contains(got, c.says) {
			t.Errorf("%s: %d bytes, valid %t, says %q: %t", name, len(got), utf8.ValidString(got), c.says, strings.Contains(got, c.says))
		}
	}
}

func TestWhatIsLeftOutIsCountedAndLinked(t *testing.T) {
	var d Document
	d.Details("list", true, []string{"Number", "Text"}, rows(firstRows+2, 1))
	d.Details("nothing", true, []string{"Number"}, nil)
	if got := d.String(""); !strings.Contains(got, "\n2 more are not shown here.\n") || strings.Contains(got, "report") || strings.Contains(got, "nothing") {
		t.Errorf("without a link:\n%s", got)
	}
	if got := d.String("https://example.com/r"); !strings.HasSuffix(got, "2 rows are left out: see the [full report](<https://example.com/r>).\n") {
		t.Errorf("with a link:\n%s", got)
	}
	var short Document
	short.Table([]string{"Number", "Text"}, rows(1, 1))
	if got, want := short.String("https://example.com/r"), "| Number | Text |\n| --- | --- |\n| 0 | ü |\n\nSee the [full report](<https://example.com/r>).\n"; got != want {
		t.Errorf("what is whole is\n%s\nwant\n%s", got, want)
	}
}

package report

import (
	"strconv"

	"github.com/crowsnest-sec/crowsnest/internal/wire/retention"
)

// RetentionPreview writes what would be removed, and by which ages.
func (p Printer) RetentionPreview(r retention.RetentionPreview) {
	p.Table([][]string{
		{"KEPT FOR", "IMAGES", "ANALYSES", "AUDIT LOG"},
		{"", age(r.Retention.Images), age(r.Retention.Analyses), age(r.Retention.Audit)},
	})
	p.printf("\n")
	p.Removal(r.Removal, "would be removed")
}

func age(days int) string {
	if days == 0 {
		return "ever"
	}
	return plural(days, "day")
}

// Removal writes what is removed, or would be.
func (p Printer) Removal(r retention.Removal, how string) {
	n := func(n int64) string { return strconv.FormatInt(n, 10) }
	p.Table([][]string{
		{"", "IMAGES", "PACKAGES", "LAYERS", "PROFILES", "ANALYSES", "AUDIT ENTRIES", "SIZE"},
		{how, n(r.Images), n(r.Packages), n(r.Layers), n(r.Profiles), n(r.Analyses), n(r.Audit), Size(r.Bytes)},
	})
}

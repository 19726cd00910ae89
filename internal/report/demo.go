package report

import (
	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Demo writes the summary of the demo.
func (p Printer) Demo(environments []wire.EnvironmentSummary, images []wire.Image, all crowsnest.Summary, c crowsnest.Coverage, gaps []wire.Gap) {
	p.printf("\n")
	p.Environments(environments)
	p.printf("\n")
	p.Images(images)
	p.printf("\n%s of all images:%s\n", plural(all.Total(), "vulnerability"), p.Counts(all))
	p.printf("Coverage: %s running images analysed\n", coverage(c))
	p.gaps("Running and not analysed", gaps, 0)
}

package images

import (
	"context"
	"io"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/report/ci"
	"github.com/crowsnest-sec/crowsnest/internal/report/markdown"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// The formats that systems of CI and forges read.
const (
	formatSARIF    = "sarif"
	formatGitLab   = "gitlab"
	formatJUnit    = "junit"
	formatMarkdown = "markdown"
)

// places asks where in an image its packages are, if a format tells that.
func (c commands) places(ctx context.Context, a analysed) (wire.SBOM, error) {
	if !c.Wants(formatSARIF, formatGitLab) {
		return wire.SBOM{}, nil
	}
	return a.sbom(ctx)
}

// forCI are the writers of the formats for CI.
func (c commands) forCI(r ci.Report, d markdown.Document) map[string]func(io.Writer) error {
	r.Version, r.Now = c.Version, time.Now()
	return map[string]func(io.Writer) error{formatSARIF: r.SARIF, formatGitLab: r.GitLab, formatJUnit: r.JUnit, formatMarkdown: c.markdown(d)}
}

func (c commands) markdown(d markdown.Document) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, d.String(c.ReportURL))
		return err
	}
}

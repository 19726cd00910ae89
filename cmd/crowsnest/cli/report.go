package cli

import (
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/output"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/spf13/cobra"
)

// Reports adds to a command with formats the flags that write its result to files in other formats too, from the same data.
func (c *CLI) Reports(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.reports, "report", nil, "write the result in another format to a file as well, as FORMAT=FILE; may be given several times")
	cmd.Flags().StringVar(&c.ReportURL, "report-url", "", "address of the full report, to which Markdown links")
}

// maxReportURL bounds the address of a report, which stands in a comment of limited length.
const maxReportURL = 2_000

// checkReports refuses what Publish could not write.
func (c *CLI) checkReports(formats []string) error {
	for _, given := range c.reports {
		format, file, _ := strings.Cut(given, "=")
		if file == "" || !slices.Contains(formats, format) {
			return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --report", Subject: given, Hint: "write it as FORMAT=FILE, with " + either(formats), Err: errors.New("there is no such format or no file")}
		}
		if err := output.Check(file); err != nil {
			return err
		}
	}
	if c.ReportURL == "" {
		return nil
	}
	u, err := url.Parse(c.ReportURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(c.ReportURL, "<> ") || len(c.ReportURL) > maxReportURL {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --report-url", Subject: report.Clean(c.ReportURL[:min(len(c.ReportURL), 100)]), Hint: "give an address that begins with https://"}
	}
	return nil
}

// Wants reports whether the result is to be written in one of these formats.
func (c *CLI) Wants(formats ...string) bool {
	return slices.Contains(formats, c.Format) || slices.ContainsFunc(c.reports, func(given string) bool {
		format, _, _ := strings.Cut(given, "=")
		return slices.Contains(formats, format)
	})
}

// Publish writes a result to the files of --report and then as Print does; beside text and JSON in these other formats.
func (c *CLI) Publish(value any, text func(report.Printer), others map[string]func(io.Writer) error) error {
	write := func(w io.Writer, format string, color bool) error {
		if other, ok := others[format]; ok {
			return other(w)
		}
		return encode(w, format, color, value, text)
	}
	for _, given := range c.reports {
		format, file, _ := strings.Cut(given, "=")
		if err := output.ToFile(file, func(w io.Writer) error { return write(w, format, false) }); err != nil {
			return err
		}
	}
	return c.Write(func(w io.Writer, color bool) error { return write(w, c.Format, color) })
}

// either names one of several.
func either(words []string) string {
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

package server

import (
	"errors"
	"fmt"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire/retention"
	"github.com/spf13/cobra"
)

func (a *admin) retention() *cobra.Command {
	var dry bool
	ages := map[string]*int{"images": new(int), "analyses": new(int), "audit": new(int)}
	cmd := &cobra.Command{
		Use: "retention [--dry-run]", Short: "Remove what is older than the organisation keeps, now",
		Long: `Remove what is older than the organisation keeps, now and not once a day. What runs, is assigned to an
environment or is the newest of its repository stays, and so does when which image ran and what was known of
it. It may be broken off and run again, also beside a server.

With --dry-run nothing is removed: it tells what would be, also by other ages than those that are set.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for name := range ages {
				if cmd.Flags().Changed(name) && !dry {
					return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "remove by", Subject: "--" + name, Hint: "try ages with --dry-run, and set them in the dashboard under Settings, Data",
						Err: errors.New("what is removed is what the organisation decided")}
				}
			}
			return a.do(cmd, func(opened *app.Admin) error {
				if dry {
					return a.previewRetention(cmd, opened, ages)
				}
				run, err := opened.Retention(cmd.Context(), func(r store.RetentionRun) {
					fmt.Fprintf(a.Err, "\r%d images, %d packages removed", r.Removed.Images, r.Removed.Packages)
				})
				fmt.Fprintln(a.Err)
				if err != nil {
					return err
				}
				done := retention.NewRetentionRun(run)
				return a.Print(done, func(p report.Printer) { p.Removal(done.Removed, "removed") })
			})
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "tell what would be removed, and remove nothing")
	cmd.Flags().IntVar(ages["images"], "images", 0, "with --dry-run: days to keep the content of images that nothing needs, 0 for ever")
	cmd.Flags().IntVar(ages["analyses"], "analyses", 0, "with --dry-run: days to keep requests for analyses that are over, 0 for ever")
	cmd.Flags().IntVar(ages["audit"], "audit", 0, "with --dry-run: days to keep the audit log, 0 for ever")
	a.Formats(cmd)
	return cmd
}

func (a *admin) previewRetention(cmd *cobra.Command, opened *app.Admin, ages map[string]*int) error {
	set, removal, err := opened.PreviewRetention(cmd.Context(), func(r *store.Retention) {
		for name, to := range map[string]*int{"images": &r.Images, "analyses": &r.Analyses, "audit": &r.Audit} {
			if cmd.Flags().Changed(name) {
				*to = *ages[name]
			}
		}
	})
	if err != nil {
		return err
	}
	preview := retention.RetentionPreview{Retention: retention.Retention(set), Removal: retention.Removal(removal)}
	return a.Print(preview, func(p report.Printer) { p.RetentionPreview(preview) })
}

package images

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/ignore"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// deciding is where decisions beside the source are; commands that do not ask for any read none.
type deciding struct {
	read      bool
	file      string
	none      bool
	documents []string
	authors   []string
}

func (d *deciding) decidingFlags(cmd *cobra.Command) {
	d.read = true
	cmd.Flags().StringVar(&d.file, "ignore-file", "", "file with exceptions (default "+ignore.FileName+" in the working directory, if it is there)")
	cmd.Flags().BoolVar(&d.none, "no-ignore-file", false, "read no file with exceptions")
	cmd.MarkFlagsMutuallyExclusive("ignore-file", "no-ignore-file")
	cmd.Flags().StringSliceVar(&d.documents, "vex-location", nil, "VEX documents on this machine: files, or folders with some")
	cmd.Flags().StringSliceVar(&d.authors, "vex-author", nil, "of these documents only those by such authors, as regular expressions")
}

// decisions reads what is decided beside the source, and says what of it does not hold.
func (c commands) decisions(d deciding) (ignore.Set, error) {
	if !d.read {
		return ignore.Set{}, nil
	}
	set, err := ignore.Read(ignore.Options{File: d.file, None: d.none, Documents: d.documents, Authors: d.authors, Now: time.Now()})
	for _, note := range set.Notes {
		fmt.Fprintf(c.Err, "! %s\n", report.Clean(note))
	}
	return set, err
}

// decided suppresses in what is found in an image what a set decides about it under the name that it was asked for by.
func (a analysed) decided(set ignore.Set, source, environment string) analysed {
	a.suppressing = !set.Empty()
	if !a.suppressing {
		return a
	}
	_, name := image.ParseSource(source)
	if cves := a.cves; cves != nil {
		a.cves = func(ctx context.Context, explain bool) (wire.CVEs, error) {
			r, err := cves(ctx, explain)
			return set.Findings(r, reference(name), environment), err
		}
	}
	if policies := a.policies; policies != nil {
		a.policies = func(ctx context.Context) (compliance.ImagePolicies, error) {
			r, err := policies(ctx)
			return set.Policies(r, reference(name)), err
		}
	}
	return a
}

// reference returns a name that an image may have in a registry, or nothing for a digest or what comes from somewhere else.
func reference(name string) string {
	if cli.DigestLike.MatchString(name) || crowsnest.Repository(name) == "" {
		return ""
	}
	return name
}

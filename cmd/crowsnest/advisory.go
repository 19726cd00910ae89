package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c *cli) advisory() *cobra.Command {
	cmd := group("advisory", "Import advisories and see what is held")
	var ecosystems []string
	imports := &cobra.Command{
		Use:   "import PATH|URL",
		Short: "Import advisories in OSV's format",
		Long: `Import advisories in OSV's format: a folder with ECOSYSTEM/all.zip in it, one zip of records,
or the base URL of a bucket in the same layout (https://osv-vulnerabilities.storage.googleapis.com
is the public one).

What is the same as before is left alone; what a new or changed advisory names is matched again.
With a server the advisories go to it, else into the cache of this machine.`,
		Args: exactArgs(1, "a path or a URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := c.progress()
			defer p.end()
			results, err := c.importAdvisories(cmd.Context(), args[0], ecosystems, p)
			p.end()
			if len(results) > 0 {
				err = errors.Join(err, c.print(results, func(p report.Printer) { p.Imports(results) }))
			}
			return err
		},
	}
	imports.Flags().StringSliceVar(&ecosystems, "ecosystem", nil, "only these ecosystems, separated by commas; of a single zip, those of which it is the whole set")
	c.formats(imports)
	status := &cobra.Command{
		Use: "status", Short: "List the ecosystems held and the age of each", Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := c.advisoryStatuses(cmd.Context())
			if err != nil {
				return err
			}
			return c.print(list, func(p report.Printer) { p.AdvisoryStatuses(list) })
		},
	}
	c.formats(status)
	cmd.AddCommand(imports, status)
	return cmd
}

func isURL(s string) bool { return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") }

func (c *cli) importAdvisories(ctx context.Context, location string, ecosystems []string, p *progress) ([]advisory.Result, error) {
	remote, err := c.remote()
	if err != nil {
		return nil, err
	}
	p.say("importing %s", location)
	switch {
	case remote != nil && isURL(location):
		return remote.ImportAdvisories(ctx, location, ecosystems)
	case remote != nil:
		return upload(ctx, remote, location, ecosystems, p)
	}
	local, err := c.local(ctx)
	if err != nil {
		return nil, err
	}
	defer local.Close()
	return local.ImportAdvisories(ctx, location, ecosystems, func(ecosystem string, records int) {
		p.say("importing %s %s: %d records", location, ecosystem, records)
	})
}

// upload sends a zip, or each ECOSYSTEM/all.zip of a folder, to the server.
func upload(ctx context.Context, remote *client.Client, location string, ecosystems []string, p *progress) ([]advisory.Result, error) {
	bad := func(err error, hint string) ([]advisory.Result, error) {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "import advisories from", Subject: location, Hint: hint, Err: err}
	}
	info, err := os.Stat(location)
	if err != nil {
		return bad(errors.Unwrap(err), "give a folder, a zip or a URL")
	}
	files := make(map[string]string)
	names := []string{""}
	if info.IsDir() {
		found, err := fs.Glob(os.DirFS(location), "*/all.zip")
		if err != nil || len(found) == 0 {
			return bad(errors.New("there is no ECOSYSTEM/all.zip in it"), "give a folder in the layout of OSV's bucket")
		}
		names = nil
		for _, f := range found {
			ecosystem := filepath.Dir(f)
			files[ecosystem] = filepath.Join(location, f)
			names = append(names, ecosystem)
		}
		// The set of an ecosystem contains those of its releases.
		names = slices.DeleteFunc(names, func(name string) bool {
			base := crowsnest.EcosystemBase(name)
			return base != name && files[base] != ""
		})
		if len(ecosystems) > 0 {
			names = ecosystems
		}
	} else {
		if len(ecosystems) > 0 {
			names = ecosystems
		}
		for _, name := range names {
			files[name] = location
		}
	}
	var all []advisory.Result
	for _, ecosystem := range names {
		path, ok := files[ecosystem]
		if !ok {
			return all, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "import advisories of", Subject: ecosystem, Hint: fmt.Sprintf("%s has %s", location, strings.Join(slices.Sorted(maps.Keys(files)), ", "))}
		}
		p.say("uploading %s", path)
		results, err := func() ([]advisory.Result, error) {
			f, err := os.Open(path)
			if err != nil {
				return bad(err, "the file must be readable")
			}
			defer f.Close()
			return remote.UploadAdvisories(ctx, ecosystem, f)
		}()
		all = append(all, results...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func (c *cli) advisoryStatuses(ctx context.Context) ([]wire.AdvisoryStatus, error) {
	remote, err := c.remote()
	if err != nil {
		return nil, err
	}
	if remote != nil {
		return asking(c, "asking "+remote.Host(), func() ([]wire.AdvisoryStatus, error) { return remote.AdvisoryStatuses(ctx) })
	}
	local, err := c.local(ctx)
	if err != nil {
		return nil, err
	}
	defer local.Close()
	return local.AdvisoryStatuses(ctx)
}

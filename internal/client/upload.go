package client

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
)

// UploadSets sends a zip, or each ECOSYSTEM/all.zip of a folder, and says which file it begins with. Of a folder
// only the ecosystems that are named are sent, if any are.
func (c *Client) UploadSets(ctx context.Context, location string, ecosystems []string, begins func(file string)) ([]advisory.Result, error) {
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
		begins(path)
		results, err := func() ([]advisory.Result, error) {
			f, err := os.Open(path)
			if err != nil {
				return bad(err, "the file must be readable")
			}
			defer f.Close()
			return c.UploadAdvisories(ctx, ecosystem, f)
		}()
		all = append(all, results...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

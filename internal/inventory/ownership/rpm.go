package ownership

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	rpmdb "github.com/erikvarga/go-rpmdb/pkg"
)

// ReadFile reads a record that NeedsName from a file on disk; it is as Read otherwise.
// Versions have their epoch before a colon if it is not zero. A panic of the reader
// is the caller's to catch, as with any parser of hostile files.
func (r Record) ReadFile(ctx context.Context, name string, claim func(owner Owner, path string)) error {
	if r.format != rpmDB {
		return errors.New("not a record that is read by its name")
	}
	db, err := rpmdb.Open(name)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer db.Close()
	packages, err := db.ListPackagesWithContext(ctx)
	if err != nil {
		return fmt.Errorf("read database: %w", err)
	}
	for _, p := range packages {
		owner := r.owner
		owner.Name, owner.Version, owner.Architecture = p.Name, p.Version+"-"+p.Release, p.Arch
		if e := p.EpochNum(); e > 0 {
			owner.Version = fmt.Sprintf("%d:%s", e, owner.Version)
		}
		// The three lists are not of one length in a damaged header.
		for i, base := range p.BaseNames {
			if i >= len(p.DirIndexes) {
				break
			}
			if d := int(p.DirIndexes[i]); d >= 0 && d < len(p.DirNames) {
				if full := strings.TrimPrefix(path.Join(p.DirNames[d], base), "/"); full != "" {
					claim(owner, full)
				}
			}
		}
	}
	return nil
}

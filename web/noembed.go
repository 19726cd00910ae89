//go:build !dashboard

package web

import "io/fs"

// dist returns nil: this program was built without the dashboard.
func dist() (fs.FS, error) { return nil, nil }

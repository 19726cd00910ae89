//go:build dashboard

package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var built embed.FS

// dist returns the built dashboard.
func dist() (fs.FS, error) { return fs.Sub(built, "dist") }

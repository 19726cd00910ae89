package licence

import (
	"path"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/inventory/pathset"
)

// Where Debian's packages keep their copyright files: in a folder of their name.
const (
	DocFolder     = "usr/share/doc/"
	CopyrightFile = "/copyright"
)

// DocOf returns the folder's name if p is a copyright file, or the folder itself, which
// may be a link.
func DocOf(p string) (string, bool) {
	name, ok := strings.CutPrefix(p, DocFolder)
	if !ok {
		return "", false
	}
	name = strings.TrimSuffix(name, CopyrightFile)
	return name, name != "" && strings.IndexByte(name, '/') < 0
}

// DocTarget returns the folder that a link at p leads to, or nothing.
func DocTarget(p, link string) string {
	if !strings.HasPrefix(link, "/") {
		link = path.Join("/", path.Dir(p), link)
	}
	name, _ := DocOf(pathset.Clean(link))
	return name
}

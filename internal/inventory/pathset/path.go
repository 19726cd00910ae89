package pathset

import (
	"path"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Clean makes an entry's name the path it has in the image: relative to the
// root, without "." and "..", which cannot leave the root. The root itself is "".
func Clean(name string) string {
	if isClean(name) {
		return name
	}
	return crowsnest.Text(path.Clean("/" + name)[1:])
}

// isClean recognises the common case, an ASCII path that is clean as it is.
func isClean(name string) bool {
	if name == "" || name[0] == '/' || name[len(name)-1] == '/' {
		return false
	}
	start := 0 // of the current path element
	for i := 0; i <= len(name); i++ {
		if i == len(name) || name[i] == '/' {
			switch name[start:i] {
			case "", ".", "..":
				return false
			}
			start = i + 1
			continue
		}
		if name[i] == 0 || name[i] >= 0x80 {
			return false
		}
	}
	return true
}

const (
	whiteoutPrefix = ".wh."
	opaqueMarker   = ".wh..wh..opq"
	aufsPrefix     = ".wh..wh." // what else starts so is bookkeeping of AUFS
)

// Whiteout reads the markers by which a layer takes away what lower layers brought
// (OCI image specification, layer filesystem changeset). It returns the path
// deleted or the directory made opaque; marker is false for any other path.
func Whiteout(p string) (deleted, opaque string, isOpaque, marker bool) {
	dir, base := path.Split(p)
	name, ok := strings.CutPrefix(base, whiteoutPrefix)
	if !ok {
		return "", "", false, false
	}
	dir = strings.TrimSuffix(dir, "/")
	switch {
	case base == opaqueMarker:
		return "", dir, true, true
	case strings.HasPrefix(base, aufsPrefix), name == "", name == ".", name == "..":
		return "", "", false, true
	}
	return path.Join(dir, name), "", false, true
}

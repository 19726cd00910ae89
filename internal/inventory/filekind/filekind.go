// Package filekind tells what a file in a layer is, by its path and its first bytes, before anything reads it.
package filekind

import (
	"io/fs"
	"strings"
	"time"
)

// textExts are extensions of files that are no programs, whatever their mode: the most
// frequent ones in records of package managers.
var textExts = map[string]bool{
	".c": true, ".conf": true, ".css": true, ".el": true, ".gz": true, ".h": true, ".hpp": true, ".html": true, ".js": true, ".json": true, ".map": true,
	".md": true, ".mjs": true, ".mo": true, ".page": true, ".pl": true, ".pm": true, ".png": true, ".pod": true, ".py": true, ".pyc": true, ".pyi": true,
	".rb": true, ".rst": true, ".service": true, ".sh": true, ".svg": true, ".tcl": true, ".ts": true, ".txt": true, ".vim": true, ".xml": true, ".yml": true,
}

// IsText reports whether the file at p, with this extension in lower case, is no program, as far as the path says.
func IsText(p, ext string) bool { return textExts[ext] || textFolder(p) }

// textFolder reports whether no program is below the folder the path is in.
func textFolder(p string) bool {
	for _, f := range textFolders {
		if strings.HasPrefix(p, f) {
			return true
		}
	}
	return false
}

var textFolders = []string{
	"etc/", "usr/include/", "usr/share/doc/", "usr/share/doc-base/", "usr/share/i18n/", "usr/share/icons/", "usr/share/info/", "usr/share/lintian/",
	"usr/share/locale/", "usr/share/man/", "usr/share/terminfo/", "usr/share/zoneinfo/",
}

// File is a regular file of the stream, both as extractors are asked about it
// and as it is described to them.
type File struct {
	path string
	size int64
	mode fs.FileMode
	time time.Time
}

// NewFile describes the file at a path, of so many bytes.
func NewFile(path string, size int64, mode fs.FileMode, modified time.Time) File {
	return File{path, size, mode, modified}
}

// Path implements filesystem.FileAPI.
func (f *File) Path() string { return f.path }

// Stat implements filesystem.FileAPI.
func (f *File) Stat() (fs.FileInfo, error) { return f, nil }

// Name implements fs.FileInfo.
func (f *File) Name() string { return f.path[strings.LastIndexByte(f.path, '/')+1:] }

// Size implements fs.FileInfo.
func (f *File) Size() int64 { return f.size }

// Mode implements fs.FileInfo.
func (f *File) Mode() fs.FileMode { return f.mode }

// ModTime implements fs.FileInfo.
func (f *File) ModTime() time.Time { return f.time }

// IsDir implements fs.FileInfo; only regular files are described.
func (f *File) IsDir() bool { return false }

// Sys implements fs.FileInfo.
func (f *File) Sys() any { return nil }

// BinaryMagic are the first bytes of the formats in which debug/buildinfo finds a
// Go program and cargo-auditable a Rust one: ELF, PE, Mach-O in both byte orders
// and as a fat file, XCOFF, WebAssembly and the three of Plan 9.
var BinaryMagic = []string{
	"\x7fELF", "MZ", "\xfe\xed\xfa", "\xca\xfe\xba\xbe", "\xca\xfe\xba\xbf",
	"\x01\xdf", "\x01\xf7", "\x00asm",
	"\x00\x00\x01\xeb", "\x00\x00\x8a\x97", "\x00\x00\x06\x47", // Plan 9: 386, amd64, arm
}

// MagicLength is how many bytes of a file IsBinary needs; a shorter file is not a
// program to either reader.
const MagicLength = 16

// IsBinary reports whether a file that starts with head can be a program of a
// format that is read.
func IsBinary(head []byte) bool {
	if len(head) < MagicLength {
		return false
	}
	for _, m := range BinaryMagic {
		if string(head[:len(m)]) == m {
			return true
		}
	}
	return string(head[1:4]) == "\xfa\xed\xfe" // Mach-O in little-endian order
}

package inventory

import (
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/google/osv-scalibr/extractor/filesystem"
)

// rule bounds the paths an extractor can want: it can want a path when any of the
// fields matches. Asking all extractors about every path costs as much as reading
// them, so the rules choose the few to be asked.
type rule struct {
	bases      []string // file name, ignoring case
	exts       []string // file name extension, in lower case, ignoring case
	prefixes   []string // leading directories, ending in a slash
	executable bool     // what filesystem.IsInterestingExecutable says
}

// dispatcher finds the extractors, by index in the list, that want a path.
type dispatcher struct {
	bases      map[string][]int
	exts       map[string][]int
	prefixes   []prefixRule
	executable []int
}

type prefixRule struct {
	prefix     string
	extractors []int
}

func newDispatcher() *dispatcher {
	d := &dispatcher{bases: map[string][]int{}, exts: map[string][]int{}}
	byPrefix := map[string]int{}
	for i, e := range extractors {
		for _, b := range e.wants.bases {
			d.bases[strings.ToLower(b)] = append(d.bases[strings.ToLower(b)], i)
		}
		for _, x := range e.wants.exts {
			d.exts[x] = append(d.exts[x], i)
		}
		for _, p := range e.wants.prefixes {
			at, ok := byPrefix[p]
			if !ok {
				at = len(d.prefixes)
				byPrefix[p] = at
				d.prefixes = append(d.prefixes, prefixRule{prefix: p})
			}
			d.prefixes[at].extractors = append(d.prefixes[at].extractors, i)
		}
		if e.wants.executable {
			d.executable = append(d.executable, i)
		}
	}
	return d
}

// wanted appends to dst the extractors that require the file, in list order within
// each kind of rule. binaryOnly says that all of them read executables only, so
// that the file can be left alone when its first bytes are not those of one.
func (d *dispatcher) wanted(dst []int, all []filesystem.Extractor, file *fileInfo) (wanted []int, binaryOnly bool) {
	base := file.Name()
	lower := strings.ToLower(base) // returns base itself when there is nothing to lower
	for _, i := range d.bases[lower] {
		dst = ask(dst, all, i, file)
	}
	if ext := path.Ext(lower); ext != "" {
		for _, i := range d.exts[ext] {
			dst = ask(dst, all, i, file)
		}
	}
	for _, p := range d.prefixes {
		if strings.HasPrefix(file.path, p.prefix) {
			for _, i := range p.extractors {
				dst = ask(dst, all, i, file)
			}
		}
	}
	binaryOnly = len(dst) == 0
	if len(d.executable) > 0 && filesystem.IsInterestingExecutable(file) {
		for _, i := range d.executable {
			dst = ask(dst, all, i, file)
		}
	}
	return dst, binaryOnly && len(dst) > 0
}

func ask(dst []int, all []filesystem.Extractor, i int, file *fileInfo) []int {
	for _, already := range dst {
		if already == i {
			return dst
		}
	}
	if only := extractors[i].only; only != nil && !only(file.path) {
		return dst
	}
	if !all[i].FileRequired(file) {
		return dst
	}
	return append(dst, i)
}

// nameable reports whether a file at that path may name a package that no
// distribution brought, as far as the path says. It is asked about paths that package
// managers record, which say nothing of modes.
func (d *dispatcher) nameable(p string) bool {
	base := strings.ToLower(p[strings.LastIndexByte(p, '/')+1:])
	ext := path.Ext(base)
	if d.language(d.bases[base]) || ext != "" && d.language(d.exts[ext]) {
		return true
	}
	for _, r := range d.prefixes {
		if strings.HasPrefix(p, r.prefix) && d.language(r.extractors) {
			return true
		}
	}
	return !textExts[ext] && !textFolder(p)
}

func (d *dispatcher) language(indexes []int) bool {
	for _, i := range indexes {
		if !extractors[i].system {
			return true
		}
	}
	return false
}

// textExts are extensions of files that are no programs, whatever their mode: the most
// frequent ones in records of package managers.
var textExts = map[string]bool{
	".c": true, ".conf": true, ".css": true, ".el": true, ".gz": true, ".h": true, ".hpp": true, ".html": true, ".js": true, ".json": true, ".map": true,
	".md": true, ".mjs": true, ".mo": true, ".page": true, ".pl": true, ".pm": true, ".png": true, ".pod": true, ".py": true, ".pyc": true, ".pyi": true,
	".rb": true, ".rst": true, ".service": true, ".sh": true, ".svg": true, ".tcl": true, ".ts": true, ".txt": true, ".vim": true, ".xml": true, ".yml": true,
}

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

// fileInfo is a regular file of the stream, both as extractors are asked about it
// and as it is described to them.
type fileInfo struct {
	path string
	size int64
	mode fs.FileMode
	time time.Time
}

// Path implements filesystem.FileAPI.
func (f *fileInfo) Path() string { return f.path }

// Stat implements filesystem.FileAPI.
func (f *fileInfo) Stat() (fs.FileInfo, error) { return f, nil }

// Name implements fs.FileInfo.
func (f *fileInfo) Name() string { return f.path[strings.LastIndexByte(f.path, '/')+1:] }

// Size implements fs.FileInfo.
func (f *fileInfo) Size() int64 { return f.size }

// Mode implements fs.FileInfo.
func (f *fileInfo) Mode() fs.FileMode { return f.mode }

// ModTime implements fs.FileInfo.
func (f *fileInfo) ModTime() time.Time { return f.time }

// IsDir implements fs.FileInfo; only regular files are described.
func (f *fileInfo) IsDir() bool { return false }

// Sys implements fs.FileInfo.
func (f *fileInfo) Sys() any { return nil }

// binaryMagic are the first bytes of the formats in which debug/buildinfo finds a
// Go program and cargo-auditable a Rust one: ELF, PE, Mach-O in both byte orders
// and as a fat file, XCOFF, WebAssembly and the three of Plan 9.
var binaryMagic = []string{
	"\x7fELF", "MZ", "\xfe\xed\xfa", "\xca\xfe\xba\xbe", "\xca\xfe\xba\xbf",
	"\x01\xdf", "\x01\xf7", "\x00asm",
	"\x00\x00\x01\xeb", "\x00\x00\x8a\x97", "\x00\x00\x06\x47", // Plan 9: 386, amd64, arm
}

// magicLength is how many bytes of a file isBinary needs; a shorter file is not a
// program to either reader.
const magicLength = 16

// isBinary reports whether a file that starts with head can be a program of a
// format that is read.
func isBinary(head []byte) bool {
	if len(head) < magicLength {
		return false
	}
	for _, m := range binaryMagic {
		if string(head[:len(m)]) == m {
			return true
		}
	}
	return string(head[1:4]) == "\xfa\xed\xfe" // Mach-O in little-endian order
}

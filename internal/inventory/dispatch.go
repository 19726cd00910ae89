package inventory

import (
	"path"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/inventory/filekind"
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
func (d *dispatcher) wanted(dst []int, all []filesystem.Extractor, file *filekind.File) (wanted []int, binaryOnly bool) {
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
		if strings.HasPrefix(file.Path(), p.prefix) {
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

func ask(dst []int, all []filesystem.Extractor, i int, file *filekind.File) []int {
	for _, already := range dst {
		if already == i {
			return dst
		}
	}
	if only := extractors[i].only; only != nil && !only(file.Path()) {
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
	return !filekind.IsText(p, ext)
}

func (d *dispatcher) language(indexes []int) bool {
	for _, i := range indexes {
		if !extractors[i].system {
			return true
		}
	}
	return false
}

// Package ownership reads what package managers of operating systems record of the
// files they installed: which package owns which path.
//
// Paths are reported as the record has them. On systems where /lib is a link to
// /usr/lib a record may still say /lib; who compares must know.
package ownership

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/google/osv-scalibr/purl"
)

// Owner names a package as a record of its files does.
type Owner struct {
	Type         string // purl type
	Name         string
	Version      string // empty where the record does not say
	Architecture string // empty where the record does not say
}

// format is how a record is written.
type format int

const (
	lines    format = iota // one path in a line
	md5sums                // one path in a line, after a checksum
	apkDB                  // alpine's database of all packages
	pacmanDB               // a section of paths
	rpmDB                  // a database that is read by its name on disk
	wheel                  // Python's: a path, a hash and a size in a line, of one package
)

// Record is a file in which a package manager keeps the files of one or all packages.
type Record struct {
	format format
	owner  Owner  // of the whole record, where it is of one package
	below  string // the folder that its paths are relative to
}

// Whole reports whether the record is of all packages, and so written anew at each
// change of any. One of a single package is written only when that is installed.
func (r Record) Whole() bool { return r.format == apkDB || r.format == rpmDB }

// NeedsName reports whether the record is read by its name on disk: by ReadFile, not by Read.
func (r Record) NeedsName() bool { return r.format == rpmDB }

const (
	dpkgInfo   = "var/lib/dpkg/info/"
	dpkgStatus = "var/lib/dpkg/status.d/"
	opkgInfo   = "usr/lib/opkg/info/"
	pacmanDir  = "var/lib/pacman/local/"
)

// Of tells whether the file at p, without a leading slash, is a record.
func Of(p string) (Record, bool) {
	if at := strings.TrimPrefix(p, "usr/"); at == "lib/apk/db/installed" {
		return Record{format: apkDB, owner: Owner{Type: purl.TypeApk}}, true
	}
	dir, base := path.Split(p)
	if info, ok := strings.CutSuffix(dir, ".dist-info/"); ok && base == "RECORD" {
		name, version, ok := strings.Cut(path.Base(info), "-")
		return Record{wheel, Owner{Type: purl.TypePyPi, Name: name, Version: version}, path.Dir(info)}, ok && name != "" && version != ""
	}
	if !strings.HasPrefix(p, "var/lib/") && !strings.HasPrefix(p, "usr/") {
		return Record{}, false
	}
	switch {
	case dir == dpkgInfo, dir == opkgInfo:
		name, ok := strings.CutSuffix(base, ".list")
		packageType := purl.TypeDebian
		if dir == opkgInfo {
			packageType = purl.TypeOpkg
		}
		// The architecture follows where several may be installed side by side.
		name, arch, _ := strings.Cut(name, ":")
		return Record{format: lines, owner: Owner{Type: packageType, Name: name, Architecture: arch}}, ok && name != ""
	case dir == dpkgStatus:
		name, ok := strings.CutSuffix(base, ".md5sums")
		return Record{format: md5sums, owner: Owner{Type: purl.TypeDebian, Name: name}}, ok && name != ""
	case strings.HasPrefix(p, pacmanDir) && base == "files":
		name, version, ok := splitPacman(path.Base(dir))
		return Record{format: pacmanDB, owner: Owner{Type: purl.TypePacman, Name: name, Version: version}}, ok
	case dir == "var/lib/rpm/", dir == "usr/lib/sysimage/rpm/", dir == "usr/share/rpm/":
		return Record{format: rpmDB, owner: Owner{Type: purl.TypeRPM}}, base == "Packages" || base == "Packages.db" || base == "rpmdb.sqlite"
	}
	return Record{}, false
}

// splitPacman reads the name of a package's folder, "bash-5.2.026-2".
func splitPacman(dir string) (name, version string, ok bool) {
	release := strings.LastIndexByte(dir, '-')
	if release <= 0 {
		return "", "", false
	}
	at := strings.LastIndexByte(dir[:release], '-')
	if at <= 0 {
		return "", "", false
	}
	return dir[:at], dir[at+1:], true
}

// maxLine is how long a line may be to be read; a longer one names no path of an image.
const maxLine = 8 << 10

// Read reads the record and calls claim for every path in it, without the leading
// slash, with the package that owns it. Paths of directories may be among them. What
// is not understood is passed over. The error is that of r.
func (r Record) Read(in io.Reader, claim func(owner Owner, path string)) error {
	b := bufio.NewReaderSize(in, maxLine)
	owner, section := r.owner, ""
	var dir string // of an apk record
	for {
		line, err := b.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = b.ReadSlice('\n')
			}
			line = nil
		}
		line = bytes.TrimRight(line, "\r\n")
		switch r.format {
		case lines:
			emit(claim, owner, line)
		case md5sums:
			if sum, p, ok := bytes.Cut(line, []byte("  ")); ok && len(sum) == 32 {
				emit(claim, owner, p)
			}
		case pacmanDB:
			switch {
			case len(line) > 0 && line[0] == '%':
				section = string(line)
			case section == "%FILES%" && !bytes.HasSuffix(line, []byte("/")):
				emit(claim, owner, line)
			}
		case wheel:
			if p := wheelPath(line); p != "" {
				emit(claim, owner, []byte(path.Join("/", r.below, p)))
			}
		case apkDB:
			owner, dir = apkLine(line, owner, dir, claim)
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// wheelPath returns the path of a line of a wheel's record (the binary distribution format of the Python packaging
// user guide): the first of its comma-separated values, in quotes where it has a comma.
func wheelPath(line []byte) string {
	if rest, quoted := bytes.CutPrefix(line, []byte(`"`)); quoted {
		p, _, closed := bytes.Cut(rest, []byte(`",`))
		if !closed {
			return ""
		}
		return strings.ReplaceAll(string(p), `""`, `"`)
	}
	p, _, _ := bytes.Cut(line, []byte(","))
	return string(p)
}

// apkLine takes in one line of an apk record: a letter, a colon and a value. A blank
// line ends a package, F names a folder and R a file in it.
func apkLine(line []byte, owner Owner, dir string, claim func(Owner, string)) (Owner, string) {
	if len(line) < 2 || line[1] != ':' {
		if len(line) == 0 {
			return Owner{Type: owner.Type}, ""
		}
		return owner, dir
	}
	value := line[2:]
	switch line[0] {
	case 'P':
		owner.Name = string(value)
	case 'V':
		owner.Version = string(value)
	case 'A':
		owner.Architecture = string(value)
	case 'F':
		dir = string(value)
	case 'R':
		if owner.Name != "" && len(value) > 0 {
			emit(claim, owner, []byte(path.Join(dir, string(value))))
		}
	}
	return owner, dir
}

func emit(claim func(Owner, string), owner Owner, p []byte) {
	p = bytes.TrimPrefix(bytes.TrimPrefix(p, []byte("./")), []byte("/"))
	if len(p) > 0 && string(p) != "." {
		claim(owner, string(p))
	}
}

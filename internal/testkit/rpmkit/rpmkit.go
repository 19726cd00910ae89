// Package rpmkit writes RPM databases in the three formats there are, as far as a reader of
// packages looks at them: SQLite, which RPM writes since 4.16, its own "ndb" of SUSE, and the hash
// tables of Berkeley DB of everything before.
package rpmkit

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver
)

// Package is a package of an RPM database.
type Package struct {
	Name, Version, Release, Arch string

	Source  string // file name of the source package
	Licence string
	Epoch   int32
	Files   []string // with a leading slash
}

// header writes the binary form of a package in an RPM database, a header of version 3 without a
// region: two counts, an index of sixteen bytes an entry, data.
func header(p Package) []byte {
	const (
		typeInt32, typeString, typeStrings = 4, 6, 8
		i18nTable                          = 100
	)
	var index, data []byte
	count := uint32(0)
	list := func(tag, kind, length uint32, value []byte) {
		for _, n := range []uint32{tag, kind, uint32(len(data)), length} {
			index = binary.BigEndian.AppendUint32(index, n)
		}
		data = append(data, value...)
		count++
	}
	text := func(tag, kind uint32, s string) { list(tag, kind, 1, append([]byte(s), 0)) }
	text(i18nTable, typeStrings, "C\x00\x00") // four bytes, so that the number after it is aligned
	list(1003, typeInt32, 1, binary.BigEndian.AppendUint32(nil, uint32(p.Epoch)))
	text(1000, typeString, p.Name)
	text(1001, typeString, p.Version)
	text(1002, typeString, p.Release)
	text(1014, typeString, p.Licence)
	text(1022, typeString, p.Arch)
	text(1044, typeString, p.Source)
	if n := uint32(len(p.Files)); n > 0 {
		var bases, dirs, indexes []byte
		for len(data)%4 != 0 { // numbers are aligned
			data = append(data, 0)
		}
		for i, f := range p.Files {
			dir, base := filepath.Split(f)
			bases, dirs = append(append(bases, base...), 0), append(append(dirs, dir...), 0)
			indexes = binary.BigEndian.AppendUint32(indexes, uint32(i))
		}
		list(1116, typeInt32, n, indexes)
		list(1117, typeStrings, n, bases)
		list(1118, typeStrings, n, dirs)
	}
	out := binary.BigEndian.AppendUint32(nil, count)
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	return append(append(out, index...), data...)
}

// SQLite returns an rpmdb.sqlite, which is made in dir.
func SQLite(dir string, packages ...Package) (b []byte, err error) {
	name := filepath.Join(dir, "rpmdb.sqlite")
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closed := db.Close(); err == nil {
			err = closed
		}
		if err == nil {
			b, err = os.ReadFile(name)
		}
	}()
	if _, err := db.Exec("create table Packages (hnum integer primary key autoincrement, blob blob not null)"); err != nil {
		return nil, err
	}
	for _, p := range packages {
		if _, err := db.Exec("insert into Packages (blob) values (?)", header(p)); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// NDB returns a Packages.db (rpm, lib/backend/ndb/rpmpkg.c): a page of slots, the first two being
// the header, and then the packages in blocks of sixteen bytes.
func NDB(packages ...Package) []byte {
	const page, block = 4096, 16
	var blobs []byte
	words := func(to []byte, n ...uint32) []byte {
		for _, x := range n {
			to = binary.LittleEndian.AppendUint32(to, x)
		}
		return to
	}
	magic := func(s string) uint32 { return binary.LittleEndian.Uint32([]byte(s)) }
	slots := words(nil, magic("RpmP"), 0, 1, 1, 0, 0, 0, 0)
	for i, p := range packages {
		h := header(p)
		at := page + len(blobs)
		blobs = append(words(blobs, magic("BlbS"), uint32(i+1), 0, uint32(len(h))), h...)
		for len(blobs)%block != 0 {
			blobs = append(blobs, 0)
		}
		slots = words(slots, magic("Slot"), uint32(i+1), uint32(at/block), uint32((page+len(blobs)-at)/block))
	}
	for len(slots) < page {
		slots = words(slots, magic("Slot"), 0, 0, 0)
	}
	return append(slots, blobs...)
}

// BDB returns a Packages file (libdb, src/dbinc/db_page.h): a page about the table, one of its
// keys and values, and the packages on pages of their own that are linked.
func BDB(packages ...Package) []byte {
	const (
		size, head                     = 4096, 26
		overflowPage, metaPage, hashed = 7, 8, 13
		keyOnPage, valueOffPage        = 1, 3
	)
	little := binary.LittleEndian
	page := func(number, next uint32, entries, free uint16, kind byte) []byte {
		b := make([]byte, size)
		little.PutUint32(b[8:], number)
		little.PutUint32(b[16:], next)
		little.PutUint16(b[20:], entries)
		little.PutUint16(b[22:], free)
		b[25] = kind
		return b
	}
	table := page(1, 0, uint16(2*len(packages)), 0, hashed)
	at := size // of the last item, which fill the page from its end
	var overflow bytes.Buffer
	next := uint32(2)
	for i, p := range packages {
		at -= 5
		table[at] = keyOnPage
		little.PutUint32(table[at+1:], uint32(i+1))
		little.PutUint16(table[head+4*i:], uint16(at))
		h := header(p)
		at -= 12
		table[at] = valueOffPage
		little.PutUint32(table[at+4:], next)
		little.PutUint32(table[at+8:], uint32(len(h)))
		little.PutUint16(table[head+4*i+2:], uint16(at))
		for len(h) > 0 {
			n := min(len(h), size-head)
			following := next + 1
			if n == len(h) {
				following = 0
			}
			b := page(next, following, 1, uint16(n), overflowPage)
			copy(b[head:], h[:n])
			overflow.Write(b)
			h, next = h[n:], next+1
		}
	}
	meta := page(0, 0, 0, 0, metaPage)
	little.PutUint32(meta[12:], 0x00061561) // hash
	little.PutUint32(meta[16:], 9)          // version
	little.PutUint32(meta[20:], size)
	meta[24] = 0 // not encrypted
	little.PutUint32(meta[32:], next-1)
	return append(append(meta, table...), overflow.Bytes()...)
}

package osv

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// looseFiles are JSON files: one, or all below a folder.
type looseFiles struct{ root string }

func (l looseFiles) ecosystems(context.Context) ([]string, error) { return []string{""}, nil }

// fingerprint hashes names and contents.
func (l looseFiles) fingerprint(ctx context.Context, ecosystem string) (string, error) {
	if err := l.only(ecosystem); err != nil {
		return "", err
	}
	sum := sha256.New()
	err := l.walk(ctx, func(name string) error {
		if rel, err := filepath.Rel(l.root, name); err == nil {
			fmt.Fprintf(sum, "%q\n", filepath.ToSlash(rel))
		}
		one := sha256.New()
		if err := hashFile(ctx, one, name); err != nil {
			return err
		}
		sum.Write(one.Sum(nil))
		return nil
	})
	if err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

func (l looseFiles) only(ecosystem string) error {
	if ecosystem != "" {
		return setError(crowsnest.NotFound, ecosystem, "the records are not kept by ecosystem; read all of them", errors.New("there is no set for this ecosystem"))
	}
	return nil
}

func (l looseFiles) each(ctx context.Context, ecosystem string, _ func(records int) error, fn func(*crowsnest.Advisory) error) (Stats, error) {
	if err := l.only(ecosystem); err != nil {
		return Stats{}, err
	}
	return decodeAll(ctx, l.root, func(ctx context.Context, put func(item) bool) error {
		return l.walk(ctx, func(name string) error { return records(name, put) })
	}, fn)
}

// walk visits the JSON files in the order of their names. Links are not followed.
func (l looseFiles) walk(ctx context.Context, visit func(name string) error) error {
	seen := 0
	err := filepath.WalkDir(l.root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return readError(kindOfFile(err), name, "", cause(err))
		case ctx.Err() != nil:
			return canceled(name, ctx.Err())
		case name != l.root && (!d.Type().IsRegular() || !strings.EqualFold(path.Ext(name), ".json")):
			return nil
		case d.IsDir():
			return nil
		}
		if seen++; seen > maxEntries {
			return readError(crowsnest.TooLarge, l.root, "", fmt.Errorf("it has more than %d files", maxEntries))
		}
		return visit(name)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// errEnough ends a walk when nobody takes more records.
var errEnough = errors.New("enough")

// records puts the records of a file: one object, several in a row, or an array of them.
func records(name string, put func(item) bool) error {
	f, err := os.Open(name)
	if err != nil {
		return readError(kindOfFile(err), name, "", cause(err))
	}
	defer f.Close()
	limited := &io.LimitedReader{R: f}
	in := bufio.NewReaderSize(limited, 64<<10)
	give := func(n int, raw json.RawMessage, err error) bool {
		where := name
		if n > 1 {
			where = fmt.Sprintf("record %d of %s", n, name)
		}
		return put(item{name: where, size: uint64(len(raw)), read: func() ([]byte, error) { return raw, err }})
	}
	limited.N = MaxRecord
	array, err := startsArray(in)
	if err != nil {
		return enough(give(1, nil, bad(crowsnest.Corrupt, "", errors.New("the file is empty"))))
	}
	d := json.NewDecoder(in)
	if array {
		if _, err := d.Token(); err != nil {
			return readError(crowsnest.Corrupt, name, "", syntax(err))
		}
	}
	for n := 1; ; n++ {
		// Each record may take as much again: the decoder keeps no more than one.
		limited.N = MaxRecord + 1
		if array && !d.More() {
			if _, err := d.Token(); err != nil {
				return readError(crowsnest.Corrupt, name, "get the file again", errors.New("the array of records does not end"))
			}
			return nil
		}
		var raw json.RawMessage
		err := d.Decode(&raw)
		switch {
		case err == nil:
			if !give(n, raw, nil) {
				return errEnough
			}
			continue
		case errors.Is(err, io.EOF) && !array:
			return nil
		case limited.N <= 0:
			err = bad(crowsnest.TooLarge, "", fmt.Errorf("the record has more than %d bytes", MaxRecord))
		default:
			err = bad(crowsnest.Corrupt, "", syntax(err))
		}
		if n == 1 && !array {
			return enough(give(n, nil, err)) // most likely a file with one record, as in a folder of them
		}
		// What follows a broken record cannot be told apart, so records are missing.
		return readError(crowsnest.KindOf(err), name, "get the file again", err)
	}
}

func enough(more bool) error {
	if !more {
		return errEnough
	}
	return nil
}

// startsArray looks past white space at the first character.
func startsArray(in *bufio.Reader) (bool, error) {
	for {
		b, err := in.ReadByte()
		if err != nil {
			return false, err
		}
		switch b {
		case ' ', '\t', '\r', '\n':
			continue
		}
		return b == '[', in.UnreadByte()
	}
}

package sqldb

import (
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/google/uuid"
)

// ids hands out numbers in blocks with a random beginning.
var ids struct {
	sync.Mutex
	next, left int64
}

// NewID returns a positive 63-bit number: made here so that rows can be written in bulk
// without asking the database. The numbers follow each other within a random block of
// a million, so no two replicas collide, and rows that are written together lie together.
func NewID() int64 {
	ids.Lock()
	defer ids.Unlock()
	if ids.left == 0 {
		const block = 1 << 20
		var b [8]byte
		rand.Read(b[:])
		ids.next, ids.left = int64(binary.LittleEndian.Uint64(b[:])>>1)&^(block-1)|1, block-1
	}
	id := ids.next
	ids.next++
	ids.left--
	return id
}

// NewUUID returns an identifier for people and other programs; later ones sort after earlier ones.
func NewUUID() string { return uuid.Must(uuid.NewV7()).String() }

// JSON writes a value of the domain.
func JSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("sqldb: a domain type that JSON cannot write: " + err.Error())
	}
	return string(b)
}

// FromJSON reads what JSON wrote; empty text changes nothing.
func FromJSON(s string, v any) error {
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), v)
}

// FromJSONOnce reads a text of which many rows have the same, and shares what it says: nobody may change it.
func FromJSONOnce[T any](s string, known map[string]T) (T, error) {
	v, ok := known[s]
	if ok {
		return v, nil
	}
	err := FromJSON(s, &v)
	known[s] = v
	return v, err
}

// Micros is how a time is stored: microseconds since 1970, null for the zero time.
func Micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// Time reads a time that is always there.
func Time(us int64) time.Time { return time.UnixMicro(us).UTC() }

// NullTime reads a time that may be missing, as the zero time.
func NullTime(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return Time(us.Int64)
}

// Limit returns the size of a page within bounds.
func Limit(p store.Page) int {
	switch {
	case p.Limit <= 0:
		return store.DefaultLimit
	case p.Limit > store.MaxLimit:
		return store.MaxLimit
	}
	return p.Limit
}

// Cursor carries the sort key of the last row of a page.
func Cursor(key ...any) string {
	return base64.RawURLEncoding.EncodeToString([]byte(JSON(key)))
}

// ReadCursor reads a cursor into the parts of its key and reports whether there was one.
func ReadCursor(cursor string, into ...any) (bool, error) {
	if cursor == "" {
		return false, nil
	}
	bad := &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read cursor", Hint: "pass the cursor exactly as the page before gave it, or none for the first page"}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return false, bad
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil || len(parts) != len(into) {
		return false, bad
	}
	for i, p := range parts {
		if err := json.Unmarshal(p, into[i]); err != nil {
			return false, bad
		}
		if text, ok := into[i].(*string); ok && strings.Contains(*text, "\x00") { // no key of a row holds one
			return false, bad
		}
	}
	return true, nil
}

// Cut cuts a list that was read with one row more than asked for.
func Cut[T any](items []T, limit int, key func(T) string) store.List[T] {
	if len(items) <= limit {
		return store.List[T]{Items: items}
	}
	items = items[:limit]
	return store.List[T]{Items: items, Next: key(items[limit-1])}
}

// NoNUL replaces the one character that PostgreSQL's text cannot hold; files in images
// may hold any.
func NoNUL(s string) string { return strings.ReplaceAll(s, "\x00", "\uFFFD") }

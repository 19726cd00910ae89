// Package pathset makes one path of the many ways in which an entry of a layer may write it, tells what its markers delete, and keeps
// sets of paths as hashes, so that a layer can remember every path it writes.
package pathset

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// Paths are kept as 64-bit FNV-1a hashes. It can be computed along a path, so that
// one pass gives the hashes of all directories above it.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// Hash returns the hash of a path without a leading slash.
func Hash(p string) uint64 {
	h := uint64(fnvOffset)
	for i := 0; i < len(p); i++ {
		h = (h ^ uint64(p[i])) * fnvPrime
	}
	return h
}

// WithParents appends the hashes of the root, of each directory above p from
// the top down, and of p itself.
func WithParents(dst []uint64, p string) []uint64 {
	h := uint64(fnvOffset)
	dst = append(dst, h)
	if p == "" {
		return dst
	}
	for i := 0; i < len(p); i++ {
		if p[i] == '/' {
			dst = append(dst, h)
		}
		h = (h ^ uint64(p[i])) * fnvPrime
	}
	return append(dst, h)
}

// Shorts are sorted hashes of paths of which the upper 40 bits are kept: enough to tell the paths of one image apart, where it
// does no harm to take one in ten million for another. Their JSON is that of hashes, in fewer bytes.
type Shorts []uint64

// Short returns the short hash for a hash.
func Short(h uint64) uint64 { return h >> 24 }

// MarshalJSON implements json.Marshaler.
func (s Shorts) MarshalJSON() ([]byte, error) { return Hashes(s).MarshalJSON() }

// UnmarshalJSON implements json.Unmarshaler.
func (s *Shorts) UnmarshalJSON(text []byte) error { return (*Hashes)(s).UnmarshalJSON(text) }

// Hashes are sorted hashes of paths. Their JSON is the differences between them as
// unsigned varints.
type Hashes []uint64

// MarshalJSON implements json.Marshaler.
func (h Hashes) MarshalJSON() ([]byte, error) {
	packed := make([]byte, 0, 7*len(h))
	last := uint64(0)
	for _, x := range h {
		packed = binary.AppendUvarint(packed, x-last)
		last = x
	}
	return json.Marshal(packed)
}

// UnmarshalJSON implements json.Unmarshaler.
func (h *Hashes) UnmarshalJSON(text []byte) error {
	var b []byte
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	*h = nil
	if len(b) == 0 {
		return nil
	}
	out := make(Hashes, 0, len(b)/6+1)
	last := uint64(0)
	for len(b) > 0 {
		d, n := binary.Uvarint(b)
		if n <= 0 || last+d < last {
			return fmt.Errorf("path hash %d is damaged", len(out))
		}
		last += d
		out, b = append(out, last), b[n:]
	}
	*h = out
	return nil
}

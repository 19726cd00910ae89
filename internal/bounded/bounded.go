// Package bounded reads lists out of strangers' JSON without letting them grow. A limit on the bytes of a document is not
// enough: a few megabytes of "{}," become hundreds when each of them is a value in memory.
package bounded

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Max is the most entries a list may have.
const Max = 4096

// ErrLong is the error of a list with more than Max entries.
var ErrLong = fmt.Errorf("a list has more than %d entries", Max)

// List is a JSON array of at most Max entries. The limit holds while the array is read; past it the
// error wraps ErrLong.
type List[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *List[T]) UnmarshalJSON(b []byte) error {
	*l = nil
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return errors.New("a list is expected")
	}
	*l = List[T]{}
	for dec.More() {
		if len(*l) == Max {
			return ErrLong
		}
		var v T
		if err := dec.Decode(&v); err != nil {
			return err
		}
		*l = append(*l, v)
	}
	return nil
}

package crowsnest

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Kind says what sort of failure an Error is; the API and the exit codes depend
// on nothing else.
type Kind uint8

// The closed set of kinds.
const (
	Internal     Kind = iota // a fault of Crowsnest itself
	Invalid                  // the caller's input cannot be used
	NotFound                 // the thing named does not exist, or not for this caller
	Conflict                 // the thing exists already or changed meanwhile
	Unauthorized             // no or wrong credentials
	Forbidden                // known caller, not allowed
	RateLimited              // the other side asks to slow down
	Unavailable              // something needed cannot be reached now; trying again may help
	TooLarge                 // a cap was reached before or during the work
	Corrupt                  // data does not match its digest or its format
	Unsupported              // a well-formed input of a kind that is not handled
	Canceled                 // the caller gave up
)

var kindNames = [...]string{
	"internal", "invalid", "not found", "conflict", "unauthorized", "forbidden", "rate limited",
	"unavailable", "too large", "corrupt", "unsupported", "canceled",
}

// String returns the kind in words.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Error is what every package of Crowsnest returns for a failure a person or a
// caller can act on.
type Error struct {
	Kind    Kind
	Op      string // what was being done: "open image"
	Subject string // to what: a reference, a path, a cluster; never a secret
	Hint    string // what to do about it, for the person who reads it
	Field   string // of the request that is to be corrected, by its name in the API: "apiToken"; empty if none is known to be
	Err     error  // the cause; never shown to API callers
}

// Error writes one sentence: what happened, to what, why, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Subject != "" {
		b.WriteString(" " + e.Subject)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	} else {
		b.WriteString(": " + e.Kind.String())
	}
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// InField returns err with the name of the field of the request that is to be corrected. An err
// without an Error in its chain, and nil, are returned as they are.
func InField(field string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	out := *e
	out.Field = field
	return &out
}

// KindOf returns the kind of the outermost Error in err's chain, Internal if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// maxReason bounds a reason, in bytes: it is a sentence, and a hostile peer's body must not
// become a page.
const maxReason = 600

// Reason returns the part of err that may be shown and stored: operation,
// subject and hint of the outermost Error, with the causes' own words. It is one line of
// valid UTF-8 without control characters, whatever a peer or an image put into it, and a
// longer one is cut between characters.
func Reason(err error) string {
	if err == nil {
		return ""
	}
	words := strings.FieldsFunc(Text(err.Error()), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	s := strings.Join(words, " ")
	if s == "" {
		return KindOf(err).String() // an empty reason would mean that nothing failed
	}
	if len(s) > maxReason {
		s = strings.ToValidUTF8(s[:maxReason], "") + "…"
	}
	return s
}

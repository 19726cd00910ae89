package sysdig

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxNesting is far above the five levels of a real answer and far below what costs memory.
const maxNesting = 32

var errNesting = fmt.Errorf("the JSON is nested more than %d levels deep", maxNesting)

// nestingReader ends with errNesting before a parser sees deeper nesting.
type nestingReader struct {
	r       io.Reader
	depth   int
	quoted  bool // within a string
	escaped bool // after a backslash within a string
}

func (n *nestingReader) Read(p []byte) (int, error) {
	count, err := n.r.Read(p)
	for i, b := range p[:count] {
		if n.quoted {
			switch {
			case n.escaped:
				n.escaped = false
			case b == '\\':
				n.escaped = true
			case b == '"':
				n.quoted = false
			}
			continue
		}
		switch b {
		case '"':
			n.quoted = true
		case '{', '[':
			if n.depth++; n.depth > maxNesting {
				return i, errNesting
			}
		case '}', ']':
			n.depth--
		}
	}
	return count, err
}

// damagedError is the cause of an error of an answer that something on the way may have damaged: the next one may be whole.
type damagedError struct{ text string }

func (d *damagedError) Error() string { return d.text }

func damaged(format string, args ...any) error { return &damagedError{fmt.Sprintf(format, args...)} }

// newDecoder returns a decoder of r after a look at its beginning, whatever its Content-Type.
func newDecoder(r io.Reader) (*json.Decoder, error) {
	b, err := begin(r)
	if err != nil {
		return nil, err
	}
	return json.NewDecoder(&nestingReader{r: b}), nil
}

// begin refuses what is no JSON by its beginning.
func begin(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	start, err := b.Peek(512)
	switch {
	case isHTML(start):
		return nil, errHTML
	case len(start) == 0 && err == io.EOF:
		return nil, damaged("the answer is empty")
	}
	return b, nil
}

// notJSON says in words what a decoder stumbled over.
func notJSON(err error) error {
	var syntax *json.SyntaxError
	var token *jsontext.SyntacticError
	switch {
	case errors.Is(err, errNesting), errors.Is(err, errTooLarge):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return damaged("the JSON ends in the middle")
	case errors.As(err, &syntax):
		return damaged("the answer is not JSON: %v", syntax)
	case errors.As(err, &token) && strings.Contains(token.Err.Error(), "max depth"): // which has no name of its own
		return errors.New("the JSON is nested too deep")
	case errors.As(err, &token):
		return damaged("the answer is not JSON: %v, at byte %d", token.Err, token.ByteOffset)
	}
	return err
}

// atEnd checks that nothing follows the value that was read.
func atEnd(dec *json.Decoder) error {
	_, err := dec.Token()
	switch {
	case err == io.EOF:
		return nil
	case err == nil:
		return damaged("something follows the JSON")
	}
	return notJSON(err)
}

// wirePage is how both lists tell where they go on.
type wirePage struct {
	Returned *int    `json:"returned"`
	Next     *string `json:"next"`
}

const maxCursor = 8 << 10 // bytes; what is longer does not fit into the URL of the next request

// next returns the cursor of the next page, empty after the last.
func (p *wirePage) next() (string, error) {
	if p == nil || p.Next == nil {
		return "", nil
	}
	if len(*p.Next) > maxCursor {
		return "", fmt.Errorf("its cursor has more than %d bytes", maxCursor)
	}
	return *p.Next, nil
}

// cursors follows a list and notices one that goes in circles or does not end.
type cursors struct {
	seen map[string]bool
	max  int
}

func (c *cursors) follow(next string) error {
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	if c.seen[next] {
		return errors.New("a page names a cursor that came before, so the list would never end")
	}
	c.seen[next] = true
	if len(c.seen) >= c.max {
		return fmt.Errorf("the list has more than %d pages", c.max)
	}
	return nil
}

package crowsnest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestErrorIsOneSentence(t *testing.T) {
	for want, e := range map[string]*Error{
		"open image: not found":                         {Kind: NotFound, Op: "open image"},
		"open image shop/web: not found":                {Kind: NotFound, Op: "open image", Subject: "shop/web"},
		"open image shop/web: unexpected EOF":           {Kind: Corrupt, Op: "open image", Subject: "shop/web", Err: io.ErrUnexpectedEOF},
		"open image x: unauthorized (log in)":           {Kind: Unauthorized, Op: "open image", Subject: "x", Hint: "log in"},
		"open image x: unexpected EOF (pull it again)":  {Kind: Corrupt, Op: "open image", Subject: "x", Hint: "pull it again", Err: io.ErrUnexpectedEOF},
		"analyse x: read layer: unexpected EOF (retry)": {Op: "analyse", Subject: "x", Hint: "retry", Err: &Error{Op: "read layer", Err: io.ErrUnexpectedEOF}},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestKindOfIsTheOutermost(t *testing.T) {
	inner := &Error{Kind: Corrupt, Op: "read"}
	outer := &Error{Kind: Unavailable, Op: "open", Err: fmt.Errorf("layer 3: %w", inner)}
	for name, c := range map[string]struct {
		err  error
		want Kind
	}{
		"nothing":         {nil, Internal},
		"not ours":        {io.EOF, Internal},
		"plain":           {inner, Corrupt},
		"wrapped":         {fmt.Errorf("a: %w", fmt.Errorf("b: %w", inner)), Corrupt},
		"two of ours":     {outer, Unavailable},
		"joined":          {errors.Join(io.EOF, inner), Corrupt},
		"wrapped outside": {fmt.Errorf("a: %w", outer), Unavailable},
	} {
		if got := KindOf(c.err); got != c.want {
			t.Errorf("%s: kind %s, want %s", name, got, c.want)
		}
	}
	if !errors.Is(outer, inner) {
		t.Error("the cause is not reachable")
	}
}

func TestInField(t *testing.T) {
	plain := &Error{Kind: Invalid, Op: "read", Err: io.EOF}
	var got *Error
	if err := InField("url", fmt.Errorf("a: %w", plain)); !errors.As(err, &got) || got.Field != "url" || !errors.Is(err, io.EOF) || plain.Field != "" {
		t.Errorf("got %#v of %#v", got, plain)
	}
	if InField("url", nil) != nil || InField("url", io.EOF) != io.EOF {
		t.Error("what is no Error was changed")
	}
}

func TestEveryKindHasAName(t *testing.T) {
	seen := map[string]bool{}
	for k := Internal; k <= Canceled; k++ {
		if name := k.String(); name == "" || strings.HasPrefix(name, "kind ") || seen[name] {
			t.Errorf("kind %d is called %q", uint8(k), name)
		}
		seen[k.String()] = true
	}
	if got := (Canceled + 1).String(); got != "kind 12" {
		t.Errorf("what is no kind is called %q", got)
	}
}

func TestReasonIsBoundedAndOnOneLine(t *testing.T) {
	if Reason(nil) != "" {
		t.Error("no error has a reason")
	}
	if got := Reason(&Error{Kind: NotFound, Op: "open image", Subject: "a\n\tb", Hint: "x\r\ny"}); got != "open image a b: not found (x y)" {
		t.Errorf("got %q", got)
	}
	for in, want := range map[string]string{
		"layer \x00 of \xff\xfe":     "layer \uFFFD of \uFFFD",
		"red \x1b[31m and\u0085next": "red [31m and next",
		"\x01\x02":                   "internal",
	} {
		if got := Reason(errors.New(in)); got != want {
			t.Errorf("the reason of %q is %q, want %q", in, got, want)
		}
	}
	// Cut in the middle of a character, wherever it lies.
	for i := range 4 {
		got := Reason(errors.New(strings.Repeat("x", i) + strings.Repeat("🚢", 400)))
		if !utf8.ValidString(got) || len(got) > 600+len("…") || !strings.HasSuffix(got, "🚢…") || strings.ContainsRune(got, utf8.RuneError) {
			t.Errorf("after %d bytes the cut is not clean: %d bytes, end %q", i, len(got), got[len(got)-8:])
		}
	}
	if whole := strings.Repeat("y", 600); Reason(errors.New(whole)) != whole {
		t.Error("a reason that fits is changed")
	}
}

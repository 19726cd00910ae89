package integration

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestOnlyYesDeletes(t *testing.T) {
	refused := errors.New("refused")
	for answer, want := range map[string]error{"y\n": nil, "Yes\n": nil, " YES ": nil, "n\n": refused, "\n": refused, "": refused, "yes please\n": refused} {
		var out bytes.Buffer
		err := confirmed(&out, strings.NewReader(answer), "prod\x1b[31m", func(string) error { return refused })
		if !errors.Is(err, want) || !strings.Contains(out.String(), "Delete integration prod") || strings.Contains(out.String(), "\x1b") {
			t.Errorf("%q: %v, asked %q", answer, err, out.String())
		}
	}
}

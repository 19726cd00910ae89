package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestOnlyYesDeletes(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "Yes\n": true, " YES ": true, "n\n": false, "\n": false, "": false, "yes please\n": false} {
		var out bytes.Buffer
		sure, err := confirmed(&out, strings.NewReader(answer), "Delete integration prod\x1b[31m?")
		if sure != want || err != nil || !strings.Contains(out.String(), "Delete integration prod") || strings.Contains(out.String(), "\x1b") {
			t.Errorf("%q: %v, %v, asked %q", answer, sure, err, out.String())
		}
	}
}

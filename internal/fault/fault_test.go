package fault

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

func TestANameIsBesideTheWords(t *testing.T) {
	err := fmt.Errorf("ask: %w", With(Timeout, io.EOF))
	if Of(err) != Timeout || !errors.Is(err, io.EOF) || err.Error() != "ask: EOF" {
		t.Errorf("got %q of %v", Of(err), err)
	}
	if Of(io.EOF) != "" || Of(nil) != "" || With("", io.EOF) != io.EOF || With(Timeout, nil) != nil {
		t.Error("what has no name was given one")
	}
	if got := Of(With(TLS, With(Timeout, io.EOF))); got != TLS {
		t.Errorf("of two names it is %q", got)
	}
}

// Programs rely on the names, and the dashboard has a sentence for each in every language.
func TestEveryFaultIsToldOf(t *testing.T) {
	for _, page := range []string{"../../docs/formats.md", "../../web/src/data/fault.ts", "../../web/src/i18n/en.json"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range Codes() {
			if !strings.Contains(string(text), "`"+string(c)+"`") && !strings.Contains(string(text), `"`+string(c)+`"`) {
				t.Errorf("%s says nothing of %s", page, c)
			}
		}
	}
}

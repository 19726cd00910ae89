package bounded

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestList(t *testing.T) {
	entries := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("{},", n), ",") + "]" }
	for text, want := range map[string]int{"null": 0, "[]": 0, entries(1): 1, entries(Max): Max} {
		var l List[struct{}]
		if err := json.Unmarshal([]byte(text), &l); err != nil || len(l) != want {
			t.Errorf("%.20s: %d entries, %v", text, len(l), err)
		}
	}
	for text, long := range map[string]bool{entries(Max + 1): true, `{}`: false, `"x"`: false, `[1]`: false} {
		var l List[struct{}]
		if err := json.Unmarshal([]byte(text), &l); err == nil || errors.Is(err, ErrLong) != long {
			t.Errorf("%.20s: %v", text, err)
		}
	}
}

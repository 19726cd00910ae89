package crowsnest

import "testing"

func TestComplianceWords(t *testing.T) {
	for c, word := range map[Compliance]string{NoData: "no-data", Compliant: "compliant", NonCompliant: "non-compliant", Compliance(7): "no-data"} {
		if c.String() != word {
			t.Errorf("%d is %q, want %q", uint8(c), c, word)
		}
		var back Compliance
		if err := back.UnmarshalText([]byte(word)); c <= NonCompliant && (err != nil || back != c) {
			t.Errorf("%q is read as %s, %v", word, back, err)
		}
	}
	c := NonCompliant
	if err := c.UnmarshalText([]byte("fine")); err == nil || KindOf(err) != Invalid || c != NonCompliant {
		t.Errorf("an unknown word gives %v and leaves %s", err, c)
	}
}

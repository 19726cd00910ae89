package report

import (
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/retention"
)

func TestAccessReports(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		write func(Printer)
		says  []string
	}{
		"tokens": {func(p Printer) {
			p.Tokens([]wire.Token{
				{ID: "1", Name: "ci\x1b[2J", Kind: "organisation", Scopes: []crowsnest.Scope{"read", "upload"}, LastUsed: at},
				{ID: "2", Name: "mine", Kind: "personal", Email: "a@example.com", Scopes: []crowsnest.Scope{"write"}, Expires: at, Secret: "crowsnest_secret"},
			})
		}, []string{"read,upload", "never", "2026-01-02", "the organisation", "a@example.com"}},
		"new token": {func(p Printer) {
			p.NewToken(wire.Token{Name: "ci\x1b[2J", Scopes: []crowsnest.Scope{"read"}, Secret: "crowsnest_shown"})
		}, []string{"shown only now", "\n    crowsnest_shown\n"}},
		"people": {func(p Printer) {
			p.People([]wire.Person{{Email: "a@example.com", Name: "A\x1b[2J", Role: crowsnest.Editor, Joined: at}})
		}, []string{"a@example.com", "editor", "2026-01-02", "never"}},
		"what would be removed": {func(p Printer) {
			p.RetentionPreview(retention.RetentionPreview{Retention: retention.Retention{Images: 90}, Removal: retention.Removal{Images: 12, Packages: 340, Bytes: 5 << 20}})
		}, []string{"90 days", "ever", "would be removed", "12", "340", "MB"}},
		"link": {func(p Printer) {
			p.OneTimeLink(wire.OneTimeLink{URL: "https://example.com/link#x", Expires: at}, "makes an owner")
		}, []string{"makes an owner", "once, until 2026-01-02 03:04:05 UTC", "\n    https://example.com/link#x\n"}},
	} {
		var out strings.Builder
		c.write(Printer{W: &out})
		for _, s := range c.says {
			if !strings.Contains(out.String(), s) {
				t.Errorf("%s: no %q in\n%s", name, s, out.String())
			}
		}
		if strings.Contains(out.String(), "\x1b") || strings.Contains(out.String(), "crowsnest_secret") {
			t.Errorf("%s: what must not reach a terminal is in\n%q", name, out.String())
		}
	}
}

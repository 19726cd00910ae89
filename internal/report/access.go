package report

import (
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func scopeWords(scopes []crowsnest.Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = Clean(string(s))
	}
	return strings.Join(words, ",")
}

// day writes a date, or what its absence means.
func day(t time.Time, never string) string {
	if t.IsZero() {
		return never
	}
	return t.Format(time.DateOnly)
}

// Tokens lists tokens.
func (p Printer) Tokens(tokens []wire.Token) {
	t := [][]string{{"ID", "NAME", "KIND", "SCOPES", "EXPIRES", "LAST USED", "OF"}}
	for _, v := range tokens {
		of := v.Email
		if of == "" {
			of = "the organisation"
		}
		t = append(t, []string{Clean(v.ID), Clean(v.Name), Clean(v.Kind), scopeWords(v.Scopes), day(v.Expires, "never"), day(v.LastUsed, "never"), Clean(of)})
	}
	p.Table(t)
}

// NewToken shows a token that was just made.
func (p Printer) NewToken(t wire.Token) {
	p.printf("Token %s for %s, shown only now:\n\n    %s\n", Clean(t.Name), scopeWords(t.Scopes), Clean(t.Secret))
}

// People lists people.
func (p Printer) People(people []wire.Person) {
	t := [][]string{{"EMAIL", "NAME", "ROLE", "JOINED", "LAST SEEN"}}
	for _, v := range people {
		t = append(t, []string{Clean(v.Email), Clean(v.Name), v.Role.String(), day(v.Joined, ""), day(v.LastSeen, "never")})
	}
	p.Table(t)
}

// OneTimeLink shows a link that was just made.
func (p Printer) OneTimeLink(l wire.OneTimeLink, does string) {
	p.printf("This link %s. It works once, until %s:\n\n    %s\n", does, l.Expires.Format(time.DateTime+" MST"), Clean(l.URL))
}

// Command web is the demo's shop, version 2.0: it greets in the language of the
// visitor whose preferences it is given as JSON.
package main

import (
	"os"

	"github.com/buger/jsonparser"
	"golang.org/x/text/language"
)

func main() {
	preferences := []byte(`{"language": "en"}`)
	if len(os.Args) > 1 {
		preferences = []byte(os.Args[1])
	}
	wanted, err := jsonparser.GetString(preferences, "language")
	if err != nil {
		os.Stderr.WriteString("web: " + err.Error() + "\n")
		os.Exit(1)
	}
	tag, _, _ := language.NewMatcher([]language.Tag{language.English, language.German}).Match(language.Make(wanted))
	if base, _ := tag.Base(); base.String() == "de" {
		os.Stdout.WriteString("Willkommen im Laden, Fassung 2.0\n")
		return
	}
	os.Stdout.WriteString("Welcome to the shop, version 2.0\n")
}

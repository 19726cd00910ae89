// Command worker is the demo's background worker: it prints the number of an
// order that it is given as JSON.
package main

import (
	"os"

	"github.com/tidwall/gjson"
)

func main() {
	order := `{"order": {"number": "0001"}}`
	if len(os.Args) > 1 {
		order = os.Args[1]
	}
	os.Stdout.WriteString("order " + gjson.Get(order, "order.number").String() + "\n")
}

// Command generate writes the OpenAPI document of the API to docs/openapi.json,
// where clients can be made from it without a running server.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/crowsnest-sec/crowsnest/internal/api"
)

func main() {
	if err := write("../../docs/openapi.json"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(path string) error {
	raw, err := api.OpenAPI("v1")
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	return os.WriteFile(path, out.Bytes(), 0o644)
}

// Command crowsnest knows what every image contains and what really runs where.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/crowsnest-sec/crowsnest/internal/report"
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot(os.Stdout, os.Stderr, os.Environ())
	err := root.ExecuteContext(ctx)
	var found exitCode
	switch {
	case err == nil:
	case errors.As(err, &found):
		os.Exit(int(found))
	default:
		fmt.Fprintln(os.Stderr, "crowsnest: "+report.Clean(err.Error()))
		os.Exit(1)
	}
}

// exitCode ends the program with a code and no message: the report has said it all.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// foundVulnerabilities is the code of --exit-code when findings are left after the filters.
const foundVulnerabilities exitCode = 2

// foundIncomplete is the code of --exit-code when nothing was found in an image of which parts
// could not be judged.
const foundIncomplete exitCode = 3

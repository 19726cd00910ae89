// Command crowsnest knows what every image contains and what really runs where.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego/worker"
	"github.com/crowsnest-sec/crowsnest/internal/report"
)

// version is set by the linker.
var version = "dev"

func main() {
	if len(os.Args) == 2 && os.Args[1] == worker.Argument {
		worker.Main()
		return
	}
	worker.Enable()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot(os.Stdout, os.Stderr, os.Environ())
	err := root.ExecuteContext(ctx)
	var found cli.ExitCode
	switch {
	case err == nil:
	case errors.As(err, &found):
		os.Exit(int(found))
	default:
		fmt.Fprintln(os.Stderr, "crowsnest: "+report.Clean(err.Error()))
		os.Exit(1)
	}
}

// Package integration holds the commands that connect what tells what runs, and name the registries it may run from.
package integration

import (
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/spf13/cobra"
)

// commands make the commands of this package.
type commands struct{ *cli.CLI }

// Commands returns the commands of this package.
func Commands(shared *cli.CLI) []*cobra.Command {
	c := commands{shared}
	return []*cobra.Command{c.integration(), c.registry()}
}

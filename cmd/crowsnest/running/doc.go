// Package running holds the commands about what runs where, now and in the past.
package running

import (
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/spf13/cobra"
)

// commands make the commands of this package.
type commands struct{ *cli.CLI }

// Commands returns the commands of this package.
func Commands(shared *cli.CLI) []*cobra.Command {
	c := commands{shared}
	return []*cobra.Command{c.environment(), c.exposure(), c.vex(), c.changes()}
}

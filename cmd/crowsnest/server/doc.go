// Package server holds the commands that run a server and repair one on its own machine.
package server

import (
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/spf13/cobra"
)

// commands make the commands of this package.
type commands struct{ *cli.CLI }

// Commands returns the commands of this package.
func Commands(shared *cli.CLI) []*cobra.Command {
	c := commands{shared}
	return []*cobra.Command{c.serve(), c.demo(), c.admin()}
}

// Package decide holds the commands about decisions: exceptions that people make, and documents in the sense of VEX.
package decide

import (
	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
)

// commands make the commands of this package.
type commands struct{ *cli.CLI }

// Commands returns the commands about exceptions.
func Commands(shared *cli.CLI) []*cobra.Command {
	c := commands{shared}
	cmd := cli.Group("exception", "Decide that a vulnerability does not count, for whom and until when")
	cmd.AddCommand(c.list(), c.add(), c.preview(), c.approve(), c.revoke(), c.settings())
	return []*cobra.Command{cmd}
}

// VEX returns the commands about documents, which stand below the group of that name.
func VEX(shared *cli.CLI) []*cobra.Command {
	c := commands{shared}
	return []*cobra.Command{c.vexImport(), c.vexList(), c.vexShow(), c.vexDelete()}
}

// Package images holds the commands about one image, and about two beside each other.
package images

import (
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/spf13/cobra"
)

// commands make the commands of this package.
type commands struct{ *cli.CLI }

// Commands returns the commands of this package.
func Commands(shared *cli.CLI) []*cobra.Command {
	c := commands{shared}
	return []*cobra.Command{c.sbom(), c.cves(), c.why(), c.quickview(), c.compare(), c.bases(), c.files(), c.attestation(), c.policy(), c.recommendations()}
}

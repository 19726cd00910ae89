package integration

import (
	"errors"

	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
)

func (c commands) integrationUpdate() *cobra.Command {
	var name string
	var given []string
	var empty, preview bool
	cmd := &cobra.Command{
		Use: "update [sysdig|registry] --name NAME --parameter NAME=VALUE …", Short: "Change an integration",
		Long: `Change an integration; what is not named stays. The other side is asked first; on an error nothing is saved.

Moved to another environment, what runs belongs there from now on, and what ran stays in the
history of the one before. Pointed at another cluster, what ran in the one before is closed, and what
runs in this one is known after its first sweep. Which images that takes out of an environment, and which
enter another, is shown before it is done; --preview only shows it, and Sysdig is not asked. Another region
or address needs the token too.`,
		Example: `  crowsnest integration update --name prod-eu --parameter environment=production-eu --parameter interval=10m
  crowsnest integration update --name prod-eu --parameter environment=production-eu --preview
  crowsnest integration update registry --name ghcr --parameter secret=@token.txt`,
		Args: kinds(sysdigKind, registryKind),
		RunE: func(cmd *cobra.Command, args []string) error {
			if of(args) == registryKind {
				if preview {
					return cli.Usage(cmd, errors.New("--preview tells of environments, and a registry feeds none"))
				}
				return c.changeRegistry(cmd, name, given)
			}
			values, err := input.GivenParameters(given, cmd.InOrStdin())
			if err != nil {
				return err
			}
			change := wire.IntegrationChange{AllowEmpty: empty}
			if change.Analyse, err = choice(values, "analyse"); err != nil {
				return err
			}
			for parameter, into := range map[string]**string{"region": &change.Region, "url": &change.URL, "token": &change.Token, "api-token": &change.APIToken, "ca": &change.CA,
				"cluster": &change.Cluster, "environment": &change.Environment, "interval": &change.Interval} {
				if value, ok := values[parameter]; ok {
					*into = &value
				}
			}
			if change.Environment != nil || change.Cluster != nil || change.Region != nil || change.URL != nil {
				impact, err := c.impact(cmd, name, change)
				if err != nil {
					return err
				}
				if preview {
					return c.Print(impact, func(p report.Printer) { writeMove(p.W, name, impact) })
				}
				writeMove(c.Err, name, impact)
			} else if preview {
				return cli.Usage(cmd, errors.New("--preview needs another environment or cluster; nothing else moves images"))
			}
			return c.changeIntegration(cmd, name, change)
		},
	}
	cmd.Flags().BoolVar(&preview, "preview", false, "only say what leaves one environment and enters another")
	cmd.Flags().StringVar(&name, "name", "", "name of the integration")
	cmd.Flags().StringArrayVar(&given, "parameter", nil, "NAME=VALUE, also several times: "+input.Names(input.Parameters))
	cmd.Flags().BoolVar(&empty, "allow-empty", false, "take another cluster although Sysdig tells of no container there")
	cmd.MarkFlagRequired("name")
	c.Formats(cmd)
	return cmd
}

// impact asks what a change of an integration moves.
func (c commands) impact(cmd *cobra.Command, name string, change wire.IntegrationChange) (none source.Impact, err error) {
	remote, err := c.NeedServer("change integration")
	if err != nil {
		return none, err
	}
	return cli.Asking(c, "asking "+remote.Host(), func() (source.Impact, error) { return remote.IntegrationImpact(cmd.Context(), name, change) })
}

func (c commands) integrationPause(pause bool) *cobra.Command {
	use, short := "pause", "Ask an integration for nothing; what was seen last stands, and what waits stays"
	if !pause {
		use, short = "resume", "Ask a paused integration again, from now on"
	}
	var name string
	cmd := &cobra.Command{
		Use: use + " [sysdig|registry] --name NAME", Short: short, Args: kinds(sysdigKind, registryKind),
		RunE: func(cmd *cobra.Command, args []string) error {
			if of(args) == registryKind {
				return c.sendRegistryChange(cmd, name, connected.RegistryIntegrationChange{Paused: &pause})
			}
			return c.changeIntegration(cmd, name, wire.IntegrationChange{Paused: &pause})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "name of the integration")
	cmd.MarkFlagRequired("name")
	c.Formats(cmd)
	return cmd
}

func (c commands) changeIntegration(cmd *cobra.Command, name string, change wire.IntegrationChange) error {
	remote, err := c.NeedServer("change integration")
	if err != nil {
		return err
	}
	in, err := remote.UpdateIntegration(cmd.Context(), name, change)
	if err != nil {
		return err
	}
	return c.Print(in, func(p report.Printer) { p.Integrations([]wire.Integration{in}) })
}

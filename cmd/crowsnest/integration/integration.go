package integration

import (
	"fmt"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
)

func (c commands) integration() *cobra.Command {
	cmd := cli.Group("integration", "Connect clusters to environments, and registries")
	cmd.AddCommand(c.integrationClusters(), c.integrationConfigure(), c.integrationList(), c.integrationUpdate(), c.integrationPause(true), c.integrationPause(false),
		c.integrationDelete(), c.integrationSync(), c.integrationHook())
	return cmd
}

func (c commands) integrationConfigure() *cobra.Command {
	var name string
	var given []string
	var empty bool
	help := "Connect a Sysdig cluster to an environment, or a registry whose images are analysed as they are\npushed. The other side is asked first; on an error nothing is saved.\n\nParameters of sysdig:\n" +
		input.Help(input.Parameters) + "\nParameters of registry:\n" + input.Help(input.RegistryParameters)
	cmd := &cobra.Command{
		Use: "configure sysdig|registry --name NAME --parameter NAME=VALUE …", Short: "Connect a cluster to an environment, or a registry", Long: help,
		Example: `  crowsnest integration configure sysdig --name prod-eu \
    --parameter region=eu1 --parameter token=@token.txt \
    --parameter cluster=prod-eu --parameter environment=production
  crowsnest integration configure registry --name ghcr \
    --parameter kind=ghcr --parameter namespace=acme \
    --parameter username=acme-bot --parameter secret=@token.txt --parameter "enable=acme/*"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cli.ExactArgs(1, "the kind of integration, sysdig or registry")(cmd, args); err != nil {
				return err
			}
			return kinds(sysdigKind, registryKind)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == registryKind {
				return c.connectRegistry(cmd, name, given)
			}
			values, err := input.NewParameters(given, cmd.InOrStdin())
			if err != nil {
				return err
			}
			analyse, err := choice(values, "analyse")
			if err != nil {
				return err
			}
			remote, err := c.NeedServer("configure integration")
			if err != nil {
				return err
			}
			p := c.Progress()
			defer p.End()
			p.Say("asking Sysdig")
			in, err := remote.CreateIntegration(cmd.Context(), wire.IntegrationRequest{
				Name: name, Kind: args[0], Region: values["region"], URL: values["url"], Token: values["token"], APIToken: values["api-token"], CA: values["ca"],
				Cluster: values["cluster"], Environment: values["environment"], Interval: values["interval"], Analyse: analyse != nil && *analyse, AllowEmpty: empty,
			})
			if err != nil {
				return err
			}
			p.Say("first sweep of %s", in.Cluster)
			found := in.Hint // by the test; a sweep knows less of it
			if in, err = remote.WaitFirstSweep(cmd.Context(), in.Name); err != nil {
				return err
			}
			if found != "" {
				in.Hint = found
			}
			p.End()
			return c.Print(in, func(p report.Printer) { p.Integrations([]wire.Integration{in}) })
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "name of the integration")
	cmd.Flags().StringArrayVar(&given, "parameter", nil, "NAME=VALUE; may be given several times")
	cmd.Flags().BoolVar(&empty, "allow-empty", false, "connect a cluster although Sysdig tells of no container there")
	cmd.MarkFlagRequired("name")
	c.Formats(cmd)
	return cmd
}

func (c commands) integrationList() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use: "list [sysdig|registry]", Short: "List integrations and how their sweeps go, or connected registries", Args: kinds(sysdigKind, registryKind),
		RunE: func(cmd *cobra.Command, args []string) error {
			if of(args) == registryKind {
				return c.listRegistries(cmd, name)
			}
			remote, err := c.NeedServer("list integrations")
			if err != nil {
				return err
			}
			all, err := cli.Asking(c, "asking "+remote.Host(), func() ([]wire.Integration, error) { return remote.Integrations(cmd.Context()) })
			if err != nil {
				return err
			}
			list := make([]wire.Integration, 0, len(all))
			for _, in := range all {
				if (len(args) == 0 || in.Kind == args[0]) && (name == "" || in.Name == name) {
					list = append(list, in)
				}
			}
			if len(list) == 0 && name != "" {
				return unlisted("integration", name, "crowsnest integration list")
			}
			return c.Print(list, func(p report.Printer) {
				if len(list) == 0 {
					fmt.Fprintln(p.W, "no cluster is connected; connect one with crowsnest integration configure sysdig")
					return
				}
				p.Integrations(list)
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "only this one")
	c.Formats(cmd)
	return cmd
}

func (c commands) integrationSync() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use: "sync [sysdig] --name NAME", Short: "Sweep now, and wait for the end", Args: kinds(sysdigKind),
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.NeedServer("sweep now")
			if err != nil {
				return err
			}
			p := c.Progress()
			defer p.End()
			p.Say("sweeping %s", name)
			in, err := remote.SyncIntegration(cmd.Context(), name)
			p.End()
			if err != nil {
				return err
			}
			complete := in.Reason == "" || !in.LastSweep.Before(in.LastEnd) // what was odd in a complete one is told beside it
			if err := c.Print(in, func(p report.Printer) {
				told := in
				if !complete {
					told.Reason = "" // the error says it
				}
				p.Integrations([]wire.Integration{told})
			}); err != nil {
				return err
			}
			if !complete {
				return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "sweep", Subject: in.Name, Err: fmt.Errorf("not complete, so the last complete sweep stands: %s", in.Reason)}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "name of the integration")
	cmd.MarkFlagRequired("name")
	c.Formats(cmd)
	return cmd
}

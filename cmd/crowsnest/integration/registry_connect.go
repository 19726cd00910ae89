package integration

import (
	"fmt"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
	"github.com/spf13/cobra"
)

func (c commands) connectRegistry(cmd *cobra.Command, name string, given []string) error {
	values, err := input.Given(input.RegistryParameters, given, cmd.InOrStdin())
	if err != nil {
		return err
	}
	remote, err := c.NeedServer("connect registry")
	if err != nil {
		return err
	}
	identity, err := choice(values, "identity")
	if err != nil {
		return err
	}
	kind := values["kind"]
	if kind == "" {
		kind = "oci"
	}
	in, err := cli.Asking(c, "asking the registry", func() (connected.RegistryIntegration, error) {
		return remote.ConnectRegistry(cmd.Context(), connected.RegistryIntegrationRequest{
			Name: name, Interval: values["interval"], Enable: input.List(values["enable"]),
			RegistryConnection: connected.RegistryConnection{
				Kind: kind, Host: values["host"], Namespace: values["namespace"], API: values["api"], Username: values["username"], Secret: values["secret"],
				CA: values["ca"], Identity: identity != nil && *identity,
				Repositories: input.List(values["repositories"]), Include: input.List(values["include"]), Exclude: input.List(values["exclude"]),
			},
		})
	})
	if err != nil {
		return err
	}
	if err := c.Print(in, func(p report.Printer) { p.ConnectedRegistries([]connected.RegistryIntegration{in}) }); err != nil {
		return err
	}
	if !c.Quiet && len(in.Enable) == 0 {
		fmt.Fprintf(c.Err, "nothing is analysed yet: choose repositories with crowsnest repo enable, and see them with crowsnest repo list --registry %s\n", name)
	}
	return nil
}

// choice reads a parameter that is true or false; nil if nothing was said.
func choice(values map[string]string, name string) (*bool, error) {
	switch v := values[name]; v {
	case "":
		return nil, nil
	case "true", "false":
		on := v == "true"
		return &on, nil
	default:
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --parameter", Subject: name, Hint: "write true or false"}
	}
}

func (c commands) changeRegistry(cmd *cobra.Command, name string, given []string) error {
	values, err := input.Given(input.RegistryParameters, given, cmd.InOrStdin())
	if err != nil {
		return err
	}
	for _, fixed := range []string{"kind", "host"} {
		if _, ok := values[fixed]; ok {
			return cli.Usage(cmd, fmt.Errorf("%s cannot be changed; connect another registry", fixed))
		}
	}
	var change connected.RegistryIntegrationChange
	if change.Identity, err = choice(values, "identity"); err != nil {
		return err
	}
	for parameter, into := range map[string]**string{"namespace": &change.Namespace, "api": &change.API, "username": &change.Username, "secret": &change.Secret, "ca": &change.CA, "interval": &change.Interval} {
		if value, ok := values[parameter]; ok {
			*into = &value
		}
	}
	for parameter, into := range map[string]**[]string{"repositories": &change.Repositories, "include": &change.Include, "exclude": &change.Exclude, "enable": &change.Enable} {
		if value, ok := values[parameter]; ok {
			list := append([]string{}, input.List(value)...) // the API takes no null for a list
			*into = &list
		}
	}
	return c.sendRegistryChange(cmd, name, change)
}

func (c commands) sendRegistryChange(cmd *cobra.Command, name string, change connected.RegistryIntegrationChange) error {
	remote, err := c.NeedServer("change registry")
	if err != nil {
		return err
	}
	in, err := cli.Asking(c, "asking the registry", func() (connected.RegistryIntegration, error) {
		return remote.ChangeRegistry(cmd.Context(), name, change)
	})
	if err != nil {
		return err
	}
	return c.Print(in, func(p report.Printer) { p.ConnectedRegistries([]connected.RegistryIntegration{in}) })
}

func (c commands) listRegistries(cmd *cobra.Command, name string) error {
	remote, err := c.NeedServer("list connected registries")
	if err != nil {
		return err
	}
	list, err := cli.Asking(c, "asking "+remote.Host(), func() ([]connected.RegistryIntegration, error) { return remote.ConnectedRegistries(cmd.Context()) })
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(in connected.RegistryIntegration) bool { return name != "" && in.Name != name })
	if len(list) == 0 && name != "" {
		return unlisted("registry", name, "crowsnest integration list registry")
	}
	return c.Print(list, func(p report.Printer) {
		if len(list) == 0 {
			fmt.Fprintln(p.W, "no registry is connected; connect one with crowsnest integration configure registry")
			return
		}
		p.ConnectedRegistries(list)
	})
}

// previewDisconnection says what goes if a registry were disconnected.
func (c commands) previewDisconnection(cmd *cobra.Command, name string) error {
	remote, err := c.NeedServer("disconnect registry")
	if err != nil {
		return err
	}
	impact, err := cli.Asking(c, "asking "+remote.Host(), func() (connected.RegistryImpact, error) { return remote.RegistryImpact(cmd.Context(), name) })
	if err != nil {
		return err
	}
	return c.Print(impact, func(p report.Printer) { p.RegistryImpact(name, impact) })
}

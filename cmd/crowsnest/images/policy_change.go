package images

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
	"github.com/spf13/cobra"
)

// instance is what the flags say of a policy.
type instance struct {
	name, description          string
	parameters                 []string
	repositories, environments []string
	weight                     int
	disabled                   bool
	file, config               string // of a policy in Rego
}

func (i *instance) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&i.description, "description", "", "what it is for (default that of its type)")
	cmd.Flags().StringArrayVar(&i.parameters, "parameter", nil, "NAME=VALUE, a list with commas; crowsnest policy types lists them; may be given several times")
	cmd.Flags().StringSliceVar(&i.repositories, "repository", nil, `repositories it holds for, such as "shop/*"; without one all`)
	cmd.Flags().StringSliceVar(&i.environments, "env", nil, "environments it holds in; without one wherever an image is")
	cmd.Flags().StringVar(&i.file, "policy-file", "", "of a policy in Rego: the file with its text")
	cmd.Flags().StringVar(&i.config, "config", "", "of a policy in Rego: what it is configured with, a JSON object")
	cmd.Flags().IntVar(&i.weight, "weight", 0, "what it counts in the score, 0 for nothing (default that of its type)")
}

// readParameters reads NAME=VALUE of a type over the parameters there are.
func (i instance) readParameters(typ string, held json.RawMessage) (json.RawMessage, error) {
	given := i.parameters
	t, err := policy.Find(typ)
	if err != nil {
		return nil, err
	}
	if typ == policy.Custom {
		return i.readText(held)
	}
	if i.file != "" || i.config != "" {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --policy-file and --config", Subject: typ, Hint: "they are of the type " + policy.Custom}
	}
	var known, values map[string]any
	if err := json.Unmarshal(t.Default().Parameters(), &known); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(held, &values); err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Corrupt, Op: "read parameters of policy", Err: err}
	}
	for _, g := range given {
		name, value, ok := strings.Cut(g, "=")
		like, has := known[name]
		if !ok || !has {
			hint := "the type " + typ + " has none"
			if len(known) > 0 {
				hint = "write it as NAME=VALUE with one of " + strings.Join(slices.Sorted(maps.Keys(known)), ", ")
			}
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --parameter", Subject: name, Hint: hint}
		}
		if values[name], err = parameterValue(like, value); err != nil {
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --parameter", Subject: name, Hint: err.Error()}
		}
	}
	return json.Marshal(values)
}

// readText reads what a policy in Rego consists of over what there is.
func (i instance) readText(held json.RawMessage) (json.RawMessage, error) {
	if len(i.parameters) > 0 {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --parameter", Hint: "give the text of a policy in Rego with --policy-file, and what it is configured with as --config"}
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(held, &values); err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Corrupt, Op: "read parameters of policy", Err: err}
	}
	if i.file != "" {
		source, err := bundle.File(i.file)
		if err != nil {
			return nil, err
		}
		if values["source"], err = json.Marshal(source.Files[0].Text); err != nil {
			return nil, err
		}
	}
	if i.config != "" {
		if !json.Valid([]byte(i.config)) {
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --config", Hint: "write a JSON object"}
		}
		values["config"] = json.RawMessage(i.config)
	}
	return json.Marshal(values)
}

// parameterValue reads a value of the kind of another one.
func parameterValue(like any, text string) (any, error) {
	switch like.(type) {
	case bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("write true or false")
		}
		return v, nil
	case float64:
		v, err := strconv.Atoi(text)
		if err != nil {
			return nil, errors.New("write a number")
		}
		return v, nil
	}
	list := []string{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list, nil
}

func (c commands) policyCreate() *cobra.Command {
	var i instance
	var typ string
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Make a policy", Args: cli.ExactArgs(1, "a name for the policy"),
		Example: `  crowsnest policy create "No critical in production" --type in-use-vulnerabilities --parameter severities=critical --env production
  crowsnest policy create "No curl" --type rego --policy-file no-curl.rego
  crowsnest policy create "Our bases" --type approved-base-image --parameter "patterns=registry.example.com/base/*" --repository "shop/*"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("make policies")
			if err != nil {
				return err
			}
			t, err := policy.Find(typ)
			if err != nil {
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --type", Subject: typ, Hint: "crowsnest policy types lists them"}
			}
			enabled := !i.disabled
			request := compliance.PolicyRequest{Name: args[0], Description: i.description, Type: typ, Repositories: i.repositories, Environments: i.environments, Enabled: &enabled}
			if request.Parameters, err = i.readParameters(typ, t.Default().Parameters()); err != nil {
				return err
			}
			if cmd.Flags().Changed("weight") {
				request.Weight = &i.weight
			}
			p, err := cli.Asking(c, "asking "+remote.Host(), func() (compliance.Policy, error) { return remote.CreatePolicy(cmd.Context(), request) })
			return c.changedPolicy(p, "made", err)
		},
	}
	i.flags(cmd)
	cmd.Flags().StringVar(&typ, "type", "", "what it asks; crowsnest policy types lists them")
	cmd.Flags().BoolVar(&i.disabled, "disabled", false, "do not ask it yet")
	cmd.MarkFlagRequired("type")
	c.Formats(cmd)
	return cmd
}

func (c commands) policyChange() *cobra.Command {
	var i instance
	cmd := &cobra.Command{
		Use: "change POLICY", Short: "Change a policy", Args: cli.ExactArgs(1, "the name of a policy"),
		Long:    "Change of a policy what is given. An empty --repository or --env makes it hold everywhere.",
		Example: `  crowsnest policy change "No AGPL v3 licences" --parameter licences=AGPL-3.0-only,SSPL-1.0`,
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("change policies")
			if err != nil {
				return err
			}
			p, err := cli.Asking(c, "asking "+remote.Host(), func() (compliance.Policy, error) {
				var change compliance.PolicyChange
				if len(i.parameters) > 0 || i.file != "" || i.config != "" {
					held, err := remote.Policy(cmd.Context(), args[0])
					if err != nil {
						return held, err
					}
					if change.Parameters, err = i.readParameters(held.Type, held.Parameters); err != nil {
						return held, err
					}
				}
				for name, set := range map[string]func(){
					"name": func() { change.Name = &i.name }, "description": func() { change.Description = &i.description }, "weight": func() { change.Weight = &i.weight },
					"repository": func() { change.Repositories = listed(i.repositories) }, "env": func() { change.Environments = listed(i.environments) },
				} {
					if cmd.Flags().Changed(name) {
						set()
					}
				}
				return remote.ChangePolicy(cmd.Context(), args[0], change)
			})
			return c.changedPolicy(p, "changed", err)
		},
	}
	i.flags(cmd)
	cmd.Flags().StringVar(&i.name, "name", "", "its new name")
	c.Formats(cmd)
	return cmd
}

// listed is a list as a change has it; the API takes no null for an empty one.
func listed(list []string) *[]string {
	out := slices.DeleteFunc(append([]string{}, list...), func(s string) bool { return s == "" })
	return &out
}

func (c commands) policyEnable(enable bool) *cobra.Command {
	use, short, did := "enable", "Ask a policy about images again", "enabled"
	if !enable {
		use, short, did = "disable", "Ask a policy no more; its history stays, hidden until it is enabled again", "disabled"
	}
	cmd := &cobra.Command{
		Use: use + " POLICY", Short: short, Args: cli.ExactArgs(1, "the name of a policy"),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer(use + " policies")
			if err != nil {
				return err
			}
			p, err := cli.Asking(c, "asking "+remote.Host(), func() (compliance.Policy, error) {
				return remote.ChangePolicy(cmd.Context(), args[0], compliance.PolicyChange{Enabled: &enable})
			})
			return c.changedPolicy(p, did, err)
		},
	}
	c.Formats(cmd)
	return cmd
}

func (c commands) changedPolicy(p compliance.Policy, did string, err error) error {
	if err != nil {
		return err
	}
	return c.Print(p, func(out report.Printer) { fmt.Fprintf(out.W, "policy %s %s\n", report.Clean(p.Name), did) })
}

func (c commands) policyDelete() *cobra.Command {
	return &cobra.Command{
		Use: "delete POLICY", Short: "Delete a policy with its history", Args: cli.ExactArgs(1, "the name of a policy"),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("delete policies")
			if err != nil {
				return err
			}
			_, err = cli.Asking(c, "asking "+remote.Host(), func() (struct{}, error) { return struct{}{}, remote.DeletePolicy(cmd.Context(), args[0]) })
			if err != nil {
				return err
			}
			fmt.Fprintf(c.Err, "deleted policy %s\n", report.Clean(args[0]))
			return nil
		},
	}
}

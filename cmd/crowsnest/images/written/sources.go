// Package written holds what the command line says of policies in Rego: where they come from, and the commands that publish and test them.
package written

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// Sources says where policies come from that are asked in place of those that are kept.
type Sources struct {
	files, folders, bundles []string
	config                  string

	Only   []string // the policies of these names alone
	Result string   // file for all that they say
}

func (s *Sources) textFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.files, "policy-file", nil, "ask the policy in this file or at this URL, written in Rego; may be given several times")
	cmd.Flags().StringArrayVar(&s.folders, "policy-dir", nil, "ask the policies in this folder and those below it; may be given several times")
}

// Flags adds the flags.
func (s *Sources) Flags(cmd *cobra.Command) {
	s.textFlags(cmd)
	cmd.Flags().StringArrayVar(&s.bundles, "policy-bundle", nil, "ask the policies in this bundle of a registry; may be given several times")
	cmd.Flags().StringVar(&s.config, "policy-config", "", "JSON file or URL that says which policies are asked, with what weight, and configures them")
	cmd.Flags().StringArrayVar(&s.Only, "only-policy", nil, "only the policy of this name; may be given several times")
}

// Given reports whether some are named or configured.
func (s *Sources) Given() bool {
	return len(s.files)+len(s.folders)+len(s.bundles) > 0 || s.config != ""
}

// read reads what the flags name, in their order; the texts alone if there is to be no bundle.
func (s *Sources) read(ctx context.Context, c *cli.CLI) ([]bundle.Source, error) {
	var out []bundle.Source
	for _, name := range s.bundles {
		settings, err := c.Settings()
		if err != nil {
			return nil, err
		}
		source, err := cli.Asking(c, "reading policies from "+name, func() (bundle.Source, error) {
			source, _, err := bundle.Registry{Cache: filepath.Join(settings.Cache, "policies")}.Pull(ctx, name)
			return source, err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, source)
	}
	for _, name := range s.folders {
		source, err := bundle.Folder(name)
		if err != nil {
			return nil, err
		}
		out = append(out, source)
	}
	for _, name := range s.files {
		source, err := file(ctx, c, name)
		if err != nil {
			return nil, err
		}
		out = append(out, source)
	}
	return out, nil
}

// file reads a policy from a file or a URL.
func file(ctx context.Context, c *cli.CLI, name string) (bundle.Source, error) {
	if !bundle.IsURL(name) {
		return bundle.File(name)
	}
	text, err := cli.Asking(c, "reading "+bundle.Shown(name), func() ([]byte, error) { return app.Download(ctx, "read policy", name, policy.MaxSource) })
	return bundle.Fetched(name, text), err
}

// configuration reads how policies are configured, from a file or a URL.
func configuration(ctx context.Context, c *cli.CLI, name string) (bundle.Config, error) {
	if !bundle.IsURL(name) {
		return bundle.ReadConfig(name)
	}
	shown := bundle.Shown(name)
	text, err := cli.Asking(c, "reading "+shown, func() ([]byte, error) {
		return app.Download(ctx, "read configuration of policies", name, bundle.MaxConfig)
	})
	if err != nil {
		return bundle.Config{}, err
	}
	return bundle.ParseConfig(shown, text)
}

// Request makes what is asked of the policies that the flags name. Where they name none, but configure some, these are the built-in ones.
func (s *Sources) Request(ctx context.Context, c *cli.CLI) (compliance.TrialRequest, error) {
	var out compliance.TrialRequest
	sources, err := s.read(ctx, c)
	if err != nil {
		return out, err
	}
	if len(sources) == 0 {
		sources = []bundle.Source{{Name: "built-in", BuiltIn: bundle.BuiltIns()}}
	}
	var list []bundle.Policy
	for _, source := range sources {
		policies, err := source.Policies()
		if err != nil {
			return out, err
		}
		list = append(list, policies...)
	}
	if s.config != "" {
		config, err := configuration(ctx, c, s.config)
		if err != nil {
			return out, err
		}
		var unknown []string
		if list, unknown, err = config.Apply(list); err != nil {
			return out, err
		}
		for _, name := range unknown {
			fmt.Fprintf(c.Err, "! %s says something of the policy %s, which is not among those that are asked\n", report.Clean(bundle.Shown(s.config)), report.Clean(name))
		}
		out.Print = config.Debug
	}
	if list, err = chosen(list, s.Only); err != nil {
		return out, err
	}
	out.Raw = s.Result != ""
	groups := make(map[string]int)
	for _, p := range list {
		t := compliance.TrialPolicy{Name: p.Title, Type: p.Type, Parameters: p.Parameters, Weight: &p.Weight}
		if p.Type == policy.Custom && len(p.Libraries) > 0 {
			key := p.Libraries[0].Name + p.From
			if _, ok := groups[key]; !ok {
				groups[key] = len(out.Libraries)
				var group []compliance.File
				for _, f := range p.Libraries {
					group = append(group, compliance.File(f))
				}
				out.Libraries = append(out.Libraries, group)
			}
			n := groups[key]
			t.Libraries = &n
		}
		out.Policies = append(out.Policies, t)
	}
	switch {
	case len(out.Policies) == 0:
		return out, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "choose policies", Hint: "enable one in " + bundle.Shown(s.config), Err: errors.New("none is left to be asked")}
	case len(out.Policies) > compliance.MaxTrials:
		return out, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "choose policies", Hint: "ask some of them with --only-policy", Err: fmt.Errorf("there are %d, and the most are %d", len(out.Policies), compliance.MaxTrials)}
	}
	return out, nil
}

// chosen leaves out all policies but those that are named, by their title or by the name that they are configured by.
func chosen(list []bundle.Policy, names []string) ([]bundle.Policy, error) {
	if len(names) == 0 {
		return list, nil
	}
	var out []bundle.Policy
	for _, name := range names {
		found := false
		for _, p := range list {
			if p.Title == name || p.Name == name {
				out, found = append(out, p), true
			}
		}
		if !found {
			var known []string
			for _, p := range list {
				known = append(known, p.Title)
			}
			return nil, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find policy", Subject: name, Hint: "those that are asked are: " + strings.Join(known, "; ")}
		}
	}
	return out, nil
}

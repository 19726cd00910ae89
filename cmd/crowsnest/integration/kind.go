package integration

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
)

// The kinds of integrations, as commands call clusters and registries.
const (
	sysdigKind   = "sysdig"
	registryKind = "registry"
)

// kinds takes one of some kinds, or none, as the argument of a command. Another word is refused: taken for either kind, a mistyped
// registry would delete the cluster of its name.
func kinds(known ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cli.AtMost(1)(cmd, args); err != nil || len(args) == 0 || slices.Contains(known, args[0]) {
			return err
		}
		hint := "the only kind it takes is " + known[0]
		if len(known) > 1 {
			hint = "the kinds are " + strings.Join(known, " and ")
		}
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: cmd.Name() + " integration of kind", Subject: args[0], Hint: hint}
	}
}

// of returns the kind of integration that arguments name, or nothing.
func of(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// unlisted is the error of a name that a list does not have.
func unlisted(what, name, where string) error {
	return &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find " + what, Subject: name, Hint: where + " lists what there is"}
}

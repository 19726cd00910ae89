package images

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c commands) attestation() *cobra.Command {
	cmd := cli.Group("attestation", "Show what was attested of an image: bills of materials, provenance, VEX")
	cmd.Aliases = []string{"attest"}
	cmd.AddCommand(c.attestationList(), c.attestationGet(), c.attestationDiff())
	return cmd
}

const unverified = "No signature is verified: an attestation says what whoever may write to the repository wants it to say."

func (c commands) attestationList() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "list IMAGE",
		Short: "List the attestations of an image",
		Long: `List the attestations of an image: those BuildKit puts into its index, and what refers to it. With
a server the image of a registry is analysed there, and its attestations with it.

` + unverified + "\n\n" + cli.KnownSources,
		Args: cli.ExactArgs(1, "an image"),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := c.readAttestations(cmd.Context(), args[0], t)
			if err != nil {
				return err
			}
			return c.Print(list.Attestations, func(p report.Printer) { p.Attestations(list.Attestations) })
		},
	}
	t.flags(cmd)
	c.Formats(cmd)
	return cmd
}

func (c commands) attestationGet() *cobra.Command {
	var t target
	var predicateType, digest string
	var predicate bool
	cmd := &cobra.Command{
		Use:   "get IMAGE",
		Short: "Write one attestation of an image",
		Long: `Write the statement of one attestation of an image as it is. --format json writes what is known of
the attestation around it.

` + unverified,
		Example: `  crowsnest attestation get registry.example.com/shop/web:1.3 --predicate-type provenance
  crowsnest attestation get registry.example.com/shop/web:1.3 --predicate-type https://spdx.dev/Document --predicate -o web.spdx.json`,
		Args: cli.ExactArgs(1, "an image"),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := c.readAttestations(cmd.Context(), args[0], t)
			if err != nil {
				return err
			}
			found := list.choose(predicateType)
			if digest != "" {
				found = slices.DeleteFunc(found, func(a crowsnest.Attestation) bool { return !a.Digest.HasPrefix(digest) })
			}
			switch {
			case len(found) == 0:
				return list.missing("an attestation with that type")
			case len(found) > 1:
				return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "choose attestation of", Subject: args[0], Hint: "choose with --predicate-type or --digest; crowsnest attestation list lists them", Err: fmt.Errorf("there are %d", len(found))}
			}
			statement, err := list.statement(cmd.Context(), found[0])
			if err != nil {
				return err
			}
			if predicate {
				if statement, err = predicateOf(statement); err != nil {
					return err
				}
			}
			if c.Format == "json" {
				return c.Print(wire.Attested{Attestation: found[0], Statement: statement}, nil)
			}
			return c.Write(func(w io.Writer, _ bool) error {
				_, err := w.Write(append(statement, '\n'))
				return err
			})
		},
	}
	t.flags(cmd)
	c.Formats(cmd)
	cmd.Flags().StringVar(&predicateType, "predicate-type", "", "type of the predicate, or the beginning of one; or sbom, provenance, vex or other")
	cmd.Flags().StringVar(&digest, "digest", "", "digest of the attestation, or the beginning of one, as list shows it")
	cmd.Flags().BoolVar(&predicate, "predicate", false, "write only what the statement states, without of what")
	return cmd
}

// predicateOf returns the predicate of a statement; a bare document is its own.
func predicateOf(statement []byte) ([]byte, error) {
	var s struct {
		Predicate json.RawMessage `json:"predicate"`
	}
	if err := json.Unmarshal(statement, &s); err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Corrupt, Op: "read statement", Err: errors.New("it is not the JSON it should be")}
	}
	if s.Predicate == nil {
		return statement, nil
	}
	return s.Predicate, nil
}

func (c commands) attestationDiff() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "diff IMAGE",
		Short: "Compare an attested bill of materials with an analysis of the image",
		Long: `List the packages that only the attested bill of materials of an image has, and those that only an
analysis of the image finds. Packages are the same by type, name and version.

` + unverified,
		Args: cli.ExactArgs(1, "an image"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			list, err := c.readAttestations(ctx, args[0], t)
			if err != nil {
				return err
			}
			attested, err := list.sbom(ctx)
			if err != nil {
				return err
			}
			a, err := c.analyse(ctx, args[0], t)
			if err != nil {
				return err
			}
			defer a.close()
			own, err := a.sbom(ctx)
			if err != nil {
				return err
			}
			diff := wire.NewAttestationDifferences(own, attested)
			return c.Print(diff, func(p report.Printer) { p.AttestationDifferences(diff) })
		},
	}
	t.flags(cmd)
	c.Formats(cmd)
	return cmd
}

package decide

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/vex"
	"github.com/crowsnest-sec/crowsnest/internal/wire/verdict"
)

func (c commands) vexImport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Import VEX documents: OpenVEX, CycloneDX with analyses, or CSAF",
		Long: `Import VEX documents into the organisation: OpenVEX, CycloneDX with analyses, or CSAF, as JSON. A document takes the place of one of the
same author and identifier. What it states suppresses findings once an owner trusts its author; see
crowsnest exception settings, and crowsnest vex show for what became of each statement.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cli.Usage(cmd, errors.New("it takes files with documents"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("import VEX")
			if err != nil {
				return err
			}
			list := []verdict.VEXDocument{}
			for _, path := range args {
				raw, err := read(path)
				if err != nil {
					return err
				}
				d, err := cli.Asking(c, "importing "+path, func() (verdict.VEXDocument, error) { return remote.ImportVEX(cmd.Context(), filepath.Base(path), raw) })
				if err != nil {
					return err
				}
				list = append(list, d)
			}
			return c.Print(list, func(p report.Printer) { writeVEXDocuments(p, list) })
		},
	}
	c.Formats(cmd)
	return cmd
}

// read reads a file that is not larger than a document may be.
func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "read VEX document", Subject: path, Err: errors.Unwrap(err)}
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, vex.MaxSize+1))
	if err == nil && len(raw) > vex.MaxSize {
		err = &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read VEX document", Subject: path, Hint: "documents of at most 16 MB are taken"}
	}
	return raw, err
}

func (c commands) vexList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List VEX documents, imported and attested, and whether their authors are trusted", Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			remote, err := c.NeedServer("list VEX documents")
			if err != nil {
				return err
			}
			list, err := cli.Asking(c, "asking "+remote.Host(), func() ([]verdict.VEXDocument, error) { return remote.VEXDocuments(cmd.Context()) })
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { writeVEXDocuments(p, list) })
		},
	}
	c.Formats(cmd)
	return cmd
}

func (c commands) vexShow() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show what became of each statement of a VEX document, and why", Args: cli.ExactArgs(1, "the ID of a document"),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("show a VEX document")
			if err != nil {
				return err
			}
			list, err := cli.Asking(c, "asking "+remote.Host(), func() ([]verdict.VEXStatement, error) { return remote.VEXStatements(cmd.Context(), args[0]) })
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) { writeVEXStatements(p, list) })
		},
	}
	c.Formats(cmd)
	return cmd
}

func (c commands) vexDelete() *cobra.Command {
	return &cobra.Command{
		Use: "delete ID", Short: "Delete a VEX document, and what it suppresses counts again", Args: cli.ExactArgs(1, "the ID of a document"),
		RunE: func(cmd *cobra.Command, args []string) error {
			remote, err := c.NeedServer("delete a VEX document")
			if err != nil {
				return err
			}
			return remote.DeleteVEX(cmd.Context(), args[0])
		},
	}
}

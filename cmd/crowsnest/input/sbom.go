package input

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// SchemeSBOM is the source that is no image but somebody's list of what is in one.
const SchemeSBOM = "sbom"

// SBOM reads a bill of materials from a file, or from standard input if that is -.
func SBOM(file string, stdin io.Reader) (wire.SBOM, error) {
	in, name := stdin, "standard input"
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return wire.SBOM{}, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "read bill of materials", Subject: file, Hint: "check the path; sbom://- reads standard input", Err: errors.Unwrap(err)}
		}
		defer f.Close()
		in, name = f, filepath.Base(file)
	}
	sbom, err := export.ReadSBOM(in, name)
	var e *crowsnest.Error
	if errors.As(err, &e) && e.Subject == "" {
		named := *e
		named.Subject = file
		err = &named
	}
	return sbom, err
}

package images

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/images/written"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/output"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// asking gives an image the policies that are asked in place of those that are kept.
func (a analysed) asking(request compliance.TrialRequest) analysed {
	try := a.try
	if try == nil {
		a.policies = nil
		return a
	}
	a.policies = func(ctx context.Context) (compliance.ImagePolicies, error) {
		t, err := try(ctx, request)
		return t.ImagePolicies, err
	}
	a.apart = true
	return a
}

// tried asks the policies that the flags name about an image, shows what they print, and writes all that they say to the file of --result-file.
func (c commands) tried(ctx context.Context, a analysed, s written.Sources, request compliance.TrialRequest) (compliance.ImagePolicies, error) {
	t, err := a.try(ctx, request)
	if err != nil {
		return t.ImagePolicies, err
	}
	for _, o := range t.Outcomes {
		for _, line := range o.Printed {
			fmt.Fprintln(c.Err, report.Clean(line))
		}
	}
	if s.Result == "" {
		return t.ImagePolicies, nil
	}
	all := make(map[string]json.RawMessage)
	for _, o := range t.Outcomes {
		key := o.Name
		for n := 2; all[key] != nil; n++ { // policies need not be called differently
			key = fmt.Sprintf("%s#%d", o.Name, n)
		}
		all[key] = o.Raw
	}
	return t.ImagePolicies, output.ToFile(s.Result, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(all)
	})
}

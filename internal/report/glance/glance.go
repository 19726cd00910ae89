// Package glance writes what base images and policies say of an image at a glance, below its counts.
package glance

import (
	"fmt"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// View is what crowsnest quickview prints. Its fields are a contract.
type View struct {
	wire.Image
	Bases    *Bases                    `json:"bases,omitempty"`    // nil if no base is known
	Policies *compliance.ImagePolicies `json:"policies,omitempty"` // nil if none can be asked
}

// Of leaves out what breaks policies, of which crowsnest policy tells; how much that is stays.
func Of(r compliance.ImagePolicies) compliance.ImagePolicies {
	r.Policies = wire.Each(r.Policies, func(p compliance.ImagePolicy) compliance.ImagePolicy {
		p.Violations = []crowsnest.Violation{}
		return p
	})
	return r
}

// Policies writes the verdict, the health score and a line for each policy.
func Policies(p report.Printer, v View) {
	r := v.Policies
	if r == nil {
		fmt.Fprintf(p.W, "\nPolicies cannot be asked about it; see crowsnest policy --help\n")
		return
	}
	if len(r.Policies) == 0 {
		return
	}
	fmt.Fprintln(p.W)
	p.PolicyVerdict(*r)
	fmt.Fprintln(p.W)
	rows := [][]string{{"", "POLICY", "RESULT"}}
	for _, policy := range r.Policies {
		rows = append(rows, []string{p.Compliance(policy.Status), report.Clean(policy.Title(r.Environment)), report.Clean(policy.Reason)})
	}
	p.Table(rows)
}

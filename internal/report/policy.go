package report

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// shownViolations is how many violations of a policy are written, unless all are wanted.
const shownViolations = 5

// Compliance is how a status is told at a glance.
func (p Printer) Compliance(c crowsnest.Compliance) string {
	switch c {
	case crowsnest.Compliant:
		return p.paint(green, "✓")
	case crowsnest.NonCompliant:
		return p.paint(red, "!")
	}
	return p.paint(yellow, "?")
}

// ImagePolicies writes what policies say of an image: of each that is not met the first violations, or all of them.
func (p Printer) ImagePolicies(r compliance.ImagePolicies, all bool) {
	p.printf("%s  %s  %s\n", p.paint(bold, Clean(r.Image.Name)), short(r.Image.Digest), p.paint(dim, Clean(r.Image.Platform)))
	if r.Environment != "" {
		p.printf("as it runs in %s\n", Clean(r.Environment))
	}
	p.printf("\n")
	for _, policy := range r.Policies {
		var columns []string
		if w := policy.Written; w != nil {
			columns = w.Columns
		}
		p.printf("%s %s  %s\n", p.Compliance(policy.Status), Clean(policy.Title(r.Environment)), p.paint(dim, Clean(policy.Reason)))
		p.violations(policy.Violations, policy.ViolationCount, columns, all)
	}
	p.printf("\n")
	p.PolicyVerdict(r)
}

// PolicyVerdict writes the health score of an image, and how many policies it meets.
func (p Printer) PolicyVerdict(r compliance.ImagePolicies) {
	if s := r.Score; s != nil {
		p.printf("Health score %s, %d%%: %d of %d points of %s\n", p.paint(bold, Clean(s.Grade)), s.Percent, s.Got, s.Of, Count(s.Policies, "policy", "policies"))
	}
	verdict := p.paint(green, "PASSED")
	switch {
	case r.NotMet > 0:
		verdict = p.paint(red, "FAILED")
	case r.NoData > 0:
		verdict = p.paint(yellow, "NOT KNOWN")
	}
	p.printf("Policies %s: %d of %d met", verdict, r.Met, len(r.Policies))
	if r.NoData > 0 {
		p.printf(", %d without data", r.NoData)
	}
	p.printf("\n")
}

// violations writes violations of which there are n, with what would mend each, and with the columns of a policy in Rego.
func (p Printer) violations(list []crowsnest.Violation, n int, columns []string, all bool) {
	shown := list
	if !all {
		shown = list[:min(len(list), shownViolations)]
	}
	for _, v := range shown {
		severity := ""
		if v.Vulnerability != "" {
			severity = p.severity(v.Severity, strings.ToUpper(v.Severity.String())) + " "
		}
		p.printf("    %s%s\n", severity, Clean(v.Message))
		for _, c := range columns {
			if text := v.Detail[c]; text != "" && !strings.Contains(v.Message, text) {
				p.printf("      %s %s\n", p.paint(dim, Clean(c)+":"), Clean(text))
			}
		}
		if v.Remedy != "" {
			p.printf("      %s %s\n", p.paint(dim, "→"), Clean(v.Remedy))
		}
	}
	if more := n - len(shown); more > 0 {
		how := ""
		if !all && len(list) > len(shown) {
			how = "; --all writes them"
		}
		p.printf("    %s\n", p.paint(dim, fmt.Sprintf("and %d more%s", more, how)))
	}
}

// Policies writes policies with their rates.
func (p Printer) Policies(list compliance.PolicyList) {
	head := []string{"", "POLICY", "MET", "NOT MET", "NO DATA", "VIOLATIONS", "HOLDS FOR"}
	if !list.Since.IsZero() {
		head = append(head, "SINCE "+list.Since.Format("2006-01-02 15:04"))
	}
	rows := [][]string{head}
	for _, row := range list.Items {
		c := row.Count
		mark, share := p.Compliance(crowsnest.Compliant), "–"
		switch {
		case !row.Enabled:
			mark = p.paint(dim, "off")
		case c.NonCompliant > 0:
			mark = p.Compliance(crowsnest.NonCompliant)
		case c.NoData > 0 || c.Images == 0:
			mark = p.Compliance(crowsnest.NoData)
		}
		if c.Images > 0 {
			share = fmt.Sprintf("%d of %d (%d%%)", c.Compliant, c.Images, 100*c.Compliant/c.Images)
		}
		cells := []string{mark, Clean(row.Name), share, strconv.Itoa(c.NonCompliant), strconv.Itoa(c.NoData), strconv.Itoa(c.Violations), Clean(holds(row.Policy))}
		if b := row.Before; b != nil {
			cells = append(cells, fmt.Sprintf("%+d met, %+d not met, %+d without data", c.Compliant-b.Compliant, c.NonCompliant-b.NonCompliant, c.NoData-b.NoData))
		}
		rows = append(rows, cells)
	}
	p.Table(rows)
	if list.Due > 0 {
		p.printf("%s of %s something changed that is not looked at yet\n", p.paint(yellow, "!"), Count(list.Due, "image", "images"))
	}
}

// holds says where a policy holds.
func holds(policy compliance.Policy) string {
	text := cmp.Or(strings.Join(policy.Repositories, ", "), "all repositories")
	if len(policy.Environments) > 0 {
		text += " in " + strings.Join(policy.Environments, ", ")
	}
	return text
}

// PolicyDetail writes a policy with what it says of images.
func (p Printer) PolicyDetail(d compliance.PolicyDetail, all bool) {
	state := ""
	if !d.Policy.Enabled {
		state = p.paint(yellow, "  disabled")
	}
	p.printf("%s%s\n%s\n", p.paint(bold, Clean(d.Policy.Name)), state, Clean(d.Policy.Description))
	parameters, columns := string(d.Policy.Parameters), []string(nil)
	if w := d.Policy.Written; w != nil {
		parameters, columns = fmt.Sprintf("%s in Rego, %d bytes", w.Name, len(parameters)), w.Columns
	}
	p.columns("  ", [][]string{
		{"type", Clean(d.Policy.Type)}, {"parameters", Clean(parameters)}, {"holds for", Clean(holds(d.Policy))}, {"weight", strconv.Itoa(d.Policy.Weight)},
	})
	p.printf("\n")
	for _, i := range d.Images {
		line := p.Compliance(i.Status) + " " + Clean(i.Image) + "  " + short(i.Digest)
		if i.Environment != "" {
			line += " in " + Clean(i.Environment)
		}
		p.printf("%s  %s\n", line, p.paint(dim, Clean(i.Reason)+", since "+p.ago(i.Since)))
		p.violations(i.Violations, i.ViolationCount, columns, all)
	}
	if len(d.Images) == 0 {
		p.printf("it says nothing of any image\n")
	}
}

// PolicyTypes writes the sorts of policies.
func (p Printer) PolicyTypes(list []compliance.PolicyType) {
	for _, t := range list {
		p.printf("%s  %s\n  %s\n", p.paint(bold, Clean(t.ID)), p.paint(dim, "weight "+strconv.Itoa(t.Weight)), Clean(t.Description))
		if parameters := string(t.Parameters); parameters != "{}" {
			p.printf("  %s\n", Clean(parameters))
		}
	}
}

// PolicyChanges writes what policies came to say otherwise.
func (p Printer) PolicyChanges(list []compliance.PolicyChanged) {
	rows := [][]string{{"WHEN", "POLICY", "IMAGE", "ENVIRONMENT", "BEFORE", "AFTER", "CAUSE"}}
	outcome := func(o *compliance.PolicyOutcome) string {
		if o == nil {
			return "–"
		}
		text := p.Compliance(o.Status) + " " + o.Status.String()
		if o.ViolationCount > 0 {
			text += fmt.Sprintf(" (%d)", o.ViolationCount)
		}
		return text
	}
	for _, c := range list {
		rows = append(rows, []string{p.ago(c.At), Clean(c.Policy), Clean(c.Image), cmp.Or(Clean(c.Environment), "–"), outcome(c.Before), outcome(&c.After), Clean(c.Cause)})
	}
	p.Table(rows)
}

package ci

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report"
)

// JUnit's reports have no schema of their own; these are the elements and attributes of the one by which Jenkins' plugin xUnit checks
// them, junit-10.xsd.
type (
	junitSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Suite    junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Failure *junitMessage `xml:"failure"`
		Skipped *junitMessage `xml:"skipped"`
	}
	junitMessage struct {
		Message string `xml:"message,attr,omitempty"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a case for each finding or policy. A finding fails, in a comparison only if it is new or worse; a policy fails if it
// is not met, and is skipped without data. A last case is skipped if not all of the image could be judged.
func (r Report) JUnit(w io.Writer) error {
	suite := junitSuite{Name: report.Clean(r.image.Name), Properties: []junitProperty{
		{"digest", string(r.image.Digest)}, {"platform", r.image.Platform}, {"crowsnest", r.Version},
	}}
	for _, f := range r.findings {
		c := junitCase{Name: report.Clean(f.ID + " in " + f.Package.Name + " " + f.Package.Version), Class: "vulnerability." + f.Severity.String()}
		if f.change == "" || f.worse {
			c.Failure = &junitMessage{Message: f.says(), Type: strings.TrimSpace(f.change + " " + f.Severity.String()), Text: link(f.ID)}
		}
		suite.Cases = append(suite.Cases, c)
	}
	for _, p := range r.policies {
		c := junitCase{Name: report.Clean(p.Name), Class: "policy." + report.Clean(p.Type)}
		if p.Environment != "" {
			c.Name += " in " + report.Clean(p.Environment)
		}
		switch p.Status {
		case crowsnest.NonCompliant:
			var lines []string
			for _, v := range p.Violations {
				lines = append(lines, strings.TrimSuffix(report.Clean(v.Message)+": "+report.Clean(v.Remedy), ": "))
			}
			if more := p.ViolationCount - len(p.Violations); more > 0 {
				lines = append(lines, fmt.Sprintf("and %d more", more))
			}
			c.Failure = &junitMessage{Message: report.Clean(p.Reason), Type: p.Status.String(), Text: strings.Join(lines, "\n")}
		case crowsnest.NoData:
			c.Skipped = &junitMessage{Message: report.Clean(p.Reason)}
		}
		suite.Cases = append(suite.Cases, c)
	}
	if r.policies == nil {
		judged := junitCase{Name: "all of the image could be judged", Class: "image"}
		if len(r.unjudged) > 0 {
			judged.Skipped = &junitMessage{Message: strings.Join(r.unjudged, " ")}
		}
		suite.Cases = append(suite.Cases, judged)
	}
	for _, c := range suite.Cases {
		suite.Tests++
		if c.Failure != nil {
			suite.Failures++
		}
		if c.Skipped != nil {
			suite.Skipped++
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Name: "crowsnest " + r.command, Tests: suite.Tests, Failures: suite.Failures, Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

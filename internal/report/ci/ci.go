// Package ci writes results in the forms that systems of CI and code forges read: SARIF 2.1.0, GitLab's report of container
// scanning, JUnit, and Markdown for a merge request.
//
// The same result always gives the same bytes, but for the times that GitLab's report must have. What could not be judged is said in each
// form in its own way, so that an empty list does not look safe: as notifications, messages, skipped cases, or a paragraph.
package ci

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// Report is what all forms are made of: what was found in an image, or what policies say of it.
type Report struct {
	Version string    // of this program
	Now     time.Time // when the report is made

	command      string // that made it
	image        wire.Target
	distribution string
	findings     []finding
	policies     []compliance.ImagePolicy
	unjudged     []string // what could not be judged, a sentence each
	locations    map[wire.FindingPackage][]crowsnest.Location
}

// finding is a finding with what became of it in a comparison.
type finding struct {
	wire.Finding
	change string // new, fixed or unchanged; empty outside of comparisons
	worse  bool
}

// OfCVEs makes a report of the vulnerabilities of an image; the packages say where in it they are.
func OfCVEs(r wire.CVEs, sbom wire.SBOM) Report {
	out := Report{command: "cves", image: r.Image, distribution: sbom.Distribution, unjudged: unjudged(r.Problems, r.MissingAdvisories), locations: locations(sbom)}
	for _, a := range r.StaleAdvisories {
		out.unjudged = append(out.unjudged, "The advisories of "+report.Clean(a.Ecosystem)+" were not checked for 48 hours.")
	}
	for _, f := range r.Findings {
		out.findings = append(out.findings, finding{Finding: f})
	}
	return out
}

// OfComparison makes a report of the side after of a comparison, which is one image.
func OfComparison(r wire.Comparison, sbom wire.SBOM) Report {
	out := Report{command: "compare", unjudged: unjudged(r.After.Problems, r.After.MissingAdvisories), locations: locations(sbom)}
	if len(r.After.Images) > 0 {
		out.image, out.distribution = r.After.Images[0].Target, r.After.Images[0].Distribution
	}
	for _, f := range r.Findings {
		out.findings = append(out.findings, finding{f.Finding, f.Change, f.Worse})
	}
	return out
}

// OfPolicies makes a report of what policies say of an image.
func OfPolicies(r compliance.ImagePolicies) Report {
	out := Report{command: "policy", image: r.Image, policies: r.Policies}
	for _, p := range r.Policies {
		if p.Status == crowsnest.NoData {
			out.unjudged = append(out.unjudged, fmt.Sprintf("The policy %q could not be judged: %s.", report.Clean(p.Name), report.Clean(p.Reason)))
		}
		if more := p.ViolationCount - len(p.Violations); more > 0 {
			out.unjudged = append(out.unjudged, fmt.Sprintf("Of the policy %q %d more violations are not listed.", report.Clean(p.Name), more))
		}
	}
	return out
}

// maxProblems is how many parts of an image that could not be read are named; the rest is counted.
const maxProblems = 20

func unjudged(problems []crowsnest.Problem, missing []wire.MissingAdvisories) (out []string) {
	for i, p := range problems {
		if i == maxProblems {
			out = append(out, fmt.Sprintf("%d more parts of the image could not be read.", len(problems)-i))
			break
		}
		out = append(out, "A part of the image could not be read: "+report.Clean(strings.TrimPrefix(p.Path+": "+p.Reason, ": "))+".")
	}
	for _, m := range missing {
		out = append(out, fmt.Sprintf("Packages of %s that were not compared, as no whole set of advisories is held: %d.", report.Clean(m.Ecosystem), m.Packages))
	}
	return out
}

// locations say where in the image a package is. One that another package owns may be called alike; it has no ecosystem and no findings.
func locations(sbom wire.SBOM) map[wire.FindingPackage][]crowsnest.Location {
	out := make(map[wire.FindingPackage][]crowsnest.Location)
	for _, p := range sbom.Packages {
		if p.Ecosystem != "" {
			key := wire.NewFindingPackage(p.PackageVersion)
			out[key] = append(out[key], p.Locations...)
		}
	}
	return out
}

// there are the findings that the image has: all but those of which it was rid.
func (r Report) there() (out []finding) {
	for _, f := range r.findings {
		if f.change != "fixed" {
			out = append(out, f)
		}
	}
	return out
}

// repository is what the image is called whatever its tag, and of a file its name without the folder: what is the same from build to build.
func (r Report) repository() string {
	return report.Clean(cmp.Or(image.Repository(r.image.Name), filepath.Base(r.image.Name)))
}

// fingerprints tell the same thing in two reports by what does not change from build to build. Where that is the same twice in
// one report, such as two versions of a package with one vulnerability, they count.
type fingerprints map[string]int

// of returns a fingerprint in the form of those that GitHub computes: a hash, a colon, and which of those with the hash it is.
func (f fingerprints) of(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	key := hex.EncodeToString(sum[:16])
	f[key]++
	return key + ":" + strconv.Itoa(f[key])
}

// says what is known of a finding in a sentence.
func (f finding) says() string {
	text := fmt.Sprintf("%s is in %s %s: %s", f.ID, f.Package.Name, f.Package.Version, f.Severity)
	if f.KEV != nil {
		text += ", known to be exploited"
	}
	text += ", " + f.fix()
	if f.InUse == crowsnest.Loaded {
		text += ", in use"
	}
	return report.Clean(text)
}

func (f finding) fix() string {
	if f.FixedVersion == nil {
		return "not fixed"
	}
	return "fixed in " + *f.FixedVersion
}

// link is where people read about a vulnerability.
func link(id string) string {
	if strings.HasPrefix(id, "CVE-") {
		return "https://www.cve.org/CVERecord?id=" + url.QueryEscape(id)
	}
	return "https://osv.dev/vulnerability/" + url.PathEscape(id)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

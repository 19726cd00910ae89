package images

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/internal/api/advice"
	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/report/ci"
	"github.com/crowsnest-sec/crowsnest/internal/report/narrow"
	billof "github.com/crowsnest-sec/crowsnest/internal/sbom"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
	"github.com/spf13/cobra"
)

// target is how an image is named on the command line.
type target struct {
	platform string
	ref      string
	env      string
	attested bool // take the packages from an attested bill of materials
	deciding
}

func (t *target) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.platform, "platform", "", "platform the image must be for, as os/architecture[/variant] (default linux/amd64 of several)")
	cmd.Flags().StringVar(&t.ref, "ref", "", "which image of a layout or archive that holds several")
}

func (t *target) attestedFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&t.attested, "use-attested-sbom", false, "take the packages from an attested SBOM, whose signature is not verified, instead of an analysis")
}

func (t *target) environmentFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.env, "env", "", "take in-use data from this environment only")
}

// analysed gives access to an image after its analysis, wherever that was done.
type analysed struct {
	digest string // of an image that the server knows; empty if the image was read here
	image  func(context.Context) (wire.Image, error)
	sbom   func(context.Context) (wire.SBOM, error)
	cves   func(ctx context.Context, explain bool) (wire.CVEs, error)
	why    func(context.Context, why.Question) (why.Why, error)
	owners func(ctx context.Context, paths []string) ([]wire.FileOwner, error) // nil of a bill of materials
	// policies asks about the image; nil of a bill of materials, and of what was read here although there is a server.
	policies func(context.Context) (compliance.ImagePolicies, error)
	// try asks policies that nothing keeps; nil where policies is.
	try func(context.Context, compliance.TrialRequest) (compliance.Trial, error)
	// recommend says what to change; nil of the same.
	recommend func(context.Context, advice.Question) (advice.Recommendations, error)
	close     func() error
	// suppressing says that something decided beside the source is applied to it, which a server does not know.
	suppressing bool
	apart       bool // so do the policies that it is asked by
}

// analyse has an image analysed. The image of a registry is the server's to pull if
// there is a server; files are read here, and a server matches what was found.
func (c commands) analyse(ctx context.Context, source string, t target) (analysed, error) {
	set, err := c.decisions(t.deciding)
	if err != nil {
		return analysed{}, err
	}
	a, err := c.analyseUndecided(ctx, source, t)
	if err != nil {
		return a, err
	}
	return a.decided(set, source, t.env), nil
}

// analyseUndecided is analyse without what is decided beside the source.
func (c commands) analyseUndecided(ctx context.Context, source string, t target) (analysed, error) {
	if t.attested {
		return c.analyseAttested(ctx, source, t)
	}
	platform, err := t.parsePlatform()
	if err != nil {
		return analysed{}, err
	}
	remote, err := c.Remote()
	if err != nil {
		return analysed{}, err
	}
	if remote == nil && t.env != "" {
		_, err := c.NeedServer("take in-use data from environment " + t.env)
		return analysed{}, err
	}
	scheme, rest := image.ParseSource(source)
	if scheme == input.SchemeSBOM {
		return c.readSBOM(ctx, rest, t, remote)
	}
	if err := c.check(source, t, remote); err != nil {
		return analysed{}, err
	}
	if remote != nil && scheme == image.SchemeRegistry {
		digest, err := c.analyseThere(ctx, rest, t, remote)
		if err != nil {
			return analysed{}, err
		}
		return c.known(remote, digest, t.env, reference(rest)), nil
	}
	return c.analyseHere(ctx, source, platform, t, remote)
}

func (t *target) parsePlatform() (platform crowsnest.Platform, err error) {
	if t.platform != "" {
		platform, err = crowsnest.ParsePlatform(t.platform)
	}
	return platform, err // zero is none asked for
}

// check refuses what cannot be asked of an image of this source.
func (c commands) check(source string, t target, remote *client.Client) error {
	scheme, rest := image.ParseSource(source)
	if scheme == image.SchemeRegistry && t.ref != "" {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --ref", Subject: t.ref, Hint: "it chooses from an oci-dir:// or an archive://; write a tag behind a reference instead"}
	}
	if remote == nil && strings.HasPrefix(rest, crowsnest.DigestPrefix) {
		_, err := c.NeedServer("look up an image by its digest alone")
		return err
	}
	return nil
}

// analyseThere has the server analyse the image of a registry, unless a digest names one that it knows, and returns
// its digest; with the error as well if the server came as far as that.
func (c commands) analyseThere(ctx context.Context, reference string, t target, remote *client.Client) (string, error) {
	if cli.DigestLike.MatchString(reference) {
		return reference, nil
	}
	p := c.Progress()
	defer p.End()
	p.Say("analysing %s", reference)
	request, err := remote.RequestAnalysis(ctx, reference, t.platform)
	if err != nil {
		return "", err
	}
	done, err := remote.WaitAnalysis(ctx, request.ID, func(state string) { p.Say("analysing %s (%s)", reference, state) })
	return string(done.Digest), err
}

// known gives access to an image that the server has analysed, with in-use data of one environment
// or, if it is empty, of all, and what is decided for one name of it or, without one, for all of them.
func (c commands) known(remote *client.Client, digest, environment, reference string) analysed {
	return analysed{
		digest: digest,
		image: func(ctx context.Context) (wire.Image, error) {
			return cli.Asking(c, "asking for "+digest, func() (wire.Image, error) { return remote.Image(ctx, digest) })
		},
		sbom: func(ctx context.Context) (wire.SBOM, error) {
			return cli.Asking(c, "asking for the packages of "+digest, func() (wire.SBOM, error) { return remote.SBOM(ctx, digest) })
		},
		cves: func(ctx context.Context, explain bool) (wire.CVEs, error) {
			return cli.Asking(c, "asking for the vulnerabilities of "+digest, func() (wire.CVEs, error) {
				return remote.CVEsOf(ctx, digest, client.FindingsOf{Environment: environment, Reference: reference, Explain: explain})
			})
		},
		why: func(ctx context.Context, q why.Question) (why.Why, error) {
			q.Environment, q.Reference = environment, reference
			return cli.Asking(c, "asking why of "+digest, func() (why.Why, error) { return remote.Why(ctx, digest, q) })
		},
		owners: func(ctx context.Context, paths []string) ([]wire.FileOwner, error) {
			return cli.Asking(c, "asking for files of "+digest, func() ([]wire.FileOwner, error) { return remote.FileOwners(ctx, digest, paths) })
		},
		policies: func(ctx context.Context) (compliance.ImagePolicies, error) {
			return cli.Asking(c, "asking policies about "+digest, func() (compliance.ImagePolicies, error) { return remote.ImagePolicies(ctx, digest, environment) })
		},
		try: func(ctx context.Context, request compliance.TrialRequest) (compliance.Trial, error) {
			return cli.Asking(c, "asking policies about "+digest, func() (compliance.Trial, error) { return remote.TryPolicies(ctx, digest, request) })
		},
		recommend: func(ctx context.Context, q advice.Question) (advice.Recommendations, error) {
			q.Environment, q.Reference = environment, reference
			return cli.Asking(c, "asking for recommendations about "+digest, func() (advice.Recommendations, error) { return remote.Recommendations(ctx, digest, q) })
		},
		close: func() error { return nil },
	}
}

func (c commands) analyseHere(ctx context.Context, source string, platform crowsnest.Platform, t target, remote *client.Client) (analysed, error) {
	local, err := c.Local(ctx)
	if err != nil {
		return analysed{}, err
	}
	p := c.Progress()
	defer p.End()
	digest, err := local.Analyse(ctx, source, image.Options{Platform: platform, Reference: t.ref}, func(stage string, done, total int) {
		if total > 0 {
			p.Say("%s of %s (%d of %d)", stage, source, done, total)
		} else {
			p.Say("%s %s", stage, source)
		}
	})
	if err != nil {
		local.Close()
		return analysed{}, err
	}
	a := analysed{
		image: func(ctx context.Context) (wire.Image, error) { return local.Image(ctx, digest) },
		sbom:  func(ctx context.Context) (wire.SBOM, error) { return local.SBOM(ctx, digest) },
		cves:  func(ctx context.Context, explain bool) (wire.CVEs, error) { return local.CVEs(ctx, digest, explain) },
		why:   func(ctx context.Context, q why.Question) (why.Why, error) { return local.Why(ctx, digest, q) },
		owners: func(ctx context.Context, paths []string) ([]wire.FileOwner, error) {
			return local.FileOwners(ctx, digest, paths)
		},
		policies: func(ctx context.Context) (compliance.ImagePolicies, error) { return local.Policies(ctx, digest) },
		try: func(ctx context.Context, request compliance.TrialRequest) (compliance.Trial, error) {
			return local.Try(ctx, digest, request)
		},
		recommend: func(ctx context.Context, q advice.Question) (advice.Recommendations, error) {
			return local.Recommendations(ctx, digest, q)
		},
		close: local.Close,
	}
	if remote != nil {
		// They are the server's, and it does not know what else of the image they go by.
		a.policies, a.try = nil, nil
		listed := func(ctx context.Context) (wire.SBOM, error) { return local.SBOM(ctx, digest) }
		a.cves, a.why = c.evaluated(remote, t.env, listed), c.explained(remote, t.env, listed)
		a.recommend = c.recommended(remote, t.env, a)
	}
	return a, nil
}

// evaluated has a server match the packages of what was read here.
func (c commands) evaluated(remote *client.Client, environment string, listed func(context.Context) (wire.SBOM, error)) func(context.Context, bool) (wire.CVEs, error) {
	return func(ctx context.Context, explain bool) (wire.CVEs, error) {
		sbom, err := listed(ctx)
		if err != nil {
			return wire.CVEs{}, err
		}
		request := wire.EvaluationRequest{Image: sbom.Image, Packages: versionsOf(sbom), Environment: environment, Explain: explain}
		cves, err := cli.Asking(c, "matching packages at "+remote.Host(), func() (wire.CVEs, error) { return remote.Evaluate(ctx, request) })
		cves.Problems = sbom.Problems // the image was read here
		return cves, err
	}
}

// explained has a server answer a question about what was read here.
func (c commands) explained(remote *client.Client, environment string, listed func(context.Context) (wire.SBOM, error)) func(context.Context, why.Question) (why.Why, error) {
	return func(ctx context.Context, q why.Question) (why.Why, error) {
		sbom, err := listed(ctx)
		if err != nil {
			return why.Why{}, err
		}
		q.Environment = environment
		request := why.WhyRequest{Image: sbom.Image, Packages: ownedOf(sbom), Question: q}
		answer, err := cli.Asking(c, "asking why at "+remote.Host(), func() (why.Why, error) { return remote.WhyPackages(ctx, request) })
		answer.Problems = sbom.Problems
		return answer, err
	}
}

func versionsOf(sbom wire.SBOM) []crowsnest.PackageVersion {
	out := make([]crowsnest.PackageVersion, len(sbom.Packages))
	for i, pkg := range sbom.Packages {
		out[i] = pkg.PackageVersion
	}
	return out
}

// ownedOf returns the packages with who owns them and nothing else of where they are.
func ownedOf(sbom wire.SBOM) []crowsnest.Package {
	out := make([]crowsnest.Package, len(sbom.Packages))
	for i, pkg := range sbom.Packages {
		out[i].PackageVersion = pkg.PackageVersion
		for _, owner := range pkg.Owners() {
			out[i].Locations = append(out[i].Locations, crowsnest.Location{OwnedBy: &owner})
		}
	}
	return out
}

func (c commands) sbom() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "sbom IMAGE",
		Short: "List the packages in an image",
		Long: `List the packages in an image. Other programs read the formats spdx (SPDX 2.3) and cyclonedx
(CycloneDX 1.6); json has all that Crowsnest knows, and list is another word for text.

` + cli.KnownSources,
		Args: cli.ExactArgs(1, "an image"),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := c.analyse(cmd.Context(), args[0], t)
			if err != nil {
				return err
			}
			defer a.close()
			sbom, err := a.sbom(cmd.Context())
			if err != nil {
				return err
			}
			if format := billof.Format(c.Format); slices.Contains(billof.Formats, format) {
				return c.Write(func(w io.Writer, _ bool) error { return export.SBOM(w, format, sbom, c.Version) })
			}
			return c.Print(sbom, func(p report.Printer) { p.SBOM(sbom) })
		},
	}
	t.flags(cmd)
	t.attestedFlag(cmd)
	c.Formats(cmd, "list", string(billof.SPDX), string(billof.CycloneDX))
	return cmd
}

func (c commands) cves() *cobra.Command {
	var t target
	var filter filters
	var exit, explain bool
	var shown report.Shown
	cmd := &cobra.Command{
		Use:   "cves IMAGE",
		Short: "List the vulnerabilities of an image",
		Long: `List the vulnerabilities of an image, the worst package first. Each is counted once for each
package that has it. Below a package stands the lowest version that clears all of its vulnerabilities.

--explain says of each why it was found: which advisories speak of the package, what was compared with what,
and which of them decides. Why something was not found tells crowsnest why.

` + cli.KnownSources,
		Args: cli.ExactArgs(1, "an image"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := filter.read(); err != nil {
				return err
			}
			a, err := c.analyse(cmd.Context(), args[0], t)
			if err != nil {
				return err
			}
			defer a.close()
			cves, err := a.cves(cmd.Context(), explain)
			if err != nil {
				return err
			}
			if err := filter.Needs(cves); err != nil {
				return err
			}
			elsewhere := ""
			if t.env != "" && a.digest != "" {
				img, err := a.image(cmd.Context())
				if err != nil {
					return err
				}
				if t.env != store.LatestIndexed && !slices.Contains(img.Environments, t.env) {
					elsewhere = t.env
				}
			}
			unobserved := filter.Unobserved(cves)
			cves, hidden := filter.Apply(cves)
			sbom, err := c.places(cmd.Context(), a)
			if err != nil {
				return err
			}
			forms := c.forCI(ci.OfCVEs(cves, sbom), ci.CVEsMarkdown(cves, hidden))
			if err := c.Publish(cves, func(p report.Printer) {
				p.CVEs(cves, hidden, shown)
				p.Unobserved(unobserved, elsewhere)
			}, forms); err != nil {
				return err
			}
			switch {
			case exit && len(cves.Findings) > 0:
				return cli.FoundVulnerabilities
			case exit && (!cves.Complete() || unobserved > 0):
				return cli.FoundIncomplete
			}
			return nil
		},
	}
	t.flags(cmd)
	t.attestedFlag(cmd)
	t.environmentFlag(cmd)
	c.AdvisoriesFlags(cmd)
	c.Formats(cmd, formatSARIF, formatGitLab, formatJUnit, formatMarkdown)
	c.Reports(cmd)
	filter.flags(cmd)
	t.decidingFlags(cmd)
	cmd.Flags().BoolVar(&shown.Suppressed, "show-suppressed", false, "list as well what decisions suppress, with who decided, why and until when")
	cmd.Flags().BoolVar(&shown.NotAffected, "not-affected", false, "list as well what does not count in the environment of --env, as it was not seen loaded")
	filter.threatFlags(cmd)
	minorFlag(cmd, &filter.IgnoreMinor)
	cmd.Flags().BoolVar(&explain, "explain", false, "say of each why it was found")
	cmd.Flags().BoolVarP(&exit, "exit-code", "e", false, "end with code 2 if anything is listed, with 3 if nothing is but not all of the image could be judged")
	return cmd
}

// filters are the flags that narrow what is shown of findings.
type filters struct {
	narrow.Filter
	severities []string
	sort       string
}

func (f *filters) flags(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&f.severities, "only-severity", nil, "only these severities, separated by commas")
	cmd.Flags().BoolVar(&f.OnlyFixed, "only-fixed", false, "only what has a fixed version")
	cmd.Flags().BoolVar(&f.OnlyInUse, "only-in-use", false, "only what was seen in use")
	cmd.Flags().StringSliceVar(&f.PackageTypes, "only-package-type", nil, "only packages of these types, such as deb or npm")
}

// minorFlag leaves out what a distribution takes as minor.
func minorFlag(cmd *cobra.Command, ignore *bool) {
	cmd.Flags().BoolVar(ignore, "ignore-minor", false, "leave out what Debian does not mend in the release, as it is minor")
}

// threatFlags are those about attacks.
func (f *filters) threatFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.OnlyKEV, "only-kev", false, "only what is in CISA's catalogue of exploited vulnerabilities")
	cmd.Flags().Float64Var(&f.MinEPSS, "min-epss", 0, "only what is at least this likely to be exploited, as EPSS says, from 0 to 1")
	cmd.Flags().StringVar(&f.sort, "sort", sortSeverity, "severity, or urgency: in use first, then in CISA's catalogue, then by EPSS")
	cmd.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions([]string{sortSeverity, sortUrgency}, cobra.ShellCompDirectiveNoFileComp))
}

// The values of --sort.
const sortSeverity, sortUrgency = "severity", "urgency"

// read takes over what the flags say.
func (f *filters) read() (err error) {
	switch f.sort {
	case "", sortSeverity:
	case sortUrgency:
		f.ByUrgency = true
	default:
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --sort", Subject: f.sort, Hint: "use severity or urgency"}
	}
	if !(f.MinEPSS >= 0 && f.MinEPSS <= 1) {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --min-epss", Subject: fmt.Sprint(f.MinEPSS), Hint: "use a probability from 0 to 1, such as 0.1"}
	}
	f.Severities, err = cli.ReadSeverities(f.severities)
	return err
}

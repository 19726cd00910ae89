package images

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/images/written"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/compare"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/report/ci"
	"github.com/crowsnest-sec/crowsnest/internal/report/narrow"
	"github.com/crowsnest-sec/crowsnest/internal/report/standing"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
	"github.com/spf13/cobra"
)

// comparing is what the flags of compare say.
type comparing struct {
	target
	to, toRef, toEnv, at string
	toLatest             bool
	exitOn               []string
	filter               filters
	ignoreUnchanged      bool
	ignoreMinor          bool
	sources              written.Sources
	policies             *compliance.TrialRequest // those that the flags name; nil if they name none
}

func (c commands) compare() *cobra.Command {
	var o comparing
	cmd := &cobra.Command{
		Use:     "compare IMAGE",
		Aliases: []string{"diff"},
		Short:   "Tell whether an image is better or worse than another, or than what runs",
		Long: `Compare an image with another one (--to), with what an environment runs of its repository (--to-env)
or ran at a time (--at), or with the newest analysed image of its repository beside itself (--to-latest).
New is what only IMAGE has, fixed what only the other side has.

With --env and --to-env, and no image, tell by repository what would change if everything that runs in
the one environment took the place of what runs in the other, and what the policies of that other would say of it.

--exit-on ends with code 2 if something became worse: with "vulnerability", if one is new or more severe
than it was; with "policy", if one is not met that was, or is broken in more places; with "package", if
one was added or is older than it was. It ends with 3 if nothing became worse, but not all of the image
could be judged. Of policies only those are compared that go by what is in an image.

` + cli.KnownSources,
		Example: `  crowsnest compare registry.example.com/shop/web:1.3 --to registry.example.com/shop/web:1.2
  crowsnest compare registry.example.com/shop/web:1.3 --to-env production --exit-on vulnerability
  crowsnest compare --env staging --to-env production
  crowsnest compare --env production --to-env production --at 2026-03-01`,
		Args: cli.AtMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			then, err := o.check(cmd, args)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				if c.Wants(formatSARIF, formatGitLab, formatJUnit) {
					return cli.Usage(cmd, errors.New("environments are compared by repository, which can be had as text, JSON and Markdown"))
				}
				return c.compareEnvironments(cmd, o, then)
			}
			return c.compareImage(cmd, args[0], o, then)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.env, "env", "", "instead of an image: what runs in this environment")
	cmd.Flags().StringVar(&o.to, "to", "", "compare with this image")
	cmd.Flags().StringVar(&o.toRef, "to-ref", "", "which image of a layout or archive that holds several, for --to")
	cmd.Flags().StringVar(&o.toEnv, "to-env", "", "compare with what runs in this environment")
	cmd.Flags().StringVar(&o.at, "at", "", "with --to-env: what ran there at this time, as 2026-03-01 or 2026-03-01T12:00:00Z")
	cmd.Flags().BoolVar(&o.toLatest, "to-latest", false, "compare with the newest analysed image of the repository beside this one")
	o.filter.flags(cmd)
	o.decidingFlags(cmd)
	o.sources.Flags(cmd)
	cmd.Flags().BoolVar(&o.ignoreUnchanged, "ignore-unchanged", false, "leave out what is on both sides")
	minorFlag(cmd, &o.ignoreMinor)
	cmd.Flags().StringSliceVarP(&o.exitOn, "exit-on", "x", nil, "end with code 2 if this became worse: vulnerability, policy, package")
	c.Formats(cmd, formatSARIF, formatGitLab, formatJUnit, formatMarkdown)
	c.Reports(cmd)
	return cmd
}

// check refuses flags that do not go together, and returns the time of --at.
func (o *comparing) check(cmd *cobra.Command, args []string) (time.Time, error) {
	none := time.Time{}
	for _, what := range o.exitOn {
		switch what {
		case "vulnerability", "policy", "package":
		default:
			return none, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --exit-on", Subject: what, Hint: "use vulnerability, policy or package"}
		}
	}
	then, err := cli.ReadTime(o.at)
	if err != nil {
		return none, err
	}
	if err := o.filter.read(); err != nil {
		return none, err
	}
	given := len(slices.DeleteFunc([]bool{o.to != "", o.toEnv != "", o.toLatest}, func(is bool) bool { return !is }))
	environments := len(args) == 0
	switch {
	case o.at != "" && o.toEnv == "":
		return none, cli.Usage(cmd, errors.New("--at chooses a moment of an environment and needs --to-env"))
	case environments && (o.env == "" || given != 1 || o.toEnv == ""):
		return none, cli.Usage(cmd, errors.New("it takes an image, or --env and --to-env"))
	case environments && (slices.Contains(o.exitOn, "package") || o.platform != "" || o.ref != "" || len(o.filter.severities)+len(o.filter.PackageTypes) > 0 || o.filter.OnlyFixed || o.filter.OnlyInUse):
		return none, cli.Usage(cmd, errors.New("environments are compared by what their images have in all: compare an image to filter, to choose of several or to look at packages"))
	case !environments && o.env != "":
		return none, cli.Usage(cmd, errors.New("--env stands instead of an image; use --to-env to compare an image with what runs"))
	case environments && (o.sources.Given() || len(o.sources.Only) > 0):
		return none, cli.Usage(cmd, errors.New("environments are compared without policies"))
	case !environments && given != 1:
		return none, cli.Usage(cmd, errors.New("say what to compare with: one of --to, --to-env and --to-latest"))
	case o.toRef != "" && o.to == "":
		return none, cli.Usage(cmd, errors.New("--to-ref needs --to"))
	}
	return then, nil
}

func (c commands) compareImage(cmd *cobra.Command, source string, o comparing, then time.Time) error {
	ctx := cmd.Context()
	if _, err := c.NeedServer("compare with what the server knows"); o.to == "" && err != nil {
		return err
	}
	if o.sources.Given() {
		request, err := o.sources.Request(ctx, c.CLI)
		if err != nil {
			return err
		}
		o.policies = &request
	}
	after, err := c.analyse(ctx, source, o.target)
	if err != nil {
		return err
	}
	defer after.close()
	after = o.asked(after)
	result, err := c.compareWith(ctx, after, o, then)
	if err != nil {
		return err
	}
	if result.Policies == nil && slices.Contains(o.exitOn, "policy") {
		return &crowsnest.Error{Kind: crowsnest.Unsupported, Op: "compare policies of", Subject: source, Hint: "push the images and name them by their registry, or leave the server out for the policies that every organisation begins with", Err: errors.New("policies are the server's, and it does not know all of these images; of a bill of materials they say nothing")}
	}
	if len(o.sources.Only) > 0 && o.policies == nil && result.Policies != nil {
		if result.Policies, err = onlyCompared(result.Policies, o.sources.Only); err != nil {
			return err
		}
	}
	result, hidden := o.filter.ApplyComparison(result, o.ignoreUnchanged)
	sbom, err := c.places(ctx, after)
	if err != nil {
		return err
	}
	forms := c.forCI(ci.OfComparison(result, sbom), report.ComparisonMarkdown(result, hidden))
	if err := c.Publish(result, func(p report.Printer) { p.Comparison(result, hidden) }, forms); err != nil {
		return err
	}
	return became(narrow.Worse(result, o.exitOn))
}

// onlyCompared leaves out all policies but those named.
func onlyCompared(p *wire.ComparedPolicies, names []string) (*wire.ComparedPolicies, error) {
	out, missing := p.Only(names)
	if missing == "" {
		return out, nil
	}
	var known []string
	for _, i := range p.Items {
		known = append(known, i.Policy)
	}
	return nil, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find policy", Subject: missing, Hint: "those that say something of both sides are: " + strings.Join(known, "; ")}
}

// asked gives an image the policies that the flags name, if they name some.
func (o comparing) asked(a analysed) analysed {
	if o.policies == nil {
		return a
	}
	return a.asking(*o.policies)
}

// compareWith compares an image with what the flags name. The server is asked for what it knows; an
// image that was read here is compared here.
func (c commands) compareWith(ctx context.Context, after analysed, o comparing, then time.Time) (wire.Comparison, error) {
	var none wire.Comparison
	remote, err := c.Remote()
	if err != nil {
		return none, err
	}
	var before []analysed
	if o.to != "" {
		other, err := c.analyse(ctx, o.to, target{platform: o.platform, ref: o.toRef, deciding: o.deciding})
		if err != nil {
			return none, err
		}
		defer other.close()
		before = append(before, o.asked(other))
	}
	if to := (client.Target{Environment: o.toEnv, At: then, Latest: o.toLatest, IgnoreMinor: o.ignoreMinor}); after.digest != "" && !after.suppressing && !after.apart && (len(before) == 0 || before[0].digest != "") {
		if len(before) > 0 {
			to.Image = before[0].digest
		}
		return cli.Asking(c, "comparing at "+remote.Host(), func() (wire.Comparison, error) { return remote.Compare(ctx, after.digest, to) })
	}
	shownAfter, sideAfter, err := sideOf(ctx, after)
	if err != nil {
		return none, err
	}
	repository := ""
	if len(before) == 0 {
		if before, repository, err = c.runningOf(ctx, remote, shownAfter.Images[0], after.digest != "", o, then); err != nil {
			return none, err
		}
		set, err := c.decisions(deciding{read: o.read, file: o.file, none: o.none, documents: o.documents, authors: o.authors})
		if err != nil {
			return none, err
		}
		for i := range before {
			before[i] = o.asked(before[i]).decided(set, "", o.toEnv)
		}
	}
	var shown []wire.ComparedSide
	var sides []compare.Side
	for _, b := range before {
		s, side, err := sideOf(ctx, b)
		if err != nil {
			return none, err
		}
		if !then.IsZero() { // nobody kept what was in use then
			side = side.Unobserved()
		}
		shown, sides = append(shown, s), append(sides, side)
	}
	shownBefore := wire.Join(shown...)
	if o.toEnv != "" {
		shownBefore.Environment, shownBefore.Repository = o.toEnv, repository
		if !then.IsZero() {
			shownBefore.At = &then
		}
	}
	sideBefore := compare.Join(sides...)
	if o.ignoreMinor {
		sideBefore, shownBefore.MinorHidden = sideBefore.WithoutMinor()
		sideAfter, shownAfter.MinorHidden = sideAfter.WithoutMinor()
	}
	out := wire.NewComparison(shownBefore, shownAfter, compare.Compare(sideBefore, sideAfter))
	out.Policies, err = policiesOf(ctx, before, after)
	return out, err
}

// policiesOf compares what policies say of images that were read here; nil if that cannot be told of all of them.
func policiesOf(ctx context.Context, before []analysed, after analysed) (*wire.ComparedPolicies, error) {
	if after.policies == nil || slices.ContainsFunc(before, func(b analysed) bool { return b.policies == nil }) {
		return nil, nil
	}
	of, err := after.policies(ctx)
	if err != nil {
		return nil, err
	}
	var known [][]compare.Verdict
	for _, b := range before {
		p, err := b.policies(ctx)
		if err != nil {
			return nil, err
		}
		known = append(known, p.Verdicts())
	}
	return wire.NewComparedPolicies(known, of.Verdicts()), nil
}

func sideOf(ctx context.Context, a analysed) (shown wire.ComparedSide, side compare.Side, err error) {
	img, err := a.image(ctx)
	if err != nil {
		return shown, side, err
	}
	sbom, err := a.sbom(ctx)
	if err != nil {
		return shown, side, err
	}
	cves, err := a.cves(ctx, false)
	if err != nil {
		return shown, side, err
	}
	shown, side = wire.SideOf(img, sbom.Packages, cves)
	return shown, side, nil
}

// runningOf finds at the server what an image that was read here is compared with: the images of its
// repository that run in an environment, or the newest that is analysed. A file has no name of its
// own; the one it is chosen by says which repository it will be of.
func (c commands) runningOf(ctx context.Context, remote *client.Client, img wire.ComparedImage, known bool, o comparing, then time.Time) ([]analysed, string, error) {
	repository := image.Repository(o.ref)
	if repository == "" && known {
		repository = image.Repository(img.Name)
	}
	if repository == "" {
		return nil, "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "find the repository of image", Subject: img.Name, Hint: "give the name it has in the file with --ref, or name the image to compare with, with --to"}
	}
	environment, use := o.toEnv, o.toEnv
	if o.toLatest {
		environment, use = store.LatestIndexed, ""
	}
	if !then.IsZero() {
		use = ""
	}
	e, err := cli.Asking(c, "asking "+remote.Host()+" what runs in "+environment, func() (wire.Environment, error) { return remote.EnvironmentAt(ctx, environment, then) })
	if err != nil {
		return nil, "", err
	}
	var out []analysed
	for _, running := range e.Images {
		if image.Repository(running.Name) == repository {
			if known && o.toLatest && running.Digest == img.Digest {
				continue // it is compared with the others
			}
			out = append(out, c.known(remote, string(running.Digest), use, ""))
		}
	}
	if len(out) > 1 { // images for other platforms are other images, where there is one for this
		var same []analysed
		for _, a := range out {
			other, err := a.image(ctx)
			if err != nil {
				return nil, "", err
			}
			if other.Platform == img.Platform {
				same = append(same, a)
			}
		}
		if len(same) > 0 {
			out = same
		}
	}
	if len(out) == 0 {
		return nil, "", &crowsnest.Error{Kind: crowsnest.NotFound, Op: "compare with", Subject: environment, Hint: "no analysed image of " + repository + " is there"}
	}
	return out, repository, nil
}

// became ends with the code of --exit-on.
func became(worse, unsure bool) error {
	switch {
	case worse:
		return cli.FoundVulnerabilities
	case unsure:
		return cli.FoundIncomplete
	}
	return nil
}

// comparedEnvironments is what --format json prints of environments.
type comparedEnvironments struct {
	wire.EnvironmentComparison
	Policies compliance.ComparedStandings `json:"policies"`
}

func (c commands) compareEnvironments(cmd *cobra.Command, o comparing, then time.Time) error {
	remote, err := c.NeedServer("compare environments")
	if err != nil {
		return err
	}
	r, err := cli.Asking(c, "comparing at "+remote.Host(), func() (wire.EnvironmentComparison, error) {
		return remote.CompareEnvironments(cmd.Context(), o.env, client.Target{Environment: o.toEnv, At: then, IgnoreMinor: o.ignoreMinor})
	})
	if err != nil {
		return err
	}
	if o.ignoreUnchanged {
		r.Items = slices.DeleteFunc(r.Items, func(i wire.RepositoryComparison) bool { return i.State == string(compare.Same) })
	}
	policies, err := cli.Asking(c, "asking policies at "+remote.Host(), func() (compliance.ComparedStandings, error) {
		return remote.CompareStandings(cmd.Context(), o.env, client.Target{Environment: o.toEnv, At: then})
	})
	if err != nil {
		return err
	}
	document := report.EnvironmentComparisonMarkdown(r)
	standing.AddTo(&document, policies)
	forms := map[string]func(io.Writer) error{formatMarkdown: c.markdown(document)}
	if err := c.Publish(comparedEnvironments{r, policies}, func(p report.Printer) {
		p.EnvironmentComparison(r)
		standing.Write(p, policies)
	}, forms); err != nil || len(o.exitOn) == 0 {
		return err
	}
	asks := func(what string) bool { return slices.Contains(o.exitOn, what) }
	return became(asks("vulnerability") && r.Change.New.Total() > 0 || asks("policy") && policies.Worse > 0, r.After.Coverage.Running > r.After.Coverage.Analysed)
}

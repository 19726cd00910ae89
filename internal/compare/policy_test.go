package compare

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

func TestPolicies(t *testing.T) {
	of := func(status crowsnest.Compliance, violations int) Verdict {
		return Verdict{Policy: "ours", Status: status, Violations: violations}
	}
	met, unknown := of(crowsnest.Compliant, 0), of(crowsnest.NoData, 0)
	one, two := of(crowsnest.NonCompliant, 1), of(crowsnest.NonCompliant, 2)
	for name, c := range map[string]struct {
		before []Verdict
		after  Verdict
		want   Trend
		was    Verdict
	}{
		"met on both sides":           {[]Verdict{met}, met, Alike, met},
		"broken as before":            {[]Verdict{two}, two, Alike, two},
		"known of neither":            {[]Verdict{unknown}, unknown, Alike, unknown},
		"mended":                      {[]Verdict{one}, met, Better, one},
		"partly mended":               {[]Verdict{two}, one, Better, two},
		"broken now":                  {[]Verdict{met}, one, Worse, met},
		"broken now, not known of":    {[]Verdict{unknown}, one, Worse, unknown},
		"broken in more places":       {[]Verdict{one}, two, Worse, one},
		"no longer known":             {[]Verdict{met}, unknown, Unclear, met},
		"no longer known to break it": {[]Verdict{one}, unknown, Unclear, one},
		"known now":                   {[]Verdict{unknown}, met, Unclear, unknown},
		"better than the worst":       {[]Verdict{met, two, one}, one, Better, two},
		"worse than the worst":        {[]Verdict{met, one, unknown}, two, Worse, one},
		"met or not known":            {[]Verdict{met, unknown}, met, Unclear, unknown},
		"not known or met":            {[]Verdict{unknown, met}, met, Unclear, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			var images [][]Verdict
			for _, v := range c.before {
				images = append(images, []Verdict{{Policy: "another", Status: crowsnest.NonCompliant, Violations: 9}, v})
			}
			got := Policies(images, []Verdict{c.after, {Policy: "only after"}})
			if len(got) != 1 || !reflect.DeepEqual(got[0], PolicyChange{c.want, c.was, c.after}) {
				t.Errorf("got %+v, want %s from %+v", got, c.want, c.was)
			}
		})
	}
	if got := Policies(nil, []Verdict{met}); got != nil {
		t.Errorf("with nothing: %+v", got)
	}
}

// Policies of environments are counted by repository, and one that is worse in any is worse.
func TestStandings(t *testing.T) {
	says := func(policy string, status crowsnest.Compliance, n int) Verdict {
		return Verdict{Policy: policy, Type: "type of " + policy, Status: status, Violations: n}
	}
	image := func(list ...Verdict) []Verdict { return list }
	met, broken, unknown := crowsnest.Compliant, crowsnest.NonCompliant, crowsnest.NoData
	got := Standings([]RepositoryVerdicts{
		{"web", [][]Verdict{image(says("a", met, 0), says("b", broken, 2)), image(says("a", met, 0), says("b", broken, 5))}, [][]Verdict{image(says("a", broken, 1), says("b", broken, 3))}},
		{"api", [][]Verdict{image(says("a", broken, 1), says("c", met, 0))}, [][]Verdict{image(says("a", met, 0), says("c", unknown, 0))}},
		{"new", nil, [][]Verdict{image(says("a", met, 0), says("d", broken, 1))}},
		{"gone", [][]Verdict{image(says("a", broken, 9))}, nil},
	})
	want := []StandingChange{
		{Policy: "a", Type: "type of a", Trend: Worse, Before: Standing{Met: 1, NotMet: 1}, After: Standing{Met: 2, NotMet: 1}, Worse: []string{"web"}, Better: []string{"api"}},
		{Policy: "b", Type: "type of b", Trend: Better, Before: Standing{NotMet: 1}, After: Standing{NotMet: 1}, Better: []string{"web"}}, // 5 in the worst image, then 3
		{Policy: "c", Type: "type of c", Trend: Unclear, Before: Standing{Met: 1}, After: Standing{NoData: 1}, Unclear: []string{"api"}},
		{Policy: "d", Type: "type of d", Trend: Worse, After: Standing{NotMet: 1}, Worse: []string{"new"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

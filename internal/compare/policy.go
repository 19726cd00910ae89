package compare

import (
	"slices"

	"github.com/crowsnest-sec/crowsnest"
)

// Verdict is what a policy says of an image by what is in it.
type Verdict struct {
	Policy     string // its name, of which an organisation has one
	Type       string
	Weight     int // in the score
	Status     crowsnest.Compliance
	Violations int
	Reason     string
	Says       []crowsnest.Saying // its sentences
}

// Trend says what the side after means for a policy.
type Trend string

// What becomes of a policy. Unclear is what is not known of one side and known of the other.
const (
	Better  Trend = "better"
	Worse   Trend = "worse"
	Alike   Trend = "same"
	Unclear Trend = "unclear"
)

// Count adds one to the number of what became of a policy.
func (t Trend) Count(worse, better, same, unclear *int) {
	switch t {
	case Worse:
		*worse++
	case Better:
		*better++
	case Unclear:
		*unclear++
	default:
		*same++
	}
}

// PolicyChange is what a policy says of two sides.
type PolicyChange struct {
	Trend         Trend
	Before, After Verdict
}

// Policies tells what became of the policies that say something of both sides, in their order. Of several images on the side
// before the one counts that a policy likes least: it is what the side after would improve on.
func Policies(before [][]Verdict, after []Verdict) []PolicyChange {
	var out []PolicyChange
	for _, a := range after {
		if worst := worst(before, a.Policy); worst != nil {
			out = append(out, PolicyChange{trend(*worst, a), *worst, a})
		}
	}
	return out
}

// worst returns what a policy says of the image that it likes least; nil if it says nothing of any.
func worst(images [][]Verdict, policy string) (worst *Verdict) {
	for _, image := range images {
		i := slices.IndexFunc(image, func(v Verdict) bool { return v.Policy == policy })
		if i >= 0 && (worst == nil || trend(*worst, image[i]) == Worse || worst.Status == crowsnest.Compliant && image[i].Status == crowsnest.NoData) {
			worst = &image[i]
		}
	}
	return worst
}

// RepositoryVerdicts is what policies say of the images of a repository on both sides, a list for each image.
type RepositoryVerdicts struct {
	Repository    string
	Before, After [][]Verdict
}

// Standing counts repositories by what a policy says of the image of each that it likes least.
type Standing struct{ Met, NotMet, NoData int }

func (s *Standing) add(v *Verdict) {
	switch {
	case v == nil:
	case v.Status == crowsnest.Compliant:
		s.Met++
	case v.Status == crowsnest.NonCompliant:
		s.NotMet++
	default:
		s.NoData++
	}
}

// StandingChange is what a policy says of two sides by repository.
type StandingChange struct {
	Policy, Type           string
	Trend                  Trend // worse if any repository is, else better if any is, else unclear
	Before, After          Standing
	Worse, Better, Unclear []string // repositories
}

// Standings tells what became of policies by repository, in the order in which they are first met with. A repository of which nothing runs on the side
// after is left out, as nothing would become of it; one of which nothing runs before is worse where a policy is not met.
func Standings(list []RepositoryVerdicts) []StandingChange {
	var out []StandingChange
	at := make(map[string]int)
	for _, r := range list {
		if len(r.After) == 0 {
			continue
		}
		seen := make(map[string]bool)
		for _, v := range slices.Concat(slices.Concat(r.Before...), slices.Concat(r.After...)) {
			if seen[v.Policy] {
				continue
			}
			seen[v.Policy] = true
			i, known := at[v.Policy]
			if !known {
				i = len(out)
				at[v.Policy] = i
				out = append(out, StandingChange{Policy: v.Policy, Type: v.Type, Trend: Alike})
			}
			c, before, after := &out[i], worst(r.Before, v.Policy), worst(r.After, v.Policy)
			c.Before.add(before)
			c.After.add(after)
			became := Alike
			switch {
			case after == nil:
			case before == nil && after.Status == crowsnest.NonCompliant:
				became = Worse
			case before != nil:
				became = trend(*before, *after)
			}
			switch became {
			case Worse:
				c.Worse = append(c.Worse, r.Repository)
			case Better:
				c.Better = append(c.Better, r.Repository)
			case Unclear:
				c.Unclear = append(c.Unclear, r.Repository)
			}
		}
	}
	for i := range out {
		switch c := &out[i]; {
		case len(c.Worse) > 0:
			c.Trend = Worse
		case len(c.Better) > 0:
			c.Trend = Better
		case len(c.Unclear) > 0:
			c.Trend = Unclear
		}
	}
	return out
}

// trend compares two verdicts of one policy. What is broken in more places is worse, also where it was broken before.
func trend(before, after Verdict) Trend {
	broken := func(v Verdict) bool { return v.Status == crowsnest.NonCompliant }
	switch {
	case broken(before) && broken(after) && after.Violations > before.Violations, !broken(before) && broken(after):
		return Worse
	case broken(before) && broken(after) && after.Violations < before.Violations, broken(before) && after.Status == crowsnest.Compliant:
		return Better
	case before.Status != after.Status:
		return Unclear
	}
	return Alike
}

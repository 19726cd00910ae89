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
		var worst *Verdict
		for _, image := range before {
			i := slices.IndexFunc(image, func(v Verdict) bool { return v.Policy == a.Policy })
			if i >= 0 && (worst == nil || trend(*worst, image[i]) == Worse || worst.Status == crowsnest.Compliant && image[i].Status == crowsnest.NoData) {
				worst = &image[i]
			}
		}
		if worst != nil {
			out = append(out, PolicyChange{trend(*worst, a), *worst, a})
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

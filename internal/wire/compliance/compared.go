package compliance

import (
	"github.com/crowsnest-sec/crowsnest/internal/compare"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// ComparedStandings is what policies say of what runs in two environments. Its fields are a contract.
type ComparedStandings struct {
	Environment   string             `json:"environment" doc:"The side after"`
	ToEnvironment string             `json:"toEnvironment" doc:"The side before, whose policies are asked"`
	Worse         int                `json:"worse" doc:"How many policies are worse in a repository"`
	Better        int                `json:"better" doc:"How many are better in one and worse in none"`
	Same          int                `json:"same"`
	Unclear       int                `json:"unclear" doc:"How many could in some repository be told of one side alone, and are neither worse nor better"`
	NotAsked      int                `json:"notAsked" doc:"Images of these repositories that are not analysed, or of which the content was removed: nothing is said of them"`
	Items         []ComparedStanding `json:"items" doc:"The policies that say something of a repository that runs on the side after"`
}

// ComparedStanding is what one policy says of two environments.
type ComparedStanding struct {
	Policy  string   `json:"policy"`
	Type    string   `json:"type"`
	Trend   string   `json:"trend" enum:"better,worse,same,unclear" doc:"worse if it is in any repository, else better if it is in any, else unclear"`
	Before  Standing `json:"before"`
	After   Standing `json:"after"`
	Worse   []string `json:"worse" doc:"Repositories in which it is worse: not met where it was, broken in more places, or not met where nothing ran; 20 at most"`
	Better  []string `json:"better" doc:"20 at most"`
	Unclear []string `json:"unclear" doc:"20 at most"`
}

// Standing counts repositories by what a policy says of the image of each that it likes least.
type Standing struct {
	Met    int `json:"met"`
	NotMet int `json:"notMet"`
	NoData int `json:"noData"`
}

// maxRepositories bounds those that are named of a policy.
const maxRepositories = 20

// NewComparedStandings converts what became of policies.
func NewComparedStandings(environment, to string, list []compare.StandingChange) ComparedStandings {
	out := ComparedStandings{Environment: environment, ToEnvironment: to, Items: []ComparedStanding{}}
	names := func(all []string) []string { return wire.List(all[:min(len(all), maxRepositories)]) }
	for _, c := range list {
		c.Trend.Count(&out.Worse, &out.Better, &out.Same, &out.Unclear)
		out.Items = append(out.Items, ComparedStanding{
			Policy: c.Policy, Type: c.Type, Trend: string(c.Trend), Before: Standing(c.Before), After: Standing(c.After), Worse: names(c.Worse), Better: names(c.Better), Unclear: names(c.Unclear),
		})
	}
	return out
}

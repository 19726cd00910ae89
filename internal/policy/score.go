package policy

import "github.com/crowsnest-sec/crowsnest"

// MaxWeight bounds what one policy counts.
const MaxWeight = 1000

// Weighed is the answer of one policy and what it counts.
type Weighed struct {
	Weight int
	Status crowsnest.Compliance
}

// Score is what an image reached of what could be reached.
type Score struct {
	Grade  string // A to F
	Got    int
	Of     int // of what could not be told as well: it must not look like something that is fine
	Counts int // policies
}

// Rate grades an image; false if no policy counts. A share that is exactly on the limit between two grades gets the lower one.
func Rate(answers []Weighed) (Score, bool) {
	var s Score
	for _, a := range answers {
		if a.Weight <= 0 {
			continue
		}
		s.Counts++
		s.Of += a.Weight
		if a.Status == crowsnest.Compliant {
			s.Got += a.Weight
		}
	}
	if s.Of == 0 {
		return Score{}, false
	}
	s.Grade = "F"
	for _, g := range []struct {
		above int // per cent
		grade string
	}{{90, "A"}, {70, "B"}, {50, "C"}, {30, "D"}, {10, "E"}} {
		if s.Got*100 > g.above*s.Of {
			s.Grade = g.grade
			break
		}
	}
	return s, true
}

// Percent is the score in whole per cent, rounded.
func (s Score) Percent() int { return (s.Got*200 + s.Of) / (2 * s.Of) }

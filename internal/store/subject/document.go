package subject

import "github.com/crowsnest-sec/crowsnest"

// Documents is what policies that somebody wrote see of some images, beside the facts.
type Documents struct {
	Images map[int64]crowsnest.Image     // by number
	Sets   map[int64][]crowsnest.Package // what is in the sets of packages, without where it is
}

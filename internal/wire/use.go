package wire

import "github.com/crowsnest-sec/crowsnest"

// ImageUse is what run time sees of the packages of an image where it runs.
type ImageUse struct {
	Packages map[string]crowsnest.InUse `json:"packages" doc:"By package URL, over all the places: in-use, not-seen or not-observed"`
	Places   []PlaceUse                 `json:"places" doc:"Each environment in which the image runs"`
}

// PlaceUse is what run time sees of the packages of an image in one environment.
type PlaceUse struct {
	Environment string                     `json:"environment"`
	Packages    map[string]crowsnest.InUse `json:"packages" doc:"By package URL: in-use, not-seen or not-observed"`
}

// UseByURL says of each package what was seen of it. Of several with one URL it is enough that one is loaded, and only if
// all were not seen is that said of them.
func UseByURL(packages []crowsnest.Package, watch crowsnest.Watch) map[string]crowsnest.InUse {
	out := make(map[string]crowsnest.InUse, len(packages))
	for _, p := range packages {
		state := watch.InUse(p.PackageVersion)
		if before, ok := out[p.PURL]; !ok || state == crowsnest.Loaded || before == crowsnest.NotSeen {
			out[p.PURL] = state
		}
	}
	return out
}

// UsedPackage is a package of an image with what run time sees of it.
type UsedPackage struct {
	crowsnest.Package
	InUse crowsnest.InUse `json:"inUse" enum:"in-use,not-seen,not-observed"`
}

package member

import "github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"

// DigestsOf selects the numbers of a digest of an organisation, both given as
// parameters, and, if it is the manifest of an image, of every other digest of that image.
func DigestsOf(org, digest int) string {
	return `select d.id from digest as d where d.organisation_id = ` + sqldb.Dollar(org) + ` and d.digest = ` + sqldb.Dollar(digest) + `
		union select a.digest_id from image as i join alias as a on a.image_id = i.id where i.organisation_id = ` + sqldb.Dollar(org) + ` and i.digest = ` + sqldb.Dollar(digest)
}

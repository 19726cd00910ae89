// Package lifetime says until when the makers of a distribution fix vulnerabilities in one of
// its releases, for everyone and without a contract. After that day a list of vulnerabilities
// grows no longer, which must not look like a release that has none.
package lifetime

import (
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// End is the last day of a release.
type End struct {
	Day    time.Time // UTC; the release is still fixed on it
	Source string    // the page of its makers that says so
}

// Past reports whether the day is over.
func (e End) Past(now time.Time) bool { return !now.Before(e.Day.AddDate(0, 0, 1)) }

// Of returns the end of a release; false if it is not known, as of what has no releases.
func Of(d crowsnest.Distribution) (End, bool) {
	for _, r := range releases {
		if r.id != d.ID || strings.Contains(d.VersionID, "_") { // a snapshot of Alpine's next release
			continue
		}
		if d.VersionID == r.version || strings.HasPrefix(d.VersionID, r.version+".") {
			day, err := time.Parse(time.DateOnly, r.last)
			return End{day, r.source}, err == nil
		}
	}
	return End{}, false
}

// release is a row of the table. Its version stands for those that have a dot and more after it.
type release struct {
	id      string // ID of os-release
	version string // VERSION_ID of os-release
	last    string // day, or the last one of the month that the source names
	source  string
}

// The pages that the makers of distributions keep.
const (
	alma   = "https://wiki.almalinux.org/release-notes/"
	alpine = "https://alpinelinux.org/releases/"
	amazon = "https://docs.aws.amazon.com/linux/al2023/release-notes/support-info-by-support-statement.html"
	amzn2  = "https://aws.amazon.com/amazon-linux-2/faqs/"
	centos = "https://www.centos.org/centos-linux-eol/"
	debian = "https://wiki.debian.org/LTS"
	fedora = "https://docs.fedoraproject.org/en-US/releases/eol/"
	leap   = "https://en.opensuse.org/Lifetime"
	oracle = "https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf"
	redHat = "https://access.redhat.com/support/policy/updates/errata"
	rocky  = "https://wiki.rockylinux.org/rocky/version/"
	stream = "https://www.centos.org/cl-vs-cs/"
	suse   = "https://www.suse.com/lifecycle"
	ubuntu = "https://ubuntu.com/about/release-cycle"
)

// releases is sorted by ID, then from the oldest release to the newest. CentOS 8 is not in it: CentOS Linux
// and CentOS Stream have the same ID and version and other ends.
var releases = []release{
	{"almalinux", "8", "2029-03-01", alma},
	{"almalinux", "9", "2032-05-31", alma},
	{"almalinux", "10", "2035-05-31", alma},
	{"alpine", "3.10", "2021-05-01", alpine},
	{"alpine", "3.11", "2021-11-01", alpine},
	{"alpine", "3.12", "2022-05-01", alpine},
	{"alpine", "3.13", "2022-11-01", alpine},
	{"alpine", "3.14", "2023-05-01", alpine},
	{"alpine", "3.15", "2023-11-01", alpine},
	{"alpine", "3.16", "2024-05-23", alpine},
	{"alpine", "3.17", "2024-11-22", alpine},
	{"alpine", "3.18", "2025-05-09", alpine},
	{"alpine", "3.19", "2025-11-01", alpine},
	{"alpine", "3.20", "2026-04-01", alpine},
	{"alpine", "3.21", "2026-11-01", alpine},
	{"alpine", "3.22", "2027-05-01", alpine},
	{"amzn", "2", "2026-06-30", amzn2},
	{"amzn", "2018.03", "2023-12-31", amzn2},
	{"amzn", "2023", "2029-06-30", amazon},
	{"centos", "6", "2020-11-30", centos},
	{"centos", "7", "2024-06-30", centos},
	{"centos", "9", "2027-05-31", stream},
	{"debian", "8", "2020-06-30", debian},
	{"debian", "9", "2022-06-30", debian},
	{"debian", "10", "2024-06-30", debian},
	{"debian", "11", "2026-08-31", debian},
	{"debian", "12", "2028-06-30", debian},
	{"debian", "13", "2030-06-30", debian},
	{"fedora", "37", "2023-12-05", fedora},
	{"fedora", "38", "2024-05-21", fedora},
	{"fedora", "39", "2024-11-26", fedora},
	{"fedora", "40", "2025-05-13", fedora},
	{"ol", "7", "2024-12-31", oracle},
	{"ol", "8", "2029-07-31", oracle},
	{"ol", "9", "2032-06-30", oracle},
	{"opensuse-leap", "15.3", "2022-12-31", leap},
	{"opensuse-leap", "15.4", "2023-12-07", leap},
	{"opensuse-leap", "15.5", "2024-12-31", leap},
	{"opensuse-leap", "15.6", "2026-04-30", leap},
	{"rhel", "6", "2020-11-30", redHat},
	{"rhel", "7", "2024-06-30", redHat},
	{"rhel", "8", "2029-05-31", redHat},
	{"rhel", "9", "2032-05-31", redHat},
	{"rhel", "10", "2035-05-31", redHat},
	{"rocky", "8", "2029-05-31", rocky},
	{"rocky", "9", "2032-05-31", rocky},
	{"rocky", "10", "2035-05-31", rocky},
	{"sles", "12.5", "2024-10-31", suse},
	{"sles", "15.4", "2023-12-31", suse},
	{"sles", "15.5", "2024-12-31", suse},
	{"sles", "15.6", "2025-12-31", suse},
	{"sles", "15.7", "2031-07-31", suse},
	{"ubuntu", "14.04", "2019-04-30", ubuntu},
	{"ubuntu", "16.04", "2021-04-30", ubuntu},
	{"ubuntu", "18.04", "2023-05-31", ubuntu},
	{"ubuntu", "20.04", "2025-05-31", ubuntu},
	{"ubuntu", "22.04", "2027-04-30", ubuntu},
	{"ubuntu", "24.04", "2029-05-31", ubuntu},
	{"ubuntu", "24.10", "2025-07-10", ubuntu},
}

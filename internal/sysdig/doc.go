// Package sysdig reads from Sysdig what runs in clusters and which packages were
// loaded there: the interface Sysdig calls Risk Spotlight and shares with other
// products, version 2. Its wire types stay in here; out come the words of package
// crowsnest.
//
// What a reader of this interface has to know:
//
//   - It belongs to the older API, which lives on the host of the user interface
//     ("secure host") of a region. The hosts api.<region>.sysdig.com answer 404.
//   - Items carry no time, no tag and no repository. imageID is mostly the digest
//     of the image configuration. Only packages that were seen loaded are listed; an
//     empty list may mean that there is no profile yet.
//   - Package URLs are not canonical: ':', '+' and '~' stand as they are and the
//     epoch stays in the version. The separate fields are trusted first.
//   - The last page has no page.next, or an empty one. data may be missing.
//   - The body of runtimeclusters is documented nowhere. Every plausible form is read.
//   - Errors are JSON whatever their Content-Type says, or pages of something in
//     between.
//
// A list that breaks off is an error, always: what is missing from it must not be
// taken for gone.
package sysdig

// Package recommend says what to change so that an image has fewer vulnerabilities: on what to build it instead, and which packages
// to upgrade. It is pure: the same images, findings and time always give the same answer.
//
// Bases are ranked by the critical and then the high vulnerabilities that are known of them, then by how near they are to what the
// image is built on now: a change that costs nothing goes before one that may break something. What speaks for and against each
// of them is named. A base that gets no fixes any more, or of which parts could not be analysed, goes last, however little is known
// of it.
//
// What to upgrade is the smallest set of packages that clears each critical and high vulnerability of which a fix is known: the
// base first, if building anew on what its tag names now clears some, and then each package that must be upgraded whatever the base
// is, to the lowest version that clears them.
package recommend

// Package policy decides whether images meet policies. A policy is a type with parameters; what it is asked about are
// facts, and the same facts always give the same answer: nothing is read here, and the time is one of the facts.
//
// An answer has three values. Something that breaks a policy makes an image non-compliant, whatever else is not known; else
// whatever is not known that might break it makes it "no data", with the reason; only what is left is compliant. So
// a feed that was never imported, an image without provenance or a package that nothing observes never looks like
// an image that is fine.
//
// Some answers become others by the passing of time alone, such as when a release of a distribution comes to its end. Each
// answer says when that may be, so that nobody has to ask again before.
package policy

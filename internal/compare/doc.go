// Package compare tells what is different between two sides, of which each is one image or
// several taken together: what each image says of itself, its packages and its vulnerabilities. It
// is pure: the same two sides always give the same answer, and exchanging them mirrors it.
//
// The side before is what is compared to, such as what runs in production; the side after is what
// may take its place. A vulnerability counts once for each package version that has it, as in the
// list of an image's findings, so that
//
//	findings before = fixed + unchanged
//	findings after  = new + unchanged
//
// and the same for packages. What of one side is which of the other is decided in steps: the same
// package version first, then the same version of the package however it was built, then other
// versions of it, the newest with the newest, and for findings at last packages built from the same
// source: libssl3 in the place of libssl1.1 brings no new vulnerability if both have it.
package compare

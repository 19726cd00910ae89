// Package quality counts what the analysis of images misses and what it makes up, by kind of
// package, against a baseline that is kept beside it: more of either fails.
//
// The images are built here. What must be found is what the builders note beside each
// record they write in a package manager's own format, never what the analysis once said.
//
// What is matched is held against facts of real advisories: testdata/matching.txt says, trap by trap, which vulnerabilities
// package versions have by them, and which versions have none.
package quality

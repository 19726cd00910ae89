// Package classify recognises software that no package manager recorded, by what its makers
// compile into it: a version beside words that stand nowhere else. Official images build
// their interpreters, servers and runtimes from source, so these are what most images are for.
//
// # How to add one
//
// A row in the list of classifiers is all: a name, patterns of paths, patterns of the version
// with a comment that says which file of the source they come from, and the repository
// that advisories name. A test asks for an example in its own table.
//
// A pattern begins with at least four bytes that are literal, which is what makes the scan as
// fast as a search for a string; only files whose path fits are scanned at all.
package classify

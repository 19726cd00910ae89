// Package distribution reads os-release and says what follows from it for the
// packages of an image: the OSV ecosystem their advisories are in, and their package
// URLs.
package distribution

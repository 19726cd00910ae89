// Package bundle is the demo's input, carried in the binary so that the demo
// needs no network: container images, the advisories that cover them, and what
// runs in two clusters.
//
// The images are genuine: their layers hold Debian 12 package databases, npm
// packages and Go programs built with their module information, and every digest
// is that of the bytes. They are small because a package database does not need
// the files it lists. The scenario:
//
//   - shop/web exists in two versions; production still runs the older one.
//   - shop/frontend runs in both environments.
//   - shop/worker, an index of two platforms built from scratch, runs in
//     production twice, once in a workload without a profile.
//   - shop/admin was pushed and runs nowhere.
//   - tools/debug runs in production and was never pushed, so nothing can be
//     known of it but that it runs.
//
// Layers hide packages on purpose (a removed build helper, a directory replaced
// as a whole, an npm package that a Debian package owns): who reports those has
// not merged the layers or not asked who owns a file.
//
// Everything below layout and advisories, and clusters.json, is written by the
// program in generate from the facts beside it.
package bundle

//go:generate go run ./generate

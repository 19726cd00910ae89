// Package bundle brings policies together that one wants to ask: from files, from folders, from bundles in registries, and those that
// are built in; and publishes them as a bundle.
//
// # Bundles
//
// A bundle is an OCI artifact. Each layer is a text in Rego, called as its annotation org.opencontainers.image.title says, or a tar of such
// texts, gzipped or not: what Docker Scout, OPA and Conftest push is read. What Crowsnest pushes has a layer for each text, of the media type
// that is common for that, and one that lists policies that are built in, if those are published too. The same policies give the
// same digest.
//
// # Which texts belong together
//
// Of one source, each text of the package docker.scout or crowsnest is a policy of its own, since all have the same rules; texts of other
// packages are libraries, which all policies of the source may import; and tests are of the policy beside them.
package bundle

// Package signin holds the tests of signing in with a provider of identities and of
// exchanging its tokens: the whole server on each engine, an issuer on loopback, and
// browsers that keep cookies.
package signin

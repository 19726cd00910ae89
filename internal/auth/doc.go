// Package auth guards the door: passwords, sessions, tokens and one-time links, the
// table of who may do what, and the sealing of secrets. It decides; the store keeps, and
// the API asks.
package auth

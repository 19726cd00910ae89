// Package oidckit serves an issuer of identity tokens on loopback: discovery, keys,
// the authorisation code flow with PKCE, and tokens with real signatures. It does what a
// provider must, and on demand what only an attacker's does. It signs in whoever asks as
// the person it was told, without a page.
package oidckit

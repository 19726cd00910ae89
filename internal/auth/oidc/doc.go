// Package oidc signs people in with a provider of identities that speaks OpenID Connect:
// the authorisation code flow with PKCE.
//
// A browser that begins is given a cookie with a random secret. State, nonce and the
// verifier of PKCE follow from it, so that the database keeps only its hash, any replica
// can go on with what another began, and no answer of the provider counts but in the
// browser that asked. What the provider says counts once it is signed by a key of the
// issuer, for this client, with that nonce.
package oidc

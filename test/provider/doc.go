// Package provider signs in with a provider of identities that others wrote and the OpenID
// Foundation certified: zitadel/oidc. It is a module of its own, so that what it needs is
// no dependency of the product.
package provider

// Package member derives what runs where: the digests reported of an organisation's
// clusters, each with the image it resolves to. Membership exists only here and is derived
// at each call from open occurrences, aliases and images; nothing of it is stored.
package member

// Package access keeps who may come in and what they did: organisations, people, tokens,
// sessions, one-time links, attempts to sign in, and the audit log. Of every secret only
// a hash is here.
package access

// Package registry is about registries that an organisation connected: which kinds there are, how their repositories are
// listed and their tags read, how they tell of pushes, and the watcher that does with each what is due.
//
// What a registry says of a tag counts; what is told of a push, by whoever knows the secret, only makes it be asked.
// So an event that comes twice, late, in another order or with a lie in it changes nothing.
//
// Everything read is hostile: pages, lists and events are capped, names that no registry would give are passed over,
// a page never leads to another host. Credentials are for one registry and go to no other.
package registry

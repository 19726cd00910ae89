// Package sysdigkit is a server that speaks the part of Sysdig's API that serves
// Risk Spotlight to other products: the clusters of an account, and the
// containers that run in a cluster with the packages they loaded. Tests and the
// demo serve it; it imports nothing of testing.
//
// It is written against the wire contract and not against Crowsnest's client, and
// keeps the contract's awkward sides: package URLs that are not canonical, a 401
// whose JSON body says text/plain, a GET that may carry a body, a last page that
// is marked by nothing. The body of runtimeclusters is documented nowhere, so
// its shape can be chosen. Faults can be injected at any request or page.
//
// Paging is over the list as it was when the first page was asked for, and changes
// show in the next sweep; or, if chosen, over the list as it is by then.
package sysdigkit

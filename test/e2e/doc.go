// Package e2e tests Crowsnest as a whole: the program that internal/app builds
// and the crowsnest command, against real registries, a Sysdig-compatible server
// and both database engines, all on loopback. It has no code of its own.
//
// Tests named TestLaw… hold one law of the design each; the number is the law's.
// What the suite of the store (internal/store/storetest) holds already is not
// tested again here.
package e2e

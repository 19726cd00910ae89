// Package bench measures the whole store at the size Crowsnest is designed for, on
// both engines in one run. It has no code of its own.
//
// A generator with a fixed seed makes one organisation's installation: images that
// share layers as the tags of a repository do, package versions some of which are
// everywhere and most of which are rare, advisories most of which name nothing
// installed, and clusters that report what they run. It is filled through the store's
// contract, by the same code that fills a real one.
//
// The size is that of one of the design's goals; CROWSNEST_BENCH_SCALE=0.1 makes
// everything that much smaller. Figures are reported, never asserted: p50-ms and p95-ms
// of the calls of a list, ms or s of an operation, MB of memory.
package bench

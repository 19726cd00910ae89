// Package simulation lives through clusters that change while they are swept, over faulty
// connections, by servers that are restarted and integrations that are changed meanwhile, with names that images are given anew, and
// compares what the store keeps with a model of what it must keep. Store and client are the real
// ones; chance comes from a seed, and the same seed makes the same history.
//
// make test lives through a few seeds. For longer, and to see one again:
//
//	go test ./test/simulation -args -simulate 10m
//	go test ./test/simulation -run SQLite -args -seed 4711
package simulation

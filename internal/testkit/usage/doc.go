// Package usage tells benchmarks what this process has used. It is told on Unix only.
package usage

// Package policy keeps what organisations ask of their images and what was answered: policies, and for each
// image whether it met them over time. What the answers are is not decided here; this room says which images are to be asked about, hands
// out what policies go by, and turns answers into intervals.
//
// A result is of an image by itself or, where the place counts, of an image in an environment. Which images are
// in an environment is derived at each call, as everywhere; only the results are kept.
package policy

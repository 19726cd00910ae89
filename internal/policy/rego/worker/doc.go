// Package worker asks policies in Rego in processes of their own, so that one that takes more than it may, in a way that its library cannot be
// stopped in, ends its process and not the one that asks.
//
// A worker reads a line of JSON for each question from its standard input and answers with one; while it thinks it may ask back for what was
// attested of the image, with a line and an answer in the same way. It has no environment, no arguments but the one that makes it a
// worker, and one question at a time. One that does not answer in time is killed, and so is one that says what is no answer; the next question starts another.
package worker

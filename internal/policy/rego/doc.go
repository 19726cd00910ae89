// Package rego asks policies that are written in Rego: those for Docker Scout's published contract (package docker.scout) and
// those for Crowsnest's own (package crowsnest), which see the same.
//
// # What a policy is
//
// A module with a boolean pass and a set violation of objects with a message, a detail whose keys are columns, and perhaps a
// remediation. The METADATA above its package names it. It reads input, the image; data.config, what it is configured with; and
// calls functions that answer from the facts, from what was attested of the image, and never from a network.
//
// # What is not known
//
// A policy must not turn what is not known into what is fine. A function that knows only a part of the answer gives that part
// and notes what is missing: if then nothing breaks the policy, the answer is "no data". A function that knows nothing, or
// that is not there, ends the evaluation with "no data", since in Rego a call that fails is only undefined, and "not undefined" is true.
//
// # Trust
//
// A policy is hostile until it has ended. The text is bounded before it is parsed; functions that reach out, never end or make much of
// little are not compiled (builtin.go); each of the others is bounded in what it takes, so that no single step can exhaust memory; between
// steps the time and the growth of the heap are looked at, and the evaluation is cancelled (run.go). What a policy says is
// capped and cleaned.
package rego

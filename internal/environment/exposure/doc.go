// Package exposure derives how long an environment was exposed to vulnerabilities. Nothing of it is
// stored: what ran and what was known of it are intervals, and exposure is their overlap. An
// exposure therefore changes with its sources, also for the past: an advisory that is withdrawn ends
// what it began, and does not undo it.
package exposure

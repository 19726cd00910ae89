// Package repository tests the repository itself: which package may import which,
// package comments, sizes, texts that must not be in it, links and make targets.
// It has no code of its own; a failure names the rule's reason and what to do.
package repository

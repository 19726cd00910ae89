//go:build !unix

package pgkit

import "os/exec"

// ownGroup does nothing: process groups are a matter of Unix.
func ownGroup(*exec.Cmd) {}

//go:build unix

package pgkit

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps signals to this process's group, even SIGKILL, from the command,
// so that it is there to clean up.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

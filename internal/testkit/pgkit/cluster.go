package pgkit

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

//go:embed cluster.sh
var clusterScript string

// errNotInstalled says that this machine has nothing to start a server from.
var errNotInstalled = errors.New("PostgreSQL is not installed: install its server (on Debian: apt-get install postgresql) or set " +
	URLVariable + " to the URL of a server whose user may create databases")

// notInstalledCode is cluster.sh's exit code where it finds no programs.
const notInstalledCode = 3

// startCluster starts cluster.sh, which lives as long as this process, and returns
// the URL of its server.
func startCluster() (string, error) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		return "", errNotInstalled
	}
	// By way of the environment, a list of processes does not show the whole script.
	cmd := exec.Command(shell, "-c", `eval "$PGKIT_CLUSTER"`, "cluster.sh")
	cmd.Env = append(os.Environ(), "PGKIT_CLUSTER="+clusterScript)
	ownGroup(cmd)
	// With this process's own stderr the script cannot lose a message, and "go
	// test" of several packages, which reads stderr to its end, waits until the
	// server is gone.
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", fmt.Errorf("start PostgreSQL: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("start PostgreSQL: %w", err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		err = errors.Join(stdin.Close(), cmd.Wait())
		if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == notInstalledCode {
			return "", errNotInstalled
		}
		return "", fmt.Errorf("start PostgreSQL: %w", err)
	}
	// Only the end of this process may close stdin. Were it garbage, its finaliser
	// would close it; a goroutine that waits keeps it.
	go func() {
		_ = cmd.Wait()
		runtime.KeepAlive(stdin)
	}()
	return strings.TrimSpace(line), nil
}

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Where there is no network at all, not even the machine's own, advisories come in one file, and everything about an image in a file is
// answered: the program runs in a namespace of the kernel that has no way to anywhere.
func TestNoNetworkAtAll(t *testing.T) {
	t.Parallel()
	outside := newMachine(t)
	set := filepath.Join(outside.home, "advisories.zip")
	must(t, os.WriteFile(set, zipped(t, advisories()...), 0o600))
	outside.ok(t, "advisory", "import", set, "--ecosystem", "npm,Debian,Go")
	bundle := filepath.Join(outside.home, "advisories.bundle")
	outside.ok(t, "advisory", "export", bundle)
	source := "archive://" + imagekit.OCIArchive(t, imagekit.Tag("web:1.0", shop(t)))

	inside := newMachine(t)
	run := func(args ...string) outcome {
		t.Helper()
		cmd := inside.command(t, ctx(t), args...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		if err := cmd.Start(); err != nil {
			t.Skipf("the kernel gives no namespace without network here: %v", err)
		}
		_ = cmd.Wait() // the code says it
		return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	}
	if o := run("quickview", "127.0.0.1:5000/shop/web:1.0"); o.code != 1 || !strings.Contains(o.stderr, "127.0.0.1:5000") {
		t.Fatalf("there is a network: %+v", o)
	}
	for _, call := range []struct {
		says string
		args []string
	}{
		{"npm", []string{"advisory", "import", bundle}},
		{"npm", []string{"advisory", "status"}},
		{"CVE-2099", []string{"cves", source}},
		{"CVE-2099", []string{"cves", source, "--advisories-from", bundle, "--explain"}},
		{"SPDX-2.3", []string{"sbom", source, "--format", "spdx"}},
		{"bookworm", []string{"quickview", source}},
		{"health", []string{"policy", source}},
	} {
		if o := run(call.args...); o.code != 0 || !strings.Contains(strings.ToLower(o.stdout+o.stderr), strings.ToLower(call.says)) {
			t.Errorf("crowsnest %s: %+v", strings.Join(call.args, " "), o)
		}
	}
	var report wire.CVEs
	outside.json(t, &report, "cves", source)
	if report.Summary != shopSummary {
		t.Errorf("outside it is %+v", report.Summary)
	}
}

package main

import (
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

const clusterToken = "0f3c2b1a-cluster-token"

// connected connects a cluster in which items run to the environment of its name.
func (p *person) connected(name string, items ...sysdigkit.Item) *sysdigkit.Server {
	p.t.Helper()
	sysdig := sysdigkit.New(clusterToken)
	sysdig.SetCluster(name, items...)
	p.ok("integration", "configure", "sysdig", "--name", name, "--parameter", "region=custom", "--parameter", "url=http://"+imagekit.Serve(p.t, sysdig), "--parameter", "token="+clusterToken,
		"--parameter", "cluster="+name, "--parameter", "environment="+name)
	return sysdig
}

// container is one of a deployment.
func container(name, imageID string, loaded ...sysdigkit.Package) sysdigkit.Item {
	return sysdigkit.Item{Namespace: "shop", WorkloadKind: "deployment", WorkloadName: name, Container: "main", ImageID: imageID, Packages: loaded}
}

// A word that is no kind of integration means none of them, least of all when something is deleted.
func TestIntegrationKindsAreChecked(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	for _, c := range []struct{ kind, says string }{{"", "integration configure sysdig"}, {"sysdig", "integration configure sysdig"}, {"registry", "integration configure registry"}} {
		args := []string{"integration", "list"}
		if c.kind != "" {
			args = append(args, c.kind)
		}
		if out := p.ok(args...); !strings.Contains(out, "is connected; connect one with crowsnest "+c.says) {
			t.Errorf("nothing is connected, and list %s says %q", c.kind, out)
		}
		if out := p.ok(append(args, "--format", "json")...); out != "[]\n" {
			t.Errorf("list %s as JSON: %q", c.kind, out)
		}
		p.refused(append(args, "--name", "nope"), "nope", "not found", "crowsnest integration list")
	}

	p.connected("prod", container("web", string(crowsnest.DigestOf([]byte("web")))))
	// What runs and has no name is told with how to come to know it.
	if out := p.ok("environment", "prod"); !strings.Contains(out, "its name is not known here") || !strings.Contains(out, "crowsnest integration update --name prod --parameter api-token=@FILE") {
		t.Errorf("what nothing is known of:\n%s", out)
	}
	for _, args := range [][]string{
		{"delete", "registy", "--preview"}, {"delete", "registy", "--yes"}, {"pause", "sysdg"}, {"resume", "sysdg"}, {"update", "sysdg", "--parameter", "interval=10m"},
		{"hook", "registy"}, {"configure", "sysdg"}, {"list", "sysdg"},
	} {
		p.refused(append([]string{"integration", args[0], args[1], "--name", "prod"}, args[2:]...), args[0]+" integration of kind "+args[1], "the kinds are sysdig and registry")
	}
	p.refused([]string{"integration", "sync", "registry", "--name", "prod"}, "the only kind it takes is sysdig")
	p.refused([]string{"integration", "clusters", "registry"}, "the only kind it takes is sysdig")
	if out := p.ok("integration", "list", "sysdig", "--name", "prod"); !strings.Contains(out, "connected") {
		t.Errorf("it is not as it was:\n%s", out)
	}
	p.ok("integration", "delete", "sysdig", "--name", "prod", "--yes")
}

// What is wrong with a connection is said of what is to be corrected.
func TestConnectionsAreExplained(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	p.refused([]string{"integration", "clusters", "--parameter", "region=eu1", "--parameter", "token=x", "--parameter", "ca=garbage"}, "leave the certificates out, or use the region custom")
	url := "url=http://" + imagekit.Serve(t, sysdigkit.New(clusterToken))
	p.refused([]string{"integration", "clusters", "--parameter", "region=custom", "--parameter", url, "--parameter", "token=x"}, "another account or installation: check the address")
	if out := p.ok("integration", "clusters", "--parameter", "region=custom", "--parameter", url, "--parameter", "token="+clusterToken); !strings.Contains(out, "names no cluster") ||
		!strings.Contains(out, "integration_enabled") || strings.Contains(out, "no container there") {
		t.Errorf("an account without clusters:\n%s", out)
	}
}

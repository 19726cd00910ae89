package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
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

// What a change moves is shown before it is done, and alone with --preview.
func TestIntegrationUpdateIsPreviewed(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	web := imagekit.Registry(t) + "/shop/web:1"
	digest := pushed(t, p, web, "1.0.0")
	sysdig := p.connected("prod", container("web", string(digest)), container("lost", string(crowsnest.DigestOf([]byte("lost")))))
	sysdig.SetCluster("other")
	update := func(parameters ...string) []string {
		args := []string{"integration", "update", "--name", "prod"}
		for _, parameter := range parameters {
			args = append(args, "--parameter", parameter)
		}
		return args
	}
	moves := "Moving prod takes 2 running containers out of prod: 1 analysed image and 1 not analysed leave it, and 0 analysed ones remain.\n  " +
		web + "  " + digest.Short() + "\n1 analysed image and 1 not analysed enter staging, which then has 1 analysed image.\n"
	if out := p.ok(append(update("environment=staging"), "--preview")...); out != moves {
		t.Errorf("preview of a move:\n%s", out)
	}
	pointed := p.ok(append(update("environment=staging", "cluster=other"), "--preview")...)
	if !strings.Contains(pointed, "Pointed at another cluster, prod ends 2 running containers in prod: 1 analysed image and 1 not analysed leave it") ||
		!strings.HasSuffix(pointed, "enters staging with its first sweep, and is not known before.\n") {
		t.Errorf("preview of another cluster:\n%s", pointed)
	}
	if out := p.ok(append(update("environment=prod", "cluster=prod"), "--preview")...); !strings.HasSuffix(out, "nothing leaves or enters.\n") {
		t.Errorf("preview of what is no change:\n%s", out)
	}
	var impact source.Impact
	if err := json.Unmarshal([]byte(p.ok(append(update("environment=staging"), "--preview", "--format", "json")...)), &impact); err != nil || impact.Leaves.Images != 1 || impact.Enters == nil || impact.Enters.Environment != "staging" {
		t.Errorf("preview in JSON: %v, %+v", err, impact)
	}
	p.refused(append(update("interval=10m"), "--preview"), "--preview needs another environment or cluster")
	p.refused([]string{"integration", "update", "registry", "--name", "hub", "--preview"}, "a registry feeds none")
	p.refused([]string{"integration", "update", "--name", "nope", "--parameter", "environment=staging", "--preview"}, "nope", "not found")
	if got := p.running("prod"); len(got) != 1 {
		t.Errorf("after previews %v run", got)
	}
	if _, stderr, err := p.run(append(update("environment=staging"), "--quiet")...); err != nil || stderr != moves {
		t.Errorf("the move: %v, said\n%s", err, stderr)
	}
	if got := p.running("staging"); len(got) != 1 {
		t.Errorf("after the move %v run", got)
	}
}

// Of each cluster it is said how it is connected already, and of the list whose it is.
func TestClustersAreExplained(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	sysdig := sysdigkit.New(clusterToken)
	url := "url=http://" + imagekit.Serve(t, sysdig)
	sysdig.SetCluster("eu", container("web", string(crowsnest.DigestOf([]byte("web")))))
	sysdig.SetCluster("staging")
	account := []string{"--parameter", "region=custom", "--parameter", url, "--parameter", "token=" + clusterToken}
	clusters := append([]string{"integration", "clusters"}, account...)
	if out := p.ok(clusters...); out != "eu\nstaging\n" {
		t.Errorf("clusters:\n%s", out)
	}
	p.ok(append([]string{"integration", "configure", "sysdig", "--name", "prod-eu", "--parameter", "cluster=eu", "--parameter", "environment=production"}, account...)...)
	if out := p.ok(clusters...); out != "eu       connected by prod-eu, feeds production\nstaging\n" {
		t.Errorf("one of them is connected:\n%s", out)
	}

	sysdig.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Clusters}, Status: 403, Times: -1})
	if out := p.ok(clusters...); !strings.HasPrefix(out, "! Sysdig accepts the token and does not give it the list of its clusters") || !strings.Contains(out, "Type the name") || !strings.Contains(out, "what it answers to the token: list clusters at Sysdig") {
		t.Errorf("without any list:\n%s", out)
	}
	p.refused(append([]string{"integration", "configure", "sysdig", "--name", "typed", "--parameter", "cluster=moon", "--parameter", "environment=production"}, account...), "no list of clusters that the name moon could be checked with")
	sysdig.SetAPITokens(clusterToken)
	if out := p.ok(clusters...); !strings.HasPrefix(out, "eu       connected by prod-eu, feeds production\nstaging\n! Sysdig does not give the token its own list of clusters, so these are those of Sysdig's data sources.") {
		t.Errorf("of another list:\n%s", out)
	}
	out := p.ok(append([]string{"integration", "configure", "sysdig", "--name", "typed", "--parameter", "cluster=moon", "--parameter", "environment=production", "--allow-empty"}, account...)...)
	if !strings.Contains(out, "the one of its data sources does not have the cluster moon; it has eu, staging") {
		t.Errorf("a typed name:\n%s", out)
	}
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

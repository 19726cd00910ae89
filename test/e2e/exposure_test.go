package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// TestLaw08ExposureIsOverlap follows a vulnerable image that comes, goes and comes back, through the
// command: exposure is what ran while it was known, the past can be asked for, and a restart keeps it all.
func TestLaw08ExposureIsOverlap(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		bad, good := shop(t), small(t, "amd64")
		imagekit.Push(t, host+"/shop/web:1.0", bad)
		imagekit.Push(t, host+"/shop/web:2.0", good)
		m := at(t, s)
		m.importAdvisories(t)
		s.analyse(t, host+"/shop/web:1.0")
		s.analyse(t, host+"/shop/web:2.0")
		sysdig, name := newSysdig(t), names(t, "production")
		sysdig.SetCluster(name, runs("web", imagekit.ImageID(t, bad)))
		s.connect(t, sysdig, name, name)
		came := time.Now()
		sysdig.SetCluster(name, runs("web", imagekit.ImageID(t, good)))
		s.sync(t, name)
		gone := time.Now()

		type report struct {
			wire.ExposureReport
			Exposures []wire.Exposure `json:"exposures"`
		}
		exposed := func(args ...string) (r report) {
			t.Helper()
			m.json(t, &r, append([]string{"exposure", name}, args...)...)
			return r
		}
		closed := exposed("--state", "closed", "--only-severity", "high")
		if len(closed.Exposures) != 1 || closed.BySeverity[1].Open != 0 || closed.BySeverity[1].Remediated != 1 || closed.Days[len(closed.Days)-1].Remediated.High != 1 {
			t.Fatalf("after it went: %+v", closed)
		}
		x := closed.Exposures[0]
		if e := x.Episodes[0]; x.Vulnerability != "CVE-2099-0002" || e.Since.After(came) || e.Until == nil || e.Until.After(gone) || e.Came.Image != host+"/shop/web:1.0" || e.Went.Image != host+"/shop/web:1.0" {
			t.Errorf("what went: %+v", x)
		}
		if out := m.ok(t, "exposure", name, "--state", "closed"); !strings.Contains(out, "KNOWN SINCE") || !strings.Contains(out, "UNTIL") || !strings.Contains(out, "ENDED BY") || strings.Contains(out, " DUE ") {
			t.Errorf("what went is told as\n%s", out)
		}
		if out := m.ok(t, "exposure", name, "--state", "overdue"); !strings.HasSuffix(out, "\n\nnone is overdue\n") {
			t.Errorf("nothing is overdue, and that is told as\n%s", out)
		}
		var then []wire.Environment
		m.json(t, &then, "environment", name, "--at", came.UTC().Format(time.RFC3339Nano))
		if len(then) != 1 || len(then[0].Images) != 1 || then[0].Images[0].Name != host+"/shop/web:1.0" || then[0].Coverage != (crowsnest.Coverage{Running: 1, Analysed: 1}) {
			t.Errorf("what ran then: %+v", then)
		}
		m.json(t, &then, "environment", name)
		if len(then[0].Images) != 1 || then[0].Images[0].Name != host+"/shop/web:2.0" {
			t.Errorf("what runs: %+v", then)
		}

		sysdig.SetCluster(name, runs("web", imagekit.ImageID(t, bad)))
		s.sync(t, name)
		open := exposed("--only-severity", "high")
		if len(open.Exposures) != 1 || open.Exposures[0].EpisodeCount != 2 || !open.Exposures[0].Open || open.Exposures[0].Due == nil || open.BySeverity[1].Open != 1 {
			t.Errorf("after it came back: %+v", open)
		}
		var news []wire.FindingEvent
		m.json(t, &news, "changes", "--since", "1d", "--env", name, "--only-severity", "high", "--only", "found")
		if len(news) != 1 || news[0].ID != "CVE-2099-0002" || news[0].Change != "found" || news[0].Images != 1 || !strings.Contains(m.ok(t, "changes", "--env", name), "CVE-2099-0002") {
			t.Errorf("what was found of it: %+v", news)
		}
		m.fails(t, []string{"find environment", "nowhere"}, "exposure", "nowhere")
		m.fails(t, []string{"--at", "yesterday", "2026-03-01"}, "environment", name, "--at", "yesterday")
		m.fails(t, []string{"--state", "sometimes"}, "exposure", name, "--state", "sometimes")
	})
}

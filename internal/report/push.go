package report

import (
	"fmt"
	"strconv"

	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
)

// ConnectedRegistries writes registries and how it goes with them.
func (p Printer) ConnectedRegistries(list []connected.RegistryIntegration) {
	rows := [][]string{{"NAME", "KIND", "ADDRESS", "STATE", "LISTED", "NEXT LOOK", "REPOSITORIES", "ENABLED", "WEBHOOK"}}
	for _, in := range list {
		state := Clean(in.State)
		switch state {
		case "connected":
			state = p.paint(green, state)
		case "pending", "paused":
			state = p.paint(yellow, state)
		case "failed":
			state = p.paint(red, state)
		}
		hook := "no: polled every " + Clean(in.Interval)
		if in.Hook {
			hook = "yes"
		}
		rows = append(rows, []string{Clean(in.Name), Clean(in.Kind), Clean(in.Host), state, p.ago(in.Listed), nextLook(in), strconv.Itoa(in.Found), strconv.Itoa(in.Enabled), hook})
	}
	p.Table(rows)
	for _, in := range list {
		if in.Reason != "" {
			p.printf("%s %s, since %s: %s\n", p.paint(yellow, "!"), Clean(in.Name), p.ago(in.StateSince), Clean(in.Reason))
		}
		if l := in.Pulls; l != nil {
			p.printf("%s: %d of %d pulls in %s are left, as of %s\n", Clean(in.Name), l.Left, l.Limit, Clean(l.Window), p.ago(l.AsOf))
		}
	}
}

// nextLook is when a registry is looked at next.
func nextLook(in connected.RegistryIntegration) string {
	if in.NextLook.IsZero() {
		return "–"
	}
	return in.NextLook.UTC().Format("2006-01-02 15:04Z")
}

// RegistryImpact writes what goes if a registry were disconnected, and what stays.
func (p Printer) RegistryImpact(name string, i connected.RegistryImpact) {
	p.printf("without %s, %s would be forgotten, %d of them enabled, and %s that wait taken back\n", Clean(name), Count(i.Repositories, "repository", "repositories"), i.Enabled, Count(i.Waiting, "analysis", "analyses"))
	p.printf("%s that came from there would stay\n", Count(i.Images, "analysed image", "analysed images"))
}

// Repositories writes the repositories of connected registries.
func (p Printer) Repositories(list []connected.Repository) {
	rows := [][]string{{"REGISTRY", "REPOSITORY", "STATE", "LAST PUSH", "TAGS", "TO FILL UP"}}
	for _, r := range list {
		state := Clean(r.State)
		switch state {
		case "enabled":
			state = p.paint(green, state)
		case "gone":
			state = p.paint(yellow, state)
		}
		tags, filling := "–", "–"
		if r.State == "enabled" {
			tags, filling = strconv.Itoa(r.Tags), strconv.Itoa(r.Filling)
		}
		rows = append(rows, []string{Clean(r.Registry), Clean(r.Reference), state, p.ago(r.Pushed), tags, filling})
	}
	p.Table(rows)
	for _, r := range list {
		if r.Reason != "" {
			p.printf("%s %s: %s\n", p.paint(yellow, "!"), Clean(r.Reference), Clean(r.Reason))
		}
	}
}

// Backfill writes what filling up would analyse, or what it was told to.
func (p Printer) Backfill(b connected.Backfill, preview bool) {
	will := "will be"
	if preview {
		will = "would be"
	}
	p.printf("%s of %s %s analysed, after everything else\n", Count(b.Images, "image", "images"), Count(b.Repositories, "repository", "repositories"), will)
	if b.Unread > 0 {
		p.printf("%s the tags of %s were not read yet and are not counted\n", p.paint(yellow, "!"), Count(b.Unread, "repository", "repositories"))
	}
}

// Count writes how many there are, in the words for one or for several.
func Count(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Lanes writes what waits for its analysis.
func (p Printer) Lanes(list []connected.Lane) {
	rows := [][]string{{"LANE", "RUNNING", "QUEUED", "COMING"}}
	for _, l := range list {
		rows = append(rows, []string{Clean(l.Lane), strconv.Itoa(l.Running), strconv.Itoa(l.Queued), strconv.Itoa(l.Coming)})
	}
	p.Table(rows)
}

// remedy writes what makes a running image be analysed.
func (p Printer) remedy(r *connected.Remedy) {
	if r == nil {
		return
	}
	if r.Reason != "" {
		p.printf("      %s\n", Clean(r.Reason))
	}
	if r.Command != "" {
		p.printf("      %s %s\n", p.paint(dim, "→"), Clean(r.Command))
	}
}

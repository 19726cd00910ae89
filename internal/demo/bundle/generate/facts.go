package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// facts is what is known of the packages that go into the images.
type facts struct {
	older, newer map[string]debPackage // by name: the oldest and the newest version Debian 12 offers
	npm          map[string]npmPackage // by name@version
}

// debPackage is one Debian package: the fields of its control file in their
// order, without the description, which is somebody's prose and no fact.
type debPackage struct {
	fields [][2]string
	files  []string // absolute paths it installs; only of the packages that listed wants them of
}

func (p debPackage) field(name string) string {
	for _, f := range p.fields {
		if f[0] == name {
			return f[1]
		}
	}
	return ""
}

func (p debPackage) name() string { return p.field("Package") }

// source is the source package's name; it is the binary's where no field says otherwise.
func (p debPackage) source() string {
	source, _, _ := strings.Cut(p.field("Source"), " ")
	if source == "" {
		return p.name()
	}
	return source
}

// npmPackage is one version of an npm package, in the form of its package.json.
type npmPackage struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	License string `json:"license"`
}

func (p npmPackage) packageJSON() ([]byte, error) { return indented(p) }

// The facts files. Debian's have the form of a control file, one paragraph a
// package, with the paths of a package in an own field at its end.
const (
	olderFile  = "debian-older.txt"
	newerFile  = "debian-newer.txt"
	npmFile    = "npm.json"
	filesField = "Files-Installed"
)

func readFacts() (facts, error) {
	var f facts
	var err error
	if f.older, err = readDebian(olderFile); err != nil {
		return f, err
	}
	if f.newer, err = readDebian(newerFile); err != nil {
		return f, err
	}
	b, err := os.ReadFile(filepath.Join(factsDir, npmFile))
	if err != nil {
		return f, err
	}
	var list []npmPackage
	if err := json.Unmarshal(b, &list); err != nil {
		return f, fmt.Errorf("read %s: %w", npmFile, err)
	}
	f.npm = map[string]npmPackage{}
	for _, p := range list {
		f.npm[p.Name+"@"+p.Version] = p
	}
	return f, f.check()
}

// check finds a package that the scenario names and the facts lack.
func (f facts) check() error {
	for _, set := range []map[string]debPackage{f.older, f.newer} {
		for _, name := range debianPackages() {
			if _, ok := set[name]; !ok {
				return fmt.Errorf("no facts about Debian's %s: run with -refresh", name)
			}
		}
	}
	for _, name := range npmPackages() {
		if _, ok := f.npm[name]; !ok {
			return fmt.Errorf("no facts about npm's %s: run with -refresh", name)
		}
	}
	return nil
}

func readDebian(file string) (map[string]debPackage, error) {
	b, err := os.ReadFile(filepath.Join(factsDir, file))
	if err != nil {
		return nil, err
	}
	packages := map[string]debPackage{}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(string(b)), "\n\n") {
		p, err := parseControl(paragraph)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		packages[p.name()] = p
	}
	return packages, nil
}

// parseControl reads one paragraph of a control file and leaves out its description.
func parseControl(paragraph string) (debPackage, error) {
	var p debPackage
	var field string
	for line := range strings.Lines(paragraph) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, " ") {
			switch field {
			case filesField:
				p.files = append(p.files, strings.TrimPrefix(line, " "))
			case "Description":
			case "":
				return p, fmt.Errorf("the first line continues nothing: %q", line)
			default:
				p.fields[len(p.fields)-1][1] += "\n" + line
			}
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return p, fmt.Errorf("not a field: %q", line)
		}
		field = name
		if field != filesField && field != "Description" {
			p.fields = append(p.fields, [2]string{name, strings.TrimSpace(value)})
		}
	}
	if p.name() == "" || p.field("Version") == "" {
		return p, fmt.Errorf("a paragraph without Package or Version")
	}
	return p, nil
}

func (p debPackage) String() string {
	var b strings.Builder
	for _, f := range p.fields {
		fmt.Fprintf(&b, "%s: %s\n", f[0], f[1])
	}
	if len(p.files) > 0 {
		b.WriteString(filesField + ":\n")
		for _, f := range p.files {
			b.WriteString(" " + f + "\n")
		}
	}
	return b.String()
}

// status writes the packages as dpkg's status file of a system that has them installed.
func status(packages []debPackage) []byte {
	var b strings.Builder
	for _, p := range packages {
		for _, f := range p.fields {
			fmt.Fprintf(&b, "%s: %s\n", f[0], f[1])
			if f[0] == "Package" {
				b.WriteString("Status: install ok installed\n")
			}
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}

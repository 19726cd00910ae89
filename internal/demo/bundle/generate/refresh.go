package main

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// refreshFacts asks apt and npm what the scenario's packages are like now and
// writes the facts files.
func refreshFacts() error {
	older, newer := []debPackage{}, []debPackage{}
	for _, name := range debianPackages() {
		versions, err := offered(name)
		if err != nil {
			return err
		}
		oldest, err := download(name, versions[0])
		if err != nil {
			return err
		}
		newest := oldest
		if len(versions) > 1 {
			if newest, err = download(name, versions[len(versions)-1]); err != nil {
				return err
			}
		}
		older, newer = append(older, oldest), append(newer, newest)
	}
	if err := writeDebian(olderFile, older); err != nil {
		return err
	}
	if err := writeDebian(newerFile, newer); err != nil {
		return err
	}
	var npm []npmPackage
	for _, name := range npmPackages() {
		out, err := commandOutput("npm", "view", name, "name", "version", "license", "--json")
		if err != nil {
			return err
		}
		var p npmPackage
		if err := json.Unmarshal(out, &p); err != nil {
			return fmt.Errorf("read npm's answer about %s: %w", name, err)
		}
		npm = append(npm, p)
	}
	b, err := indented(npm)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(factsDir, npmFile), b, 0o644)
}

// offered returns the versions of a package that the archives offer, oldest first.
func offered(name string) ([]string, error) {
	out, err := commandOutput("apt-cache", "madison", name)
	if err != nil {
		return nil, err
	}
	var versions []string
	for line := range strings.Lines(string(out)) {
		if columns := strings.Split(line, "|"); len(columns) == 3 && strings.Contains(columns[2], "Packages") {
			versions = append(versions, strings.TrimSpace(columns[1]))
		}
	}
	if len(versions) == 0 {
		return nil, fmt.Errorf("apt offers no %s: run apt-get update on Debian 12", name)
	}
	var failed error
	slices.SortFunc(versions, func(a, b string) int {
		order, err := compareVersions(a, b)
		failed = errors.Join(failed, err)
		return order
	})
	return slices.Compact(versions), failed
}

// compareVersions asks dpkg, which defines the order.
func compareVersions(a, b string) (int, error) {
	for order, relation := range map[int]string{-1: "lt", 0: "eq", 1: "gt"} {
		err := exec.Command("dpkg", "--compare-versions", a, relation, b).Run()
		if err == nil {
			return order, nil
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return 0, fmt.Errorf("compare versions with dpkg: %w", err)
		}
	}
	return 0, fmt.Errorf("dpkg orders neither %s nor %s", a, b)
}

// download fetches one package into a folder of its own and reads its facts.
func download(name, version string) (debPackage, error) {
	dir, err := os.MkdirTemp("", "crowsnest-generate-")
	if err != nil {
		return debPackage{}, err
	}
	defer os.RemoveAll(dir)
	get := exec.Command("apt-get", "download", "-q", name+"="+version)
	get.Dir = dir
	if out, err := get.CombinedOutput(); err != nil {
		return debPackage{}, fmt.Errorf("apt-get download %s=%s: %w: %s", name, version, err, out)
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(archives) != 1 {
		return debPackage{}, fmt.Errorf("apt-get download %s=%s left %d files", name, version, len(archives))
	}
	control, err := commandOutput("dpkg-deb", "-f", archives[0])
	if err != nil {
		return debPackage{}, err
	}
	p, err := parseControl(strings.TrimSpace(string(control)))
	if err != nil || !slices.Contains(listed, name) {
		return p, err
	}
	p.files, err = installedFiles(archives[0])
	return p, err
}

// installedFiles returns the paths in a package as dpkg lists them after installing it.
func installedFiles(archive string) ([]string, error) {
	cmd := exec.Command("dpkg-deb", "--fsys-tarfile", archive)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("list %s: %w", archive, err)
	}
	var files []string
	for r := tar.NewReader(out); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", archive, err)
		}
		if p := strings.TrimSuffix(strings.TrimPrefix(h.Name, "."), "/"); p != "" {
			files = append(files, p)
		} else {
			files = append(files, "/.")
		}
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		return nil, err
	}
	return files, cmd.Wait()
}

func writeDebian(file string, packages []debPackage) error {
	var b strings.Builder
	for i, p := range packages {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(p.String())
	}
	return os.WriteFile(filepath.Join(factsDir, file), []byte(b.String()), 0o644)
}

func commandOutput(name string, args ...string) ([]byte, error) {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, exit.Stderr)
		}
		return nil, fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return out, nil
}

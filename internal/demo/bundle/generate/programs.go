package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"

	"github.com/crowsnest-sec/crowsnest/internal/demo/bundle"
)

const programsFile = "programs.json"

// programsRecord says what the programs of the present bundle are.
type programsRecord struct {
	Go       string    `json:"go"` // the version that built them all
	Programs []program `json:"programs"`
}

// program is a Go program for one architecture.
type program struct {
	Module string `json:"module"` // folder of its module
	Arch   string `json:"arch"`   // GOARCH; the system is linux
	SHA256 string `json:"sha256"`
	Image  string `json:"image"` // the image it goes into
	Path   string `json:"path"`  // where in the image

	content []byte
}

// programSet finds a program by its module's folder and architecture.
type programSet map[[2]string]program

// version returns the version of a module that a program was built from, as
// its build information has it.
func (s programSet) version(module, dependency string) (string, error) {
	info, err := buildinfo.Read(bytes.NewReader(s[[2]string{module, "amd64"}].content))
	if err != nil {
		return "", fmt.Errorf("read build information of %s: %w", module, err)
	}
	for _, d := range info.Deps {
		if d.Path == dependency {
			return d.Version, nil
		}
	}
	return "", fmt.Errorf("%s is not built from %s", module, dependency)
}

// buildPrograms builds the programs of the scenario, or takes those of the
// present bundle where another Go built them and rebuild does not ask for new ones.
func buildPrograms(rebuild bool) (programSet, error) {
	path := filepath.Join(factsDir, programsFile)
	var last programsRecord
	b, err := os.ReadFile(path)
	switch {
	case os.IsNotExist(err):
		rebuild = true
	case err != nil:
		return nil, err
	default:
		if err := json.Unmarshal(b, &last); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
	}
	if !rebuild && last.Go != runtime.Version() {
		fmt.Fprintf(os.Stderr, "generate: the bundled programs were built with %s and this is %s: they are kept as they are (-refresh builds them anew)\n",
			last.Go, runtime.Version())
		return presentPrograms(last)
	}
	set := programSet{}
	record := programsRecord{Go: runtime.Version()}
	for _, p := range programPlans {
		if p.content, err = build(p); err != nil {
			return nil, err
		}
		sum := sha256.Sum256(p.content)
		p.SHA256 = hex.EncodeToString(sum[:])
		set[[2]string{p.Module, p.Arch}] = p
		record.Programs = append(record.Programs, p)
	}
	if b, err = indented(record); err != nil {
		return nil, err
	}
	return set, os.WriteFile(path, b, 0o644)
}

// build compiles one program so that the bytes depend on nothing but the
// sources and the Go version.
func build(p program) ([]byte, error) {
	dir, err := os.MkdirTemp("", "crowsnest-generate-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "program")
	cmd := exec.Command("go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir = filepath.Join(programsDir, p.Module)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+p.Arch, "CGO_ENABLED=0", "GOAMD64=v1", "GOARM64=v8.0",
		"GOFLAGS=", "GOEXPERIMENT=", "GODEBUG=", "GOFIPS140=off", "GOWORK=off", "GOTOOLCHAIN=local")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %s (its modules come from the Go module proxy): %w: %s", p.Module, err, text)
	}
	return os.ReadFile(out)
}

// presentPrograms takes the programs out of the images of the present bundle.
func presentPrograms(record programsRecord) (programSet, error) {
	images, err := bundle.Images()
	if err != nil {
		return nil, err
	}
	set := programSet{}
	for _, p := range record.Programs {
		if p.content, err = fileIn(images, p); err != nil {
			return nil, fmt.Errorf("take %s from %s: %w", p.Path, p.Image, err)
		}
		if sum := sha256.Sum256(p.content); hex.EncodeToString(sum[:]) != p.SHA256 {
			return nil, fmt.Errorf("%s in %s is not the program that %s names: run with -refresh", p.Path, p.Image, programsFile)
		}
		set[[2]string{p.Module, p.Arch}] = p
	}
	return set, nil
}

func fileIn(images []bundle.Image, p program) ([]byte, error) {
	for _, i := range images {
		if i.Name() != p.Image {
			continue
		}
		image := i.Image
		if i.Index != nil {
			found, err := partial.FindImages(i.Index, func(d v1.Descriptor) bool {
				return d.Platform != nil && d.Platform.Architecture == p.Arch
			})
			if err != nil || len(found) != 1 {
				return nil, fmt.Errorf("%d images for %s: %w", len(found), p.Arch, err)
			}
			image = found[0]
		}
		layers, err := image.Layers()
		if err != nil {
			return nil, err
		}
		for _, l := range layers {
			if content, err := fileInLayer(l, p.Path); content != nil || err != nil {
				return content, err
			}
		}
	}
	return nil, os.ErrNotExist
}

// fileInLayer returns nil where the layer has no such file.
func fileInLayer(layer v1.Layer, path string) ([]byte, error) {
	rc, err := layer.Uncompressed()
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	for r := tar.NewReader(rc); ; {
		h, err := r.Next()
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if h.Name == path {
			return io.ReadAll(r)
		}
	}
}

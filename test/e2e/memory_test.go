//go:build linux

package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// TestMemoryIsBounded analyses a layer of more than 2 GB: most of it one file, the rest a hundred thousand. What the
// program holds at its highest does not depend on how large the layer is.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 200 << 20
	layout := largeLayout(t)
	m := newMachine(t)
	cmd := m.command(t, ctx(t), "sbom", "oci-dir://"+layout, "--format", "json")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var peak int64
	for running := true; running; {
		select {
		case err := <-ended:
			running = false
			if err != nil {
				t.Fatalf("%v\n%s", err, stderr.String())
			}
		case <-time.After(10 * time.Millisecond):
			peak = max(peak, residentPeak(cmd.Process.Pid))
		}
	}
	var sbom wire.SBOM
	must(t, json.Unmarshal(stdout.Bytes(), &sbom))
	if len(sbom.Packages) != 1 || sbom.Packages[0].Name != "after" || len(sbom.Problems) != 0 {
		t.Errorf("packages %+v, problems %+v", sbom.Packages, sbom.Problems)
	}
	t.Logf("at its highest %d MiB", peak>>20)
	if peak == 0 || peak > limit {
		t.Errorf("the program held %d MiB at its highest, want at most %d", peak>>20, int64(limit)>>20)
	}
}

// residentPeak returns the resident memory of a process at its highest so far, in bytes; 0 if it is gone.
func residentPeak(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kB int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kB); n == 1 {
			return kB << 10
		}
	}
	return 0
}

// largeLayout writes an image layout with one layer of 2 GB. Its blob is made of gzip members, of which the one in
// the middle comes again and again: it need not be compressed more than once.
func largeLayout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	blobs := filepath.Join(dir, "blobs", "sha256")
	must(t, os.MkdirAll(blobs, 0o700))
	const chunk, chunks = 64 << 20, 31

	compress := func(raw []byte) []byte {
		var out bytes.Buffer
		w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
		must(t, err)
		_, err = w.Write(raw)
		must(t, err)
		must(t, w.Close())
		return out.Bytes()
	}
	var head bytes.Buffer
	must(t, tar.NewWriter(&head).WriteHeader(&tar.Header{Name: "srv/large.bin", Mode: 0o644, Size: chunk * chunks, Format: tar.FormatPAX}))
	rng := rand.New(rand.NewPCG(1, 2))
	block := make([]byte, 4096)
	var middle bytes.Buffer
	for middle.Len() < chunk {
		for i := range 256 { // compresses about as well as a program does not, and within the ratio that is taken
			block[i*16] = byte(rng.Uint32())
			block[i*16+1] = byte(rng.Uint32())
		}
		middle.Write(block)
	}
	var tail bytes.Buffer
	w := tar.NewWriter(&tail)
	content := bytes.Repeat([]byte("x"), 1024)
	for i := range 100_000 {
		must(t, w.WriteHeader(&tar.Header{Name: fmt.Sprintf("usr/share/data/%03d/%d.txt", i/1000, i), Mode: 0o644, Size: int64(len(content))}))
		_, err := w.Write(content)
		must(t, err)
	}
	manifest := []byte(`{"name": "after", "version": "1.0.0"}`)
	must(t, w.WriteHeader(&tar.Header{Name: "srv/node_modules/after/package.json", Mode: 0o644, Size: int64(len(manifest))}))
	_, err := w.Write(manifest)
	must(t, err)
	must(t, w.Close())

	blob, err := os.Create(filepath.Join(dir, "layer"))
	must(t, err)
	defer blob.Close()
	stored, diff := sha256.New(), sha256.New()
	out := io.MultiWriter(blob, stored)
	size := 0
	write := func(raw, packed []byte) {
		diff.Write(raw)
		n, err := out.Write(packed)
		must(t, err)
		size += n
	}
	write(head.Bytes(), compress(head.Bytes()))
	packed := compress(middle.Bytes())
	for range chunks {
		write(middle.Bytes(), packed)
	}
	write(tail.Bytes(), compress(tail.Bytes()))
	must(t, os.Rename(blob.Name(), filepath.Join(blobs, hexOf(stored))))

	put := func(value any) (digest string, size int) {
		text, err := json.Marshal(value)
		must(t, err)
		sum := sha256.New()
		sum.Write(text)
		must(t, os.WriteFile(filepath.Join(blobs, hexOf(sum)), text, 0o600))
		return "sha256:" + hexOf(sum), len(text)
	}
	config, configSize := put(obj{"architecture": "amd64", "os": "linux", "config": obj{}, "rootfs": obj{"type": "layers", "diff_ids": []string{"sha256:" + hexOf(diff)}}})
	image, imageSize := put(obj{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": obj{"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": configSize},
		"layers": []obj{{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:" + hexOf(stored), "size": size}},
	})
	index, err := json.Marshal(obj{"schemaVersion": 2, "manifests": []obj{{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": image, "size": imageSize}}})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "index.json"), index, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "oci-layout"), []byte(`{"imageLayoutVersion": "1.0.0"}`), 0o600))
	return dir
}

func hexOf(h hash.Hash) string { return fmt.Sprintf("%x", h.Sum(nil)) }

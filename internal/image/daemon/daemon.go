// Package daemon takes images out of the store of Docker, Podman and whatever else speaks the API
// of Docker's engine on this machine.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/crowsnest-sec/crowsnest"
)

// Save writes an image as "docker save" does. The platform, if one is asked for, chooses from an image
// of several; an engine too old for that is asked for the one it would run.
//
// Errors: NotFound for an image that is not there, Forbidden if the socket may not be used,
// Unavailable if no engine answers, the error of w, Internal for whatever else the engine says.
func Save(ctx context.Context, w io.Writer, reference string, platform crowsnest.Platform) error {
	host := os.Getenv(client.EnvOverrideHost)
	options := []client.Opt{client.FromEnv}
	if host == "" {
		host = "unix://" + firstSocket(places())
		options = append(options, client.WithHost(host))
	}
	engine, err := client.New(options...)
	if err != nil {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Hint: "correct " + client.EnvOverrideHost, Err: err}
	}
	defer engine.Close()
	if _, err := engine.ImageInspect(ctx, reference); err != nil {
		return failure(ctx, err, host, reference)
	}
	var save []client.ImageSaveOption
	if platform != (crowsnest.Platform{}) && choosesPlatform(engine.ClientVersion()) {
		save = append(save, client.ImageSaveWithPlatforms(v1.Platform{OS: platform.OS, Architecture: platform.Architecture, Variant: platform.Variant}))
	}
	body, err := engine.ImageSave(ctx, []string{reference}, save...)
	if err != nil {
		return failure(ctx, err, host, reference)
	}
	defer body.Close()
	source := &reader{Reader: body}
	if _, err := io.Copy(w, source); err != nil {
		if source.err != nil {
			return &crowsnest.Error{Kind: crowsnest.Unavailable, Hint: "try again", Err: fmt.Errorf("%s broke off: %w", host, source.err)}
		}
		return err
	}
	return nil
}

// choosesPlatform tells whether an engine of that version of the API saves one platform of several
// (Docker Engine API 1.48).
func choosesPlatform(version string) bool {
	_, minor, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(minor)
	return err == nil && n >= 48
}

// reader tells an error of the engine from one of the writer.
type reader struct {
	io.Reader
	err error
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// places are where Docker's and Podman's packages put their sockets, for the whole machine or for one person.
func places() []string {
	places := []string{"/var/run/docker.sock"}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		places = append(places, filepath.Join(dir, "docker.sock"), filepath.Join(dir, "podman", "podman.sock"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		places = append(places, filepath.Join(home, ".docker", "run", "docker.sock"), filepath.Join(home, ".docker", "desktop", "docker.sock"))
	}
	return append(places, "/run/podman/podman.sock")
}

// firstSocket is the first place at which an engine listens, or else the first of all.
func firstSocket(places []string) string {
	for _, place := range places {
		if info, err := os.Stat(place); err == nil && info.Mode().Type() == os.ModeSocket {
			return place
		}
	}
	return places[0]
}

// failure says in one sentence why the engine gave no image.
func failure(ctx context.Context, err error, host, reference string) error {
	e := &crowsnest.Error{Kind: crowsnest.Internal, Err: err}
	var network *net.OpError
	switch {
	case ctx.Err() != nil:
		e.Kind, e.Err = crowsnest.Canceled, context.Cause(ctx)
	case errdefs.IsNotFound(err):
		e.Kind, e.Err = crowsnest.NotFound, fmt.Errorf("there is no image %s at %s", reference, host)
		e.Hint = "list what is there with docker images or podman images; without local:// it is looked for in its registry"
	case errors.Is(err, syscall.EACCES), strings.Contains(err.Error(), "permission denied"):
		e.Kind, e.Err = crowsnest.Forbidden, fmt.Errorf("you may not use %s", host)
		e.Hint = "join the group that may, or use the socket of your own engine with " + client.EnvOverrideHost
	case client.IsErrConnectionFailed(err), errors.As(err, &network):
		e.Kind, e.Err = crowsnest.Unavailable, fmt.Errorf("no engine answers at %s", host)
		e.Hint = "start Docker, or Podman with podman system service, or name its socket in " + client.EnvOverrideHost
	}
	return e
}

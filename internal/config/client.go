package config

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Client is the configuration of the command line: where its server is, if it
// has one, and where it keeps its cache.
type Client struct {
	Server string `json:"server"`
	Token  string `json:"token"`
	Cache  string `json:"-"`
}

// LoadClient reads what login stored, and CROWSNEST_SERVER, CROWSNEST_TOKEN and
// CROWSNEST_CACHE, which come first. A stored token is used only with its own server.
func LoadClient(environ []string) (Client, error) {
	vars := make(map[string]string)
	for _, e := range environ {
		if k, v, ok := strings.Cut(e, "="); ok && strings.HasPrefix(k, prefix) {
			vars[strings.TrimPrefix(k, prefix)] = v
		}
	}
	c := Client{Server: vars["SERVER"], Token: vars["TOKEN"], Cache: vars["CACHE"]}
	if c.Cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return c, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "find cache folder", Hint: "set CROWSNEST_CACHE", Err: err}
		}
		c.Cache = filepath.Join(dir, "crowsnest")
	}
	stored, err := readLogin()
	if err != nil {
		return c, err
	}
	if c.Server == "" {
		c.Server = stored.Server
	}
	return c.withStored(stored), nil
}

// At returns the configuration for the server given on the command line.
func (c Client) At(server string) (Client, error) {
	if server == "" || server == c.Server {
		return c, nil
	}
	stored, err := readLogin()
	if err != nil {
		return c, err
	}
	c.Server = server
	if c.Token == stored.Token {
		c.Token = ""
	}
	return c.withStored(stored), nil
}

func (c Client) withStored(stored Client) Client {
	if c.Token == "" && c.Server == stored.Server {
		c.Token = stored.Token
	}
	return c
}

func loginFile() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "find configuration folder", Hint: "set CROWSNEST_SERVER and CROWSNEST_TOKEN instead", Err: err}
	}
	return filepath.Join(dir, "crowsnest", "login.json"), nil
}

func readLogin() (Client, error) {
	path, err := loginFile()
	if err != nil {
		return Client{}, nil // nothing was stored where there is no home
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Client{}, nil
	}
	var c Client
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		return Client{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read login", Subject: path, Hint: "remove the file and run crowsnest login again", Err: err}
	}
	return c, nil
}

// SaveLogin stores server and token for later calls, readable by this user alone,
// and returns the path of the file.
func SaveLogin(server, token string) (string, error) {
	path, err := loginFile()
	if err != nil {
		return "", err
	}
	fail := func(err error) (string, error) {
		return "", &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "store login", Subject: path, Err: err}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fail(err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".login-*") // made with mode 0600
	if err != nil {
		return fail(err)
	}
	defer os.Remove(tmp.Name())
	err = json.NewEncoder(tmp).Encode(Client{Server: server, Token: token})
	if err = errors.Join(err, tmp.Close()); err != nil {
		return fail(err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fail(err)
	}
	return path, nil
}

// RemoveLogin forgets what login stored.
func RemoveLogin() error {
	path, err := loginFile()
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "remove login", Subject: path, Err: err}
	}
	return nil
}

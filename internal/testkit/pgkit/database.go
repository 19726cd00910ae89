package pgkit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// URLVariable names the environment variable that holds the URL of a server to
// test on: postgres://user:password@host:port/database, where user may create
// databases. Tests leave that database alone and make their own beside it, named
// crowsnest_test_….
const URLVariable = "CROWSNEST_TEST_POSTGRES_URL"

// patience bounds each statement sent to the server: it is there to end a test
// with a message where the server hangs.
const patience = time.Minute

// Database returns the URL of a new, empty database, which is dropped when the
// test ends, whoever is still connected. Without a server the test is skipped, or
// fails if CI=true. It is safe for parallel tests.
func Database(t testing.TB) string {
	t.Helper()
	return create(t, "")
}

// Template is a database that is filled once for a process and copied: to make the same in each new one may take longer than the
// test that wants it. It is safe for parallel tests.
type Template struct {
	// Fill fills the database at a URL and leaves nobody connected.
	Fill func(url string) error

	once sync.Once
	name string
	err  error
}

// Database is as the function of that name, with a database that is filled. On a server of somebody else nothing is to stay behind, so there each
// is filled by itself.
func (p *Template) Database(t testing.TB) string {
	t.Helper()
	server := server(t)
	if os.Getenv(URLVariable) != "" {
		location := create(t, "")
		if err := p.Fill(location); err != nil {
			t.Fatalf("fill a test database: %v", err)
		}
		return location
	}
	p.once.Do(func() {
		p.name = newName()
		if p.err = execute(server, "create database "+p.name); p.err == nil {
			p.err = p.Fill(at(server, p.name))
		}
	})
	if p.err != nil {
		t.Fatalf("create a test database: %v", p.err)
	}
	return create(t, " template "+p.name)
}

func create(t testing.TB, how string) string {
	t.Helper()
	server, name := server(t), newName()
	if err := execute(server, "create database "+name+how); err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(server, "drop database "+name+" with (force)"); err != nil {
			t.Errorf("drop a test database: %v", err)
		}
	})
	return at(server, name)
}

// server returns the server's URL, or skips the test where there is none.
func server(t testing.TB) *url.URL {
	t.Helper()
	if testing.Short() {
		t.Skip("PostgreSQL is left out of short tests")
	}
	server, err := serverURL()
	switch {
	case errors.Is(err, errNotInstalled) && os.Getenv("CI") != "true":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	return server
}

func newName() string { return "crowsnest_test_" + strings.ToLower(rand.Text()) }

func at(server *url.URL, database string) string {
	u := *server
	u.Path, u.RawPath = "/"+database, ""
	return u.String()
}

// serverURL returns the URL of the server all tests of this process share.
var serverURL = sync.OnceValues(func() (*url.URL, error) {
	text, origin := os.Getenv(URLVariable), URLVariable
	if text == "" {
		var err error
		if text, err = startCluster(); err != nil {
			return nil, err
		}
		origin = "the address of the test server"
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// The text may hold a password, and so may the parser's error.
		return nil, fmt.Errorf("%s is not a postgres:// URL", origin)
	}
	return u, nil
})

// execute runs one statement on a connection of its own.
func execute(server *url.URL, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, server.String())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

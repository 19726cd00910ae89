package pgkit

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// holderVariable makes this test program start a cluster, say where, and wait.
const holderVariable = "PGKIT_TEST_HOLD"

func TestMain(m *testing.M) {
	if os.Getenv(holderVariable) == "" {
		os.Exit(m.Run())
	}
	u, err := startCluster()
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(u + "\n")
	select {}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func value[T any](t *testing.T, conn *pgx.Conn, query string, args ...any) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDatabaseIsFreshAndDropped(t *testing.T) {
	watcher := connect(t, Database(t))
	var name string
	t.Run("a test with two databases", func(t *testing.T) {
		first, second := connect(t, Database(t)), connect(t, Database(t))
		if _, err := first.Exec(t.Context(), "create table seen (id bigint)"); err != nil {
			t.Fatal(err)
		}
		const tables = "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
		if n := value[int](t, second, tables); n != 0 {
			t.Errorf("the second database has %d relations, want none", n)
		}
		name = value[string](t, first, "select current_database()")
		const known = "select count(*) from pg_database where datname = $1"
		if n := value[int](t, watcher, known, name); n != 1 {
			t.Errorf("found %d databases named %s while its test runs, want 1", n, name)
		}
	})
	if n := value[int](t, watcher, "select count(*) from pg_database where datname = $1", name); n != 0 {
		t.Errorf("database %s outlived its test", name)
	}
}

// TestClusterEndsWithItsProcess kills a process that holds a cluster and expects
// neither the server nor its files to be left.
func TestClusterEndsWithItsProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("PostgreSQL is left out of short tests")
	}
	Database(t) // skips or fails where no server can be had
	if err := exec.Command("sh", "-c", clusterScript, "cluster.sh", "--find").Run(); err != nil {
		t.Skip("PostgreSQL is reached by URL and not installed here")
	}
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), holderVariable+"=1", URLVariable+"=")
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	// cluster.sh holds the other end too: it ends once the cluster has ended.
	stderr, err := holder.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		said, _ := io.ReadAll(stderr)
		t.Fatalf("the holder of a cluster ended: %v: %s", err, said)
	}
	conn := connect(t, strings.TrimSpace(line))
	data := value[string](t, conn, "select current_setting('data_directory')")
	if _, err := os.Stat(filepath.Dir(data)); err != nil {
		t.Fatal(err)
	}

	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(stderr); err != nil || len(said) > 0 {
		t.Errorf("cluster.sh said %q (%v) while it stopped, want nothing", said, err)
	}
	holder.Wait() // its error is the kill

	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the server still answers")
	}
	if _, err := os.Stat(filepath.Dir(data)); !os.IsNotExist(err) {
		t.Errorf("stat %s: %v, want %v", filepath.Dir(data), err, fs.ErrNotExist)
	}
}

func TestTemplateIsFilledOnceAndCopied(t *testing.T) {
	filled := 0
	template := Template{Fill: func(url string) error {
		filled++
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			return err
		}
		_, err = conn.Exec(t.Context(), "create table filled as select 1 as n")
		return errors.Join(err, conn.Close(t.Context()))
	}}
	first, second := connect(t, template.Database(t)), connect(t, template.Database(t))
	if _, err := first.Exec(t.Context(), "delete from filled"); err != nil {
		t.Fatal(err)
	}
	if n := value[int](t, second, "select count(*) from filled"); n != 1 {
		t.Errorf("what one test removes is gone for another: %d rows", n)
	}
	if want := 1; filled != want && os.Getenv(URLVariable) == "" {
		t.Errorf("filled %d times", filled)
	}
}

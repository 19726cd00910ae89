#!/bin/sh
# Runs one throw-away PostgreSQL server for tests: prints its URL, serves until
# standard input ends, then stops the server and removes all it wrote.
#
# Waiting for the end of standard input ties the server's life to whoever holds
# the other end, however that process ends: the kernel closes the pipe even on
# SIGKILL, on every Unix.
#
#   cluster.sh          serve
#   cluster.sh --find   print the folder of the server's programs and exit
#
# Exit codes: 0 served and stopped, 1 the server did not start, 3 PostgreSQL is
# not installed.
set -eu

find_programs() {
	if program=$(command -v postgres) && command -v initdb >/dev/null; then
		dirname "$program"
		return
	fi
	# Debian and Red Hat keep the server's programs out of PATH, one folder for
	# each major version; the newest wins.
	for folder in $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -t/ -k5 -V -r); do
		if [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ]; then
			echo "$folder"
			return
		fi
	done
	echo "PostgreSQL's server programs (postgres, initdb) are neither in PATH nor in /usr/lib/postgresql" >&2
	return 3
}

bin=$(find_programs) || exit $?
if [ "${1:-}" = --find ]; then
	echo "$bin"
	exit 0
fi

# A signal to the whole process group, such as Ctrl-C, must not end this script
# before it has cleaned up; the end of standard input follows soon enough.
trap '' INT TERM HUP

dir=$(mktemp -d "${TMPDIR:-/tmp}/crowsnest-pg.XXXXXX")
server=
stop() {
	if [ -n "$server" ]; then
		kill -QUIT "$server" 2>/dev/null || true # immediate: the data is thrown away
		wait "$server" 2>/dev/null || true
	fi
	rm -rf "$dir"
}
trap stop EXIT

# Should this script be killed outright, Linux passes that on to the server.
run=
! setpriv --pdeathsig QUIT true 2>/dev/null || run="setpriv --pdeathsig QUIT --"

# PostgreSQL refuses to run as root.
user=
if [ "$(id -u)" = 0 ]; then
	user=postgres
	id "$user" >/dev/null 2>&1 || user=nobody
	if ! command -v setpriv >/dev/null; then
		echo "PostgreSQL cannot run as root and setpriv (util-linux) is missing to leave root: install it or run as another user" >&2
		exit 1
	fi
	chown "$user" "$dir"
	run="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups -- $run"
fi
cd "$dir" # the caller's folder may be closed to that user

# Other users of the machine can reach a loopback port, and a superuser of
# PostgreSQL can run programs: so even this server has a password.
umask 077
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "$password" >password
[ -z "$user" ] || chown "$user" password

init() {
	$run "$bin/initdb" --pgdata="$dir/data" --username=postgres --pwfile="$dir/password" --auth=scram-sha-256 \
		--encoding=UTF8 --locale=C --no-sync "$@" >"$dir/initdb.log" 2>&1
}
# Production servers mostly sort by language, so the tests' server does too where
# it can (PostgreSQL 15 with ICU): a query that relies on byte order without
# saying so fails here and not there.
if ! init --locale-provider=icu --icu-locale=en; then
	rm -rf "$dir/data"
	if ! init; then
		cat "$dir/initdb.log" >&2
		exit 1
	fi
fi

cat >>data/postgresql.conf <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
shared_buffers = 64MB
END

# Ports below the range the kernel hands out, so that only another listener can
# be in the way; then the next attempt takes another.
for attempt in 1 2 3 4 5 6 7 8 9 10; do
	port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
	$run "$bin/postgres" -D "$dir/data" -p "$port" </dev/null >"$dir/server.log" 2>&1 &
	server=$!
	while kill -0 "$server" 2>/dev/null; do
		if grep -q '^ready' data/postmaster.pid 2>/dev/null; then
			echo "postgres://postgres:$password@127.0.0.1:$port/postgres?sslmode=disable"
			while read -r _; do :; done
			exit 0
		fi
		sleep 0.05
	done
	server=
	grep -q 'could not bind' "$dir/server.log" || break
done
cat "$dir/server.log" >&2
exit 1

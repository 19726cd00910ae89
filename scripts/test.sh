#!/usr/bin/env bash
# Runs the tests on both engines with the race detector. Arguments go to go test;
# without any, all packages are tested.
#
# Unless CROWSNEST_TEST_POSTGRES_URL names a PostgreSQL server, one throw-away
# server is started for the whole run and stopped at its end.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-test-tools.sh

server= # process that keeps PostgreSQL
tests=  # process group of go test

clean_up() {
	if [ -n "$server" ]; then
		exec 3>&- # the end of its standard input stops it
		wait "$server" || true
	fi
}
trap clean_up EXIT

if [ -z "${CROWSNEST_TEST_POSTGRES_URL:-}" ]; then
	dir=$(mktemp -d "${TMPDIR:-/tmp}/crowsnest-tests.XXXXXX")
	mkfifo "$dir/hold" "$dir/url"
	set -m # a process group of its own, see below
	internal/testkit/pgkit/cluster.sh <"$dir/hold" >"$dir/url" &
	server=$!
	set +m
	exec 3>"$dir/hold"
	read -r CROWSNEST_TEST_POSTGRES_URL <"$dir/url" || true
	rm -rf "$dir"
	if [ -z "$CROWSNEST_TEST_POSTGRES_URL" ]; then
		echo "PostgreSQL did not start; see above" >&2
		exit 1
	fi
	export CROWSNEST_TEST_POSTGRES_URL
fi

# The tests get a process group of their own, so that an interruption reaches every
# process in it while this script stays to clean up. The first one lets go test
# remove its temporary files, a second one kills.
interrupted= # exit code that tells the signal
interrupt() {
	signal=INT
	[ -z "$interrupted" ] || signal=KILL
	interrupted=$1
	[ -z "$tests" ] || kill -"$signal" -- "-$tests" 2>/dev/null || true
}
trap 'interrupt 129' HUP
trap 'interrupt 130' INT
trap 'interrupt 143' TERM

# SQLite is C made Go: instrumented, its tests take four times as long, for memory that only
# its own locks guard. Nothing beside that package may go without: a generic function of
# the standard library can be linked from any package that calls it, and one that is not
# instrumented hides an order of events from the detector.
without='-gcflags=modernc.org/sqlite/lib=-race=false'

[ $# -gt 0 ] || set -- ./...
set -m
go test -race "$without" -timeout 40m "$@" 3>&- &
tests=$!
set +m
if [ -n "$interrupted" ]; then # before $tests was known
	kill -KILL -- "-$tests" 2>/dev/null || true
fi
while :; do # a trapped signal ends the wait, not the tests
	status=0
	wait "$tests" || status=$?
	kill -0 "$tests" 2>/dev/null || break
done
# A test that was cut short, by a signal or its timeout, has not stopped what it started.
kill -KILL -- "-$tests" 2>/dev/null || true
exit "${interrupted:-$status}"

#!/usr/bin/env bash
# Runs benchmarks and prints their tables: bench.sh PATTERN TIME. Only packages that
# have benchmarks are built.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$(git grep --untracked -lE '^func Benchmark[A-Z]' -- '*_test.go' | xargs -r -n 1 dirname | sort -u | sed 's,^,./,')
if [ -z "$packages" ]; then
	echo "no package has a benchmark" >&2
	exit 1
fi
# shellcheck disable=SC2086 # a list of folders without blanks
go test -run '^$' -bench "${1:-.}" -benchtime "${2:-1s}" -benchmem -timeout 60m $packages

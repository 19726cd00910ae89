#!/usr/bin/env bash
# Fails if making the generated code again changes a file. Changes that were there
# before do not count, so that it can be run on work in progress.
set -euo pipefail
cd "$(dirname "$0")/.."

state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT

# One line for each file that differs from the last commit or is new.
changes() {
	git ls-files -z --modified --others --exclude-standard |
		while IFS= read -r -d '' file; do
			if [ -e "$file" ]; then
				printf '%s  %s\n' "$(git hash-object -- "$file")" "$file"
			else
				printf 'deleted  %s\n' "$file"
			fi
		done | sort
}

changes >"$state/before"
make --no-print-directory generate
changes >"$state/after"
if ! diff "$state/before" "$state/after" >"$state/diff"; then
	echo "generated code is out of date; run 'make generate' and commit:" >&2
	sed -n 's/^[<>] [^ ]*  /  /p' "$state/diff" | sort -u >&2
	git --no-pager diff --stat >&2
	exit 1
fi

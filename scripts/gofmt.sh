#!/usr/bin/env bash
# Runs gofmt with the given flags on every Go file of the repository, and fails if
# -l finds one that is not formatted.
set -euo pipefail
cd "$(dirname "$0")/.."

list=$(git ls-files -z --cached --others --exclude-standard -- '*.go' |
	while IFS= read -r -d '' file; do
		[ ! -e "$file" ] || printf '%s\0' "$file" # deleted, but not yet in a commit
	done | xargs -0 -r gofmt "$@")
if [ -n "$list" ]; then
	printf '%s\n' "$list"
	exit 1
fi

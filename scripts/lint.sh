#!/usr/bin/env bash
# Runs the linters: those of tools/lint and staticcheck, at the versions
# tools/go.mod pins. go vet is a step of its own, see Makefile.
set -euo pipefail
cd "$(dirname "$0")/.."

lint=$(mktemp -d)
trap 'rm -rf "$lint"' EXIT
go build -C tools -o "$lint/lint" ./lint
go vet -vettool="$lint/lint" ./...
go vet -tags cloudkms ./internal/auth # the one package that has more with a tag

# Excluded from staticcheck's checks, with the reason:
#   ST1000  test/repository asks for more: exactly one package comment
#   ST1023  a type written out where it could be inferred may help the reader
#   QF1*    rewrites one may like or not; they show no fault
checks='all,-ST1000,-ST1023,-QF1*'
go tool -modfile=tools/go.mod staticcheck -checks "$checks" ./...
cd tools
go tool staticcheck -checks "$checks" ./...

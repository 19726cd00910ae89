#!/usr/bin/env bash
# Works on the dashboard in web/: web.sh build, check, e2e, screenshots, scale or cold. Packages are
# installed only when the lock file changed since they last were.
set -euo pipefail
cd "$(dirname "$0")/../web"

if ! command -v npm >/dev/null || ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)'; then
	echo "The dashboard needs Node 20 or newer with npm; a program without it: make build" >&2
	exit 1
fi
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

install() {
	local sum mark=node_modules/.crowsnest-lock
	sum=$(cat package.json package-lock.json | sha256sum)
	if [ "$(cat $mark 2>/dev/null)" != "$sum" ]; then
		npm ci --no-audit --no-fund
		echo "$sum" >$mark
	fi
}

# Newer than everything it is made of, dist is what a build would make.
is_fresh() {
	[ -e dist/index.html ] && [ -z "$(find src public build index.html ./*.json ./*.ts -newer dist/index.html -print -quit)" ]
}

build() {
	install
	is_fresh || npm run --silent build
}

program() {
	build
	cd ..
	CGO_ENABLED=0 go build -trimpath -tags dashboard -o bin/crowsnest ./cmd/crowsnest
	cd web
	../scripts/install-browser.sh
}

# An installation of 10,000 images in a database: a path or a URL.
make_installation() {
	echo "making an installation of 10,000 images"
	(cd .. && CROWSNEST_BENCH_DATABASE=$1 go test -run '^TestMakeInstallation$' -count 1 -timeout 30m ./test/bench)
}

case "${1:-}" in
build) build ;;
check)
	install
	npm run --silent check
	;;
e2e)
	program
	npm run --silent e2e -- "${@:2}"
	if [ $# -eq 1 ]; then
		echo "what reads and writes lists and times once more, on PostgreSQL"
		../scripts/install-test-tools.sh
		CROWSNEST_E2E_DATABASE=postgres npm run --silent e2e -- \
			-g '(access|compare|connect|exposure|list|overview|packages|policies|use)\.spec\.ts|takes certificates, a second token|a sweep that breaks off|changes name and language'
	fi
	;;
screenshots)
	program
	npm run --silent screenshots
	;;
cold)
	program
	npm run --silent cold
	;;
scale)
	program
	npm run --silent cold
	if [ -n "${SCALE_DATA:-}" ]; then
		npm run --silent scale
		exit
	fi
	export SCALE_DATA SCALE_DATABASE=
	SCALE_DATA=$(mktemp -d)
	trap 'exec 3>&-; rm -rf "$SCALE_DATA"' EXIT
	make_installation "$SCALE_DATA/crowsnest.db"
	npm run --silent scale
	echo "the same on PostgreSQL"
	../scripts/install-test-tools.sh
	mkfifo "$SCALE_DATA/hold" "$SCALE_DATA/url"
	../internal/testkit/pgkit/cluster.sh <"$SCALE_DATA/hold" >"$SCALE_DATA/url" &
	exec 3>"$SCALE_DATA/hold" # its end stops the server
	read -r SCALE_DATABASE <"$SCALE_DATA/url"
	make_installation "$SCALE_DATABASE"
	npm run --silent scale
	;;
*)
	echo "usage: web.sh build|check|e2e|screenshots|scale|cold" >&2
	exit 2
	;;
esac

#!/usr/bin/env bash
# Installs what the tests need beyond Go, where it is missing: PostgreSQL's server
# and Docker's registry. As root on Debian that is done with apt, without starting
# a service; elsewhere the script says what to install and exits with 1.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=() # for apt
wanted=()   # for people

if [ -z "${CROWSNEST_TEST_POSTGRES_URL:-}" ] && ! internal/testkit/pgkit/cluster.sh --find >/dev/null 2>&1; then
	packages+=(postgresql)
	wanted+=("PostgreSQL's server (15 or newer), or set CROWSNEST_TEST_POSTGRES_URL to the URL of one whose user may create databases")
fi
if ! command -v docker-registry >/dev/null; then
	packages+=(docker-registry)
	wanted+=("Docker's registry, as a program named docker-registry in PATH")
fi
[ ${#packages[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || [ ! -e /etc/debian_version ] || ! command -v apt-get >/dev/null; then
	echo "The tests need what this script cannot install here (it can as root on Debian). Please install:" >&2
	printf '  - %s\n' "${wanted[@]}" >&2
	if [ -e /etc/debian_version ]; then
		echo "On this system: sudo apt-get install --no-install-recommends ${packages[*]}" >&2
	fi
	exit 1
fi

# Debian's packages start their services when installed, unless this policy program
# forbids it with exit code 101. One that forbids it already stays as it is.
policy=/usr/sbin/policy-rc.d
kept=
restore_policy() {
	if [ -n "$kept" ]; then
		mv -f "$kept" "$policy"
	else
		rm -f "$policy"
	fi
}
code=0
if [ -x "$policy" ]; then
	"$policy" postgresql start >/dev/null 2>&1 || code=$?
fi
if [ "$code" != 101 ]; then
	if [ -e "$policy" ]; then
		kept=$policy.before-test-tools
		mv "$policy" "$kept"
	fi
	trap restore_policy EXIT
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi

echo "Installing for the tests: ${packages[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
install() {
	apt-get install --yes --quiet --no-install-recommends -o DPkg::Lock::Timeout=120 "${packages[@]}" >"$log" 2>&1
}
log=$(mktemp)
# Package lists are absent in many containers and old in others; both show as a
# failed installation.
if ! install && ! { apt-get update --quiet >>"$log" 2>&1 && install; }; then
	cat "$log" >&2
	echo "apt-get could not install ${packages[*]}; see above. Please install:" >&2
	printf '  - %s\n' "${wanted[@]}" >&2
	rm -f "$log"
	exit 1
fi
rm -f "$log"

# What was not there before must not start at the next boot either.
if [ -d /run/systemd/system ]; then
	systemctl --quiet disable "${packages[@]/%/.service}"
fi

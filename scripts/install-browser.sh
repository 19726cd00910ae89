#!/usr/bin/env bash
# Installs the browser of the dashboard's tests where it is missing: Debian's Chromium.
# As root on Debian that is done with apt; elsewhere the script says what to install.
set -euo pipefail

[ ! -x "${CROWSNEST_TEST_CHROMIUM:-/usr/bin/chromium}" ] || exit 0

if [ "$(id -u)" != 0 ] || [ ! -e /etc/debian_version ] || ! command -v apt-get >/dev/null; then
	echo "The dashboard's tests need Chromium. Please install it, or set CROWSNEST_TEST_CHROMIUM to the path of one." >&2
	exit 1
fi
echo "Installing for the dashboard's tests: chromium" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
	apt-get install --yes --quiet --no-install-recommends -o DPkg::Lock::Timeout=120 chromium >"$log" 2>&1
}
if ! install && ! { apt-get update --quiet >>"$log" 2>&1 && install; }; then
	cat "$log" >&2
	echo "apt-get could not install chromium; see above" >&2
	exit 1
fi

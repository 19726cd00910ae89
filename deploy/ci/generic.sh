#!/bin/sh
# An example for any other system of CI: set what crowsnest-ci.sh names at its top, and run its steps.
set -eu

steps=$(dirname "$0")/crowsnest-ci.sh
sh "$steps" check
# A comment that cannot be written must not hide the verdict.
sh "$steps" comment || echo "Crowsnest could not comment"
sh "$steps" verdict

#!/bin/sh
# A new version, or new settings, without an interruption: migrate, then one process after the other.
# What is running meanwhile works with the migrated database (docs/operating.md, "Upgrade").
set -eu
cd "$(dirname "$0")"
compose() { docker compose -f compose.yml "$@"; }

compose build migrate
compose run --rm migrate
for process in app1 app2; do
    echo "Restarting $process…"
    # it is given its time to leave (stop_grace_period); the other one serves everybody meanwhile
    compose up -d --no-deps --wait --wait-timeout 180 "$process"
done
compose up -d --no-recreate
echo "Both serve the new version."

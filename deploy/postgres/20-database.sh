#!/bin/sh
# The roles' passwords, from the environment, and the database.
set -eu
psql -v ON_ERROR_STOP=1 --username postgres \
    -v owner="$LOOM_OWNER_PASSWORD" -v server="$LOOM_SERVER_PASSWORD" <<'SQL'
ALTER ROLE loom_owner PASSWORD :'owner';
ALTER ROLE loom_server PASSWORD :'server';
CREATE DATABASE loom OWNER loom_owner;
REVOKE CONNECT, TEMPORARY ON DATABASE loom FROM PUBLIC;
GRANT CONNECT ON DATABASE loom TO loom_app;
SQL

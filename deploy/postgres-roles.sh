#!/bin/sh
# Makes, where missing, the databases and three roles: ventanilla_owner migrates, ventanilla is the bot's and owns
# nothing, rasa has its trackers. What the bot's role owned before this release goes to the owner. May be repeated.
set -eu
secrets=${SECRETS:-/run/secrets}
PGPASSWORD=$(cat "$secrets/admin_password")
export PGPASSWORD
for name in ventanilla_owner:owner ventanilla:app rasa:rasa; do
    psql -q -v ON_ERROR_STOP=1 -d postgres -v role="${name%:*}" -v password="$(cat "$secrets/${name#*:}_password")" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', :'role', :'password')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SQL
done
for name in ventanilla:ventanilla_owner rasa:rasa; do
    psql -q -v ON_ERROR_STOP=1 -d postgres -v database="${name%:*}" -v owner="${name#*:}" <<'SQL'
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE CONNECT ON DATABASE :"database" FROM PUBLIC;
SQL
done
psql -q -v ON_ERROR_STOP=1 -d ventanilla <<'SQL'
REASSIGN OWNED BY ventanilla TO ventanilla_owner;
GRANT CONNECT ON DATABASE ventanilla TO ventanilla;
SQL

#!/bin/sh
# Makes a database and its owner for the application and for Rasa's trackers; runs once, on an empty volume.
set -eu
for name in ventanilla:app rasa:rasa; do
    user=${name%:*}
    psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
        -v user="$user" -v password="$(cat "/run/secrets/${name#*:}_password")" <<'SQL'
CREATE ROLE :"user" LOGIN PASSWORD :'password';
CREATE DATABASE :"user" OWNER :"user";
REVOKE CONNECT ON DATABASE :"user" FROM PUBLIC;
SQL
done

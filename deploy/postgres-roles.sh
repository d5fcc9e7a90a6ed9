#!/bin/sh
# Makes, where missing, the databases and three roles: ventanilla_owner migrates, ventanilla is the bot's and owns
# nothing, rasa has its trackers. What the bot's role owned before this release goes to the owner. All get the passwords
# of the folder of secrets, the superuser too. May be repeated. No password is an argument of a command, which every user
# of the machine can read.
set -eu
secrets=${SECRETS:-/run/secrets}
password=$(cat "$secrets/admin_password")
before=$(cat "$secrets/admin_password_before" 2>/dev/null || true) # those that the superuser may still have
export PGPASSWORD
opens() { # tries each password, while that is what is wrong
    for PGPASSWORD in "$password" $before; do
        if refusal=$(psql -qt -d postgres -c '' 2>&1); then return 0; fi
        case $refusal in *"password authentication failed"*) ;; *) return 1 ;; esac
    done
    return 1
}
wait_s=${WAIT_S:-60} # `docker compose restart` starts everything at once
while ! opens; do
    case $refusal in *"password authentication failed"*)
        echo "$refusal"
        echo "roles: The volume 'postgres' has data, but the passwords of the volume 'secrets' do not open it: that was deleted"
        echo "and made anew, or is another installation's. Nothing was changed, and nothing starts. Restore a backup into empty"
        echo "volumes, as docs/operations/backups.md says under 'Backups with Docker Compose'."
        exit 1 ;;
    esac >&2
    if [ "$wait_s" -le 0 ]; then
        echo "$refusal" >&2
        exit 1
    fi
    wait_s=$((wait_s - 1))
    sleep 1
done
for name in ventanilla_owner:owner ventanilla:app rasa:rasa; do
    file="$secrets/${name#*:}_password" psql -q -v ON_ERROR_STOP=1 -d postgres -v role="${name%:*}" <<'SQL'
\set password `cat "$file"`
SELECT format('CREATE ROLE %I LOGIN', :'role')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" PASSWORD :'password';
SQL
done
file="$secrets/admin_password" psql -q -v ON_ERROR_STOP=1 -d postgres <<'SQL'
\set password `cat "$file"`
ALTER ROLE CURRENT_USER PASSWORD :'password';
SQL
PGPASSWORD=$password
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

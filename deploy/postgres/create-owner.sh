#!/bin/sh
# Run once by the postgres image on an empty data folder: the application's role owns its database,
# is no superuser, and nobody else may connect to it.
set -eu
password=$(cat "$OWNER_PASSWORD_FILE")
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
	-v role="$OWNER_ROLE" -v database="$OWNER_DATABASE" -v password="$password" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"database" OWNER :"role";
REVOKE CONNECT, TEMPORARY ON DATABASE :"database" FROM PUBLIC;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
SQL

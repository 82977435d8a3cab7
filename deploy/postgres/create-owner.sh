#!/bin/sh
# Run once by the postgres image on an empty data folder: the application's role owns its database,
# is no superuser, and nobody else may connect to it. Several owners are several words in each variable.
set -eu
roles=$OWNER_ROLE databases=$OWNER_DATABASE
for password_file in $OWNER_PASSWORD_FILE; do
	role=${roles%% *} roles=${roles#* }
	database=${databases%% *} databases=${databases#* }
	password=$(cat "$password_file")
	psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
		-v role="$role" -v database="$database" -v password="$password" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"database" OWNER :"role";
REVOKE CONNECT, TEMPORARY ON DATABASE :"database" FROM PUBLIC;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
SQL
done

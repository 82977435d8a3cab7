#!/bin/sh
# Adds the password from its secret file without showing it among the arguments.
set -eu
config=$(mktemp)
printf 'requirepass %s\n' "$(cat "$VALKEY_PASSWORD_FILE")" >"$config"
server=$1
shift
exec "$server" "$config" "$@"

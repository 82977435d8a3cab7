#!/bin/sh
# What `docker compose up` needs first, from any folder: sh deploy/prepare.sh [SETTINGS-FILE]
# Makes the secrets that docker-compose.yml lists, one file of mode 0600 each, and the settings that depend on
# this machine in `.env`, or the file named. What is there already stays as it is.
set -eu
cd "$(dirname "$0")/.."
umask 077
settings=${1:-.env}
secrets=${TWINBENCH_STATE:-.twinbench}/secrets
mkdir -p "$secrets"

password() { od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n'; }
token() { head -c 48 /dev/urandom | base64 -w 0 | tr '+/' '-_'; }
# PKCS #8 as RFC 8410 has it: a fixed beginning, then the key's 32 bytes, which may be any.
ed25519() {
	echo '-----BEGIN PRIVATE KEY-----'
	{ printf '\060\056\002\001\000\060\005\006\003\053\145\160\004\042\004\040' && head -c 32 /dev/urandom; } | base64 -w 0
	printf '\n-----END PRIVATE KEY-----\n'
}

sed -n 's/^  \([a-z-]*\): {file: .*generate: \([a-z0-9]*\)}}$/\1 \2/p' docker-compose.yml |
	while read -r name kind; do
		[ -e "$secrets/$name" ] || { "$kind" >"$secrets/.$name" && mv "$secrets/.$name" "$secrets/$name"; }
	done

# Containers run as the files' owner. That must not be root, who gives them to the databases' usual user.
uid=$(id -u) gid=$(id -g)
if [ "$uid" = 0 ]; then
	uid=999 gid=999
	chown "$uid:$gid" "$secrets"/*
fi

set_once() { grep -qs "^$1=" "$settings" || echo "$1=$2" >>"$settings"; }
set_once TWINBENCH_UID "$uid"
set_once TWINBENCH_GID "$gid"
set_once COMPONENT_CPUS "$(nproc)"

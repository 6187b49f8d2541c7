# What one can do here. `make` lists it.

BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench docs clean

help: ## list the targets
	@echo "labc: compiles a description of a network lab, makes the lab, tests it with real packets"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/labc-dev ## a virtual environment in .venv with labc and all that its developers use

.venv/labc: pyproject.toml .ci/setup
	@.ci/setup run

.venv/labc-dev: pyproject.toml .ci/setup
	@.ci/setup dev

demo: .venv/labc ## rehearse a firewall change: built, tested, found wrong, corrected, found right, removed
	@.ci/packages nftables
	@PATH="$(CURDIR)/$(BIN):$$PATH:/usr/sbin:/sbin" examples/firewall-change/demo

test: ## install what the tests need (Debian packages as root) and run them all
	@.ci/packages busybox ca-certificates chromium git iproute2 isc-dhcp-client nftables openssh-client openssh-server procps python3-venv tcpdump util-linux
	@$(MAKE) --no-print-directory .venv/labc-dev
	@PATH="$(CURDIR)/$(BIN):$$PATH:/usr/sbin:/sbin" $(BIN)/python -m pytest -n 2 $(PYTEST)

lint: .venv/labc-dev ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/labc-dev ## the benchmarks beside their peers, one JSON line each
	@PATH="$(CURDIR)/$(BIN):$$PATH:/usr/sbin:/sbin" $(BIN)/python -m bench

docs: .venv/labc-dev ## write the generated pages of docs/ anew, and all of them as HTML in site/
	$(BIN)/python docs/build.py

clean: ## remove what the other targets made
	rm -rf .venv site dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis examples/firewall-change/evidence
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

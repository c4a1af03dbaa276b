# Everything that a person does with this repository is a target here; `make help` lists them. The work is in tools/ and bin/podplay.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build images refresh up down status logs restart shell doctor test test-unit test-contract test-pod test-ui fuzz check check-tidy fmt bench docs clean

S ?= mail
POD := $(or $(PODPLAY_POD_NAME),podplay)
export BASE_IMAGE DEBIAN_MIRROR DEBIAN_SECURITY_MIRROR NPM_REGISTRY

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  Variables: S=mail (service of logs and shell), BASE_IMAGE=..., DEBIAN_MIRROR=..., PODPLAY_... (docs/settings.md)"

setup: ## Install the Debian packages that building and running the pod needs.
	@tools/setup run

build: ## Build the programs; the command line tool is bin/podplay (also named podplay-auth).
	@tools/setup run && tools/build-images programs

images: ## Build the programs and images whose inputs changed, and print the images' sizes.
	@tools/setup run && tools/build-images

refresh: ## Build all images again with Debian's newest packages (security updates); then run make up.
	@tools/setup run && tools/build-images refresh

up: ## Start a proven pod with a first administrator, from nothing; a second time changes nothing.
	@tools/up

down: ## Stop the pod in order; volumes stay.
	@bin/podplay down

status: ## Show what runs, and the state of each service.
	@bin/podplay system status || bin/podplay podman pod ps

logs: ## Follow the logs of one service: make logs S=mail (api, apache, bind, mail, certs).
	@bin/podplay logs $(S) --lines 100 --follow || bin/podplay podman logs --tail 100 --follow $(POD)-$(S)

restart: ## Stop the pod and start it again.
	@bin/podplay down
	@bin/podplay up

shell: ## Open a shell in a service's container: make shell S=mail.
	@bin/podplay podman exec -it $(POD)-$(S) bash

doctor: ## Find what is wrong with this host and the pod, why, and what to do about it.
	@tools/setup run && tools/check-host && tools/build-images programs && bin/podplay doctor

test: ## Run all tests: unit, contract and, in pods of their own, end to end and in a browser.
	@tools/test unit contract pod ui

test-unit: ## Run the C++ tests (tests/ mirrors src/).
	@tools/test unit

test-contract: ## Run the contract tests against real daemons and a real PostgreSQL.
	@tools/test contract

test-pod: ## Run the end-to-end tests with real clients in a pod of their own.
	@tools/test pod

test-ui: ## Run the tests of the pages in Chromium, in a pod of their own.
	@tools/test ui

fuzz: ## Give the parsers and the API random input, 60 s each and 2 minutes (FUZZ_SECONDS=..., FUZZ_SEED=...).
	@tools/fuzz

check: ## Run the quick checks of the code: layers, format, scripts, types of the pages, generated documents.
	@tools/check

check-tidy: ## Run the quick checks, and clang-tidy over every file (some minutes).
	@tools/check --tidy

fmt: ## Format the C++ sources.
	@tools/setup check >/dev/null
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i

bench: ## Run all programs of bench/, each against a pod of its own.
	@tools/setup run test bench && tools/build-images
	@for program in bench/*; do [[ -x $$program && -f $$program ]] || continue; echo "== $$program"; $$program || exit 1; done

docs: ## Write the generated documents (docs/settings.md, docs/openapi.json).
	@tools/generated-docs write

clean: ## Remove what was built here (build/, bin/, parts of .cache); never images or volumes.
	rm -rf build bin .cache/build .cache/programs .cache/context .cache/logs

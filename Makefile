# The one list of recipes. Each installs what it needs; `make help` tells what it does.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run demo test e2e check gen bench fuzz audit ui

# Tools that scripts/setup puts beside the project come first.
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.venv/bin:$(PATH)
export CARGO_TARGET_DIR ?= $(CURDIR)/target
ROSTRUM := $(CARGO_TARGET_DIR)/debug/rostrum
UI_SOURCES := $(shell find ui -name node_modules -prune -o -name dist -prune -o -type f -print)

help: ## This list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 10

run: setup-run ui ## Build and start everything on this machine, with a ready-made administrator
	cargo run --locked --release -p server --bin rostrum -- serve --dev

demo: ## Start a synthetic auction host on the running server
	cargo run --locked --release -p server --bin rostrum -- demo auction

test: setup-test ui ## Every test of a working day: Rust, both databases, UI, one real-client story per area
	npm --prefix ui test
	cargo test --locked --workspace
	cargo build --locked -p server --example bids_under_fire
	cargo build --locked -p server --bin rostrum
	scripts/stories $(ROSTRUM) short

e2e: setup-e2e ui ## Every client and the long runs
	cargo build --locked -p server --example bids_under_fire
	cargo build --locked -p server --bin rostrum
	scripts/stories $(ROSTRUM) all

check: setup-check ## Formatting, lints, types, licences and sources of dependencies
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo deny --locked check bans licenses sources
	npm --prefix ui run lint
	npm --prefix ui run types

gen: setup-ui ## Write every generated file: example configuration, OpenAPI document, UI types
	cargo run --locked -p server --bin rostrum -- gen
	npm --prefix ui run gen

bench: setup-bench ## Measure video beside nginx-rtmp and bids beside a row lock per bid, with the targets
	cargo bench --locked -p server --bench beside_nginx
	cargo bench --locked -p server --bench bids
	cargo bench --locked -p server --bench watchers

fuzz: ## Fuzz every parser for FUZZ_SECONDS (60) each; needs a nightly toolchain and cargo-fuzz
	scripts/fuzz $${FUZZ_SECONDS:-60}

audit: setup-deny ## Known vulnerabilities in dependencies (asks the RustSec database)
	cargo deny --locked check advisories

ui: setup-ui ui/dist/index.html ## Build the UI into ui/dist, where the server embeds it from

# A new build makes cargo compile the server again, so it is done only when a source changed.
ui/dist/index.html: $(UI_SOURCES) | setup-ui
	npm --prefix ui run build

SETUPS := setup-ui setup-check setup-run setup-test setup-e2e setup-bench setup-deny
.PHONY: $(SETUPS)
$(SETUPS): setup-%:
	scripts/setup $*

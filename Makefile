# TinyWindow. `make help` lists what there is.
#
# Everything is built in target/ (cargo's own way to move it is CARGO_TARGET_DIR); Python's tools
# live in .venv/.

.DEFAULT_GOAL := help
SHELL  := /bin/bash
TARGET := $(or $(CARGO_TARGET_DIR),target)
RELEASE = $(TARGET)/release
SKIPPED = $(TARGET)/tmp/skipped
STAGE  := $(abspath $(TARGET)/stage)
# With more features than the library, so apart from it.
COMMAND = $(TARGET)/command/tinywindow
# The environment of the gRPC tests: Google's client and what makes stubs for it.
GRPC = $(TARGET)/grpc-test
PYTHON_TESTED = $(TARGET)/python-test/bin/python

LANGUAGES := c cpp rust python cobol fortran

RUST_EXAMPLE = $(TARGET)/rust-example/quickstart

# What `make demo` replays: a LOBSTER message file; empty is a synthetic flow.
ORDERS ?=

# How long `make fuzz` goes on with each target.
SECONDS ?= 60

include bindings/install.mk bindings/package.mk

.PHONY: help setup build demo test lint header bench smoke soak audit timing fuzz fuzz-smoke sanitize clean
.PHONY: sim sim-mutations races
.PHONY: library command stage examples
.PHONY: test-rust test-c test-constant-time test-cpp test-python test-grpc test-legacy test-package

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup:  ## Install what building and testing need (Debian packages)
	@tools/setup

build: library command  ## Build the library and the command, optimised

library: setup
	cargo build --release --lib

# What the command tells shells and readers of itself is made here, so that `make install` runs
# nothing.
command: setup
	cargo build --profile command --features cli,grpc --bin tinywindow
	rm -rf $(TOLD)
	$(COMMAND) man $(TOLD)/man/man1 $$(date -u -d @$(EPOCH) +%F)
	@mkdir -p $(TOLD)/bash-completion/completions $(TOLD)/zsh/site-functions \
	    $(TOLD)/fish/vendor_completions.d
	$(COMMAND) completions bash > $(TOLD)/bash-completion/completions/tinywindow
	$(COMMAND) completions zsh > $(TOLD)/zsh/site-functions/_tinywindow
	$(COMMAND) completions fish > $(TOLD)/fish/vendor_completions.d/tinywindow.fish

# $(call stage,TARGET,WHAT IT IS)
define stage
echo "demo: $(2)"; $(MAKE) $(1) >> $(TARGET)/demo/build.log 2>&1 || { \
    tail -n 40 $(TARGET)/demo/build.log >&2; exit 1; }
endef

demo:  ## Replay a day of orders (ORDERS=FILE for a real one), then one example per language
	@[ -z "$(ORDERS)" ] || [ -r "$(ORDERS)" ] || { echo "demo: cannot read $(ORDERS)" >&2; exit 1; }
	@mkdir -p $(TARGET)/demo && : > $(TARGET)/demo/build.log
	@echo "demo: what is printed by builds goes to $(TARGET)/demo/build.log; minutes are those of the" \
	    "first time, on two cores"
	@$(call stage,setup,installing what is missing of Debian's packages: up to 3 minutes)
	@$(call stage,library,building the library: 2 minutes)
	@$(call stage,command,building the command and the daemon: 4 minutes)
	@$(call stage,examples,packing the wheel and running one example per language: 2 minutes)
	@$(COMMAND) replay $(ORDERS) --report $(TARGET)/demo/report.html
	@for language in $(LANGUAGES); do \
	    echo; echo "--- examples/$$language"; cat $(TARGET)/examples/$$language.out; done
	@echo; echo "demo: the report is $(TARGET)/demo/report.html"

test: test-rust test-c test-constant-time test-cpp test-python test-grpc test-legacy test-package  ## Run every suite
test: examples

test-rust: setup  ## Unit, integration and property tests in Rust; drift of generated files
	@rm -f $(SKIPPED)
	cargo test --all-features
	@[ ! -e $(SKIPPED) ] || { echo "skipped: $$(wc -l < $(SKIPPED)) tests"; cat $(SKIPPED); }

test-c: library  ## The C ABI from C: negative matrix, conformance, sanitizers, panic guard
	$(MAKE) -C tests/c test test-static test-sanitize LIBDIR=$(abspath $(RELEASE))
	cargo build --all-features
	$(MAKE) -C tests/c test-panic LIBDIR=$(abspath $(TARGET)/debug)

# Valgrind runs ADX and denies having it (its bug 494162). The variable has graviola not ask, which is
# of the build: else the core that signs elsewhere would be the one that is checked.
test-constant-time: setup  ## Whether secrets decide branches or addresses, under valgrind
	VALGRIND_BUG_494162=1 cargo build --release --lib --target-dir $(TARGET)/constant-time
	$(MAKE) -C tests/c test-constant-time OUT=$(abspath $(TARGET)/constant-time/c) \
	    LIBDIR=$(abspath $(TARGET)/constant-time/release)

test-cpp: stage  ## The C++ layer and the installed packages, as a stranger uses them
	tests/cpp/run.sh $(STAGE)$(PREFIX) $(TARGET)/cpp-tests

test-python: library  ## The wheel, installed in a fresh environment, and raw ctypes; proofs and exports
	cargo build --all-features --bin tinywindow
	TINYWINDOW_COMMAND=$(abspath $(TARGET)/debug/tinywindow) $(MAKE) -C bindings/python test types

test-grpc: library  ## The daemon from Python over mutual TLS; the Rust client is in test-rust
	cargo build --all-features --bin tinywindow
	@[ -e $(GRPC)/.ready ] || { python3 -m venv $(GRPC) && \
	    $(GRPC)/bin/python -m pip install -q cffi dilithium-py grpcio grpcio-tools pytest \
	    && touch $(GRPC)/.ready; }
	$(MAKE) -C bindings/python wheel
	$(GRPC)/bin/python -m pip install -q --no-deps --force-reinstall bindings/python/dist/*.whl
	TINYWINDOW_COMMAND=$(abspath $(TARGET)/debug/tinywindow) \
	    $(GRPC)/bin/python -m pytest -q -p no:cacheprovider tests/grpc

test-legacy: stage  ## COBOL and Fortran: layouts, conformance, a gateway; drift of generated files
	tests/legacy.sh $(STAGE)$(PREFIX) $(TARGET)/legacy-tests

test-package: package  ## What `make package` made, as a stranger uses it
	tests/package.sh $(PACKAGE) $(TARGET)/package-tests .venv

# By rustc on the library that was built: cargo would build what the tests need first.
$(RUST_EXAMPLE): library
	@mkdir -p $(dir $@)
	rustc --edition 2024 -C opt-level=3 -C lto examples/rust/quickstart.rs -o $@ \
	    --extern tinywindow=$(RELEASE)/libtinywindow.rlib -L dependency=$(RELEASE)/deps

examples: stage $(RUST_EXAMPLE)  ## Run the examples and compare what they print
	$(MAKE) -C bindings/python installed
	tests/examples.sh $(STAGE)$(PREFIX) $(PYTHON_TESTED) \
	    $(RUST_EXAMPLE) $(TARGET)/examples

stage: build
	@rm -rf $(STAGE)
	$(MAKE) install DESTDIR=$(STAGE)

lint: setup  ## Formatting and warnings, lean and full; both are errors
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --all-features
	$(MAKE) -C simulation lint

header:  ## Make include/tinywindow.h from src/ffi/, and of it the copybook and the Fortran module
	UPDATE_HEADER=1 cargo test --test header header_is_generated
	bindings/legacy.py

bench: library  ## Measure beside the peers, as benches/README.md says (slow)
	$(MAKE) -C benches bench

smoke: library  ## Let each benchmark run a moment, to see that it does
	$(MAKE) -C benches smoke

soak: setup  ## What tests try a part of, in full: kills, losses of power, damage (half an hour)
	TINYWINDOW_TEST_ROUNDS=300 cargo test --test gateway crash::
	TINYWINDOW_TEST_ROUNDS=100 cargo test --test gateway disk_faults::
	TINYWINDOW_TEST_ROUNDS=1 cargo test --test journal

sim: setup  ## Live HISTORIES of the gateway, 10000 unless told, in a simulated world, from SEED on
	$(MAKE) -C simulation sim

sim-mutations: setup  ## See that the simulation finds deliberate bugs, one after the other
	$(MAKE) -C simulation mutations

races: setup  ## Run the hand-written protocols between threads in every schedule
	$(MAKE) -C simulation races

audit: setup timing  ## Audit the dependencies (advisories, licences, doubled, unused), and the timing
	tools/audit

timing: library  ## Whether time tells a secret, by statistics (seconds; not on a busy machine)
	$(MAKE) -C tests/c timing LIBDIR=$(abspath $(RELEASE))

fuzz: setup  ## Fuzz each target of fuzz/ for SECONDS, 60 unless told
	$(MAKE) -C fuzz fuzz SECONDS=$(SECONDS)

fuzz-smoke: setup  ## Fuzz each target for a moment, to see that it does
	$(MAKE) -C fuzz smoke

sanitize: library  ## The Rust suites under ASan and TSan, the C suite under valgrind (slow)
	tools/sanitize address
	tools/sanitize thread
	$(MAKE) -C tests/c test-valgrind LIBDIR=$(abspath $(RELEASE))

clean:  ## Remove everything that was built
	cargo clean
	rm -rf .venv
	$(MAKE) -C bindings/python clean

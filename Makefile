# The two commands a newcomer needs are `make demo` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

CARGO ?= cargo
# auto: lint where clippy and rustfmt are installed. require: fail without them (CI). skip: do not lint.
LINT ?= auto
OUT = $${CARGO_TARGET_DIR:-target}

.PHONY: help demo test lint check build fmt tidy bench packages test-packages test-packages-full windows test-windows devices-32 test-devices-32 sim mutants proxy fuzz crash conformance prerequisites clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: prerequisites build ## play the story: card, code, power cut, refund, lost filing, upgrade; writes target/demo/summary.json
	$(CARGO) run --quiet --locked -p zhijie-tests --bin zhijie-demo

test: prerequisites lint-if-installed build ## lint, build everything, run every test
	@mkdir -p "$(OUT)"
	@status=0; \
	$(CARGO) test --workspace --locked --no-fail-fast 2>&1 | tee "$(OUT)/test.log" || status=$$?; \
	echo; echo "== closing lines =="; \
	awk -f packaging/linux/test-summary.awk "$(OUT)/test.log"; \
	exit $$status

lint: ## formatting and clippy; a warning is an error
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

.PHONY: lint-if-installed
lint-if-installed:
	@if [ "$(LINT)" = skip ]; then echo "Lint skipped (LINT=skip)"; \
	elif $(CARGO) fmt --version >/dev/null 2>&1 && $(CARGO) clippy --version >/dev/null 2>&1; then $(MAKE) --no-print-directory lint; \
	elif [ "$(LINT)" = require ]; then echo "clippy or rustfmt is missing: rustup component add clippy rustfmt" >&2; exit 1; \
	else echo "NOT LINTED: clippy or rustfmt is not installed (CI refuses this)"; fi

check: ## type-check everything, fast
	$(CARGO) check --workspace --all-targets --locked

build: ## build all programs (debug)
	$(CARGO) build --workspace --bins --locked

tidy: ## only the rules of the house: arrows, names, clocks, fault pages, licences, links
	$(CARGO) test -p zhijie-tests --locked --test tidy

proxy: build ## cut the line to the platform after every byte of a settlement; takes minutes
	@mkdir -p "$(OUT)"
	@$(CARGO) test --quiet -p zhijie-tests --locked --test proxy -- --ignored --exact sweep::whole --nocapture >"$(OUT)/proxy.log" 2>&1 \
		&& grep '^proxy: ' "$(OUT)/proxy.log" || { cat "$(OUT)/proxy.log"; exit 1; }

sim: ## run SEEDS simulated worlds (2000), or replay one with SEED=17
	@mkdir -p "$(OUT)"
	@ZHIJIE_SEEDS="$(or $(SEEDS),2000)" ZHIJIE_SEED="$(SEED)" $(CARGO) test --quiet -p zhijie-tests --locked --test simulation -- --exact every_world_ends_well --nocapture >"$(OUT)/sim.log" 2>&1 \
		&& grep -E '^simulation: |^test result' "$(OUT)/sim.log" || { cat "$(OUT)/sim.log"; exit 1; }

mutants: ## plant every bug of tests/mutants in a copy and let the simulator find it; one with MUTANT=name
	@mkdir -p "$(OUT)"
	@status=0; \
	ZHIJIE_MUTANT="$(MUTANT)" $(CARGO) test --quiet -p zhijie-tests --locked --test mutants -- --ignored --exact hunt::every_bug_is_found --nocapture 2>"$(OUT)/mutants.log" \
		| tee -a "$(OUT)/mutants.log" | grep --line-buffered '^mutants: ' || status=$$?; \
	if [ $$status -ne 0 ]; then cat "$(OUT)/mutants.log" >&2; fi; \
	exit $$status

# As cargo-fuzz builds, without its nightly compiler: the coverage libFuzzer steers by needs no sanitizer.
FUZZ_FLAGS = -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
	-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1

fuzz: ## throw made-up bytes at every reader of foreign bytes, each for SECONDS (60); one with TARGET=pipe
	@command -v g++ >/dev/null || { echo "libFuzzer is C++: install g++" >&2; exit 1; }
	@host=$$(rustc -vV | sed -n 's/^host: //p'); mkdir -p "$(OUT)/fuzz"; \
	RUSTFLAGS="$(FUZZ_FLAGS)" $(CARGO) build --quiet --locked --profile fuzz --target "$$host" --target-dir "$(OUT)/fuzz" -p zhijie-fuzz --features engine; \
	status=0; \
	for target in $(or $(TARGET),$$(ls fuzz/corpus)); do \
		mkdir -p "$(OUT)/fuzz/corpus/$$target"; \
		ZHIJIE_FUZZ=$$target "$(OUT)/fuzz/$$host/fuzz/zhijie-fuzz" -max_total_time=$(or $(SECONDS),60) -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
			-print_final_stats=1 -artifact_prefix="$(OUT)/fuzz/$$target-" "$(OUT)/fuzz/corpus/$$target" "fuzz/corpus/$$target" >"$(OUT)/fuzz/$$target.log" 2>&1 \
			|| { status=1; echo "fuzz: $$target broke a promise, the input is kept:"; grep -E 'panicked|Test unit written|ERROR' "$(OUT)/fuzz/$$target.log" || true; }; \
		awk -v target=$$target '/ cov: / { for (i = 1; i < NF; i++) if ($$i == "cov:") cov = $$(i + 1) } /number_of_executed_units/ { runs = $$2 } END { printf "fuzz: %s: %d runs, %d places reached\n", target, runs, cov }' "$(OUT)/fuzz/$$target.log"; \
	done; exit $$status

township: ## a day of 120 patients on a line that works one minute in fifty, with two power cuts
	@mkdir -p "$(OUT)"
	@ZHIJIE_TOWNSHIP=120 $(CARGO) test --quiet -p zhijie-tests --locked --test simulation -- --exact township::a_day_at_a_township_clinic --nocapture >"$(OUT)/township.log" 2>&1 \
		&& grep '^township: ' "$(OUT)/township.log" || { cat "$(OUT)/township.log"; exit 1; }

conformance: build ## run the battery of `zhijie conformance` for every profile against the sandbox in its dress
	@mkdir -p "$(OUT)"
	@$(CARGO) test --quiet -p zhijie-tests --locked --test scenario -- --ignored --exact conformance::every_profile_conforms --nocapture >"$(OUT)/conformance.log" 2>&1 \
		|| { cat "$(OUT)/conformance.log"; exit 1; }
	@cat "$(OUT)/conformance.log" | grep -v '^running\|^test \|^$$'

bench: ## what the product takes against the bare minimum, as ratios; optimised build
	@$(CARGO) bench --quiet -p zhijie-benches --locked

packages: prerequisites ## optimised .deb and .rpm in target/packages
	@packaging/linux/package-prerequisites.sh
	packaging/linux/old-glibc.sh --profile delivery --locked -p zhijie-agent -p zhijie-devices -p zhijie-pages
	@rm -rf "$(OUT)/packages"
	@packaging/linux/build-packages.sh "$(OUT)/$$(uname -m)-unknown-linux-gnu/delivery" "$(OUT)/packages"
	@lintian --fail-on error "$(OUT)"/packages/*.deb

test-packages: prerequisites build ## as root: install, settle, upgrade and remove the packages in systems of their own
	@packaging/linux/package-prerequisites.sh
	@rm -rf "$(OUT)/packages-test"
	@for version in 0.1.0 0.1.1; do packaging/linux/build-packages.sh "$(OUT)/debug" "$(OUT)/packages-test" $$version; done
	@packaging/linux/test-deb.sh "$(OUT)"/packages-test/zhijie_0.1.[01]_*.deb "$(OUT)/debug/zhijie-sandbox"
	@packaging/linux/test-rpm.sh "$(OUT)"/packages-test/zhijie-0.1.[01]-1.*.rpm

test-packages-full: test-packages packages test-windows test-windows-7 ## as root: every package, on older desktops and for Windows in Wine too; UBUNTU_MIRROR=URL takes Ubuntu 20.04 as well
	packaging/linux/old-glibc.sh --profile delivery --locked -p zhijie-sandbox
	@delivery="$(OUT)/$$(uname -m)-unknown-linux-gnu/delivery"; rm -rf "$(OUT)/packages-old"; \
	for version in 0.1.0 0.1.1; do packaging/linux/build-packages.sh "$$delivery" "$(OUT)/packages-old" $$version; done; \
	ZHIJIE_TEST_SUITE=bullseye packaging/linux/test-deb.sh "$(OUT)"/packages-old/zhijie_0.1.[01]_*.deb "$$delivery/zhijie-sandbox" || exit; \
	[ -z "$(UBUNTU_MIRROR)" ] || ZHIJIE_TEST_SUITE=focal ZHIJIE_TEST_MIRROR="$(UBUNTU_MIRROR)" \
		packaging/linux/test-deb.sh "$(OUT)"/packages-old/zhijie_0.1.[01]_*.deb "$$delivery/zhijie-sandbox"

# The toolchain for Windows is a linked copy of this machine's with more libraries; see packaging/windows/toolchain.sh. Readers'
# libraries that exist for 32 bits only need a device helper of 32 bits. --kill-at: exported names without the size of the arguments.
WINDOWS = x86_64-pc-windows-gnu
WINDOWS_32 = i686-pc-windows-gnu
WINDOWS_OUT = windows
variable = CARGO_TARGET_$(shell tr 'a-z-' 'A-Z_' <<<'$(1)')_$(2)
WINDOWS_CARGO = toolchain=$$(packaging/windows/toolchain.sh $(WINDOWS) $(WINDOWS_32)); PATH="$$toolchain/bin:$$PATH" \
	$(call variable,$(WINDOWS),LINKER)=x86_64-w64-mingw32-gcc $(call variable,$(WINDOWS_32),LINKER)=i686-w64-mingw32-gcc \
	$(call variable,$(WINDOWS_32),RUSTFLAGS)="-Clink-arg=-Wl,--kill-at" \
	$(call variable,$(WINDOWS),RUNNER)="$(CURDIR)/packaging/windows/wine.sh" cargo
WINDOWS_PROGRAMS = -p zhijie-agent -p zhijie-devices -p zhijie-sandbox --bins
WINDOWS_LIBRARIES = -p zhijie-dropin -p zhijie-twin-vendor --lib
WINDOWS_TESTED = -p zhijie-desk -p zhijie-ledger -p zhijie-model -p zhijie-settlement -p zhijie-catalogue -p zhijie-wire -p zhijie-filing \
	-p zhijie-ports -p zhijie-uplink -p zhijie-agent

windows: ## as root: optimised programs and .msi for Windows in target/windows
	@packaging/windows/prerequisites.sh
	@$(WINDOWS_CARGO) build --profile delivery --locked --target $(WINDOWS) $(WINDOWS_PROGRAMS)
	@$(WINDOWS_CARGO) build --profile delivery --locked --target $(WINDOWS) -p zhijie-dropin --lib
	@$(WINDOWS_CARGO) build --profile delivery --locked --target $(WINDOWS_32) -p zhijie-devices --bins
	@$(WINDOWS_CARGO) build --profile delivery --locked --target $(WINDOWS_32) -p zhijie-dropin --lib
	@rm -rf "$(OUT)/$(WINDOWS_OUT)"
	@packaging/windows/build-msi.sh "$(OUT)/$(WINDOWS)/delivery" "$(OUT)/$(WINDOWS_32)/delivery" "$(OUT)/$(WINDOWS_OUT)"

.PHONY: windows-debug
windows-debug:
	@packaging/windows/prerequisites.sh
	@$(WINDOWS_CARGO) build --locked --target $(WINDOWS) $(WINDOWS_PROGRAMS)
	@$(WINDOWS_CARGO) build --locked --target $(WINDOWS) $(WINDOWS_LIBRARIES)
	@$(WINDOWS_CARGO) build --locked --target $(WINDOWS_32) -p zhijie-devices --bins
	@$(WINDOWS_CARGO) build --locked --target $(WINDOWS_32) $(WINDOWS_LIBRARIES)
	@packaging/windows/wine.sh --setup

test-windows: build windows-debug ## as root: tests, service, package and stories (all, or STORIES=filter) for Windows, in Wine
	@$(WINDOWS_CARGO) test --locked --target $(WINDOWS) --lib $(WINDOWS_TESTED)
	@packaging/windows/test-wine.sh "$(OUT)/$(WINDOWS)/debug"
	@packaging/windows/test-devices.sh "$(OUT)/$(WINDOWS)/debug" "$(OUT)/$(WINDOWS_32)/debug"
	@packaging/windows/test-suites.sh "$(OUT)/$(WINDOWS)/debug" $(STORIES)
	@rm -rf "$(OUT)/$(WINDOWS_OUT)-test"
	@for version in 0.1.0 0.1.1; do packaging/windows/build-msi.sh "$(OUT)/$(WINDOWS)/debug" "$(OUT)/$(WINDOWS_32)/debug" "$(OUT)/$(WINDOWS_OUT)-test" $$version; done
	@packaging/windows/test-msi.sh "$(OUT)/$(WINDOWS_OUT)-test"/*0.1.0*.msi "$(OUT)/$(WINDOWS_OUT)-test"/*0.1.1*.msi

# Windows 7 lacks what Rust's library for Windows calls; for it there is another target, with another library.
WINDOWS_7 = WINDOWS=x86_64-win7-windows-gnu WINDOWS_32=i686-win7-windows-gnu WINDOWS_OUT=windows-7
.PHONY: windows-7 test-windows-7
windows-7: export ZHIJIE_WINDOWS = 7
windows-7: ## as root: the same for Windows 7 and 8.1, in target/windows-7
	@$(MAKE) --no-print-directory windows $(WINDOWS_7)
	@packaging/windows/test-imports.sh "$(OUT)"/{x86_64,i686}-win7-windows-gnu/delivery

test-windows-7: export ZHIJIE_WINDOWS = 7
test-windows-7: ## as root: the same as test-windows with the programs for Windows 7, in a Wine that says it is one
	@$(MAKE) --no-print-directory windows-debug $(WINDOWS_7)
	@packaging/windows/test-imports.sh "$(OUT)"/{x86_64,i686}-win7-windows-gnu/debug
	@$(MAKE) --no-print-directory test-windows $(WINDOWS_7)

devices-32: ## as root: the device helper of 32 bits for readers' libraries of 32 bits, for Linux, in target/devices-32
	@folder=$$(packaging/linux/build-devices-32.sh release); mkdir -p "$(OUT)/devices-32"; \
	install -s -m 0755 "$$folder/zhijie-devices" "$(OUT)/devices-32/zhijie-devices-32"; ls -l "$(OUT)/devices-32"

# Its card service's library of 32 bits is not installed on this machine.
test-devices-32: build ## as root: a library of 32 bits read by the agent through it
	@folder=$$(packaging/linux/build-devices-32.sh dev); \
	LD_LIBRARY_PATH="$${ZHIJIE_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/zhijie}/pcsclite-i386/usr/lib/i386-linux-gnu" ZHIJIE_DEVICES_32="$(CURDIR)/$$folder" \
		$(CARGO) test --quiet -p zhijie-tests --locked --test scenario -- --ignored --exact devices_32::a_library_of_32_bits_gets_the_helper_of_32_bits_and_may_die_of_it

fmt: ## format every crate
	$(CARGO) fmt --all

crash: prerequisites build ## kill the agent at every system call of a settlement, of stopping and of coming back
	@mkdir -p "$(OUT)"
	@status=0; \
	ZHIJIE_CRASH=whole $(CARGO) test -p zhijie-tests --locked --test recovery 2>&1 | tee "$(OUT)/crash.log" || status=$$?; \
	awk -f packaging/linux/crash-summary.awk "$(OUT)/crash.log"; \
	exit $$status

prerequisites: ## install what is missing, from the distribution only
	@packaging/linux/prerequisites.sh

clean: ## remove everything that was built
	$(CARGO) clean

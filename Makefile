# ParkSync. `make run` and `make test` install what is missing and build what they need.

CONFIG ?= debug
SWIFT ?= swift
BENCH_FLAGS ?=
SEEDS ?= 1..200
SIM_FLAGS ?=
MINUTES ?= 5
PERCENT ?= 100
SEED ?= 1
CHAOS_FLAGS ?=
SANITIZERS ?= address thread
# Imports of targets that are not declared as dependencies are errors.
STRICT = --explicit-target-dependency-import-check error
# C is optimised in debug builds as well: a third of what the tests of the store compute is
# signatures, which are C of swift-crypto.
OPTIMISED_C = -Xcc -O2
PACKAGES = libsqlite3-dev libcurl4-openssl-dev libzstd-dev pkg-config sqlite3 python3 openssl curl

.PHONY: help deps build programs release deb test-package run demo tests test chaos mutate check sim bench \
	bench-compare load fixture fuzz sanitize format clean

help:
	@echo "make run      six parks on this machine, with demo data (ONCE=1: end when they agree)"
	@echo "make demo     the story of an outage and of a day in the zone; fails unless every claim holds"
	@echo "make test     all tests (make tests: only builds them)"
	@echo "make chaos    six real nodes under load and faults, all promises checked afterwards"
	@echo "              (MINUTES=30 SEED=n CONFIG=release)"
	@echo "make mutate   plants faults in the code one by one; the tests must catch each"
	@echo "              (ONLY=name, FULL=1: with all tests)"
	@echo "make check    style, layers, scripts, the systemd unit, the alert rules, the catalogue's SQL"
	@echo "make sim      histories of whole nodes on virtual time (SEED=n or SEEDS=a..b; SIM_FLAGS='--jobs 2')"
	@echo "make bench    figures beside plain SQLite (BENCH_JSON=FILE, BENCH_FLAGS='--rows 100000')"
	@echo "make bench-compare  figures of BENCH_JSON=FILE beside the kept ones, as ratios"
	@echo "make load     what the zone was to have in 2020, in six nodes: time, size and the queries of people"
	@echo "              (PERCENT=100 SEED=1 BENCH_JSON=FILE)"
	@echo "make fuzz     damaged bytes for what reads those from outside (MINUTES=n for each target, TARGET=name for one)"
	@echo "make sanitize the suites under AddressSanitizer and ThreadSanitizer; takes hours"
	@echo "              (SANITIZERS=thread, FILTER=StoreTests)"
	@echo "make fixture  files of this version, which later versions must be able to read"
	@echo "make format   format all sources"
	@echo "make release  optimised parksyncd and syncctl in .build/release"
	@echo "make deb      a Debian package in .build/deb, with the Swift run time inside (SKIP_BUILD=1: of what is built)"
	@echo "make test-package  installs, uses, upgrades and removes it in a container that boots systemd (as root)"

# Debian packages that are missing; nothing to do when all are there.
deps:
	@.ci/install-packages $(PACKAGES)

build: deps
	$(SWIFT) build -c $(CONFIG) $(STRICT) $(if $(filter debug,$(CONFIG)),$(OPTIMISED_C))

# What a node and its operator run.
programs: deps
	$(SWIFT) build -c $(CONFIG) $(STRICT) $(if $(filter debug,$(CONFIG)),$(OPTIMISED_C)) --product parksyncd
	$(SWIFT) build -c $(CONFIG) $(STRICT) $(if $(filter debug,$(CONFIG)),$(OPTIMISED_C)) --product syncctl

release: CONFIG = release
release: programs

deb: deps
	@.ci/install-packages dpkg-dev
	deploy/debian/build

# The container has a network of its own, and no Swift.
test-package: deb
	@.ci/install-packages debootstrap systemd-container
	deploy/debian/test .build/deb/parksync_*_$$(dpkg --print-architecture).deb

run: programs
	CONFIG=$(CONFIG) deploy/local/run.sh

demo: programs
	CONFIG=$(CONFIG) deploy/local/demo.sh

# Simulated histories keep all processors busy, six daemons under load as well: what waits for
# answers in time runs without them. So does what is made to take time and memory, and what has to
# meet a moment between two transactions of another program. A few tests at a time: each gets its
# share of the processors, and its time limit counts from when it is begun.
# What computes for long on the threads of Swift's tasks, where others wait for a turn, runs without
# them as well.
COMPUTING_TESTS = CoreTests|CatalogTests|ReplicationTests
HEAVY_TESTS = FuzzTests|HostileFileTests|HostileValueTests|GuestBombTests|ByteBudgetTests|PeerMemoryTests|ZoneLoadTests
# A group that hangs is ended, with what it printed until then.
GROUP_MINUTES_MAX = 40
RUN_TESTS = timeout --kill-after 10 $(GROUP_MINUTES_MAX)m \
	$(SWIFT) test --skip-build --experimental-maximum-parallelization-width
tests: deps
	$(SWIFT) build --build-tests $(STRICT) $(OPTIMISED_C)

test: tests
	$(RUN_TESTS) 12 --filter '$(COMPUTING_TESTS)'
	$(RUN_TESTS) 12 --skip '$(COMPUTING_TESTS)' --skip '$(HEAVY_TESTS)' \
		--skip StoreTests --skip SimulationTests --skip ChaosTests
	$(RUN_TESTS) 4 --filter '$(HEAVY_TESTS)'
	$(RUN_TESTS) 6 --filter StoreTests --skip ForeignProcessTests
	$(RUN_TESTS) 4 --filter SimulationTests
	$(RUN_TESTS) 1 --filter 'ChaosTests|ForeignProcessTests'

chaos: build
	python3 Tests/chaos/chaos.py --programs .build/$(CONFIG) --minutes $(MINUTES) --seed $(SEED) $(CHAOS_FLAGS)

# Guided by what an input reaches. What it finds worth keeping stays in .build/fuzz; an input that
# ends it is named.
fuzz: deps
	PARKSYNC_LIBFUZZER=1 $(SWIFT) build --scratch-path .build/fuzz --product parksync-libfuzzer \
		-Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld -Xlinker -lstdc++
	Tests/fuzz/run .build/fuzz/debug/parksync-libfuzzer $(MINUTES) $(TARGET)

# Each has a build of its own. It takes hours, so it is no part of `make test`.
sanitize: deps
	for sanitizer in $(SANITIZERS); do \
		SWIFT="$(SWIFT)" Tests/sanitize/run $$sanitizer $(if $(FILTER),'$(FILTER)') || exit 1; \
	done

mutate: deps
	python3 Tests/mutation/mutate.py $(if $(FULL),--full) $(addprefix --only ,$(ONLY))

# systemd and prometheus bring the tools that check the unit and the alerts.
check: deps
	@.ci/install-packages systemd
	.ci/style
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Package.swift
	deploy/systemd/verify
	deploy/prometheus/verify
	python3 Tests/catalogue/guards.py
	python3 Tests/catalogue/ends.py
	python3 Tests/catalogue/reference.py --check

sim: deps
	$(SWIFT) build -c release --product parksync-sim
	.build/release/parksync-sim $(if $(filter file,$(origin SEED)),--seeds $(SEEDS),--seed $(SEED)) $(SIM_FLAGS)

bench: release
	$(SWIFT) build -c release --product parksync-bench
	$(SWIFT) build -c release --product parksync-liar
	.build/release/parksync-bench --bin .build/release $(if $(BENCH_JSON),--json $(BENCH_JSON)) $(BENCH_FLAGS)

load: release
	$(SWIFT) build -c release --product parksync-bench
	.build/release/parksync-bench --bin .build/release --only load --percent $(PERCENT) --seed $(SEED) \
		$(if $(BENCH_JSON),--json $(BENCH_JSON)) $(BENCH_FLAGS)

bench-compare: release
	$(SWIFT) build -c release --product parksync-bench
	.build/release/parksync-bench --compare $(BENCH_JSON) --baseline docs/reference/benchmarks.json

# Only when a format gets a new version; the files of the earlier ones stay.
fixture: tests
	PARKSYNC_WRITE_FIXTURE=1 $(SWIFT) test --skip-build --filter FixtureTests/aWritingOfTheFixture

format:
	$(SWIFT) format --in-place --parallel --recursive Sources Tests Package.swift

clean:
	rm -rf .build run

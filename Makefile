# Watchfire. The two commands of the README are `make demo` and `make test`; both do all the set-up on a bare Debian 12.
.PHONY: all build setup test demo bench storm nightly fuzz clean help

all: build

help:
	@sed -n 's/^## //p' Makefile

## make setup    install what is missing (packages.txt, web/package-lock.json)
setup:
	@scripts/setup

## make          build everything
build: setup
	@scripts/build build

## make test     every test; last line "N passed, N failed"
test: build
	@scripts/test

## make demo     three nations, one launch, one shared picture. DEMO_ARGS="--keep --speed 10 scenario"
demo: build
	@build/src/cli/watchfire demo $(DEMO_ARGS)

## make bench    speed, as ratios in one run
bench: build
	@meson test -C build --benchmark --verbose --no-rebuild

## make storm    nations under simulated faults until Ctrl-C. FROM=first seed, SEEDS=how many
storm: build
	@build/src/cli/watchfire storm --from $(or $(FROM),1) --seeds $(or $(SEEDS),0) --shrink

## make nightly  the long tests: planted bugs, 20,000 storms from new seeds (SEEDS, FROM), the whole model, fuzzing
nightly: build
	@SEEDS=$(SEEDS) FROM=$(FROM) scripts/nightly

clean:
	rm -rf build build-* web/dist

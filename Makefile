# "make" lists the targets: the text after "##" is each one's help.

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# Where the demo's server listens.
LISTEN ?= 127.0.0.1:8080

# What bench runs, and for how long each: a time, or a number of rounds like 3x.
BENCH     ?= .
BENCHTIME ?= 1s
# A folder with an OCI layout, or an archive, whose layers are analysed in place of those made for it; and which image of several.
LAYOUT    ?=
REF       ?=

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/crowsnest, without cgo
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/crowsnest ./cmd/crowsnest

.PHONY: web
web: ## build the dashboard into web/dist; needs Node
	scripts/web.sh build

.PHONY: dashboard
dashboard: web ## build bin/crowsnest with the dashboard in it
	CGO_ENABLED=0 go build -trimpath -tags dashboard -ldflags '-s -w -X main.version=$(VERSION)' -o bin/crowsnest ./cmd/crowsnest

.PHONY: demo
demo: dashboard ## run the main job on bundled input; open http://127.0.0.1:8080 or LISTEN=host:port, end with Ctrl-C
	bin/crowsnest demo --listen '$(LISTEN)'

.PHONY: test
test: ## run all tests on both engines with the race detector, and the dashboard's checks; installs what they need
	scripts/test.sh
	go -C test/provider test -race ./...
	scripts/web.sh check

.PHONY: test-web
test-web: ## run the dashboard's checks, then its tests in a browser against the demo on both engines
	scripts/web.sh check
	scripts/web.sh e2e

.PHONY: screenshots
screenshots: ## take the pictures of the dashboard in docs/screenshots again
	scripts/web.sh screenshots

.PHONY: test-short
test-short: ## run the tests on SQLite only, without the race detector
	go test -short ./...

.PHONY: bench
bench: ## run the benchmarks and print their tables; BENCH=pattern, BENCHTIME=time, and for Analyse LAYOUT=folder or archive, REF=image
	$(if $(LAYOUT),CROWSNEST_BENCH_LAYOUT='$(abspath $(LAYOUT))' CROWSNEST_BENCH_REF='$(REF)') scripts/bench.sh '$(BENCH)' '$(BENCHTIME)'

.PHONY: bench-web
bench-web: ## measure the dashboard in a browser on an installation of 10,000 images, on both engines; SCALE_DATA=folder takes one that is there
	scripts/web.sh scale

.PHONY: lint
lint: ## run go vet and the linters pinned in tools/
	go vet ./...
	scripts/lint.sh

.PHONY: fmt
fmt: ## format all Go code
	scripts/gofmt.sh -w

.PHONY: generate
generate: ## make generated code and bundled data again
	go generate ./...

.PHONY: verify
verify: ## check that generated code is up to date
	scripts/verify.sh

.PHONY: ci
ci: ## run every check a change must pass, as .ci/run does
	.ci/run

.PHONY: clean
clean: ## remove what was built
	rm -rf bin dist coverage.out web/dist web/test-results

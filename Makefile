# Targets for people and for .ci/run. See CONTRIBUTING.md.

GO          ?= go
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
TOOLS       := $(CURDIR)/.tools
STATICCHECK := $(TOOLS)/staticcheck-0.8.2/staticcheck
FUZZTIME    ?= 30s

.PHONY: all check test soak wine bench fuzz release demo clean fmt vet lint tidy generate

all: oxtail

oxtail: FORCE
	CGO_ENABLED=0 $(GO) build -trimpath -o $@ ./cmd/oxtail
FORCE:

## check: what can be said without running the program
check: fmt vet lint tidy generate
	$(GO) test ./internal/arch

fmt:
	@bad=$$(git ls-files -co --exclude-standard '*.go' | grep -v /testdata/ | xargs gofmt -l); \
	if [ -n "$$bad" ]; then echo "gofmt would change:"; echo "$$bad"; exit 1; fi

vet:
	$(GO) vet ./...
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 $(GO) vet ./...
	GOOS=windows GOARCH=386 CGO_ENABLED=0 $(GO) vet ./...

# What is switched off, and why, stands in staticcheck.conf.
lint: $(STATICCHECK)
	$(STATICCHECK) ./...
	GOOS=windows CGO_ENABLED=0 $(STATICCHECK) ./...

$(STATICCHECK):
	GOBIN=$(dir $@) $(GO) install honnef.co/go/tools/cmd/staticcheck@v0.8.2

tidy:
	$(GO) mod tidy -diff

generate:
	@before=$$(git status --porcelain; git diff | git hash-object --stdin); \
	$(GO) generate ./... || exit 1; \
	after=$$(git status --porcelain; git diff | git hash-object --stdin); \
	if [ "$$before" != "$$after" ]; then echo "go generate changes files; commit what it makes:"; git status --porcelain; exit 1; fi

## test: check, and all tests; with the race detector, but for the scripts of the
## commands, which start the program a thousand times and would take half of the time
test: check
	$(GO) test -race $$($(GO) list ./... | grep -v /cmd/oxtail/cli$$)
	$(GO) test ./cmd/oxtail/cli

## soak: watch for SOAK minutes: rotating logs, kills, restarts, all outputs; then all is compared
SOAK ?= 5
soak:
	$(GO) test ./internal/watch -run 'TestSoak$$' -v -count 1 -timeout $$(($(SOAK) + 10))m -soak $(SOAK)m -soakrate 5000

## wine: the tests of the Windows parts under Wine, for amd64 and 386; as root it installs what is missing
wine:
	.ci/wine

## bench: speed of the parts, and of a scan beside grep and rg where installed
bench:
	.ci/bench

## fuzz: every fuzz target for FUZZTIME
fuzz:
	FUZZTIME=$(FUZZTIME) .ci/fuzz

## release: static binaries in dist/, built twice and compared, with checksums
release:
	VERSION=$(VERSION) .ci/release

## demo: the main job on the sample of the README
demo: oxtail
	./oxtail scan samples/quickstart; code=$$?; echo "exit code $$code"; [ $$code -le 1 ]

clean:
	rm -rf oxtail oxtail.exe dist

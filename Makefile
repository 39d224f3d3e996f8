# SPDX-License-Identifier: GPL-2.0-or-later
#
# secmgr, a Kamailio module. Everything that is built lands in build/; `make help` lists the targets.

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

CC     ?= cc
CFLAGS ?= -O2 -g
# make's own default for CC is not a choice of the user's
ifeq ($(origin CC),default)
CC := gcc
endif

WARNINGS  := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror
HARDENING := -fstack-protector-strong -D_FORTIFY_SOURCE=2
COMPILE    = -std=gnu11 $(WARNINGS) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c
SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

PACKAGES := modules/packages

# What is done in one word and on what; V=1 shows the commands.
says = $(if $(V),,@echo '  $(1) $(if $(filter LD,$(1)),$@,$<)';)

##@ Building

include modules/secmgr/Makefile

all: build/load-check ## build build/secmgr.so and check that Kamailio loads it; KAMAILIO_SRC=dir builds for the Kamailio in dir
	@echo "build/secmgr.so: $$(cat build/load-check)"

install: all ## install the module among those of the installed Kamailio, or below DESTDIR; MODULES_DIR=dir for another place
	install -D -m 644 build/secmgr.so '$(DESTDIR)$(or $(MODULES_DIR),$(shell modules/kamailio-headers --modules-dir))/secmgr.so'

##@ Trying it

run: ## install what is missing, build, and show calls that are challenged, verified and refused
	@$(PACKAGES) install compile kamailio demo
	@$(MAKE) all
	@test/demo/run

serve: ## the same, then keep the servers up for your own softphone
	@$(PACKAGES) install compile kamailio demo
	@$(MAKE) all
	@test/demo/serve

##@ Testing

include test/unit/Makefile
include test/fuzz/Makefile
include test/bench/Makefile

STAGES := unit fuzz integration

unit: ## unit tests, plain and under ASan and UBSan; ONLY="nonce flow" for those of some files
fuzz: ## fuzz every parser for 5 s each; FUZZ_SECONDS=600 for longer, ONLY="..." for some
test: ## install what is missing, then run all of the tests; ends with one line that counts them
	@$(PACKAGES) install compile kamailio demo unit integration
	@rm -rf build/results && mkdir -p build/results
	@$(MAKE) unit || $(call stage-failed,unit)
	@$(MAKE) fuzz || $(call stage-failed,fuzz)
	@$(MAKE) integration || $(call stage-failed,integration)
	@cat build/results/* | awk '{ passed += $$1; failed += $$2 } \
		END { print passed + 0 " passed, " failed + 0 " failed"; exit failed > 0 || passed == 0 }'

# A stage writes "passed failed" to its file in build/results. One that broke off before it counted a failure is one.
stage-failed = { awk '{ failed += $$2 } END { exit failed == 0 }' build/results/$(1)* 2>/dev/null || echo 0 1 >build/results/$(1)-broke-off; }

integration: all ## real Kamailio, real service, real clients; ONLY="scenario ..." for some of them
	@test/integration/run-all $(ONLY)

bench: ## compare with the ways of stock Kamailio: CPU and calls while the credential service is slow; BENCH_SECONDS=30 for longer
	@$(PACKAGES) install compile kamailio demo bench
	@$(MAKE) all $(BENCH_TOOLS)
	@test/bench/run $(BENCH_SECONDS)

# Left out: Annex K's functions, which no libc here has, _GNU_SOURCE, what -Wconversion judges, and
# what cannot tell a table's row from an expression.
tidy: TIDY_CHECKS = -*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-branch-clone,-bugprone-reserved-identifier,\
	-bugprone-macro-parentheses,-bugprone-sizeof-expression,-bugprone-narrowing-conversions,\
	-bugprone-implicit-widening-of-multiplication-result,\
	clang-analyzer-*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,\
	cert-*,-cert-dcl37-c,-cert-dcl51-cpp
tidy: build/kamailio/cflags ## clang-tidy and cppcheck over the module
	@$(PACKAGES) need tidy
	@<build/kamailio/cflags 2>build/tidy.log xargs clang-tidy --quiet --warnings-as-errors='*' --checks='$(TIDY_CHECKS)' \
		$(LISTED) -- -std=gnu11 -DMOD_NAME='"secmgr"'
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--suppress='memleak:*/wiping_memory.c' --suppress=internalAstError -DMOD_NAME='"secmgr"' -I$(SECMGR) $(LISTED)

##@ Cleaning

clean: ## remove what was built, but not the fetched headers of Kamailio
	@if [ -d build ]; then find build -mindepth 1 -maxdepth 1 ! -name kamailio -exec rm -rf {} +; fi

distclean: ## remove the fetched headers, too
	@rm -rf build

help: ## show this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { print "\n" substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

FORCE:
.PHONY: all install run serve test integration bench tidy clean distclean help FORCE

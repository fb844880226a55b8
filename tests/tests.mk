# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tests.mk - what is made for the tests; part of the Makefile

.PHONY: unit units quick fuzzers guest bench soak fuzz table test-arches \
	test-packages test-release peers picture

# Without root, network or Debian: for who packages it.
unit: units
	$(Q)for test in $(UNITS); do \
		$$test >build/unit.log 2>&1 || { cat build/unit.log; exit 1; }; \
		tail -n 1 build/unit.log | sed "s,^1\.\.,$$test: ok ,"; \
	done

# What make dist hands out, made twice.
test-release:
	$(Q)tools/deps.sh build arches dist sign
	$(Q)tests/lib/run.sh release

quick:
	$(Q)tools/deps.sh build test
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all guest units
	$(Q)tests/lib/run.sh quick

# busybox in a guest with that kernel, tcpaccept and lab beside it; exit ends it.
shell-%:
	$(Q)tests/run -s -k $*

# Of doc/costs.md, and a sentence of the README; BASE=COMMIT: beside what it cost there.
BASE =
bench:
	$(Q)tools/deps.sh build $@
	$(Q)$(MAKE) --no-print-directory all $(HELPERS)
	$(Q)tests/lib/run.sh $@ $(BASE)

# A million accepts: what it grows by.
soak: all
	$(Q)tools/deps.sh --say test
	$(Q)$(MAKE) --no-print-directory build/lab
	$(Q)tests/here/books.t soak

fuzz:
	$(Q)tools/deps.sh build $@
	$(Q)$(MAKE) --no-print-directory $(FUZZERS)
	$(Q)tests/fuzz/fuzz.sh $(FUZZ_S) $(FUZZERS:build/fuzz/%=%)

# Of doc/costs.md: what other tools need on disk, and what they do in a guest.
peers:
	$(Q)tools/deps.sh build bench $@
	$(Q)$(MAKE) --no-print-directory all $(GUEST)
	$(Q)tools/peers.sh

# Of the README, by a real run.
picture: all
	$(Q)tools/picture.sh >doc/demo.svg.new && mv doc/demo.svg.new doc/demo.svg

# Packages, an image and a stranger's first steps, of what make dist makes now.
test-packages: dist
	$(Q)tools/deps.sh test packages
	$(Q)LOG=build/packages.log tests/lib/run.sh test \
		$(patsubst tests/%.t,%,$(wildcard tests/packages/*.t))

# Of doc/tested.md, from the last make test and make test-arches.
table:
	$(Q)tests/lib/table.sh write conditions
	$(Q)tests/lib/table.sh write arches

# On a stock kernel of each; BRIEF=yes: only what differs between processors.
test-arches:
	$(Q)tools/deps.sh build test arches machines kernels
	$(Q)had=$$(tests/lib/run.sh had $(ARCHES)) || [ $$? -eq 75 ] || exit; \
	for arch in $$had; do \
		$(MAKE) --no-print-directory ARCH=$$arch all guest || exit; \
	done
	$(Q)$(MAKE) --no-print-directory all guest
	$(Q)tests/lib/run.sh arches

# Helpers for the guests (old and fail are for x86-64 alone), and the benchmark's.
GUEST   = $B/lab $B/empty $(if $(ARCH),,$B/old $B/fail)
HELPERS = $(GUEST) $(if $(ARCH),,build/bench-rows)

# They have atomic operations, which ARM has from v6 on, as its guest.
GUEST_armv5 = -march=armv6k

guest: $(GUEST)
$(GUEST): $B/%: tests/guest/%.c bpf_raw.h $(MAKES) tests/tests.mk $B/flags | \
		$(SYSROOT) $(if $(UAPI),build/uapi)
	$(call say,CC  ,$@)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 $(WARN) $(UAPI) \
		-I. $(GUEST_$(ARCH)) $(if $(ARCH),$(LINK),-static) -o $@ $< $(LIBS)

# It includes tcpaccept.c itself.
build/bench-rows: tests/bench/bench-rows.c $(OBJECTS) $(MAKES) tests/tests.mk
	$(call say,CC  ,$@)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(if $(DEBUG),-DDEBUG) -O2 $(WARN) $(UAPI) \
		-I. -I$(BYTES) -static \
		-o $@ $< $(PARTS:%=build/%.o)

# Unit tests run under the sanitizers, which need glibc. What they test is compiled
# once for all of them, and once more for those that cannot run so: memory that the
# sanitizers would fill (plain), a libc that is not theirs (musl).
UNIT_FLAGS = -std=gnu11 -D_GNU_SOURCE $(if $(DEBUG),-DDEBUG) -g $(WARN) -isystem build/uapi -I. -I$(BYTES) \
	     -MMD -MP
UNIT_CC    = $(HOST_CC) $(SANITIZERS)
# Where they are installed; looked for once.
SANITIZERS = $(eval SANITIZERS := $(shell echo 'int main(void) { return 0; }' | \
	     $(HOST_CC) $(WANTED) -x c -o /dev/null - 2>/dev/null && \
	     echo $(WANTED)))$(SANITIZERS)
WANTED     = -fsanitize=address,undefined -fno-sanitize-recover=all
MUSL_CC    = $(CC) -O2
UNIT_NAMES = $(filter-out verifier_model,$(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c)))
UNITS      = $(UNIT_NAMES:%=build/unit/%) build/unit/btf-plain build/unit/options-musl

build/asan/%.o: %.c $(MAKES) tests/tests.mk | build/uapi
	$(call say,CC  ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(UNIT_CC) $(UNIT_FLAGS) -DVERSION='"$(VERSION)"' -c -o $@ $<
build/asan/unit/%.o: tests/unit/%.c $(MAKES) tests/tests.mk | build/uapi
	$(call say,CC  ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(UNIT_CC) $(UNIT_FLAGS) -c -o $@ $<
build/musl/%.o: %.c $(MAKES) tests/tests.mk | build/uapi
	$(call say,CC  ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(UNIT_FLAGS) -DVERSION='"$(VERSION)"' -c -o $@ $<
build/musl/unit/%.o: tests/unit/%.c $(MAKES) tests/tests.mk | build/uapi
	$(call say,CC  ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(UNIT_FLAGS) -c -o $@ $<

# INCLUDED: a source that the test includes, to reach what is static there. KIND:
# which of the two; NAME: the test's source, if that is not the test's own name.
KIND = asan
NAME = $(@F)
build/unit/btf-plain build/unit/options-musl build/unit/sandbox: KIND = musl
build/unit/btf-plain: build/musl/unit/btf.o $(PARTS:%=build/musl/%.o)
build/unit/btf-plain: NAME = btf
build/unit/options-musl: build/musl/unit/options.o $(PARTS:%=build/musl/%.o)
build/unit/options-musl: NAME = options
build/unit/sandbox: build/musl/unit/sandbox.o $(PARTS:%=build/musl/%.o)
build/unit/options build/unit/options-musl: INCLUDED = cli/options
build/unit/counts: INCLUDED = cli/counts
build/unit/rings: INCLUDED = attach/rings
build/unit/sockets: INCLUDED = attach/sockets
build/unit/btf build/unit/btf-plain: INCLUDED = kernel/btf
build/unit/function: INCLUDED = attach/function
build/unit/verifier build/unit/fold build/unit/program: INCLUDED = attach/program
build/unit/verifier: BESIDE = build/asan/unit/verifier_model.o
build/unit/verifier: build/asan/unit/verifier_model.o
build/asan/unit/verifier.o build/asan/unit/verifier_model.o: UNIT_CC += -O2
$(filter-out build/unit/sandbox,$(UNIT_NAMES:%=build/unit/%)): build/unit/%: \
		build/asan/unit/%.o $(PARTS:%=build/asan/%.o)
units: $(UNITS)
$(UNITS):
	$(call say,LD  ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(if $(filter musl,$(KIND)),$(MUSL_CC) -static,$(UNIT_CC)) -o $@ \
		build/$(KIND)/unit/$(NAME).o $(BESIDE) \
		$(patsubst %,build/$(KIND)/%.o,$(filter-out $(INCLUDED),$(PARTS)))

# Any bytes, as libFuzzer makes them, for what reads bytes of others; by make fuzz
# so many seconds each. One has a bug, which tests/fuzz/fuzz.t must find.
FUZZERS = $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))
PLANTED = build/fuzz/zone-planted
FUZZ_S  = 600
FUZZ_CC = $(CLANG) -g -O1 -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=all

fuzzers: $(FUZZERS) $(PLANTED)
# What they do not include themselves.
build/fuzz/btf: BESIDE = kernel/machine.c base/text.c
build/fuzz/row: BESIDE = cli/row.c cli/json.c cli/put.c cli/zone.c base/text.c \
	kernel/container.c
build/fuzz/zone $(PLANTED): BESIDE = cli/zone.c base/text.c
build/fuzz/options: BESIDE = $(filter-out cli/options.c cli/help.c base/message.c,$(PARTS:=.c))
$(PLANTED): FUZZ_CC += -DPLANT_A_BUG
$(FUZZERS) $(PLANTED): $(wildcard *.[ch] $(FOLDERS:=/*.[ch]) tests/fuzz/*.[ch]) $(MAKES) tests/tests.mk \
		| build/uapi
	$(call say,CC  ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -isystem build/uapi -I. \
		-I$(BYTES) -o $@ tests/fuzz/$(subst -planted,,$(@F)).c $(BESIDE)

# All of these carry the bytecode.
$(foreach part,attach/program cli/help,build/asan/$(part).o build/musl/$(part).o) $(FUZZERS) $(PLANTED) \
	$(patsubst %,build/asan/unit/%.o,fold program unpack verifier): \
	$(BYTE_INCS:%=$(BYTES)/%)
# All that may include bytecode.h.
$(patsubst %,build/asan/%.o,$(PARTS)) $(patsubst %,build/musl/%.o,$(PARTS)) \
	$(UNIT_NAMES:%=build/asan/unit/%.o) $(UNIT_NAMES:%=build/musl/unit/%.o): \
	| $(BYTES)/bytecode.h

# The bytecode of machines of the other byte order, which has the same symbols.
build/asan/unit/verifier.o: build/bytecode/bpfeb/insns.inc
build/bytecode/bpfeb/insns.inc: build/bytecode/bpfeb/accept.insns build/bytecode/bpfel/bytecode.h
	$(Q)grep -v BYTECODE_ $(@D)/bytecode.h >$(@D)/symbols
	$(Q)grep -v BYTECODE_ build/bytecode/bpfel/bytecode.h | cmp - $(@D)/symbols
	$(Q)od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g' >$@

-include $(wildcard build/asan/*/*.d build/musl/*/*.d)

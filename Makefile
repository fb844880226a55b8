# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make | demo | test | table | check | bench | install | clean | format

VERSION = 0.1
PREFIX  = /usr/local

# Not ?=, which make's built-in CC would defeat.
CC     = musl-gcc
CLANG  = clang
CFLAGS = -Os
WARN   = -Wall -Wextra -Wshadow -Wmissing-prototypes -Wformat=2 -Wvla
# What is not used, unwind tables and padding between segments are left out.
SLIM   = -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
LINK   = -static -s -Wl,--gc-sections -Wl,-z,noseparate-code -Wl,--build-id=none
# Instructions that the oldest verifiers know; newer clang would use more.
BPF    = -target bpfel -mcpu=v1
CBPF   = -O2 -ffreestanding -nostdlibinc -fno-addrsig

# The compiler's own header search finds no UAPI headers under musl, and
# /usr/include whole would bring glibc's: a folder with just these three.
UAPI_DIRS = /usr/include/linux /usr/include/asm-generic \
	    /usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)/asm

PARTS   = options check probe program map filter queue cpus hook layout \
	  loopback tasks fs cgroup event summary output message text
OBJECTS = $(patsubst %,build/%.o,tcpaccept $(PARTS))
SCRIPTS = .ci/run $(filter-out %/terminal.t,$(wildcard tests/*.sh tests/*.t))
# Made for the tests: guests' helpers, and unit tests under the sanitizers, which
# have memory and a libc of their own: what is about these is built without.
HELPERS = build/lab build/empty build/old build/bench-rows
UNITS   = $(patsubst tests/%.c,build/%,$(wildcard tests/unit-*.c)) \
	  build/unit-btf-plain build/unit-options-musl
UNIT_CC = gcc -g -fsanitize=address,undefined -fno-sanitize-recover=all

# V=1 shows the commands.
Q = $(if $(V),,@)

.PHONY: all demo test table check bench install clean format
.DELETE_ON_ERROR:
.SECONDARY:

all: tcpaccept

tcpaccept: $(OBJECTS)
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $(OBJECTS)

build/%.o: %.c Makefile | build/uapi
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' $(WARN) \
		$(SLIM) $(CFLAGS) -isystem build/uapi -Ibuild -MMD -MP \
		-c -o $@ $<

build/program.o $(UNITS): build/accept.bpf.inc
# What runs over megabytes of BTF is to be fast.
build/layout.o: CFLAGS += -O2

$(HELPERS): build/%: tests/%.c bpf_raw.h Makefile | build/uapi
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -static $(WARN) \
		-isystem build/uapi -I. -Ibuild -o $@ $< $(LINKED)

# Includes tcpaccept.c itself.
build/bench-rows: LINKED = $(PARTS:%=build/%.o)
build/bench-rows: $(OBJECTS)

build/unit-btf-plain: UNIT_CC = gcc -O2
build/unit-options-musl: UNIT_CC = $(CC) -static
build/unit-options build/unit-options-musl: INCLUDED = options.c
$(UNITS): $(wildcard *.c *.h tests/unit-*.c tests/*.h) Makefile | build/uapi
	$(Q)$(UNIT_CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -isystem build/uapi -I. \
		-Ibuild -o $@ tests/$(subst -plain,,$(subst -musl,,$(@F))).c \
		$(filter-out $(INCLUDED),$(PARTS:=.c))

# The bytecode as a byte array: 0x7f,0x45, and so on.
build/accept.bpf.inc: build/accept.bpf.o
	$(Q)od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g' >$@

# A label that begins with a dot leaves no symbol.
build/accept.bpf.o: build/accept.bpf.s
	$(Q)sed 's/\<LBB/.&/g' $< | $(CLANG) $(BPF) -x assembler -c -o $@ -

build/accept.bpf.s: accept.bpf.c accept.h Makefile | build/uapi
	$(Q)$(CLANG) $(BPF) $(CBPF) $(WARN) -isystem build/uapi -S -o $@ $<

build/uapi:
	$(Q)tests/deps.sh --say build
	$(Q)mkdir -p $@ && ln -sfn $(UAPI_DIRS) $@

# First what they need, then a make that finds it.
demo test bench:
	$(Q)tests/deps.sh build $@
	$(Q)$(MAKE) --no-print-directory all $(HELPERS) $(if $(filter test,$@),$(UNITS))
	$(Q)tests/run.sh $@

# The README's, from the last make test.
table:
	$(Q)tests/table.sh write

check:
	$(Q)tests/deps.sh build check
	$(Q)$(MAKE) --no-print-directory -B all WARN='$(WARN) -Werror'
	$(Q)tests/run.sh check $(SCRIPTS)

format:
	$(Q)clang-format -i *.c *.h tests/*.c tests/*.h

install: all
	install -D -m 755 tcpaccept $(DESTDIR)$(PREFIX)/sbin/tcpaccept
	install -D -m 644 packaging/tcpaccept.8 \
		$(DESTDIR)$(PREFIX)/share/man/man8/tcpaccept.8
	install -D -m 644 packaging/tcpaccept.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/tcpaccept

clean:
	rm -rf build tcpaccept

-include $(OBJECTS:.o=.d)

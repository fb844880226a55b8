# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make | install | clean | test | check | demo | format
# tools/arches.mk has ARCH=aarch64, all-arches and dist; tests/tests.mk unit, quick,
# bench, fuzz, soak, table and test-arches.

.DEFAULT_GOAL = all

VERSION = 0.1
PREFIX  = /usr/local

# Not ?=, which make's built-in CC would defeat.
CC     = musl-gcc
CLANG  = clang
CFLAGS = $(if $(ARCH),-Oz,-Os) -fno-jump-tables
WARN   = -Wall -Wextra -Wshadow -Wmissing-prototypes -Wformat=2 -Wvla
# One whole for the compiler, at an address that it knows; what is not used,
# unwind tables and padding between segments are left out.
SLIM   = -flto=$(if $(ARCH),full,auto) -fno-pie -ffunction-sections -fdata-sections \
	 -fno-asynchronous-unwind-tables
# More of it costs more than it gives here: SECURITY.md.
HARDEN = -fstack-protector
STRIP  = -s
LINK   = -static $(STRIP) -no-pie -Wl,--gc-sections -Wl,--build-id=none \
	 -Wl,-z,noseparate-code -Wl,-z,norelro
# Instructions that the oldest verifiers know; newer clang would use more.
BPF    = -target $(or $(BPF_$(ARCH)),bpfel) -mcpu=v1
CBPF   = -O2 -ffreestanding -nostdlibinc -fno-addrsig

# The compiler's own header search finds no UAPI headers under musl, and
# /usr/include whole would bring glibc's: a folder with just these three. Of
# this machine, also with ARCH: hence :=, before CC becomes another.
UAPI_DIRS := /usr/include/linux /usr/include/asm-generic \
	    /usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)/asm

# Where all is made: with ARCH, by clang and lld on Debian's musl of that one.
B      = build
TARGET = tcpaccept
# The bytecode, which is the same for all of one byte order.
BYTES  = build$(if $(BPF_$(ARCH)),/$(ARCH))
UAPI   = -isystem build/uapi

include tools/arches.mk

# Each may include what is in those before it.
FOLDERS = base kernel attach trace cli
PARTS   = $(basename $(wildcard $(FOLDERS:=/*.c)))
WHOLE   = tcpaccept.c $(filter-out kernel/btf.c,$(PARTS:=.c))
OBJECTS = $(patsubst %,$B/%.o,$(if $(ARCH),whole kernel/btf,tcpaccept $(PARTS)))
SCRIPTS = .ci/run tests/run tests/build/mirror/apt-get $(wildcard tools/*.sh) \
	  $(filter-out %/terminal.t %/books.t %/completion.t,\
	  $(wildcard tests/*/*.sh tests/*/*.t))
HOST_CC = gcc

# V=1 shows the commands.
Q = $(if $(V),,@)

.PHONY: all test check demo install clean format
.DELETE_ON_ERROR:
.SECONDARY:

all: $(TARGET)

$(TARGET): $(OBJECTS)
	$(Q)$(CC) $(CFLAGS) $(SLIM) $(LINK) -o $@ $(OBJECTS) $(LIBS)

COMPILE = $(CC) -std=gnu11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' $(WARN) \
	  $(SLIM) $(HARDEN) $(CFLAGS) $(UAPI) -I. -I$(BYTES) -MMD -MP -c -o $@ $<

$B/%.o: %.c Makefile | $(or $(SYSROOT),build/uapi)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE)

# For other processors all sources as one, but that with flags of its own: clang
# starts but once, and makes less of it. What is static needs another name in each.
$B/whole.o: $(WHOLE) Makefile | $(SYSROOT)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) $(patsubst %,-include %,$(filter-out $<,$(WHOLE)))

# All that includes bytecode.h, before -MMD can say which that are.
$(OBJECTS): | $(BYTES)/bytecode.h
$B/attach/program.o $B/whole.o: $(BYTES)/bytecode.inc $(BYTES)/programs.inc
# What runs over megabytes of BTF is to be fast.
$B/kernel/btf.o: CFLAGS += -O2

# The bytecode as a byte array: 0x7f,0x45, and so on.
$(BYTES)/bytecode.inc: $(BYTES)/accept.insns build/pack
	$(Q)build/pack <$< | od -An -v -tx1 | sed 's/ \(..\)/0x\1,/g' >$@

# One run makes the three of them.
$(BYTES)/bytecode.h $(BYTES)/programs.inc: $(BYTES)/accept.insns ;
$(BYTES)/accept.insns: $(BYTES)/accept.bpf.o build/bytecode
	$(Q)build/bytecode $< $(@D)

build/pack: tools/pack.c attach/unpack.h
build/bytecode: tools/bytecode.c attach/unpack.h
build/pack build/bytecode:
	$(Q)mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=gnu11 -O2 $(WARN) -I. -o $@ $<

# A label that begins with a dot leaves no symbol.
$(BYTES)/accept.bpf.o build/foreign.bpf.o: %.o: %.s
	$(Q)sed 's/\<LBB/.&/g' $< | $(CLANG) $(BPF) -x assembler -c -o $@ -

$(BYTES)/accept.bpf.s build/foreign.bpf.s: accept.bpf.c accept.h \
		$(wildcard bpf/*.h) Makefile | build/uapi
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF) $(CBPF) $(WARN) -isystem build/uapi -I. -S -o $@ $<

build/uapi:
	$(Q)tools/deps.sh --say build
	$(Q)mkdir -p $@ && ln -sfn $(UAPI_DIRS) $@

# make test T='-m PATTERN NAME': some of it, by tests/run.
test:
	$(Q)tools/deps.sh build test arches
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all guest \
		$(if $(T),,units fuzzers)
	$(Q)$(if $(T),tests/run $(T),tests/lib/run.sh test)

# First what it needs, then a make that finds it.
demo:
	$(Q)tools/deps.sh build $@
	$(Q)$(MAKE) --no-print-directory all $(HELPERS)
	$(Q)tests/lib/run.sh $@

check:
	$(Q)tools/deps.sh build check
	$(Q)$(MAKE) --no-print-directory -B all WARN='$(WARN) -Werror'
	$(Q)tests/lib/run.sh check $(SCRIPTS)

format:
	$(Q)clang-format -i *.[ch] bpf/*.h $(FOLDERS:=/*.[ch]) tools/*.c tests/*/*.[ch]

install: all
	install -D -m 755 tcpaccept $(DESTDIR)$(PREFIX)/sbin/tcpaccept
	install -D -m 644 packaging/tcpaccept.8 \
		$(DESTDIR)$(PREFIX)/share/man/man8/tcpaccept.8
	install -D -m 644 packaging/tcpaccept.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/tcpaccept

clean:
	rm -rf build tcpaccept

-include $(OBJECTS:.o=.d)
include tests/tests.mk

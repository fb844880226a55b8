# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make | install | uninstall | clean | test | check | demo | bytecode | format
# tools/arches.mk has ARCH=aarch64, all-arches and dist; tests/tests.mk unit, quick,
# bench, fuzz, soak, table and test-arches. make -f ../tcpaccept/Makefile builds and
# installs from another directory.

.DEFAULT_GOAL = all

VERSION = 1.0.0
# Where the sources are.
S := $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST))))

PREFIX      = /usr/local
SBINDIR     = $(PREFIX)/sbin
MANDIR      = $(PREFIX)/share/man
BASHCOMPDIR = $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR  = $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR = $(PREFIX)/share/fish/vendor_completions.d

# To be set on the command line. The environment does not set them: who builds
# kernels has ARCH there.
ARCH          =
CROSS_COMPILE =
CPPFLAGS      =
LDFLAGS       =
DEFINES       =
LIBS          =
SYSROOT       =
DEBUG         =
V             =

# Not ?=, which make's built-in CC would defeat.
CC     = $(if $(CROSS_COMPILE),$(CROSS_COMPILE)gcc,musl-gcc)
CLANG  = clang
# The sources of a release have it, for who has no clang.
BYTECODE := $(if $(shell command -v $(CLANG)),,$(wildcard $S/bytecode))
# DEBUG=1: for gdb, and with --dump, which says what the set-up found.
CFLAGS = $(if $(DEBUG),-Og -g,$(SMALL) -fno-jump-tables)
WARN   = -Wall -Wextra -Wshadow -Wmissing-prototypes -Wformat=2 -Wvla
# One whole for the compiler, at an address that it knows; what is not used,
# unwind tables and padding between segments are left out: with the usual
# common-page-size, the linker at times begins the data on a page of its own.
SLIM   = -fno-pie $(if $(DEBUG),,-flto=$(if $(ARCH),full,auto) -ffunction-sections \
	 -fdata-sections -fno-asynchronous-unwind-tables)
# More of it costs more than it gives here: SECURITY.md.
HARDEN = -fstack-protector
# STATIC= links what libraries the compiler links; STRIP= leaves the symbols.
STATIC = -static
STRIP  = $(if $(DEBUG),,-s)
LINK   = $(STATIC) $(STRIP) -no-pie -Wl,--gc-sections -Wl,--build-id=none \
	 -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,common-page-size=64

# Where all is made; tools/arches.mk has another place for ARCH.
B      = build
TARGET = tcpaccept

include $S/tools/arches.mk

# gcc knows -Oz from 12 on.
SMALL := $(shell $(CC) -Oz -E -x c /dev/null >/dev/null 2>&1 && echo -Oz || echo -Os)
# What the compiler makes code for, and whether it finds the kernel's headers.
EXPAND = $(CC) $(CPPFLAGS) $(CFLAGS) -E -P -x c -
ORDER := $(if $(findstring 4321,$(shell echo __BYTE_ORDER__ | \
	 $(EXPAND) 2>/dev/null)),bpfeb,bpfel)
UAPI  := $(if $(ARCH),,$(shell printf '\43include <linux/bpf.h>\n' | \
	 $(EXPAND) >/dev/null 2>&1 || echo -isystem build/uapi))

# Each may include what is in those before it.
FOLDERS = base kernel attach trace cli
PARTS   = $(filter-out $(if $(DEBUG),,cli/dump),\
	  $(basename $(patsubst $S/%,%,$(wildcard $(FOLDERS:%=$S/%/*.c)))))
OBJECTS = $(patsubst %,$B/%.o,$(if $(ARCH),whole kernel/btf,tcpaccept $(PARTS)))
SCRIPTS = .ci/run tests/run tests/build/mirror/apt-get $(wildcard tools/*.sh) \
	  $(filter-out %/terminal.t %/books.t %/poll.t %/listeners.t %/completion.t,\
	  $(wildcard tests/*/*.sh tests/*/*.t))
HOST_CC = gcc
MAKES   = $S/Makefile $S/tools/arches.mk
ifneq ($S,.)
vpath %.c $S
endif

# V=1 shows the commands instead of what they do; make -s is silent.
Q   = $(if $(V),,@)
say = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@echo "$(1)$(2)")

.PHONY: all test test-all check demo bytecode install uninstall clean format FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(TARGET)
	$(call say,$(TARGET),: $$(cat $B/version) of $$(wc -c <$(TARGET)) bytes)

$(TARGET): $(OBJECTS)
	$(call say,LD  ,$@)
	$(Q)$(CC) $(CFLAGS) $(SLIM) $(LINK) $(LDFLAGS) -o $@ $(OBJECTS) $(LIBS)

# FLAGS: where they change, all is made again.
FLAGS   = $(if $(DEBUG),-DDEBUG) $(SLIM) $(HARDEN) $(CPPFLAGS) $(CFLAGS)
COMPILE = $(CC) -std=gnu11 -D_GNU_SOURCE $(DEFINES) $(WARN) $(FLAGS) $(UAPI) -I$S \
	  -I$(BYTES) -MMD -MP -c -o $@ $<

$B/%.o: %.c $(MAKES) $B/flags | $(SYSROOT) $(if $(UAPI),build/uapi)
	$(call say,CC  ,$(<:$S/%=%))
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE)

# For other processors all sources as one, but that with flags of its own: clang
# starts but once, and makes less of it. What is static needs another name in each.
ALSO = $(filter-out kernel/btf.c,$(PARTS:=.c))
$B/whole.o: tcpaccept.c $(ALSO) $(MAKES) $B/flags | $(SYSROOT)
	$(call say,CC  ,tcpaccept.c and all others for $(ARCH))
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) $(ALSO:%=-include %)

# What runs over megabytes of BTF is to be fast.
$B/kernel/btf.o: private CFLAGS += $(if $(DEBUG),,-O2)

# A file with this text, which is as old as the text.
text_of = mkdir -p $(@D) && printf '%s\n' '$(subst ','\'',$(1))' >$@.new && \
	  { cmp -s $@.new $@ && rm $@.new || mv $@.new $@; }
$B/flags: FORCE
	@$(call text_of,$(CC) $(FLAGS) $(LINK) $(LDFLAGS) $(BYTES))
# The same of the bytecode, and of what makes it.
build/host-flags: FORCE
	@$(call text_of,$(HOST_CC) $(CLANG) $(CBPF))

# What --version says, in a git tree with the commit, and + if that is not all.
GIT     = env -u GIT_DIR -u GIT_WORK_TREE GIT_OPTIONAL_LOCKS=0 \
	  git -c safe.directory='*' --git-dir=$S/.git --work-tree=$S
COMMIT  = $(if $(wildcard $S/.git),$(shell $(GIT) describe --always --dirty=+ \
	  --exclude='*' --abbrev=12 2>/dev/null))
MACHINE = $(or $(ARCH),$(patsubst powerpc%,ppc%,$(firstword \
	  $(subst -, ,$(shell $(CC) -dumpmachine)))))
RELEASE = $(VERSION)$(addprefix -g,$(COMMIT)) ($(MACHINE))
$B/version: FORCE
	@$(call text_of,$(RELEASE))
$B/cli/options.o $B/whole.o: $B/version
$B/cli/options.o $B/whole.o: private DEFINES = -DVERSION='"$(RELEASE)"'

# ---- Bytecode, the same for all processors of one byte order: bpfel, bpfeb ----
#
# BYTECODE=DIR takes it from there and needs no clang: a copy of build/bytecode, as
# make bytecode makes it.
BYTES     = $(or $(BYTECODE),build/bytecode)/$(ORDER)
BYTE_INCS = bytecode.h programs.inc symbols.inc bytecode.inc help.inc
# The text of -h, a NUL, and that of --help.
HELP      = $S/cli/usage.txt $S/cli/help.txt
OF_BYTES  = $S/accept.bpf.c $S/accept.h $(wildcard $S/bpf/*.h)

# All that includes bytecode.h, before -MMD can say which that are.
$(OBJECTS): | $(BYTES)/bytecode.h
$B/attach/program.o $B/cli/help.o $B/whole.o: $(BYTE_INCS:%=$(BYTES)/%)
bytecode: $(foreach order,bpfel bpfeb,$(BYTE_INCS:%=build/bytecode/$(order)/%))

ifdef BYTECODE
ifneq (,$(and $(filter file,$(origin BYTECODE)),$(shell find $(OF_BYTES) $(HELP) \
	-newer $(BYTES)/bytecode.h 2>/dev/null)))
$(error what bytecode/ was made of has changed: only clang can make it again)
endif
ifneq ($(words $(wildcard $(BYTE_INCS:%=$(BYTES)/%))),$(words $(BYTE_INCS)))
$(error BYTECODE=$(BYTECODE) has no $(BYTES)/$(firstword $(BYTE_INCS)), for what \
	$(CC) makes code for: make bytecode makes it)
endif
endif

# Packed, as a byte array: 0x7f,0x45, and so on. All of it, or no file.
TO_INC = build/tools/pack >$@.packed && \
	 od -An -v -tx1 $@.packed | sed 's/ \(..\)/0x\1,/g' >$@.new && \
	 [ -s $@.new ] && rm $@.packed && mv $@.new $@
build/bytecode/%/bytecode.inc: build/bytecode/%/accept.insns build/tools/pack
	$(Q)<$< $(TO_INC)

build/bytecode/%/help.inc: $(HELP) build/tools/pack
	$(Q)mkdir -p $(@D)
	$(Q){ cat $S/cli/usage.txt; printf '\000'; cat $S/cli/help.txt; } | \
		$(TO_INC)

# One run makes all of them, and another one what has been lost.
build/bytecode/%/bytecode.h build/bytecode/%/programs.inc build/bytecode/%/symbols.inc: \
		build/bytecode/%/accept.insns
	$(Q)[ -e $@ ] || build/tools/bytecode $(@D)/accept.bpf.o $(@D)
build/bytecode/%/accept.insns: build/bytecode/%/accept.bpf.o build/tools/bytecode
	$(Q)build/tools/bytecode $< $(@D)

build/tools/%: tools/%.c $S/attach/unpack.h build/host-flags
	$(call say,CC  ,tools/$*.c)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=gnu11 -O2 $(WARN) -I$S -o $@ $<

# Instructions that the oldest verifiers know; newer clang would use more.
BPF  = -target $(notdir $(@D)) -mcpu=v1
CBPF = -O2 -ffreestanding -nostdlibinc -fno-addrsig

# A label that begins with a dot leaves no symbol.
build/bytecode/%.bpf.o: build/bytecode/%.bpf.s
	$(Q)sed 's/\<LBB/.&/g' $< | $(CLANG) $(BPF) -x assembler -c -o $@ -

# From where the sources are: the object has the name as it is given.
build/bytecode/%/accept.bpf.s: accept.bpf.c $(OF_BYTES) $(MAKES) build/host-flags \
		| build/uapi
	$(call say,BPF ,accept.bpf.c for $*)
	$(Q)mkdir -p $(@D)
	$(Q)cd $S && $(CLANG) $(BPF) $(CBPF) $(WARN) -I. \
		-isystem "$(abspath build/uapi)" -S -o "$(abspath $@)" accept.bpf.c
# ---- End of bytecode ----

# The kernel's headers and nothing beside them, for what finds none or would find
# glibc's too: bytecode, musl-gcc.
build/uapi:
	$(Q)$(if $(or $(ARCH),$(filter musl-gcc,$(CC))),\
		$(if $(BYTECODE),,$S/tools/deps.sh --say build))
	$(Q)$S/tools/uapi.sh $@ '$(HOST_CC)' '$(CC)'

# make test T='-m PATTERN NAME': some of it, by tests/run. make test-all: with those of
# make test-release, in less time than one after the other.
test test-all:
	$(Q)tools/deps.sh build test arches cross dist sign
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all guest \
		$(if $(T),,units fuzzers)
	$(Q)$(if $(T),tests/run $(T),tests/lib/run.sh $@)

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

# What was built, whatever it was built with: packagers name that only once.
install: $(if $(filter-out install,$(MAKECMDGOALS)),all,$(if $(wildcard $(TARGET)),,all))
	install -D -m 755 $(TARGET) $(DESTDIR)$(SBINDIR)/tcpaccept
	install -D -m 644 $S/packaging/tcpaccept.8 $(DESTDIR)$(MANDIR)/man8/tcpaccept.8
	install -D -m 644 $S/packaging/tcpaccept.bash $(DESTDIR)$(BASHCOMPDIR)/tcpaccept
	install -D -m 644 $S/packaging/tcpaccept.zsh $(DESTDIR)$(ZSHCOMPDIR)/_tcpaccept
	install -D -m 644 $S/packaging/tcpaccept.fish $(DESTDIR)$(FISHCOMPDIR)/tcpaccept.fish

uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/tcpaccept $(DESTDIR)$(MANDIR)/man8/tcpaccept.8 \
		$(DESTDIR)$(BASHCOMPDIR)/tcpaccept $(DESTDIR)$(ZSHCOMPDIR)/_tcpaccept \
		$(DESTDIR)$(FISHCOMPDIR)/tcpaccept.fish

clean:
	rm -rf build tcpaccept

-include $(OBJECTS:.o=.d)
ifeq ($S,.)
include tests/tests.mk
endif

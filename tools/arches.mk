# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# arches.mk - other processors, and what is handed out; part of the Makefile

.PHONY: all-arches had dist

# What clang is to make code for. All the rest is the same.
# aarch64: all is within the MiB that tiny code reaches. mips: nothing is moved,
# so that no call and no variable is to go through a table.
CLANG_aarch64  = aarch64-linux-musl -fno-pie -mcmodel=tiny
CLANG_armv5    = arm-linux-musleabi -march=armv5te -mfloat-abi=soft
CLANG_armv7    = arm-linux-musleabihf -march=armv7-a -mfpu=vfpv3-d16 -mthumb
CLANG_i686     = i386-linux-musl -march=i686
CLANG_mips     = mips-linux-musl -march=mips32r2 -mno-abicalls -fno-pic -G0
CLANG_mips64el = mips64el-linux-muslabi64 -mabi=64 -march=mips64r2 \
		 -mno-abicalls -fno-pic -G0
CLANG_mipsel   = mipsel-linux-musl -march=mips32r2 \
		 -mno-abicalls -fno-pic -G0
CLANG_ppc      = powerpc-linux-musl -mcpu=ppc -msoft-float -fno-pic
CLANG_ppc64le  = powerpc64le-linux-musl -mabi=elfv2 -mlong-double-64
CLANG_riscv64  = riscv64-linux-musl -march=rv64gc -mabi=lp64d -mno-relax
CLANG_s390x    = s390x-linux-musl -march=z10
CLANG_x86_64   = x86_64-linux-musl
KNOWN  = $(sort $(patsubst CLANG_%,%,$(filter CLANG_%,$(.VARIABLES))))
ARCHES = $(KNOWN)
# lld 14 knows no s390x, and GNU ld nothing of functions that are the same.
LD_s390x   = s390x-linux-gnu-ld
LLD        = ld.lld -Wl,--icf=all
# Code made at the link is of that ABI too.
LD_riscv64 = $(LLD) -Wl,-mllvm,-target-abi=lp64d

# With ARCH: by clang and lld, on Debian's musl of that processor.
ifdef ARCH
B       := build/$(ARCH)
TARGET   = $B/tcpaccept
SYSROOT  = build/sysroot/$(ARCH)
CC       = $(CLANG) --target=$(CLANG_$(ARCH)) -Qunused-arguments -nostdlibinc \
	   -isystem $(SYSROOT)/include
LINK    += -nostdlib --ld-path=$(or $(LD_$(ARCH)),$(LLD)) \
	   $(addprefix $(SYSROOT)/lib/,crt1.o crti.o)
LIBS     = -Wl,--start-group $(addprefix $(SYSROOT)/lib/,libc.a libgcc.a) \
	   -Wl,--end-group $(SYSROOT)/lib/crtn.o
endif

build/sysroot/%:
	$(Q)$S/tools/deps.sh arches
	$(Q)$S/tools/sysroot.sh $* $@

# All of $(ARCHES), or it fails before it begins, and says which cannot be had.
all-arches: had
	$(Q)for arch in $(ARCHES); do \
		$(MAKE) --no-print-directory ARCH=$$arch all || exit; \
	done

had:
	$(Q)tools/deps.sh build arches
	$(Q)tests/lib/run.sh had $(ARCHES) >/dev/null

# From nothing: what lies about may have been made with other flags. What it says of
# itself is what the sources that are handed out say: no commit. One target after the
# other, as each processor's make would make the bytecode too. SIGN=FILE signs it.
SIGN  =
dist: had
	$(Q)tools/deps.sh dist $(if $(SIGN),sign)
	$(Q)rm -rf $(ARCHES:%=build/%) build/bytecode
	$(Q)for target in bytecode all-arches; do \
		$(MAKE) --no-print-directory BYTECODE= COMMIT= $$target || exit; \
	done
	$(Q)SIGN='$(SIGN)' BYTE_INCS='$(BYTE_INCS)' tools/dist.sh $(VERSION) $(ARCHES)
	$(Q)$(if $(filter-out $(ARCHES),$(KNOWN)),echo "dist: without \
		$(strip $(filter-out $(ARCHES),$(KNOWN)))")

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make.t - what packagers give a build: their compiler and flags, one for another
# processor, no clang, another directory, where things go
#
# All of it is built outside of this tree, from bytecode that was made before.
skip() { echo "1..0 # SKIP $*"; exit 0; }

tools/deps.sh --say build cross 2>/dev/null ||
	skip "needs compilers for other processors: tools/deps.sh build cross"

# Not what the make that runs us was told.
unset MAKEFLAGS MAKELEVEL MFLAGS
export LC_ALL=C
. tests/lib/tap.sh

# All commands but clang.
no_clang() {
	mkdir "$dir/bin"
	# In the order of PATH: links that are there already stay.
	echo "$PATH" | tr : '\n' | while read -r folder; do
		ln -s "$folder"/* "$dir/bin" 2>/dev/null || :
	done
	rm -f "$dir"/bin/*clang*
	! PATH=$dir/bin command -v clang
}

# NAME WORD...: make with these words in the folder NAME, by its name from there, as
# a packager would who has no clang, and ARCH in the environment.
built() {
	mkdir -p "$dir/$1" && ln -sfn "$PWD" "$dir/x" || return
	folder=$dir/$1
	bytecode=$PWD/build/bytecode
	shift
	(cd "$folder" && PATH=$dir/bin ARCH=arm64 make -f ../x/Makefile -j2 \
		BYTECODE="$bytecode" "$@") >"$dir/made" 2>&1 && return
	tail -n 20 "$dir/made"
	return 1
}
# Without optimisation, which is most of the time; its flags are one word.
quick() { built "$@" SLIM=-fno-pie; }
compiled() { grep -c '^CC ' "$dir/made"; }
objects() { find . -path ./build -prune -o -path ./tests -prune -o \
	-path ./tools -prune -o -name '*.c' -print | grep -v -e 'bpf\.c' -e dump; }
sources=$(objects | wc -l)

compiled_all() { [ "$(compiled)" -eq "$sources" ]; }

says_what() {
	cat "$dir/made"
	grep -x 'CC  attach/rings\.c' "$dir/made" &&
		grep -x 'LD  tcpaccept' "$dir/made" &&
		tail -n 1 "$dir/made" | grep "^tcpaccept: $version.* of [0-9]* bytes$"
}
# NAME VERSION: as --version has it, with a commit only if this tree has one.
says_version() {
	commit=''
	[ ! -e .git ] || commit='-g[0-9a-f]\{12\}+\{0,1\}'
	"$dir/$1/tcpaccept" --version | tee "$dir/said"
	grep -x "tcpaccept $version$commit ($(uname -m))" "$dir/said"
}
# NAME CLASS ORDER MACHINE
is_of_machine() {
	readelf -W -h "$dir/$1/tcpaccept" | tee "$dir/header"
	grep -q "^  Class: *$2\$" "$dir/header" &&
		grep -q "^  Data: .* $3 endian\$" "$dir/header" &&
		grep -q "^  Machine: *$4\$" "$dir/header"
}
# NAME: static, by default.
needs_nothing() {
	readelf -W -l -d "$dir/$1/tcpaccept" >"$dir/parts" 2>&1
	cat "$dir/parts"
	grep -q ' LOAD ' "$dir/parts" && ! grep -E 'INTERP|NEEDED' "$dir/parts"
}
is_dynamic() { readelf -W -d "$dir/$1/tcpaccept" | grep 'NEEDED.*libc'; }
# NAME: its symbols are there.
has_symbols() { readelf -W -s "$dir/$1/tcpaccept" | grep ' main$'; }
# s390x's program and little-endian bytecode.
refuses_bytecode() {
	mkdir -p "$dir/half" &&
		ln -s "$PWD/build/bytecode/bpfel" "$dir/half/bpfel" &&
		! built refused CC=s390x-linux-gnu-gcc BYTECODE="$dir/half" &&
		grep "BYTECODE=$dir/half has no $dir/half/bpfeb/" "$dir/made" &&
		[ ! -e "$dir/refused/tcpaccept" ]
}
# [NAME [WORD]]: one as distributions have it.
distribution() {
	built "${1:-one}" SLIM=-fno-pie CC=gcc CFLAGS=-O0 LDFLAGS=-Wl,-z,now \
		STATIC='' STRIP='' ${2:+"$2"}
}
# N: sources that are compiled then.
compiles() { distribution && cat "$dir/made" && [ "$(compiled)" -eq "$1" ]; }
# The same bytes at another place: what was made of the old ones is not for them.
# In a copy, as the first folder is to stay as it is.
compiles_other_bytecode() {
	cp -r build/bytecode "$dir/copied" && cp -a "$dir/one" "$dir/other" || return
	distribution other && [ "$(compiled)" -eq 0 ] &&
		distribution other BYTECODE="$dir/copied"
	[ "$(compiled)" -eq "$sources" ]
}
heeds_ldflags() { readelf -W -d "$dir/one/tcpaccept" | grep BIND_NOW; }

installs() {
	built one install DESTDIR="$dir/root" "$@" && [ "$(compiled)" -eq 0 ] &&
		(cd "$dir/root" && find . ! -type d | sort) >"$dir/files"
}
in_usual_places() {
	installs && diff "$dir/files" - <<-'END'
	./usr/local/sbin/tcpaccept
	./usr/local/share/bash-completion/completions/tcpaccept
	./usr/local/share/fish/vendor_completions.d/tcpaccept.fish
	./usr/local/share/man/man8/tcpaccept.8
	./usr/local/share/zsh/site-functions/_tcpaccept
	END
}
in_other_places() {
	rm -rf "$dir/root"
	installs PREFIX=/usr SBINDIR=/usr/bin MANDIR=/man BASHCOMPDIR=/bash \
		ZSHCOMPDIR=/zsh FISHCOMPDIR=/fish &&
		diff "$dir/files" - <<-'END'
	./bash/tcpaccept
	./fish/tcpaccept.fish
	./man/man8/tcpaccept.8
	./usr/bin/tcpaccept
	./zsh/_tcpaccept
	END
}
uninstalls() {
	built one uninstall DESTDIR="$dir/root" "$@" &&
		! find "$dir/root" ! -type d | grep .
}
dumps() {
	if [ "$(id -u)" -ne 0 ] || ! ./tcpaccept --check >"$dir/check"; then
		echo "cannot trace here" >"$dir/dump"
		"$dir/debug/tcpaccept" --dump --nope 2>&1 | grep "'--nope'"
		return
	fi
	"$dir/debug/tcpaccept" --dump | tee "$dir/dump"
	grep '^program [a-z]*: [0-9]* instructions, [0-9]* after' "$dir/dump" &&
		grep '^	constant SKC_FAMILY = [1-9]' "$dir/dump" &&
		grep '^	offset sock_common.skc_family = [1-9]' "$dir/dump" &&
		grep '^	hook [a-z_/0-9]*: perf event [0-9]' "$dir/dump"
}
# Without BYTECODE; the source's own build folder has bytecode, too.
builds_bytecode() {
	mkdir -p "$dir/own" || return
	(cd "$dir/own" && make -f ../x/Makefile -j2 CC=gcc SLIM=-fno-pie CFLAGS=-O0) \
		>"$dir/made" 2>&1 && grep '^BPF ' "$dir/made" &&
		[ "$(compiled)" -gt "$sources" ] && return
	tail -n 20 "$dir/made"
	return 1
}
makes_lost() {
	(cd "$dir/own" && rm build/bytecode/bpfel/bytecode.h && rm build/attach/rung.o &&
		make -s -f ../x/Makefile CC=gcc SLIM=-fno-pie CFLAGS=-O0)
}
makes_bytecode_at() {
	mkdir "$dir/$1" || return
	(cd "$dir/$1" && make -s -f "$dir/x/Makefile" CC=gcc bytecode) &&
		cmp "$dir/$1/build/bytecode/bpfeb/accept.insns" \
			build/bytecode/bpfeb/accept.insns
}
# TARGET NAME: what kernel/machine.h has for it.
names_abi() {
	named=$({ grep -v '^#include' kernel/machine.h; echo "= MACHINE_AUDIT_ARCH"; } |
		clang --target="$1" -E -x c - | sed -n 's/^= //p')
	echo "$1: $named"
	[ "$named" = "AUDIT_ARCH_$2" ]
}
names_abis() {
	while read -r target abi; do
		names_abi "$target" "$abi" || return
	done <<-END
	aarch64-linux-gnu AARCH64
	armeb-linux-gnueabihf ARMEB
	arm-linux-gnueabihf ARM
	i386-linux-gnu I386
	mips-linux-gnu MIPS
	mipsel-linux-gnu MIPSEL
	mips64-linux-gnuabi64 MIPS64
	mips64el-linux-gnuabi64 MIPSEL64
	powerpc64-linux-gnu PPC64
	powerpc64le-linux-gnu PPC64LE
	riscv32-linux-gnu RISCV32
	riscv64-linux-gnu RISCV64
	s390x-linux-gnu S390X
	x86_64-linux-gnu X86_64
	END
	! names_abi x86_64-linux-gnux32 X86_64 2>/dev/null &&
		! names_abi mips64-linux-gnuabin32 MIPS64 2>/dev/null
}
has_no_dump() {
	./tcpaccept --dump 2>&1 | grep 'unknown.*--dump' || return
	! strings -a ./tcpaccept | grep 'after folding'
}

version=$(sed -n 's/^VERSION *= *//p' Makefile)

check "make bytecode" make -s bytecode
check "a PATH without clang" no_clang
check "CC=gcc, ARCH in the environment, no clang: builds elsewhere" built one CC=gcc
check "it says what it does, and what was built" says_what
check "all sources, once" compiled_all
check "--version: the commit and the processor" says_version one
check "it is static" needs_nothing one
check "again elsewhere, by one job: builds" built two CC=gcc -j1
check "the same bytes" cmp "$dir/one/tcpaccept" "$dir/two/tcpaccept"
check "other CFLAGS, LDFLAGS, STATIC=, STRIP=: all again" compiles "$sources"
check "the same ones: nothing" compiles 0
check "STATIC= is dynamic" is_dynamic one
check "STRIP= leaves its symbols" has_symbols one
check "bytecode of another folder: all again" compiles_other_bytecode
check "LDFLAGS are heeded" heeds_ldflags
check "make install, without these words: what was built" in_usual_places
check "make uninstall leaves nothing" uninstalls
check "SBINDIR, MANDIR, BASHCOMPDIR and the like" in_other_places
check "uninstall leaves nothing there" uninstalls PREFIX=/usr SBINDIR=/usr/bin \
	MANDIR=/man BASHCOMPDIR=/bash ZSHCOMPDIR=/zsh FISHCOMPDIR=/fish
check "CROSS_COMPILE=aarch64-linux-gnu-: builds" \
	quick arm CROSS_COMPILE=aarch64-linux-gnu- CFLAGS=-O0
check "for aarch64" is_of_machine arm ELF64 little AArch64
check "CC=s390x-linux-gnu-gcc: builds" \
	quick s390x CC=s390x-linux-gnu-gcc CFLAGS=-O0
check "for s390x" is_of_machine s390x ELF64 big 'IBM S/390'
check "with big-endian bytecode" \
	grep -q /bpfeb/ "$dir/s390x/build/attach/program.d"
check "little-endian bytecode is refused there" refuses_bytecode
check "elsewhere, with clang, from a tree that is built: builds" builds_bytecode
check "a file of the bytecode that was lost is made again" makes_lost
check "a path with a blank: the bytecode is made" makes_bytecode_at "a b"
check "seccomp(2) names each ABI by its byte order" names_abis
check "DEBUG=1: builds" quick debug CC=gcc DEBUG=1
check "it has its symbols" has_symbols debug
check "--dump: program, constants, layout, hooks" dumps
check "others have no --dump" has_no_dump
finish

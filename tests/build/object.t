#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# object.t - tools/bytecode.c over objects that are not as they should be, and a
# symbol whose name accept.bpf.c and the loader do not share
. tests/lib/lib.sh
. tests/lib/tap.sh

mkdir "$dir/out"
# One line says why, and nothing is written.
refuses() {
	rm -f "$dir/out"/*
	build/tools/bytecode "$1" "$dir/out" >"$dir/said" 2>&1
	[ $? -eq 1 ] && [ "$(wc -l <"$dir/said")" -eq 1 ] &&
		grep '^bytecode: ' "$dir/said" && [ -z "$(ls "$dir/out")" ]
}
refuses_cut() {
	size=$(stat -c %s build/bytecode/bpfel/accept.bpf.o)
	for length in 0 1 63 64 $(seq 99 997 "$size") $((size - 1)); do
		head -c "$length" build/bytecode/bpfel/accept.bpf.o >"$dir/cut"
		refuses "$dir/cut" || return
	done
}
refuses_other() { refuses build/lab && grep 'BPF object' "$dir/said"; }
# compile FILE FOLDER: an object of it, as the build makes it of accept.bpf.c.
compile() {
	clang -target bpfel -mcpu=v1 -O2 -ffreestanding -nostdlibinc -isystem build/uapi \
		"-I$2" -I. -c -o "$dir/object" "$1"
}
# A symbol that accept.bpf.c defines has its value already.
refuses_defined() {
	printf '%s\n' 'static volatile long here;' \
		'__attribute__((section("full"), used))' \
		'static long end(void *context) { return here; }' \
		>"$dir/defined.c"
	compile "$dir/defined.c" . && refuses "$dir/object"
}
# The loader with the symbols of an accept.bpf.c whose constant has that name.
loader_with() {
	rm -rf "$dir/bpf" && cp -r bpf "$dir/bpf" &&
		sed -i "s/\<FILTER_PID\>/$1/g" "$dir"/bpf/*.h &&
		sed "s/\<FILTER_PID\>/$1/g" accept.bpf.c >"$dir/accept.bpf.c" &&
		compile "$dir/accept.bpf.c" "$dir" &&
		build/tools/bytecode "$dir/object" "$dir/out" &&
		gcc -std=gnu11 -D_GNU_SOURCE -isystem build/uapi "-I$dir/out" -I. \
			-fsyntax-only attach/rung.c
	status=$?
	rm -f "$dir/out"/*
	return $status
}
misspelt() {
	loader_with FILTER_PID || return
	loader_with FILTER_PIDS 2>"$dir/said" && return 1
	cat "$dir/said"
	grep 'SYM_FILTER_PID.* undeclared' "$dir/said"
}

check "an object that is cut short anywhere is refused in one line" refuses_cut
check "so is one of another machine" refuses_other
check "a relocation by a symbol that is defined is refused" refuses_defined
check "a constant that is misspelt in accept.bpf.c does not compile" misspelt
finish

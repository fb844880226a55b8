# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# lib.sh - what the tests' shell scripts share; to be sourced

# Wait for a condition, a minute at most.
await() {
	tries=${AWAIT_TRIES:-1200}
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "# never came: $*"; return 1; }
		sleep 0.05
	done
}

# Somebody listens on that TCP port.
listens() {
	grep -qi ":$(printf %04X "$1") 0*:0000 0A " /proc/net/tcp /proc/net/tcp6
}

# tcpaccept, with these arguments, can trace on this kernel; what it said on
# stderr is in the file $1.
arms() {
	log=$1
	shift
	: >"$log"
	./tcpaccept -v "$@" >/dev/null 2>"$log" &
	arming=$!
	until grep -q '^tcpaccept: tracing by' "$log"; do
		kill -0 $arming 2>/dev/null || break
		sleep 0.05
	done
	kill $arming 2>/dev/null
}

# seeds TARGET DIR: what build/fuzz-TARGET starts from, into DIR
seeds() {
	mkdir -p "$2" && cp "tests/corpus/$1"/* "$2" || return
	[ "$1" = object ] || return 0
	# What tcpaccept carries, of this compiler: fuzz-object.c reads the two
	# bytes in front.
	{ printf '\0\377' && cat build/accept.bpf.o; } >"$2/built-elf" &&
		{ printf '\2\0' && cat build/accept.packed; } >"$2/built-packed"
}

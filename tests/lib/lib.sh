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

# seeds TARGET DIR: what build/fuzz/TARGET starts from, into DIR
seeds() {
	mkdir -p "$2" && cp "tests/fuzz/corpus/$1"/* "$2" || return
	[ "$1" = object ] || return 0
	# What tcpaccept carries, of this compiler: object.c reads the two
	# bytes in front.
	{ printf '\0\377' && cat build/accept.bpf.o; } >"$2/built-elf" &&
		{ printf '\2\0' && cat build/accept.packed; } >"$2/built-packed"
}

# What the mirror does not have now is left out: tests/lib/why.sh and .ci/run look for
# the words "left out: processor NAME: " and "left out: kernel NAME: ".

# sysroots ARCHITECTURE...: have build/sysroot/ARCHITECTURE; $had are those that are
# there, $left_out says of the others that they are left out, a line each.
sysroots() {
	had='' left_out=''
	for arch in "$@"; do
		status=0
		[ -e "build/sysroot/$arch" ] ||
			said=$(tools/sysroot.sh "$arch" "build/sysroot/$arch" 2>&1) ||
			status=$?
		case $status in
		0) had="$had $arch" ;;
		75) left_out="${left_out:+$left_out
}processor $arch: no suite has its packages now" ;;
		*)
			printf '%s\n' "$said" | sed 's/^/# /'
			echo "Bail out! no sysroot of $arch"
			exit 1
			;;
		esac
	done
	had=${had# }
}
# That as comments.
tell_left_out() {
	[ -z "$left_out" ] || printf '%s\n' "$left_out" | sed 's/^/# left out: /'
}

# need_kernel NAME: or the test is skipped.
need_kernel() {
	status=0
	said=$(tests/vm/kernel.sh "$1" 2>&1) || status=$?
	case $status in
	0) ;;
	75)
		echo "1..0 # SKIP left out: kernel $1: the mirror does not have it now"
		exit 0
		;;
	*)
		printf '%s\n' "$said" | sed 's/^/# /'
		echo "Bail out! no kernel $1"
		exit 1
		;;
	esac
}

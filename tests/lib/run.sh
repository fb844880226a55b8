#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# run.sh demo | test [TEST...] | arches | bench | check SCRIPT... |
#	had ARCHITECTURE... - what the Makefile's targets do
#
# test and arches: what is on the screen is in build/test.log or build/arches.log
# too, or in $LOG; why a case failed, and what was left out, by tests/lib/why.sh.
set -eu
. tests/lib/lib.sh

demo() {
	if arms build/demo.log; then
		echo "# on this kernel, $(uname -r)"
		exec tests/here/demo.sh
	fi
	sed 's/^/# /' build/demo.log
	echo "# so on a stock Debian kernel, in QEMU:"
	exec tests/vm/vm.sh 6.1 2 'uname -r; sh tests/here/demo.sh'
}

# LOG ARGUMENT...: prove(1), two tests at a time; its exit status is ours.
prove_to() {
	log=$1
	shift
	mkdir -p build
	rm -f "$log.status"
	{
		status=0
		prove --jobs 2 --timer --exec tests/lib/why.sh "$@" 2>&1 || status=$?
		echo $status >"$log.status"
	} | tee "$log"
	left=$(sed -n 's/^# left out: //p' "$log" | sort -u)
	[ -z "$left" ] || printf 'Left out:\n%s\n' "$left" | tee -a "$log"
	status=$(cat "$log.status")
	rm "$log.status"
	exit "$status"
}

# Not beside each other: those that trace the machine's own kernel, and those that
# may have the same packages to fetch.
suite() {
	[ $# -gt 0 ] || set -- build/unit/* tests/*/*.t
	prove_to "${LOG:-build/test.log}" \
		--rules 'seq=tests/here/{live,check,servers,terminal,features,books,faults,service,zone}.t' \
		--rules 'seq=tests/build/{barriers,dist}.t' --rules 'par=**' "$@"
}

arches() {
	prove_to "${LOG:-build/arches.log}" tests/vm/arches/*.t
}

# Have what make needs for these processors: on stdout those that it has; status 75
# and what to do on stderr if that is not all.
had() {
	sysroots "$@"
	echo "$had"
	[ -n "$left_out" ] || exit 0
	tell_left_out | sed 's/^# /make: /' >&2
	echo "make: for the others: make ... ARCHES='$had'" >&2
	exit 75
}

bench() {
	exec tests/bench/bench.sh
}

check() {
	clang-format --dry-run -Werror ./*.c ./*.h tools/*.c tests/*/*.c tests/*/*.h
	shellcheck "$@"
	shellcheck -s bash packaging/tcpaccept.bash
	# Which other manuals this machine has does not matter.
	if mandoc -T lint -W all packaging/tcpaccept.8 2>&1 |
		grep -v -e 'referenced manual not found' -e 'mandoc\.db'; then
		exit 1
	fi
	# Not accept.bpf.c, which is of another machine.
	clang-tidy --quiet ./[!a]*.c -- -std=gnu11 -D_GNU_SOURCE \
		-isystem build/uapi -Ibuild
	for source in ./[!a]*.c; do
		gcc -std=gnu11 -D_GNU_SOURCE -DVERSION='"0"' -O2 -fanalyzer \
			-Werror -isystem build/uapi -Ibuild -c -o /dev/null \
			"$source"
	done
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance \
		--inline-suppr --suppress=missingIncludeSystem -DVERSION='"0"' \
		-D__x86_64__ -Ibuild ./*.c
	echo "check: all clean"
}

action=$1
shift
case $action in
demo | bench | arches) $action ;;
test) suite "$@" ;;
check | had) $action "$@" ;;
*) echo "run.sh: what is '$action'?" >&2; exit 2 ;;
esac

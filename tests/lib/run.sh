#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# run.sh demo | test [TEST...] | test-all | release | quick | arches | bench [COMMIT] |
#	check SCRIPT... | had ARCHITECTURE... - what the Makefile's targets do
#
# TEST is a name of tests/run -l; without any, all but what `release` runs. What is on
# the screen is in build/test.log, release.log or arches.log too, or in $LOG; why a case
# failed, and what was left out, by tests/lib/why.sh. CI=yes: a test that is skipped for
# anything but that has failed.
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

# JOBS TEST...: prove(1), so many tests at a time, in that order. Its summary is left to
# us, and its exit status to the file $failed.
lane() {
	jobs=$1
	shift
	# Of two jobs or more it prints whole lines.
	[ "$jobs" -gt 1 ] || { jobs=2 && set -- --rules 'seq=**' "$@"; }
	{ prove --jobs "$jobs" --timer --exec tests/lib/why.sh "$@" 2>&1 ||
		echo "$@" >>"$failed"; } | sed -u -e '/^Result: /d' \
		-e '/^All tests successful/d' -e '/^Files=/!b' -e 's/^/# /'
}
# LOG: what took longest, what was left out, and the result.
summary() {
	: >"$1.longest"
	awk -v longest="$1.longest" '
		/^# Files=/ {
			split($0, part, /[=,]/)
			tests += part[2]
			cases += part[4]
		}
		/^\[[0-9:]+\] .* ms \(/ {
			for (n = 2; $n != "ms"; n++);
			print $(n - 1) / 1000, $2 | "sort -rn | head -n 8 >" longest
		}
		END { print tests + 0, "tests,", cases + 0, "cases" }' "$1"
	sed 's/\(.*\) \(.*\)/\1 s \2/; 1s/^/Longest: /; 1!s/^/         /' \
		"$1.longest"
	left=$(sed -n 's/^# left out: //p' "$1" | sort -u)
	[ -z "$left" ] || printf 'Left out:\n%s\n' "$left"
	sed -n 's/^# hung: /A guest hung: /p' "$1"
	if [ -e "$failed" ]; then
		echo 'Result: FAIL'
	else
		echo 'Result: PASS'
	fi
}

# One after the other, beside all else: those of this machine's own kernel, as they
# trace it; and what mostly waits, as the kernel rt does for its grace periods.
waiting='vm/rt|fuzz/.*|build/(mirror|run)'
# What runs longest first: stock kernels by how much runs there, older ones, for
# which more is played, before newer ones; then builds, and make dist's first.
by_length() {
	while read -r test; do
		case $test in
		vm/*) name=${test#vm/}
			of_matrix "${name%%/*}" && echo "$runs" | wc -w ;;
		build/dist) echo .7 ;;
		build/*) echo .5 ;;
		*) echo 0 ;;
		esac | sed "s,\$, $test,"
	done | sort -s -rn -k 1,1 | cut -d ' ' -f 2
}
suite() {
	log=${LOG:-build/test.log} failed=$log.failed
	mkdir -p build
	rm -f "$failed"
	# shellcheck disable=SC2046,SC2086 # lists
	[ $# -gt 0 ] || set -- $(all_tests | grep -vxF "$(printf '%s\n' $of_release)")
	# prove(1) would look for tests in a folder of that name.
	for test; do
		[ ! -d "$test" ] || { echo "run.sh: $test is a folder" >&2; exit 1; }
	done
	here=$(printf '%s\n' "$@" | grep -Ex 'here/.*') || true
	waits=$(printf '%s\n' "$@" | grep -Ex "$waiting") || true
	others=$(printf '%s\n' "$@" | grep -vEx "here/.*|$waiting" | by_length) || true
	# shellcheck disable=SC2086 # lists
	{
		[ -z "$here" ] || lane 1 $here &
		[ -z "$waits" ] || lane 1 $waits &
		[ -z "$others" ] || lane "$(nproc)" $others
		wait
	} | tee "$log"
	summary "$log" >"$log.summary"
	tee -a "$log" <"$log.summary"
	rm -f "$log.longest" "$log.summary"
	! rm "$failed" 2>/dev/null
}

# What make dist hands out, and the instructions of its processors: by itself, as its
# builds need all CPUs.
of_release='build/dist build/barriers'
release() {
	LOG=${LOG:-build/release.log}
	# shellcheck disable=SC2086 # a list
	suite $of_release
}

test_all() {
	# shellcheck disable=SC2046 # a list
	suite $(all_tests)
}

# Under 90 s: what changes break most.
quick() {
	LOG=${LOG:-build/quick.log}
	# shellcheck disable=SC2046 # a list
	suite vm/6.1/cases/graft here/live $(all_tests | grep '^unit/')
}

arches() {
	LOG=${LOG:-build/arches.log}
	# shellcheck disable=SC2046 # a list
	suite $(matrix_names '[^#| ]*-[^ ]*' | sed 's,^,vm/,')
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
	exec tests/bench/bench.sh "$@"
}

# Lists are split into words.
# shellcheck disable=SC2086,SC2046
check() {
	folders=$(sed -n 's/^FOLDERS *= *//p' Makefile)
	sources="tcpaccept.c $(ls $(printf '%s/*.c ' $folders))"
	tools/includes.sh $folders
	clang-format --dry-run -Werror ./*.[ch] bpf/*.h tools/*.c tests/*/*.[ch] \
		$(printf '%s/*.[ch] ' $folders)
	# Riddles: what a technical writer would not sign.
	! grep -nE '\<(of our own|of ours|of nobody|that is none|what is none)\>' \
		README.md SECURITY.md CONTRIBUTING.md doc/*.md packaging/*.8 ./*.[ch] \
		bpf/*.h tools/*.c tests/*/*.[ch] $(printf '%s/*.[ch] ' $folders) || exit 1
	shellcheck "$@"
	shellcheck -s bash packaging/tcpaccept.bash
	# Which other manuals this machine has does not matter. EXAMPLES come first.
	if mandoc -T lint -W all packaging/tcpaccept.8 2>&1 |
		grep -v -e 'referenced manual not found' -e 'mandoc\.db' \
			-e 'conventional order: Sh E'; then
		exit 1
	fi
	# Not accept.bpf.c, which is of another machine.
	printf '%s\n' $sources | xargs -P "$(nproc)" -n 6 sh -c '
		exec clang-tidy --quiet "$@" -- -std=gnu11 -D_GNU_SOURCE -DDEBUG \
			-isystem build/uapi -I. -Ibuild/bytecode/bpfel' clang-tidy
	# For other processors all sources are one: no name may be in two of them.
	set -- -isystem build/uapi -I. -Ibuild/bytecode/bpfel
	for source in $sources; do
		case $source in
		cli/dump.c | kernel/btf.c | tcpaccept.c) ;;
		*) set -- "$@" -include "$source" ;;
		esac
	done
	clang -std=gnu11 -D_GNU_SOURCE -DVERSION='"0"' -Wall -Wextra -Wshadow -Werror \
		-fsyntax-only "$@" tcpaccept.c
	printf '%s\n' $sources | xargs -P "$(nproc)" -n 1 gcc -std=gnu11 -D_GNU_SOURCE \
		'-DVERSION="0"' -DDEBUG -O2 -fanalyzer -Werror -isystem build/uapi -I. \
		-Ibuild/bytecode/bpfel -c -o /dev/null
	cppcheck -j "$(nproc)" --quiet --error-exitcode=1 --enable=warning,performance \
		--inline-suppr --suppress=missingIncludeSystem -DVERSION='"0"' \
		-DDEBUG -D__x86_64__ -I. -Ibuild/bytecode/bpfel accept.bpf.c $sources
	echo "check: all clean"
}

action=$1
shift
case $action in
demo | release | quick | arches) $action ;;
test) suite "$@" ;;
test-all) test_all ;;
bench | check | had) $action "$@" ;;
*) echo "run.sh: what is '$action'?" >&2; exit 2 ;;
esac

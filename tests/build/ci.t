#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ci.t - .ci/run takes what the mirror does not have for no failure, and nothing
# else that did not run
. tests/lib/tap.sh

# A log of this kind, with each line that matches $1 changed to $2, and lines more.
log() {
	{
		for test in $(tests/run -l); do
			echo "[12:00:00] $test ... ok   20 ms ( 0.00 usr = 0.01 CPU)"
		done
		echo 'Files=2, Tests=4,  0 wallclock secs'
		echo 'Result: PASS'
	} | sed "s,$1,$2," >"$dir/log"
	shift 2
	[ $# -eq 0 ] || printf '# left out: %s: so\n' "$@" >>"$dir/log"
}
takes() { log "$@"; .ci/run judge "$dir/log"; }
# WORDS: what it says then.
refuses() {
	words=$1
	shift
	takes "$@" >"$dir/said" 2>&1 && return 1
	cat "$dir/said"
	grep "^ci: .*$words" "$dir/said"
}
here=$(uname -m)
case $here in
riscv64) one=s390x ;;
*) one=riscv64 ;;
esac
without_one() {
	takes none '' "processor $one" "processor $one" >"$dir/said" 2>&1 &&
		tail -n 1 "$dir/said" | grep "^ci: left out: $one, no kernel"
}
without_kernel() {
	takes 'vm/rt ... ok.*' \
		'vm/rt ... skipped: left out: kernel rt: none' \
		'kernel rt'
}

check "all passed" takes none ''
check "a processor left out, which it says" without_one
check "two of them" takes none '' "processor $one" 'processor mipsel'
check "not three" refuses 'too many processors' none '' "processor $one" \
	'processor mipsel' 'processor mips64el'
check "not this machine's" refuses "own processor" none '' "processor $here"
check "a kernel left out" without_kernel
check "not two" refuses 'too many kernels' none '' 'kernel rt' 'kernel exp'
check "not a test skipped for another reason" refuses 'dist did not run' \
	'build/dist ... ok.*' 'build/dist ... skipped: needs readelf'
check "not a test that failed" refuses 'live did not run, or failed' \
	'here/live ... ok.*' 'here/live ... Failed 1/4 subtests'
check "not one that is not in the log" refuses 'books did not run' \
	'.*here/books.*' ''
check "not a log without an end" refuses 'tests failed' 'Result: PASS' ''
finish

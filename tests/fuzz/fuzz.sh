#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# fuzz.sh SECONDS TARGET... - run each build/fuzz/TARGET for so long, tell what was
# found; fails if anything was
#
# All is in build/fuzzed/TARGET: the inputs, which the next run goes on from, what
# libFuzzer said, and findings. The next run tries these first.
set -eu
. tests/lib/lib.sh

# NAME: a number of the statistics at the end of the log.
stat_of() { sed -n "s/^stat::$1: *//p" "$dir/log"; }

# A line for the target; fails if it found something.
fuzz() {
	dir=build/fuzzed/$1
	mkdir -p "$dir/found"
	seeds "$1" "$dir/corpus"
	find "$dir/found" -type f -exec mv -t "$dir/corpus" {} +
	start=$(date +%s)
	ended=0
	"build/fuzz/$1" -max_total_time="$seconds" -timeout=10 \
		-print_final_stats=1 -artifact_prefix="$dir/found/" \
		"$dir/corpus" >"$dir/log" 2>&1 || ended=$?
	crashes=$(find "$dir/found" -type f | wc -l)
	printf '%-8s %10s executions  %5d s  %d crashes\n' "$1" \
		"$(stat_of number_of_executed_units)" \
		$(($(date +%s) - start)) "$crashes"
	[ "$ended" -eq 0 ] && [ "$crashes" -eq 0 ] && return
	echo "fuzz.sh: see $dir/log and $dir/found" >&2
	return 1
}

seconds=$1
shift
failed=0
: >build/fuzzed.log
for target in "$@"; do
	echo "fuzz.sh: $target, for $seconds s" >&2
	fuzz "$target" >>build/fuzzed.log || failed=1
done
cat build/fuzzed.log
exit $failed

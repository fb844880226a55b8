#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# fuzz.t - a short run of each fuzz target finds nothing; of one with a bug in it,
# the bug. The same inputs in each run: make fuzz is what looks for new ones.
. tests/lib/lib.sh
. tests/lib/tap.sh

# PROGRAM RUNS: on the inputs in $dir/corpus
fuzz() {
	"build/fuzz/$1" -runs="$2" -max_total_time=10 -seed=1 -timeout=10 \
		-artifact_prefix="$dir/" "$dir/corpus"
}

# TARGET: its seeds, and nothing else
started() { rm -rf "$dir/corpus" && seeds "$1" "$dir/corpus"; }
finds_nothing() { started "$1" && fuzz "$1" 20000; }

# No seed shows it: libFuzzer has to come upon it.
finds_the_bug() {
	mkdir -p "$dir/corpus" && rm -f "$dir/corpus"/* &&
		cp tests/fuzz/corpus/zone/version-1 "$dir/corpus" || return
	fuzz zone-planted 0 || return
	fuzz zone-planted 200000 && return 1
	grep -q 'ERROR: AddressSanitizer: heap-buffer-overflow' "$dir/case.log" &&
		ls "$dir"/crash-*
}

for source in tests/fuzz/*.c; do
	target=${source#tests/fuzz/}
	target=${target%.c}
	check "$target: no finding" finds_nothing "$target"
done
check "a length that is believed is found" finds_the_bug
finish

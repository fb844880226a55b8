#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# why.sh TEST - run a test, by its name, for prove(1), which keeps to itself what it
# reads
#
# What the test says, on stderr too, goes to stdout. If it fails, its cases that
# failed go to stderr, each with the lines after it; if it ended in another way,
# as by a crash, its last lines. So does, of any test, what it left out, and which guest
# hung. The exit status is the test's.
. tests/lib/lib.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# None of them is to keep the others waiting for ever.
# shellcheck disable=SC2016 # the inner shell's
{
	timeout 3600 sh -c '. tests/lib/lib.sh; run_test "$1"' sh "$1" 2>&1
	echo $? >"$dir/status"
} | tee "$dir/said"
status=$(cat "$dir/status")
if [ "${CI-}" = yes ] &&
	grep '^1\.\.0 # SKIP' "$dir/said" | grep -qv 'left out: '; then
	echo "# $1 was skipped, and may not be" >&2
	status=1
fi

awk -v status="$status" -v test="$1" '
	{ lines[NR] = $0 }
	/^not ok/ && !/# (TODO|SKIP)/ { bad++ }
	/^(not )?ok/ { cases++ }
	/^1\.\./ { planned = 1; plan = substr($1, 4) + 0 }
	/^Bail out!/ { bailed = 1 }
	sub(/^(1\.\.0 # SKIP|#) left out: /, "") { left[++count] = $0 }
	/^# hung: / { print }
	function show(line) {
		# Of one test, no more than what somebody reads.
		if (++shown <= 400)
			print line
	}
	END {
		for (n = 1; n <= count; n++)
			print "# left out: " left[n]
		whole = planned && plan == cases && !bailed
		if (whole && !bad && !status)
			exit
		print "# " test " failed, exit status " status ":"
		# The lines after the last case are of no case: a sanitizer, say,
		# speaks at the very end.
		for (n = 1; n <= NR; n++) {
			if (lines[n] ~ /^not ok/)
				showing = 1
			else if (lines[n] ~ /^ok/)
				showing = 0
			else if (lines[n] ~ /^1\.\./)
				showing = bad == 0 || status > 1
			if (showing)
				show(lines[n])
		}
		if (!whole || !shown)
			for (n = NR > 60 ? NR - 59 : 1; n <= NR; n++)
				show(lines[n])
		if (shown > 400)
			print "# and " shown - 400 " lines more"
	}' "$dir/said" >&2
exit "$status"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# zone.t - no time zone file ends tcpaccept, neither one that makes no sense nor one
# that changes while it runs
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }

export TOOL="${TOOL:-$PWD/tcpaccept}" LAB="$PWD/build/lab"
. tests/lib/harness.sh

word='\0\0\0\0'
# A block of a TZif file: no transitions, 1 type of 5:30 east, 4 characters; or as
# many of all as can be.
# shellcheck disable=SC2059 # octal
block() {
	printf "TZif2$word$word$word\0\0\0"
	if [ "$1" = absurd ]; then
		printf '\377%.0s' $(seq 24)
	else
		printf "$word$word$word$word\0\0\0\1\0\0\0\4\0\0\115\130\0\0XYZ\0"
	fi
}
east() { { block fine && block fine && printf '\nXYZ-5:30\n'; } >zone; }
absurd() { { block absurd && block absurd && printf '\nXYZ-5:30\n'; } >zone; }

one() { "$LAB" one block 4 >/dev/null; }
said() { grep -q "^tcpaccept: note: cannot use the time zone '$1': " err; }
# The last row's time is that of the zone.
time_is() {
	after=$(rows | tail -n 1 | cut -c 1-5)
	for second in 0 60; do
		[ "$after" != "$(TZ=$1 date -d "-$second seconds" +%H:%M)" ] ||
			return 0
	done
	echo "$after is not the time in $1"
	return 1
}

is_read() {
	east
	TZ=./zone start -T && one && await_rows 1 && stop &&
		time_is XYZ-5:30 && ! grep 'time zone' err
}
is_absurd() {
	absurd
	TZ=./zone start -T && one && await_rows 1 && stop && time_is UTC0 &&
		said ./zone
}
is_no_zone() {
	TZ=$1 start -T && one && await_rows 1 && stop && time_is UTC0 &&
		said "$1"
}
# As cp(1) does: cut, then written anew. Rows come in between.
is_cut() {
	east
	TZ=./zone start -T && one && await_rows 1 || return 1
	: >zone
	one && await_rows 2 && time_is XYZ-5:30 && stop
}
# Where the time of day is not shown nobody needs it.
is_not_asked_for() {
	TZ=/nowhere start && one && await_rows 1 && stop &&
		! grep 'time zone' err
}

check "a zone's file is read" is_read
check "counts that make no sense: UTC, and it says so" is_absurd
check "a file that is not there: the same" is_no_zone ./nowhere
check "a name that is no zone: the same" is_no_zone Nowhere/City
check "a directory: the same" is_no_zone /
check "a file that is cut while it runs" is_cut
check "without -T it is not looked at" is_not_asked_for
finish

# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# harness.sh - cases that start tcpaccept and look at its rows, as TAP; to be
# sourced, and finish called at the end. Works in a directory of its own.
# shellcheck disable=SC2034,SC2317

. tests/lib/lib.sh
. tests/lib/tap.sh
TOOL=${TOOL:-./tcpaccept}
LAB=${LAB:-build/lab}
cd "$dir" || exit 1

case_failed() {
	for file in err truth out; do
		[ ! -s $file ] || tail -n 12 $file | sed "s/^/# $file: /"
	done
}
case_over() {
	[ -z "$tool" ] || stop >/dev/null 2>&1
	rm -rf ./*
}

tool=
# A file of that name may be another tool's, that runs on.
start() {
	[ ! -e out ] || rm -f out
	"$TOOL" "$@" >out 2>err 3>&- &
	tool=$!
	armed
}
# It has printed its header, or has ended.
armed() { "$LAB" begun out "$tool"; }

# Also the tool's exit status. Not SIGINT, which a shell's & has ignored.
stop() {
	stopped=$tool tool=
	kill "$stopped"
	wait "$stopped"
}

# What lab's accepts gave; other programs may accept while we look.
rows() { sed 1d out | grep ' lab'; }
# Until so many have come, or as many as that file has lines.
await_rows() { "$LAB" rows out "$1"; }
# FILE COUNT: it has so many lines, or more. By the shell alone, like gone(), as both
# are asked again and again.
lines() {
	[ -e "$1" ] || return
	lines_left=$2
	while [ "$lines_left" -gt 0 ]; do
		read -r _ || return
		lines_left=$((lines_left - 1))
	done <"$1"
}
# They are those of the file `truth`; same: in whatever order.
right() { "$LAB" same out truth; }
same() { "$LAB" same out truth sorted; }

# What it told of losses at its end: 0 if nothing.
lost() {
	awk '/^tcpaccept: lost [0-9]+ accepts: / { sum += $3 }
		END { print sum + 0 }' err
}
skipped() {
	awk '/^tcpaccept: up to [0-9]+ more/ && !/ more accepts so far/ { sum += $4 }
		END { print sum + 0 }' err
}
# What is known plus what may be, against what was made.
adds_up() { [ "$1" -le "$2" ] && [ $(($1 + $(skipped))) -ge "$2" ]; }

# Its second process, which has the maps and the hooks.
keeper() {
	grep -l "^PPid:[[:space:]]*$tool\$" /proc/[0-9]*/status 2>/dev/null |
		cut -d / -f 3
}
# Of a process nothing is left that holds anything.
gone() {
	gone_state=
	{
		while read -r key gone_state _ && [ "$key" != State: ]; do :; done \
			<"/proc/$1/status"
	} 2>/dev/null
	case $gone_state in '' | [ZX]) ;; *) return 1 ;; esac
}

# The most memory that the tool had, in KiB; nothing without /proc. Before 6.2 the
# kernel may count up to 63 pages of a thread late in VmHWM, but not in smaps.
peak_rss() {
	awk '$1 == "Rss:" { rss += $2 }
		$1 == "VmHWM:" { peak = $2 }
		END { if (NR) print (rss > peak ? rss : peak) }' \
		"/proc/$tool/smaps" "/proc/$tool/status" 2>/dev/null
}

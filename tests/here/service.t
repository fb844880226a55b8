#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# service.t - what packaging/systemd/tcpaccept.service allows is enough, column by column,
# and what a filter that lacks something does. Without systemd: its lists of
# system calls, in a filter that kills, and the unit's capabilities.
command -v systemd-analyze setpriv >/dev/null ||
	{ echo "1..0 # SKIP needs systemd-analyze and setpriv"; exit 0; }
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }

. tests/lib/lib.sh
. tests/lib/tap.sh
TOOL=$PWD/tcpaccept LAB=$PWD/build/lab UNIT=packaging/systemd/tcpaccept.service
columns=PID,TID,COMM,PCOMM,UID,IP,RADDR,RPORT,LADDR,LPORT,BL,WAIT,NETNS,CGROUP
# Nobody else's rows.
task=service-$$

of_unit() { sed -n "s/^$1=//p" $UNIT; }

# Names, and sets of them, one a line, as names alone.
calls_of() {
	for word in "$@"; do
		case $word in
		@*)
			# shellcheck disable=SC2046 # a list
			calls_of $(systemd-analyze syscall-filter "$word" |
				sed '1d; s/#.*//')
			;;
		*) echo "$word" ;;
		esac
	done
}

# The numbers here of these, as systemd leaves out what a machine does not have.
numbers_of() {
	echo '#include <asm/unistd.h>' | gcc -E -dM - |
		sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$/\1 \2/p' |
		sort >"$dir/all"
	calls_of "$@" | sort -u | join - "$dir/all" | cut -d ' ' -f 2
}

# The unit's capabilities: +bpf,+perfmon, and so on.
capabilities() {
	of_unit CapabilityBoundingSet | tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g'
}

ended() { [ -s "$dir/out" ] || ! kill -0 "$tool" 2>/dev/null; }
has_row() { grep -q "^[0-9].*$1" "$dir/out"; }

# Tool, with the arguments before it: a row of one accept, in $dir/row.
traces() {
	rm -f "$dir/out"
	"$@" "$TOOL" -c "$task" -o $columns >"$dir/out" 2>"$dir/err" &
	tool=$!
	await ended
	LAB_NAME=$(printf %s "$task" | od -An -tx1 | tr -d ' \n') \
		"$LAB" one block 4 >"$dir/truth"
	await has_row service
	status=$?
	kill $tool
	wait $tool || status=1
	cat "$dir/err"
	sed 1d "$dir/out" >"$dir/row"
	return $status
}

# With all that the unit has; what is known is what is known without it.
lives() {
	traces env && cp "$dir/row" "$dir/free" || return 1
	traces setpriv --bounding-set "-all,$(capabilities)" \
		"$LAB" allow "$dir/numbers" kill || return 1
	cat "$dir/free" "$dir/row"
	[ "$(wc -l <"$dir/row")" -eq 1 ] &&
		[ "$(known "$dir/free")" = "$(known "$dir/row")" ]
}
# The columns that are not "-".
known() { awk '{ for (i = 1; i <= NF; i++) if ($i != "-") print i }' "$1"; }

# Each of those that the unit adds is needed: 128 and SIGSYS.
killed() {
	# shellcheck disable=SC2046 # a list
	numbers_of @system-service >"$dir/fewer"
	"$LAB" allow "$dir/fewer" kill "$TOOL" >"$dir/out" 2>"$dir/err"
	[ $? -eq 159 ] && [ ! -s "$dir/out" ] && ! grep tcpaccept "$dir/err"
}
told() {
	"$LAB" allow "$dir/fewer" refuse "$TOOL" >"$dir/out" 2>"$dir/err"
	[ $? -eq 1 ] && cat "$dir/err" && [ "$(wc -l <"$dir/err")" -eq 1 ] &&
		grep -q 'a seccomp filter forbids' "$dir/err"
}

verified() {
	mkdir -p "$dir/unit" &&
		sed "s,^ExecStart=[^ ]*,ExecStart=$TOOL," $UNIT \
			>"$dir/unit/tcpaccept.service" &&
		SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no \
			"$dir/unit/tcpaccept.service" 2>&1 | tee "$dir/said"
	! grep tcpaccept "$dir/said"
}
wants_known() {
	# shellcheck disable=SC2046 # a list
	set -- $(of_unit ExecStart)
	shift
	for option in "$@"; do
		"$TOOL" --help | grep -e "$option" || return 1
	done
}

# shellcheck disable=SC2046 # a list
numbers_of $(of_unit SystemCallFilter) >"$dir/numbers"
check "systemd finds nothing wrong with the unit" verified
check "the program knows the unit's options" wants_known
check "under its filter, which kills, all columns show what they do without" lives
check "under @system-service alone it is killed, and says nothing" killed
check "with SystemCallErrorNumber=EPERM it says so in one line" told
finish

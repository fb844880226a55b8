#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# faults.sh - each system call of set-up and end fails in turn, as TAP
#
# Whatever fails, it goes on and says what it lacks, or one line tells why it does
# not, with exit status 1; and in the kernel nothing of it stays. Nor does it if it
# is killed at any of these calls, but for a probe in tracefs, which the next start
# takes away. In the environment: ERRNOS, by number; RUNGS, to go through without
# BTF too; TOOL, LAB, FAIL.
# Functions are called through check(); `a && b || return` is meant so.
# shellcheck disable=SC2317,SC2015,SC2154

. tests/harness.sh
FAIL=${FAIL:-build/fail}
tracefs=/sys/kernel/tracing
[ -e $tracefs/README ] || mount -t tracefs tracefs $tracefs 2>/dev/null

# Of what it could leave behind.
there_is() {
	"$LAB" objects
	[ -n "$killing" ] || cat $tracefs/kprobe_events 2>/dev/null
	cat /proc/self/mounts
}
killing=
as_before() { there_is | cmp -s - before; }
# What somebody else has left may be on its way out.
settled() {
	there_is >before
	sleep 0.5
	as_before
}

# "" or what is wrong with the run that ended with $1.
wrong() {
	case $1 in
	0)
		[ "$(grep -c '^PID ' out)" -eq 1 ] || echo "no header"
		grep -v '^tcpaccept: ' err
		;;
	1)
		lines=$(grep -v '^tcpaccept: note: ' err)
		[ "$(echo "$lines" | wc -l)" -eq 1 ] &&
			[ "${lines#tcpaccept: }" != "$lines" ] || echo "not one line"
		;;
	137) [ -n "$killing" ] || echo killed ;;
	*) echo "exit status $1" ;;
	esac
	# The kernel frees things late, and what stays stays.
	[ $((nth % 20)) -ne 0 ] || as_before_at_last
}
as_before_at_last() {
	await as_before || echo "left behind: $(there_is | diff - before)"
}

# $1: an errno, or kill; then arguments.
each_fails() {
	error=$1 what="errno $1"
	[ -z "$killing" ] || what=SIGKILL
	shift
	nth=0 bad=0 died=0
	await settled || return 1
	while :; do
		nth=$((nth + 1))
		"$FAIL" $nth "$error" "$TOOL" "$@" >out 2>err 3>call
		status=$?
		[ $status -ne 199 ] || break
		[ $status -ne 1 ] && [ $status -ne 137 ] || died=$((died + 1))
		text=$(wrong $status)
		[ -n "$text" ] || continue
		bad=$((bad + 1))
		echo "call $nth, number $(cat call): $text"
		cat err
	done
	left=$(as_before_at_last)
	echo "# $what${*:+, $*}: of $((nth - 1)) calls, $died end it" >>"$counts"
	# It did reach the end, and some of them matter.
	echo "$left"
	[ -z "$left" ] && [ $bad -eq 0 ] && [ $nth -gt 60 ] && [ $died -gt 10 ]
}

# SIGKILL at each call, for the process that was started.
each_kills() {
	cat $tracefs/kprobe_events >probes 2>/dev/null
	killing=yes
	each_fails kill "$@"
	status=$?
	killing=
	start "$@" && stop && cat $tracefs/kprobe_events >left 2>/dev/null
	cmp probes left && return $status
}

# By tracefs, as before Linux 4.17: what the kernel keeps.
each_kills_by_tracefs() {
	pmu=/sys/bus/event_source/devices/kprobe
	mount -t tmpfs none $pmu || return 1
	each_kills --probe graft
	status=$?
	await umount $pmu
	return $status
}

# Whatever it reads comes in pieces of three bytes.
reads_briefly() {
	"$FAIL" short 3 "$TOOL" "$@" -n 1 -d 60 -c lab-server-name >out 2>err &
	reader=$!
	await lines out 1 && "$LAB" one block 4 >truth && wait $reader && same
}

# Out of the way of check(), which clears the directory.
counts=$dir.counts
: >"$counts"
# With these arguments.
each_errno() {
	for error in $ERRNOS; do
		check "errno $error for each call${*:+ of $*}: told, or done without" \
			each_fails "$error" "$@"
	done
}

check "read(2) gives three bytes at a time: all rows" reads_briefly
[ -z "$GUEST" ] ||
	check "read(2) gives three bytes at a time, --no-btf, by tracefs: all rows" \
		reads_briefly --no-btf --probe csk-return

check "killed at each call${GUEST:+, by tracefs}: nothing stays" \
	each_kills${GUEST:+_by_tracefs}
each_errno
if [ -z "$GUEST" ]; then
	each_errno -o +BL,WAIT,CGROUP,NETNS -P 80 -R 127.0.0.0/8
fi
for rung in $RUNGS; do
	each_errno --probe "$rung" --no-btf
done
cat "$counts"
rm -f "$counts"
finish

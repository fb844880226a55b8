#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# faults.sh - each system call of set-up and end fails in turn, as TAP
#
# Whatever fails, it goes on and says what it lacks, or one line tells why it does
# not, with exit status 1; and in the kernel nothing of it stays. Nor does it if it
# is killed at any of these calls, but for a probe in tracefs, which the next start
# takes away. In the environment: ERRNOS, by number; RUNGS, to go through without
# BTF too; TOOL, LAB, FAIL; OUTSIDE, a mount namespace that is not ours.
# Functions are called through check(); `a && b || return` is meant so.
# shellcheck disable=SC2317,SC2015,SC2154

. tests/lib/harness.sh
FAIL=${FAIL:-build/fail}
tracefs=/sys/kernel/tracing
[ -e $tracefs/README ] || mount -t tracefs tracefs $tracefs 2>/dev/null

# Of what it could leave behind, each line another: BPF programs and maps by the
# names that it gives them, its probes, mounts here.
there_is() {
	"$LAB" objects
	[ -n "$killing" ] || grep ':tcpaccept/accept_' $tracefs/kprobe_events \
		2>/dev/null
	cat /proc/self/mountinfo
}
killing=
# So many starts at a time, as the kernel has each wait at its end; and what stays is
# looked for after so many, a multiple of it.
AT_ONCE=${AT_ONCE:-8} LOOK=24
# The like of another tcpaccept that is at work, as regular expressions. Our own
# has ended, or $FAIL says that it has not.
of_others() {
	cat /proc/[0-9]*/fdinfo/* 2>/dev/null |
		sed -n -e 's/^map_id:[[:blank:]]*\(.*\)/^map \1 /p' \
			-e 's/^prog_id:[[:blank:]]*\(.*\)/^prog \1 /p'
	printf '%s\n' /proc/[0-9]* |
		sed 's,/proc/\(.*\),:tcpaccept/accept_\1_,'
}
# What is new since `before` and stays: it is there each time we look.
new() { there_is | grep -vxFf before; }
nothing_stays() {
	new | grep -xFf stays >still
	mv still stays
	[ -s stays ] || return 0
	of_others >others
	! grep -qvf others stays
}
left_behind() {
	new >stays
	await nothing_stays || { echo "left behind:"; grep -vf others stays; }
}

# $text: "" or what is wrong with the start $nth, which ended with $1. By the shell
# alone, as processes for it would take about as long as the start did.
wrong() {
	headers=0 reasons=0 strange='' text=''
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in 'PID '*) headers=$((headers + 1)) ;; esac
	done <"out.$nth"
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		# Others accept meanwhile, and their rows may be lost.
		'tcpaccept: note'* | 'tcpaccept: rows not written'* | \
			'tcpaccept: lost '* | 'tcpaccept: up to '*) ;;
		'tcpaccept: '*) reasons=$((reasons + 1)) ;;
		*) strange="$strange '$line'" ;;
		esac
	done <"err.$nth"
	case $1 in
	0) [ $headers -eq 1 ] || text="no header" ;;
	1) [ $reasons -eq 1 ] || text="not one line" ;;
	137) [ -n "$killing" ] || text=killed ;;
	*) text="exit status $1" ;;
	esac
	case $1 in [01]) text=$text$strange ;; esac
}

# Starts beside each other: the next $AT_ONCE of $nth, with these arguments, each
# with files of its own. Adds to $nth, $calls, $died and $bad; $over if any made fewer
# calls than that.
batch() {
	started=$nth pids=
	while [ "$started" -lt $((nth + AT_ONCE)) ]; do
		started=$((started + 1))
		"$FAIL" $started "$error" "$TOOL" "$@" \
			>out.$started 2>err.$started 3>call.$started &
		pids="$pids $!"
	done
	for pid in $pids; do
		nth=$((nth + 1)) status=0
		wait "$pid" || status=$?
		[ $status -ne 199 ] || { over=yes; continue; }
		calls=$((calls + 1))
		[ $status -ne 1 ] && [ $status -ne 137 ] || died=$((died + 1))
		wrong $status
		[ -n "$text" ] || continue
		bad=$((bad + 1))
		echo "call $nth, number $(cat call.$nth): $text"
		cat err.$nth
	done
	rm -f out.* err.* call.*
}

# $1: an errno, or kill; then arguments.
each_fails() {
	error=$1 what="errno $1"
	[ -z "$killing" ] || what=SIGKILL
	shift
	nth=0 calls=0 bad=0 died=0 over=
	there_is >before
	while [ -z "$over" ]; do
		batch "$@"
		# The kernel frees things late, and what stays stays.
		[ $((nth % LOOK)) -eq 0 ] || continue
		text=$(left_behind)
		[ -n "$text" ] || continue
		bad=$((bad + 1))
		echo "calls $((nth - LOOK + 1)) to $nth: $text"
		there_is >before
	done
	left=$(left_behind)
	echo "# $what${*:+, $*}: of $calls calls, $died end it" >>"$counts"
	# It did reach the end, and some of them matter.
	echo "$left"
	[ -z "$left" ] && [ $bad -eq 0 ] && [ $calls -gt 60 ] && [ $died -gt 10 ]
}

# SIGKILL at each call, for the process that was started.
each_kills() {
	there_is >before
	killing=yes
	each_fails kill "$@"
	status=$?
	killing=
	start "$@" && stop || return 1
	left_behind >left
	cat left
	[ ! -s left ] && return $status
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
	# A name that nobody else's accepts have.
	whose=lab-$$
	LAB_NAME=$(printf %s "$whose" | od -An -v -tx1 | tr -d ' \n')
	export LAB_NAME
	"$FAIL" short 3 "$TOOL" "$@" -n 1 -d 60 -c "$whose" >out 2>err &
	reader=$!
	await lines out 1 && "$LAB" one block 4 >truth && wait $reader && same
}

# Others use BPF and mount things meanwhile, and that stays.
others_at_work() {
	there_is >before
	mkfifo end
	# Not by one of them, when the other's line may be there.
	: >ready
	"$LAB" map other_map <end >>ready &
	"$LAB" map accept_other <end >>ready &
	exec 5>end
	nsenter --mount="$OUTSIDE" mount -t tmpfs none "$dir" || return 1
	await lines ready 2
	left_behind >left
	exec 5>&-
	wait
	cat left
	nsenter --mount="$OUTSIDE" umount "$dir" && [ ! -s left ]
}
# A mount and a map, which nobody has in hand, are found.
found() {
	there_is >before
	mkdir bpf && mount -t bpf none bpf &&
		"$LAB" map accept_pinned bpf/pinned || return 1
	AWAIT_TRIES=3 left_behind >left
	umount bpf
	cat left
	grep -q 'map .* accept_pinned$' left && grep -q ' - bpf none ' left
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

if [ -n "$OUTSIDE" ]; then
	check "others' maps and mounts are not taken for ours" others_at_work
	check "a map and a mount of ours would be found" found
fi
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

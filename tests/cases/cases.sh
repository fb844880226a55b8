#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# cases.sh - real accepts on the running kernel against real rows, as TAP
#
# Runs under dash here and under busybox in a VM. In the environment: RUNGS,
# those this kernel must offer; ABSENT, those it must refuse; DEFAULT, the one that is
# in use without --probe, if not the first; LACKS, what else it does not have (mptcp);
# HAS, what few have (socketcall); GUEST, if it is a Debian kernel of our own; ACCEPTS,
# of a burst, or of that of the first rung and those of the others (two words); VANISH,
# how often a descriptor is closed at once; BRIEF, for only what differs between
# processors; TOOL, LAB.
# What must be printed comes from lab, which shares nothing with the tool.
# Functions are called through check(); `a && b || return` is meant so; both
# shells have ulimit -n and -l.
# shellcheck disable=SC2317,SC2015,SC3045

. tests/lib/harness.sh

# The header and each row, byte for byte.
btf=
kinds() {
	# shellcheck disable=SC2086 # one option or none
	start --probe "$rung" $btf || return 1
	"$LAB" each "$1" "$2" >truth || return 1
	await_rows truth && stop || return 1
	printf '%-6s %-12s %-2s %-16s %-16s %-4s\n' \
		PID COMM IP RADDR LADDR LPORT >header
	head -n 1 out | cmp - header && right
}

# The worker is a thread of the process, with a name that the kernel gave it.
worker() {
	start --probe "$rung" && "$LAB" one uring-worker 4 >row || return 1
	"$LAB" one block 4 >truth && await_rows 1 && stop && same || return 1
	read -r pid _ <row
	printf '%-6d %-12.12s %s\n' "$pid" "iou-wrk-$pid" "$(cut -c 21- row)" >want
	grep -Fxf want out
}

# One that must show no row, then one that must.
unseen() {
	start --probe "$rung" || return 1
	"$@" >/dev/null || return 1
	"$LAB" one block 4 >truth || return 1
	await_rows 1 && stop && same
}

timestamps() {
	start --probe "$rung" -t || return 1
	"$LAB" gap 300 >truth || return 1
	await_rows 2 && stop || return 1
	head -n 1 out | grep -q '^TIME(s)  PID    COMM ' || return 1
	read -r least most <truth
	# Other programs' accepts may come before and between.
	[ "$(awk 'NR == 2 { print $1 }' out)" = 0.000 ] || return 1
	between=$(rows | awk 'NR == 1 { first = $1 }
		NR == 2 { printf "%d", ($1 - first) * 1000 + 0.5 }')
	echo "$between ms, by lab's clock $least to $most"
	# Each of both times is rounded to the nearest.
	[ "$between" -ge $((least - 1)) ] && [ "$between" -le $((most + 1)) ]
}

# Two processes accept; the one that is asked for shows.
one_pid() {
	mkfifo go
	sh -c 'read -r line && exec "$0" one block 4' "$LAB" <go >truth &
	chosen=$!
	exec 3>go
	start --probe "$rung" -p $chosen || return 1
	"$LAB" one block 4 >other || return 1
	echo >&3
	exec 3>&-
	wait $chosen
	await_rows 1 && stop || return 1
	[ -s other ] && right
}

# N threads asleep in accept() before the start, one connection each, twice.
# How many rows show: all of them, told (what lacks is told as lost), or none
# of the first round.
blocked() {
	count=$1 expect=$2
	mkfifo go
	"$LAB" blocked "$count" <go >truth 2>ready &
	lab=$!
	exec 3>go
	await lines ready 1 && start --probe "$rung" || return 1
	echo >&3
	await lines ready 2 || return 1
	[ "$expect" != all ] || await_rows "$count" || return 1
	seen=$(rows | wc -l)
	echo >&3
	exec 3>&-
	await lines ready 3 || return 1
	wait $lab
	stop
	shown=$(rows | wc -l) gone=$(($(lost) + $(skipped)))
	echo "first round $seen of $count, both $shown, lost $gone"
	# Nothing but true rows, whether all of them or not.
	sort truth >a
	rows | sort >b
	case $expect in
	all) cmp a b && [ "$seen" -eq "$count" ] && [ "$gone" -eq 0 ] ;;
	told) adds_up $((shown + $(lost))) $((2 * count)) ;;
	none) [ "$seen" -eq 0 ] && grep -q 'already wait .* missed' err ;;
	esac && [ -z "$(comm -23 b a)" ]
}

# Rows and reported losses make up all connections; $4: no loss at all.
burst() {
	start --probe "$rung" || return 1
	"$LAB" burst "$1" "$2" "$3" >truth || return 1
	made=$(cat truth)
	[ "$made" -eq "$1" ] && stop || return 1
	shown=$(rows | wc -l) gone=$(lost)
	echo "made $made, rows $shown, lost $gone, skipped $(skipped)"
	adds_up $((shown + gone)) "$made" || return 1
	[ -z "$4" ] || [ "$shown" -eq "$made" ]
}

# From 7.2 on, tasks are preempted in the program, which is then skipped for others:
# with one copy of it, 12 to 32 of these were seen to be missed.
few_skipped() {
	burst 4000 2 64 '' && [ "$shown" -ge 3990 ]
}

# Another thread closes each descriptor as accept() returns it.
vanished() {
	start --probe "$rung" || return 1
	made=$("$LAB" vanish "${VANISH:-1000}") && [ "$made" -gt 0 ] && stop || return 1
	shown=$(rows | wc -l)
	echo "made $made, rows $shown, lost $(lost)"
	grep 'more accepts' err
	adds_up $((shown + $(lost))) "$made" || return 1
	[ "$rung" = syscall ] || [ $((shown + $(lost))) -eq "$made" ]
}

# Rows of many CPUs come in the order of their times.
ordered() {
	start --probe "$rung" -t || return 1
	"$LAB" burst 1000 4 2 >truth && stop || return 1
	adds_up $(($(rows | wc -l) + $(lost))) 1000 || return 1
	rows | awk '$1 + 0 < last + 0 { exit 1 } { last = $1 }'
}

# One is killed meanwhile; another goes on, a third starts after that.
two_at_a_time() {
	"$TOOL" --probe "$rung" >other 2>&1 3>&- &
	second=$!
	"$LAB" begun other $second && start --probe "$rung" &&
		"$LAB" one block 4 >truth && await_rows 1 &&
		"$LAB" rows other 1 || return 1
	kill -9 $second
	wait $second
	"$LAB" one block 6 >>truth && await_rows 2 && stop && same || return 1
	start --probe "$rung" && "$LAB" one block 4 >truth && await_rows 1 &&
		stop && same
}
# Accepts that are given no address, whose server never asks for it.
late() {
	start --probe cgroup -c lab-server-name -o +WAIT || return 1
	(unset LAB_ADDRESS; exec "$LAB" burst 300 2 2) >truth && "$LAB" one uring 4 && stop ||
		return 1
	[ "$(rows | wc -l)" -eq 301 ] &&
		grep '^tcpaccept: rows that came late, .*: 300$' err &&
		! grep -e 'WAIT(ms) of .* is not known' -e 'nobody was seen' err
}
# Who connects and asks is no server; nor is a server that asks twice two.
asked() {
	start --probe cgroup || return 1
	(unset LAB_ADDRESS; exec "$LAB" each 'block uring' '4 6 mapped') >truth &&
		await_rows 6 && stop && right
}
# Root of a user namespace, with a bpffs that delegates.
by_token() {
	chmod 755 . && cp "$TOOL" tool
	"$LAB" token ./tool -v >out 2>err &
	tool=$!
	armed && "$LAB" each block '4 6' >truth && await_rows 2 && stop && same &&
		grep 'tracing by .* (cgroup)' err
}
never_accepted() {
	start --probe cgroup -v && "$LAB" die 40 && stop || return 1
	untaken=$(sed -n 's/^.* nobody was seen to accept: \([0-9]*\);.*/\1/p' err)
	[ "$(rows | wc -l)" -eq 0 ] && [ "${untaken:-0}" -ge 40 ]
}

odd() {
	start --probe "$rung" || return 1
	"$LAB" odd 4 >truth && "$LAB" odd 6 >>truth || return 1
	await_rows 14 && stop && right
}

no_mptcp() { "$LAB" one mptcp 4 2>&1 | grep 'Protocol not supported'; }

# No event waits for the next one to wake the reader.
prompt() {
	start --probe "$rung" || return 1
	"$LAB" prompt 100 out && stop && [ "$(rows | wc -l)" -eq 100 ]
}

switches() {
	awk '$1 == "voluntary_ctxt_switches:" { print $2 }' "/proc/${1:-$tool}/status"
}

# After its last look at the rings it does not run any more. When that is, a
# busy machine decides: one of a few times of 2 s has to be without any. What others
# accept meanwhile is not shown, and wakes nobody.
idle() {
	start -P 20193 && LAB_PORT=20193 "$LAB" one block 4 >truth &&
		await_rows 1 || return 1
	for _ in 1 2 3 4 5; do
		before=$(switches)
		sleep 2
		after=$(switches)
		echo "$before, 2 s later $after"
		[ "$before" -ne "$after" ] || break
	done
	[ "$before" -eq "$after" ] && stop && same
}

busy_paced() {
	start || return 1
	before=$(switches) since=$(uptime_ms)
	"$LAB" burst 3000 2 2 >truth || return 1
	woken=$(($(switches) - before)) ms=$(($(uptime_ms) - since))
	echo "$woken times in $ms ms"
	# 100 a second; one more to begin, and the clock's grain.
	[ "$woken" -gt 0 ] && [ "$woken" -le $((ms / 10 + 3)) ]
}

# Of the same accepts each wakes this one; another one looks once a second.
each_wakes() {
	"$TOOL" --pace 1000 >other 2>&1 &
	paced=$!
	await "$LAB" begun other $paced && start --pace 0
	result=$?
	woken=$(switches) others=$(switches $paced)
	[ $result -eq 0 ] && "$LAB" burst 1000 2 2 >truth && await_rows 1000
	result=$?
	woken=$(($(switches) - woken)) others=$(($(switches $paced) - others))
	kill $paced
	wait $paced
	echo "woken $woken times, by --pace 1000 $others times"
	[ $result -eq 0 ] && stop && [ "$woken" -gt $((2 * others)) ]
}

# A kernel with nothing but programs of cgroups: what that misses is the one line that it
# says, and --check does not ask for what the kernel cannot have.
cgroup_alone() {
	start && "$LAB" one block 4 >truth && await_rows 1 && stop && same &&
		cat err && [ "$(wc -l <err)" -eq 1 ] &&
		grep '^tcpaccept: note: cgroup hooks cannot see' err || return 1
	"$TOOL" --check >out 2>err || return 1
	cat out
	head -n 1 out | grep ': works, by cgroup$' &&
		grep -x 'tracefs  *no   this kernel has none' out &&
		grep '^helpers  *no   no BPF program of a kprobe' out &&
		grep -x 'tracing  *yes  by cgroup hooks (cgroup)' out &&
		! grep 'mount tracefs' out
}

refused() {
	"$TOOL" --probe "$rung" >out 2>err && return 1
	[ ! -s out ] && grep -q "^tcpaccept: $rung (" err
}

says_rung() {
	start -v || return 1
	"$LAB" one block 4 >truth || return 1
	await_rows 1 || return 1
	peak=$(peak_rss)
	stop && same &&
		grep -q "^tcpaccept: tracing by .* ($rung)\$" err
}

# The reader leaves: the tool ends by itself, with 0 and nothing to say.
reader_leaves() {
	mkfifo pipe
	{ "$TOOL" >pipe 2>err; echo $? >status; } &
	tool_shell=$!
	head -n 1 pipe >out
	"$LAB" one block 4 >truth || return 1
	wait $tool_shell
	[ "$(cat status)" -eq 0 ] && ! grep -v ' note: ' err
}

# The reader stalls, and SIGTERM still ends it: each accept is accounted for.
# $1: whether stderr goes to the same pipe.
reader_stalls() {
	mkfifo pipe go
	sh -c 'read -r _ && exec "$0" burst 2500 2 2' "$LAB" <go >truth &
	lab=$!
	exec 3>go
	if [ "$1" = both ]; then
		"$TOOL" -p $lab >pipe 2>&1 3>&- &
	else
		"$TOOL" -p $lab >pipe 2>err 3>&- &
	fi
	tool=$!
	exec 4<pipe
	until read -r line <&4 && [ "${line#PID }" != "$line" ]; do :; done
	echo >&3
	exec 3>&-
	wait $lab && stop
	status=$?
	# What the pipe holds, whole rows; the rest is told on stderr.
	cat <&4 >out
	exec 4<&-
	[ $status -eq 1 ] || return 1
	[ "$1" != both ] || return 0
	shown=$(grep -c ' lab' out)
	unwritten=$(sed -n 's/^tcpaccept: rows not written: \([0-9]*\): .*/\1/p' err)
	gone=$(lost) skipped=$(skipped)
	echo "rows $shown, unwritten $unwritten, lost $gone, skipped $skipped"
	[ -n "$unwritten" ] &&
		adds_up $((shown + unwritten + gone)) 2500
}

disk_full() {
	"$TOOL" >/dev/full 2>err && return 1
	grep -q '^tcpaccept: cannot write to stdout: No space left' err
}

# At once after a burst, with rows still in the rings.
signal_ends() {
	"$LAB" signals "$TOOL" >out 2>err 3>&- &
	tool=$!
	armed || return 1
	"$LAB" burst 300 2 2 >truth || return 1
	pid=$tool tool=
	kill "-$1" "$pid"
	wait "$pid" || return 1
	adds_up $(($(rows | wc -l) + $(lost))) 300
}

# As a shell's & has SIGINT, and nohup(1) SIGHUP; $2 ends it.
signal_ignored() {
	# shellcheck disable=SC2016
	"$LAB" signals sh -c 'trap "" "$0"; exec "$@"' "$1" "$TOOL" >out 2>err 3>&- &
	tool=$!
	armed && kill "-$1" "$tool" || return 1
	# To end takes it a while, in which it shows what comes.
	for i in $(seq 30); do
		"$LAB" one block 4 >truth && await_rows "$i" || return 1
	done
	pid=$tool tool=
	kill "-$2" "$pid"
	wait "$pid"
}

# However few, it sees both accept(2) and accept4(2), or refuses to start. Six limits
# with which it starts are enough.
few_descriptors() {
	armed=0 refused=0 most=3
	while [ $armed -lt 6 ] && [ $most -lt 28 ]; do
		most=$((most + 1))
		rm -f out err truth
		(ulimit -n "$most" && exec "$TOOL" --probe "$rung") >out 2>err 3>&- &
		tool=$!
		armed || return 1
		if [ -s out ]; then
			armed=$((armed + 1))
			"$LAB" each 'block epoll' 4 >truth && await_rows 2 && stop &&
				same || return 1
		else
			refused=$((refused + 1))
			wait $tool
			[ $? -eq 1 ] && grep -q 'ulimit -n' err || return 1
		fi
	done
	# Where it traces by tracefs: nothing stays there, however it ends.
	if mount -t tracefs none /sys/kernel/tracing; then
		left=$(grep -c tcpaccept/ /sys/kernel/tracing/kprobe_events)
		umount /sys/kernel/tracing
	fi
	echo "started with $armed, refused with $refused limits, left ${left:-?}"
	[ "${left:-0}" -eq 0 ] || return 1
	[ $armed -gt 0 ] && [ $refused -gt 0 ]
}

# It counts before 5.11, for maps and programs; root may raise it.
little_locked_memory() {
	for most in 0 64 128 192 256 264 272 276 280 288 320; do
		rm -f out
		(ulimit -l $most && exec "$TOOL") >out 2>err &
		tool=$!
		armed && [ -s out ] && stop || return 1
	done
}

# FILE MASK: of capabilities no more than these, no new ones, and a filter.
privileges_within() {
	sets=0
	grep -E '^(Cap|NoNewPrivs|Seccomp:)' "$1"
	grep -q '^NoNewPrivs:[[:space:]]*1$' "$1" &&
		grep -q '^Seccomp:[[:space:]]*2$' "$1" || return 1
	while read -r key set; do
		[ "${key#Cap}" != "$key" ] || continue
		sets=$((sets + 1))
		[ $((0x$set & ~$2)) -eq 0 ] || return 1
	done <"$1"
	[ $sets -eq 5 ]
}
# kprobe_events is for CAP_DAC_OVERRIDE alone to write to.
foreign_tracefs() {
	events=/sys/kernel/tracing/kprobe_events
	mount -t tracefs none /sys/kernel/tracing && chown 1000 $events || return 1
	start --probe csk-return && grep tcpaccept/ $events && stop
	status=$?
	left=$(cat $events)
	chown 0 $events
	umount /sys/kernel/tracing && [ -z "$left" ] && return $status
}

# Armed, it has nothing left that whoever takes it over could use.
no_privileges() {
	case $rung in
	cgroup) ring=bpf-map ;;
	*) ring='\[perf_event\]' ;;
	esac
	wanted="^(/|/dev/null|(pipe|socket):.*|anon_inode:($ring|\[signalfd\])|$dir/(out|err))\$"
	# One that whoever starts it has left open.
	start "$@" -v 7</proc/version || return 1
	privileges_within "/proc/$tool/status" 0 || return 1
	find "/proc/$tool/fd" -type l -exec readlink {} \; >open
	cat open
	grep -q "$ring" open && ! grep -vE "$wanted" open || return 1
	second=$(keeper)
	# CAP_DAC_READ_SEARCH, IPC_LOCK, SYS_ADMIN, PERFMON and BPF.
	await privileges_within "/proc/$second/status" 0xc000204004 || return 1
	find "/proc/$second/fd" -type l -exec readlink {} \; >open
	grep -q "$ring" open && ! grep version open || return 1
	"$LAB" one block 4 >truth && await_rows 1 && stop && same &&
		grep -q '^tcpaccept: privileges dropped: no capabilities' err
}
# As before Linux 5.9; descriptors with high numbers, past the limit.
no_close_range() {
	real=$TOOL TOOL=$LAB
	no_privileges crowd "$LAB" deny close_range "$real"
	status=$?
	TOOL=$real
	return $status
}
starts() {
	times=0
	while [ $times -lt "$2" ]; do
		times=$((times + 1))
		start --probe "$1" && stop || { echo "start $times"; return 1; }
	done
}
# What its second process holds: each has a name of ours.
named() {
	start -o +BL,WAIT -P 80 || return 1
	second=$(keeper)
	cat "/proc/$second/fdinfo/"* |
		sed -n -e 's/^map_id:[[:blank:]]*/map /p' \
			-e 's/^prog_id:[[:blank:]]*/prog /p' | sort -u >held
	"$LAB" objects >named
	cat held named
	grep ' accept_' named | cut -d ' ' -f 1,2 >ours
	stop && [ "$(grep -c ^map held)" -ge 3 ] && ! grep -vxFf ours held
}
# Whatever ends the one, the other does not stay.
killed() {
	start --probe "$rung" || return 1
	second=$(keeper)
	kill -9 "$tool"
	wait "$tool"
	tool=
	await gone "$second"
}
orphaned() {
	start --probe "$rung" || return 1
	kill -9 "$(keeper)"
	wait "$tool"
	[ $? -eq 1 ] && tool= && grep -q 'second process .* is gone' err
}

# No signal but SIGKILL ends the second process, and with it the tracing.
keeper_signalled() {
	start --probe "$rung" || return 1
	second=$(keeper)
	for signal in HUP INT QUIT ALRM USR1 USR2 PIPE TERM; do
		kill -$signal "$second"
	done
	"$LAB" one block 4 >truth && await_rows 1 && stop && same
}
# Stopped, it cannot keep a signal from ending the first one, which says so.
keeper_stopped() {
	start --probe "$rung" || return 1
	"$LAB" one block 4 >truth && await_rows 1 || return 1
	second=$(keeper) first=$tool tool=
	kill -STOP "$second"
	kill -TERM "$first"
	await gone "$first"
	ended=$?
	kill -CONT "$second"
	await gone "$second" && [ $ended -eq 0 ] || return 1
	wait "$first" && same && grep 'tcpaccept-keep does not answer' err
}

# Each by itself: no other column makes the events longer.
lacking() {
	for column in NETNS BL DROPS; do
		start --probe cgroup -o "PID,COMM,$column" &&
			"$LAB" one block 4 >truth && await_rows 1 && stop &&
			rows | grep ' lab-server-n -$' &&
			grep "note: cgroup hooks cannot show .*($column)" err || return 1
	done
}

# Sets the last CPU's $online and $there, for taskset(1); it goes offline.
last_offline() {
	last=$(($(nproc) - 1))
	online=/sys/devices/system/cpu/cpu$last/online
	there=$(printf %x $((1 << last)))
	echo 0 >$online
}
# Accepts by the task on a CPU that was offline at the start, that goes, comes
# back, and goes for good: all rows, in their order.
hotplug() {
	last_offline
	start --probe "$rung" || return 1
	for round in 1 2 3; do
		echo 1 >$online
		for family in 4 6 mapped; do
			taskset "$there" "$LAB" one block $family >>truth || return 1
			taskset 1 "$LAB" one block $family >>truth || return 1
		done
		[ $round -eq 2 ] || echo 0 >$online
		taskset 1 "$LAB" one block 4 >>truth || return 1
	done
	descriptors=$(find "/proc/$tool/fd" | wc -l)
	await_rows 21 && stop
	status=$?
	echo 1 >$online
	rows >shown
	echo "descriptors $descriptors"
	[ $status -eq 0 ] && cmp shown truth && [ "$(lost)" -eq 0 ] &&
		[ "$descriptors" -lt 24 ]
}

# By the rung that sees nothing of a CPU which has just come online.
hotplug_told() {
	last_offline
	start --probe "$rung" || return 1
	for round in 1 2 3; do
		echo 1 >$online
		# At once, and once the CPU is known.
		taskset "$there" "$LAB" one block 4 >>truth || return 1
		shown=$(rows | wc -l)
		until [ "$(rows | wc -l)" -gt "$shown" ]; do
			taskset "$there" "$LAB" one block 6 >>truth || return 1
		done
		[ $round -eq 3 ] || echo 0 >$online
		taskset 1 "$LAB" one block 4 >>truth || return 1
	done
	stop || return 1
	rows | sort >shown
	sort truth >made
	echo "made $(wc -l <made), rows $(wc -l <shown), may be missing $(skipped)"
	[ -z "$(comm -23 shown made)" ] && [ "$(lost)" -eq 0 ] &&
		adds_up "$(wc -l <shown)" "$(wc -l <made)"
}
# Nothing reads the rings meanwhile.
rings_full() {
	start --probe ftrace --ring 1 && kill -STOP "$tool" &&
		"$LAB" burst 300 2 2 >truth && kill -CONT "$tool" && stop || return 1
	echo "rows $(rows | wc -l), lost $(lost)"
	[ "$(lost)" -gt 0 ] && [ $(($(rows | wc -l) + $(lost))) -eq 300 ]
}

# CAP_BPF and CAP_PERFMON are enough for a kprobe, where perf lets them be.
two_capabilities() {
	paranoid=$(cat /proc/sys/kernel/perf_event_paranoid)
	echo 2 >/proc/sys/kernel/perf_event_paranoid
	chmod 755 . && cp "$TOOL" tool
	"$LAB" caps ./tool --probe graft >out 2>err &
	tool=$!
	armed
	echo "$paranoid" >/proc/sys/kernel/perf_event_paranoid
	"$LAB" one block 4 >truth && await_rows 1 && stop && same
}

# Where it does not: one line that says so.
two_too_few() {
	echo 3 >/proc/sys/kernel/perf_event_paranoid
	chmod 755 . && cp "$TOOL" tool
	"$LAB" caps ./tool >out 2>err
	status=$?
	echo 2 >/proc/sys/kernel/perf_event_paranoid
	[ $status -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] &&
		grep -q 'perf_event_paranoid is above 2' err
}

# Rings count as locked memory, also user 0's who has but these two.
large_rings() {
	chmod 755 . && cp "$TOOL" tool
	paranoid=$(cat /proc/sys/kernel/perf_event_paranoid)
	echo 2 >/proc/sys/kernel/perf_event_paranoid
	for user in 0 65534; do
		LAB_UID=$user "$LAB" caps ./tool --ring 2048 >out 2>err
		echo $? >>status
		cat err >>both
	done
	echo "$paranoid" >/proc/sys/kernel/perf_event_paranoid
	cat both
	[ "$(grep -c '^1$' status)" -eq 2 ] && [ "$(wc -l <both)" -eq 2 ] &&
		! grep 'as root' both &&
		[ "$(grep -c 'fewer pages.*kernel.perf_event_mlock_kb' both)" -eq 2 ]
}

# By the rung poll, connections that stay open.
held() {
	mkfifo go
	start --probe poll || return 1
	LAB_HOLD=yes "$LAB" each 'block poll' '4 6 mapped' <go >truth &
	lab=$!
	exec 3>go
	await lines truth 6 && await_rows truth || return 1
	exec 3>&-
	wait $lab
	stop && same
}

# How many connections to listeners there were, by the kernel.
opens() {
	awk '$1 == "Tcp:" && at { print $at }
		$1 == "Tcp:" && !at { for (at = 1; $at != "PassiveOpens"; at++); }' \
		/proc/net/snmp
}

# And what it makes of them at its end, also of those that are too short for it.
poll_books() {
	before=$(opens)
	start --probe poll || return 1
	started=$(opens)
	made=$("$LAB" burst 300 1 1) || return 1
	ended=$(opens)
	stop || return 1
	after=$(opens)
	told=$(sed -n 's/.*connections here: //p' err)
	echo "made $made, $told"
	# shellcheck disable=SC2046 # numbers
	set -- $(echo "$told" | tr -c '0-9\n' ' ')
	[ $# -eq 5 ] && [ "$1" -ge "$made" ] && [ "$1" -ge $((ended - started)) ] &&
		[ "$1" -le $((after - before)) ] && [ $(($3 + $4 + $5)) -eq $(($1 + $2)) ] &&
		[ "$(sed 1d out | wc -l)" -eq "$3" ]
}

# Without capabilities: one line that names them.
powerless() {
	chmod 755 . && cp "$TOOL" tool
	su -s /bin/sh nobody -c ./tool >out 2>err
	[ $? -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
		grep -q 'CAP_BPF and CAP_PERFMON' err
}

ACCEPTS=${ACCEPTS:-10,000}
many=${ACCEPTS% *}
for rung in $RUNGS; do
	# What is given none is of late() and asked().
	[ "$rung" != cgroup ] || export LAB_ADDRESS=yes
	check "$rung: IPv4, IPv6 and v4-mapped rows are byte for byte right" \
		kinds block '4 6 mapped'
	if [ "$rung" != syscall ]; then
		btf=--no-btf
		check "$rung, --no-btf: the same" kinds block '4 6 mapped'
		btf=
	fi
	check "$rung: servers that poll and epoll are seen" \
		kinds 'poll epoll' '4 6'
	case " $LACKS $rung " in
	*' mptcp '*)
		check "$rung: this kernel has no MPTCP" no_mptcp
		;;
	*' cgroup '*)
		check "$rung: MPTCP listeners' plain clients are seen" \
			kinds mptcp-plain '4 6'
		;;
	*)
		check "$rung: MPTCP listeners' MPTCP and plain clients are seen once" \
			kinds 'mptcp mptcp-plain' '4 6'
		;;
	esac
	case " $HAS " in
	*' socketcall '*)
		check "$rung: accepts by socketcall(2) are seen, its other calls are not" \
			kinds socketcall '4 6'
		;;
	esac
	check "$rung: a connection reset before accept() keeps its port" \
		kinds reset '4 6'
	check "$rung: refused, AF_UNIX, UDP and empty accepts show no row" \
		unseen "$LAB" quiet
	check "$rung: -t shows the seconds since the first row" timestamps
	check "$rung: -p shows that process only" one_pid
	case $rung in
	syscall)
		check "$rung: io_uring accepts are not seen, as the note says" \
			unseen "$LAB" one uring 4
		;;
	*)
		check "$rung: io_uring accepts are seen, waiting or not" \
			kinds 'uring uring-wait' '4 6'
		check "$rung: io_uring workers' accepts are seen" worker
		;;
	esac
	case $rung in
	csk-return)
		check "$rung: threads that already wait are missed, as the note says" \
			blocked 8 none
		;;
	syscall)
		check "$rung: of 64 blocked threads, rows and losses make 128" \
			blocked 64 told
		case $(uname -r) in
		[7-9].*)
			check "$rung: of 4,000 accepts by 64 threads 3,990 show" \
				few_skipped
			;;
		esac
		;;
	*)
		check "$rung: of 64 blocked threads 64, then 128 of 128" \
			blocked 64 all
		;;
	esac
	[ -z "$BRIEF" ] || continue
	check "$rung: EMFILE, threads that end in accept(), children that share it" odd
	case $rung in
	graft | inet-accept | cgroup)
		check "$rung: a burst of $many, none lost" \
			burst "$(echo "$many" | tr -d ,)" 4 2 whole
		;;
	*)
		check "$rung: a burst of $many, rows and losses make $many" \
			burst "$(echo "$many" | tr -d ,)" 1 1
		;;
	esac
	many=${ACCEPTS#* }
	check "$rung: descriptors that another thread closes at once: it adds up" \
		vanished
	# It does not know what is on its way on other CPUs.
	[ "$rung" = ftrace ] ||
		check "$rung: rows are in the order of their times" ordered
	check "$rung: two at a time, and a killed one, see all" two_at_a_time
done
case " $RUNGS " in
*' ftrace '*)
	check "ftrace: what finds the rings full is counted" rings_full
	;;
esac
case " $RUNGS " in
*' cgroup '*)
	check "cgroup: columns that it lacks are -, and it says so" lacking
	check "cgroup: rows of accepts without an address come late, and it says so" \
		late
	check "cgroup: or at the first getpeername(2); clients show no row" asked
	check "cgroup: connections that nobody accepts are counted" never_accepted
	! "$LAB" token true 2>err ||
		check "cgroup: in a user namespace, by a BPF token: all rows" by_token
	;;
esac
[ "$RUNGS" = cgroup ] || unset LAB_ADDRESS
check "poll: IPv4, IPv6 and v4-mapped rows of what stays open are right" held
check "poll: rows, what waits and what was not seen are all connections" poll_books
for rung in $ABSENT; do
	check "$rung: refused on this kernel, with the reason" refused
done
[ "$RUNGS" != cgroup ] || [ -z "$ABSENT" ] ||
	check "nothing but cgroup works here: one note, and --check says yes" cgroup_alone
rung=${DEFAULT:-${RUNGS%% *}}
check "-v says that $rung is in use" says_rung
echo "# peak RSS $peak KiB"
check "armed, it has no privileges, and no more descriptors than it needs" \
	no_privileges
check "the same without close_range(2)" no_close_range
check "its BPF programs and maps have names that say whose they are" named
check "killed, it leaves no process behind" killed
check "if its second process is killed, it says so" orphaned
check "no signal to the second process ends the tracing" keeper_signalled
check "if that is stopped, a signal ends the first one" keeper_stopped
if [ -n "$BRIEF" ]; then
	case $RUNGS in
	*syscall*)
		# On arm64 it did not in 3 of 100.
		starts=60
		[ "$(uname -m)" != x86_64 ] || starts=20
		check "syscall: it fires in each of $starts starts" starts syscall $starts
		;;
	esac
	finish
	exit
fi
check "each accept shows without the next one" prompt
check "idle, it never wakes" idle
check "busy, it wakes 100 times a second at most" busy_paced
check "--pace 0: each row wakes it" each_wakes
check "a reader that leaves ends it quietly" reader_leaves
check "a reader that stalls cannot keep SIGTERM from ending it" reader_stalls
check "nor one that stderr goes to as well" reader_stalls both
check "a full disk is an error" disk_full
check "SIGINT prints what is left and exits 0" signal_ends INT
check "SIGTERM prints what is left and exits 0" signal_ends TERM
check "SIGHUP prints what is left and exits 0" signal_ends HUP
check "SIGINT that is ignored does not" signal_ignored INT TERM
check "nor does SIGTERM" signal_ignored TERM INT
check "nor SIGHUP" signal_ignored HUP TERM
check "without privileges: one line, exit 1" powerless
for rung in $RUNGS; do
	check "$rung, few descriptors: all accepts, or an error" few_descriptors
done
rung=${RUNGS%% *}
check "little locked memory: root has more" little_locked_memory
check "rings that are more than may be locked: one line says what helps" \
	large_rings
case $RUNGS in
*graft*)
	check "CAP_BPF and CAP_PERFMON suffice" two_capabilities
	;;
esac
if [ -n "$GUEST" ]; then
	case $RUNGS in
	*csk-return*)
		check "csk-return, tracefs is another user's: no probe stays" \
			foreign_tracefs
		;;
	esac
	# 3 is a Debian addition.
	check "unless perf_event_paranoid is 3" two_too_few
	for rung in $RUNGS; do
		[ "$(nproc)" -gt 1 ] || continue
		if [ "$rung" = ftrace ]; then
			check "$rung: CPUs that come and go: what is missing is told" \
				hotplug_told
			continue
		fi
		check "$rung: CPUs that come and go lose nothing" hotplug
	done
fi
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# conditions.sh SET - what a machine may lack, in a guest of vm.sh, as TAP
#
# SET: plain, with OLD in the environment old kernels too; integrity, confidentiality:
# what lockdown has been raised to; one-cpu, four-cpus, little-memory: how the guest
# was booted. Each case is one row of the
# README's table: its name is the condition, and a colon before what must hold.
# Functions are called through check(); `a && b || return` is meant so.
# shellcheck disable=SC2317,SC2015

. tests/lib/harness.sh

# tcpaccept, with these arguments, shows IPv4, IPv6 and v4-mapped accepts, one
# that was reset, MPTCP if the kernel has it, and threads that waited before.
works() { start -v "$@" && shows_all; }
makes() {
	"$LAB" each "block reset ${MPTCP:-mptcp? mptcp-plain?}" '4 6 mapped' >truth
}
# The tool that was started shows all of these.
shows_all() { makes && await_rows truth && stop && right; }
by() { grep -q "^tcpaccept: tracing by .* ($1)\$" err; }

# The memory that it needed at the most, in KiB.
works_in() {
	most=$1
	shift
	start -v "$@" && makes && await_rows truth || return 1
	rss=$(peak_rss)
	echo "rss ${rss:-?} KiB"
	stop && right && [ "$rss" -lt "$most" ]
}

# One line, which has this word, and exit 1.
refuses() {
	word=$1
	shift
	"$@" >out 2>err
	[ $? -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
		grep -q "$word" err
}

# The rung cgroup sees no MPTCP client, and a server at the accept only if it asks for
# the address.
by_cgroup() {
	export LAB_ADDRESS=yes MPTCP='mptcp-plain?'
	works && by cgroup
	status=$?
	unset LAB_ADDRESS MPTCP
	return $status
}
# Else when it closes the connection.
by_cgroup_late() {
	start && "$LAB" burst 100 2 2 && stop && [ "$(rows | wc -l)" -eq 100 ] &&
		grep -q '^tcpaccept: rows that came late, .*: [0-9]*$' err
}
denied_perf() {
	real=$TOOL TOOL=$LAB
	export LAB_ADDRESS=yes MPTCP='mptcp-plain?'
	start deny perf_event_open "$real" -v && shows_all && by cgroup
	status=$?
	unset LAB_ADDRESS MPTCP
	TOOL=$real
	return $status
}

denied_bpf() {
	real=$TOOL TOOL=$LAB
	start deny bpf "$real" -v "$@" && shows_all && by ftrace
	status=$?
	TOOL=$real
	return $status
}

# --check says yes and means it.
checks() { "$TOOL" --check "$@" >out 2>err && grep -q '^tracing  *yes ' out; }

lo_down() {
	unshare -n "$TOOL" --check --no-btf >out 2>err &&
		grep -q '^self-test  *yes ' out
}

hidden() {
	path=$1
	shift
	mount -t tmpfs none "$path" || return 1
	"$@"
	status=$?
	await umount "$path"
	return $status
}

tracefs=/sys/kernel/tracing tracefs_options=
with_tracefs() {
	# shellcheck disable=SC2086 # one option or none
	mount $tracefs_options -t tracefs none $tracefs || return 1
	"$@"
	status=$?
	await umount $tracefs
	return $status
}

# A setting is 0 while the command runs.
switched_off() {
	file=$1
	shift
	# From 7.3 on it stays on, and the write is refused.
	echo 0 >"$file"
	"$@"
	status=$?
	echo 1 >"$file"
	return $status
}
without_kprobes() {
	mount -t debugfs none /sys/kernel/debug || return 1
	switched_off /sys/kernel/debug/kprobes/enabled "$@"
	status=$?
	umount /sys/kernel/debug
	return $status
}
# Each start meets its test accepts, though the kernel skips programs for a while.
starts_preempted() {
	mount -t debugfs none /sys/kernel/debug || return 1
	[ ! -e /sys/kernel/debug/sched/preempt ] ||
		echo full >/sys/kernel/debug/sched/preempt
	status=0
	for _ in 1 2 3 4 5; do
		"$LAB" preempted "$TOOL" --probe graft -d 1 >out 2>err || status=1
	done
	umount /sys/kernel/debug
	return $status
}
without_ftrace() { switched_off /proc/sys/kernel/ftrace_enabled "$@"; }
by_graft() { works "$@" && by graft; }
refuses_or_works() {
	word=$1
	shift
	[ "$(cat /proc/sys/kernel/ftrace_enabled)" -eq 1 ] && works "$@" ||
		refuses "$word" "$TOOL" "$@"
}
# By the rung that is not concerned, saying what is switched off.
falls_back() { works && by syscall && grep -q "does not fire; $1" err; }

# They are switched off once it runs, and that is told at the end.
dies_silently() {
	file=$1
	start --probe graft && "$LAB" one block 4 >truth && await_rows 1 ||
		return 1
	# From 7.3 on ftrace cannot be switched off; kprobes always can.
	echo 0 >"$file" || { [ "${file##*/}" = ftrace_enabled ]; return; }
	"$LAB" one block 4 >/dev/null
	stop
	status=$?
	echo 1 >"$file"
	[ "$status" -eq 1 ] && same && grep 'switched off .* before the end' err
}

# There are so many.
probes() {
	cat $tracefs/kprobe_events
	[ "$(wc -l <$tracefs/kprobe_events)" -eq "$1" ]
}

# Whoever kills it kills all of it: SIGKILL, to both its processes.
kill_all() {
	killed=$(keeper)
	kill -9 "$killed" "$tool"
	wait "$tool"
	tool=
}
leaves_none() {
	start --probe "${1:-csk-return}" || return 1
	kill -9 "$tool"
	wait "$tool"
	tool=
	await probes 0
}

# Killed, it leaves its probe; the next one takes that away, and no other.
leftovers() {
	echo 'p:mine/probe do_exit' >>$tracefs/kprobe_events
	echo 'p:tcpaccept/mine do_exit' >>$tracefs/kprobe_events
	sort $tracefs/kprobe_events >before
	start --probe csk-return || return 1
	kill_all
	await gone "$killed" && probes 3 || return 1
	# Two at a time: the second takes nothing of the first's.
	start --probe csk-return || return 1
	first=$tool
	start --probe csk-return || return 1
	probes 4 || return 1
	"$LAB" one block 4 >truth && await_rows 1 && stop && same || return 1
	tool=$first
	stop || return 1
	sort $tracefs/kprobe_events | cmp - before
	status=$?
	echo '-:mine/probe' >>$tracefs/kprobe_events
	echo '-:tcpaccept/mine' >>$tracefs/kprobe_events
	return $status
}
# Whatever the next one traces by.
leftovers_by_graft() {
	start --probe csk-return || return 1
	kill_all
	await gone "$killed" && probes 1 || return 1
	start --probe graft && probes 0 && stop
}
# The killed one may hold its probe until after the next one's start.
leftovers_late() {
	start --probe csk-return || return 1
	kill_all
	start --probe graft && await gone "$killed" && stop && probes 0
}

# An error in the middle of it all: nothing of it stays.
dies_clean() {
	"$LAB" deny poll "$TOOL" --probe csk-return >out 2>err
	[ $? -eq 1 ] && [ -s out ] && probes 0
}

# N threads that go into accept() after the start: two accepts each.
many_blocked() {
	mkfifo go
	start --probe csk-return || return 1
	"$LAB" blocked "$1" <go >truth 2>ready &
	lab=$!
	exec 3>go
	for round in 1 2 3; do
		await lines ready "$round" || return 1
		[ $round -eq 3 ] || echo >&3
	done
	exec 3>&-
	wait $lab
	stop
	shown=$(rows | wc -l)
	missed=$(sed -n 's/^tcpaccept: up to \([0-9]*\) more accepts were missed.*/\1/p' err)
	echo "rows $shown, missed ${missed:-0}"
}
none_missed() {
	many_blocked "$1" && same && [ -z "$missed" ]
}
# README of tracefs as before 4.12: no more than ten at a time.
some_missed() {
	sed 's/r\[maxactive\]/r/' $tracefs/README >readme
	mount --bind readme $tracefs/README || return 1
	many_blocked 64
	await umount $tracefs/README
	grep -q 'cannot follow many calls' err && [ "$shown" -lt 128 ] &&
		[ $((shown + missed)) -ge 128 ]
}
tells_waiting() {
	mkfifo go
	"$LAB" blocked 9 <go >truth 2>ready &
	exec 3>go
	await lines ready 1 && start --probe csk-return || return 1
	stop
	exec 3>&-
	grep -q 'note: threads that already wait in accept(): 9;' err
}

# Nothing but the file itself: no environment, no /dev, no stdin or stderr.
in_nothing() {
	mkdir nothing && cp "$TOOL" nothing/t || return 1
	env -i chroot nothing /t <&- >out 2>&- &
	tool=$!
	armed && shows_all
}
unmounted() {
	for path in "$@"; do umount "$path" || return 1; done
	in_nothing
	status=$?
	[ -e /proc/self ] || mount -t proc proc /proc
	[ -e /sys/kernel ] || mount -t sysfs sys /sys
	return $status
}
# By what it tries whether hooks fire, and the layout: not on the machine's networks.
opens() { awk '/^Tcp: [0-9]/ { print $6, $7 }' /proc/net/snmp; }
connects_alone() {
	opens >before
	start --probe "$1" --no-btf -o +WAIT && opens | cmp - before && stop
}
# What others see mounted, while it runs with mounts of its own.
mounts_alone() {
	cat /proc/self/mountinfo >before
	start --probe syscall || return 1
	cmp /proc/self/mountinfo before
	status=$?
	stop && return $status
}

# Inside a PID namespace: its own process IDs; 0 for tasks that have none there.
pid_namespace() {
	cat >inside <<-'END'
	. "$TESTS/lib/lib.sh"
	"$TOOL" "$@" >out 2>err & tool=$!
	"$LAB" begun out $tool && "$LAB" one block 4 >truth
	sh -c 'echo $$ >chosen; until [ -e go ]; do usleep 1000; done; exec "$0" one block 6' "$LAB" >>truth & lab=$!
	"$TOOL" -p $lab >out2 2>err2 & tool2=$!
	await [ -s out2 ] && touch go && wait $lab && touch inside.done
	await [ -e outside.done ] && kill $tool $tool2 && wait $tool $tool2
	END
	TESTS=$tests TOOL=$TOOL LAB=$LAB unshare -p -f --mount-proc \
		sh inside "$@" &
	namespace=$!
	await [ -e inside.done ] || return 1
	"$LAB" one block 4 | sed 's/^......./0      /' >>truth
	touch outside.done
	wait $namespace || return 1
	right || return 1
	sed 1d out2 >out3
	sed -n 2p truth | cmp - out3 && ! grep -q 'host' err &&
		grep 'note: processes that are not in this .* PID 0' err
}
# /proc is of another PID namespace, in which we are not.
pid_namespace_of_others() {
	cat >inside <<-'END'
	. "$TESTS/lib/lib.sh"
	[ ! -e /proc/self ] || exit 1
	"$TOOL" >out 2>err & tool=$!
	two() { [ "$(wc -l <out)" -ge 2 ]; }
	"$LAB" begun out $tool && "$LAB" one block 4 >truth && await two &&
		kill $tool && wait $tool
	END
	mkfifo stop
	mkdir proc
	unshare -p -f sh -c 'mount -t proc others proc && : >ready && read -r _ <stop' &
	others=$!
	await [ -e ready ] || return 1
	TESTS=$tests TOOL=$TOOL LAB=$LAB unshare -m -p -f \
		sh -c 'mount --bind proc /proc && exec sh inside'
	status=$?
	await umount proc
	echo >stop
	wait $others
	[ $status -eq 0 ] && right
}

# An accept of TCP by a name of its own, which another one sees; by default none.
by_clang() {
	echo 'Linux version 6.1 (clang version 17.0.6, LLD 17.0.6)' >version
	start && first=$tool && tool= || return 1
	"$TOOL" -d 1 --probe graft >out2 2>err2 || return 1
	! grep -E ' tcp(accept|[0-9a-f]{9}) ' out || return 1
	mount --bind version /proc/version || return 1
	"$TOOL" -d 1 --probe graft >out2 2>err2
	umount /proc/version
	await grep -E ' tcp(accept|[0-9a-f]{9}) ' out
	status=$?
	tool=$first
	stop && return $status
}

# perf_event_paranoid as it is without Debian's patch: CAP_PERFMON is enough.
perf_allowed() {
	echo 2 >/proc/sys/kernel/perf_event_paranoid
	chmod 755 . && cp "$TOOL" tool && "$@"
	status=$?
	echo 3 >/proc/sys/kernel/perf_event_paranoid
	return $status
}
start_as_user() {
	"$LAB" caps ./tool "$@" >out 2>err &
	tool=$!
	armed
}
as_user() { start_as_user "$@" && shows_all; }
# More threads in accept() than a kretprobe follows by default. The last call of
# each may not have come to an end, or have been skipped for another program.
as_user_unfollowed() {
	start_as_user --probe csk-return && "$LAB" burst 2000 1 32 >truth && stop ||
		return 1
	shown=$(rows | wc -l) told=$(($(lost) + $(skipped)))
	echo "made $(cat truth), rows $shown, told $told"
	[ "$(cat truth)" -eq 2000 ] && [ "$shown" -lt 2000 ] &&
		[ $((shown + told)) -ge 2000 ] && [ $((shown + told)) -le 2064 ]
}
# One thread at a time is followed to its return, until the end.
as_user_busy() {
	start_as_user --probe csk-return || return 1
	"$LAB" burst 1000000 1 1 >/dev/null &
	busy=$!
	await_rows 1000 && stop
	held=$?
	kill $busy
	wait $busy
	[ $held -eq 0 ] && ! grep 'more accepts were missed' err
}
# Then nothing tells whose the process IDs are, and nothing can be mounted.
as_user_without_proc() {
	umount /proc || return 1
	start_as_user && "$LAB" one block 4 >truth && await_rows 1 && stop
	held=$?
	mount -t proc proc /proc
	[ $held -eq 0 ] && same && grep 'note: process IDs, .* no /proc to find out' err
}

# A burst on as many CPUs as there are: none is lost.
burst() {
	start && "$LAB" burst 2000 4 2 >truth && stop || return 1
	[ "$(cat truth)" -eq 2000 ] && [ "$(rows | wc -l)" -eq 2000 ]
}

# CPU 1 to 3 go and come while accepts go on, on all of them.
cpus_change() {
	start --probe "$1" || return 1
	for round in 1 2 3; do
		for cpu in 1 2 3; do
			online=/sys/devices/system/cpu/cpu$cpu/online
			there=$(printf %x $((1 << cpu)))
			echo 0 >$online
			"$LAB" one block 4 >>truth || return 1
			echo 1 >$online
			for family in 4 6; do
				taskset "$there" "$LAB" one block $family >>truth
			done
		done
	done
	await_rows 27 && stop && right &&
		! grep -q 'lost' err
}

# The same, or another of these, where maps cannot be memory.
on_old() {
	printf '#!/bin/sh\nexec /bin/old 5.4 %s "$@"\n' "$TOOL" >tool
	chmod +x tool
	TOOL=$PWD/tool "$@"
}

# So many accepts by one process.
forty=$(printf 'block %.0s' $(seq 40))
twenty=$(printf 'block %.0s' $(seq 20))
# Of CPUs that may come there are more than descriptors; the last one does.
few_descriptors() {
	online=/sys/devices/system/cpu/cpu43/online
	# shellcheck disable=SC3045 # busybox has it
	(ulimit -n 40 && exec "$TOOL") >out 2>err &
	tool=$!
	armed && makes && await_rows truth || return 1
	echo 1 >$online
	taskset 80000000000 "$LAB" each "$forty" 4 >>truth
	await_rows truth && stop
	status=$?
	echo 0 >$online
	[ $status -eq 0 ] && right
}

# Perf rings that processes have mapped.
mapped_rings() { cat /proc/[0-9]*/maps 2>/dev/null | grep -c 'perf_event'; }
more_rings() { [ "$(mapped_rings)" -gt "$1" ]; }
# CPU 1 comes, and nothing tells of it: what is accepted there shows all the same,
# without another accept, and it gets its ring. Until then no more is accepted at a time
# than an event of a CPU without a ring has slots.
cpu_unannounced() {
	printf '#!/bin/sh\nexec %s deny netlink %s "$@"\n' "$LAB" "$TOOL" >deaf
	chmod +x deaf
	online=/sys/devices/system/cpu/cpu1/online
	echo 0 >$online
	TOOL=$PWD/deaf start
	armed=$?
	had_rings=$(mapped_rings)
	echo 1 >$online
	[ $armed -eq 0 ] && taskset 2 "$LAB" one block 4 >truth &&
		await_rows 1 && await more_rings "$had_rings" || return 1
	for count in 21 41; do
		taskset 2 "$LAB" each "$twenty" 4 >>truth &&
			await_rows $count || return 1
	done
	stop && right && ! grep 'lost' err
}

# VERSION OPTIONS...: a kernel that lacks calls, kinds of maps, helpers and so on,
# as `old` plays it, without BTF; with as little locked memory as users have.
start_old() {
	version=$1
	shift
	rm -f out
	# shellcheck disable=SC3045 # busybox has it
	(ulimit -l 64 && exec /bin/old "$version" "$TOOL" --no-btf "$@") >out 2>err &
	tool=$!
	armed
}
old() { start_old "$@" && shows_all; }

# 4.9.150 and its like panic where a probe is removed and added again at once.
probe_once() {
	"$LAB" writes $tracefs/kprobe_events >written 2>watching &
	watcher=$!
	await lines watching 1 || return 1
	start_old 4.9 && "$LAB" one block 4 >truth && await_rows 1 &&
		added=$(wc -l <written) && stop
	status=$?
	await lines written 2
	echo "writes to kprobe_events: $added, then $(wc -l <written)"
	kill $watcher
	[ $status -eq 0 ] && [ "$added" -eq 1 ] && [ "$(wc -l <written)" -eq 2 ]
}
# COUNT OPTIONS...: of an IPv4 and an IPv6 accept so many show.
old_shows() {
	expected=$1
	shift
	start_old "$version" "$@" && LAB_PORT=4477 "$LAB" one block 4 >truth &&
		LAB_PORT=4477 "$LAB" one block 6 >>truth || return 1
	[ "$expected" -eq 0 ] || await_rows "$expected"
	stop && [ "$(grep -c lab-server out)" -eq "$expected" ] ||
		{ echo "$*: not $expected"; return 1; }
	# The columns of the default table come first, and behind -t's or -T's.
	[ "$expected" -ne 2 ] || {
		rows | awk '{
			for (i = 2; $i !~ /^lab-/; i++);
			print $(i - 1), $i, $(i + 1), $(i + 2), $(i + 3), $(i + 4)
		}' >shown
		awk '{ print $1, $2, $3, $4, $5, $6 }' truth | cmp - shown
	}
}
# UID, TID, RPORT and WAIT(ms) of a task of root's with one thread.
old_columns() {
	old_shows 2 -o +UID,TID,RPORT,WAIT && rows | awk '
		$7 != 0 || $8 != $1 || $9 !~ /^[0-9]+$/ || $10 !~ /^[0-9]+[.][0-9]+$/ {
			wrong = 1
		}
		END { exit wrong }'
}
# Filters and columns that such a kernel can serve.
old_options() {
	version=$1
	for options in '2 -P 4477' '0 -P 4478' '1 -4' '1 -6' '2 -u 0' '0 -u 1' \
		'2 -c lab-server-name' '0 -c lab-server' '0 -p 1' '2 -T' '2 -t' \
		'1 -R 127.0.0.0/8' '1 -R ::1' '0 -R 127.0.1.0/24' \
		'2 -P 4477 -u 0 -c lab-server-name -o +WAIT'
	do
		# shellcheck disable=SC2086 # a list
		old_shows $options || return 1
	done
	old_columns
}
# Those that it cannot, by the version or what else they need.
old_refusals() {
	for refusal in '4.9 --cgroup /tmp/cgroup2/of' \
		'BTF --netns /proc/self/ns/net'
	do
		# shellcheck disable=SC2086 # a list
		set -- $refusal
		word=$1
		shift
		refuses "$word" /bin/old 4.4 "$TOOL" --no-btf "$@" ||
			{ echo "$*: not $word"; return 1; }
	done
}

# The map for several networks came with 4.11.
old_networks() {
	start_old 4.4 -R 127.0.0.1,::1 && makes && await_rows truth && stop && same &&
		grep 'note: cannot use BPF: .*4\.11' err
}

# The helper of --cgroup gives an error in graft's hook there.
old_cgroup() {
	start_old "$1" -v --cgroup /tmp/cgroup2/of && "$LAB" one block 4 >/dev/null ||
		return 1
	sh -c 'echo $$ >/tmp/cgroup2/of/cgroup.procs && exec "$0" one block 4' \
		"$LAB" >truth || return 1
	await_rows 1 && stop && same && grep "^tcpaccept: graft .*--cgroup" err
}
with_cgroup2() {
	mkdir -p /tmp/cgroup2 && mount -t cgroup2 none /tmp/cgroup2 &&
		mkdir /tmp/cgroup2/of || return 1
	"$@"
	status=$?
	await rmdir /tmp/cgroup2/of
	umount /tmp/cgroup2
	return $status
}

unmounted_old() {
	umount /sys && umount /proc && old "$@"
	status=$?
	[ -e /proc/self ] || mount -t proc proc /proc
	[ -e /sys/kernel ] || mount -t sysfs sys /sys
	return $status
}

# What the kernel says where it is hurt.
quiet_kernel() { ! dmesg | grep -E 'WARNING|BUG|Oops|Failed to'; }

# By system calls that answer as theirs did.
old_kernels() {
	for version in 4.4 4.9 4.14 4.16 5.0 5.4; do
		check "calls as Linux $version has them: all rows" old $version
		check "calls as Linux $version has them, csk-return: all rows" \
			old $version --probe csk-return
	done
	for version in 4.4 4.9; do
		check "calls as Linux $version has them, filters and columns: right" \
			old_options $version
	done
	check "calls as Linux 4.4 has them, --cgroup, --netns: one line" \
		with_cgroup2 old_refusals
	check "calls as Linux 4.4 has them, -R: all rows, by ftrace" old_networks
	for version in 4.9 4.14; do
		check "calls as Linux $version has them, --cgroup: all rows" \
			with_cgroup2 old_cgroup $version
		check "calls as Linux $version has them, --cgroup by graft: one line" \
			with_cgroup2 refuses 'cannot say there whether .*--cgroup' \
			/bin/old $version "$TOOL" --probe graft \
			--cgroup /tmp/cgroup2/of
	done
	check "calls as Linux 4.9 has them: a probe is added once" \
		with_tracefs probe_once
	check "calls as Linux 4.1 has them: one line" \
		refuses 'from Linux 4.4 on' /bin/old 4.1 "$TOOL"
	check "calls as Linux 4.4 has them, nothing mounted: all rows" \
		unmounted_old 4.4
}

plain() {
	pmu=/sys/bus/event_source/devices/kprobe
	check "as booted: all rows" works
	check "--no-btf: all rows, in less than 1 MiB" works_in 1024 --no-btf
	for rung in $PROBES; do
		[ "$rung" = syscall ] ||
			check "--no-btf, $rung: all rows" works --no-btf --probe "$rung"
	done
	check "BTF hidden: all rows" hidden /sys/kernel/btf works
	check "no kprobe PMU: all rows, by tracefs" hidden $pmu works
	check "no kprobe PMU, no BTF: all rows" hidden $pmu works --no-btf
	check "tracefs not mounted: csk-return has all rows" works --probe csk-return
	check "tracefs not mounted: syscall has all rows" works --probe syscall
	check "tracefs mounted: killed, it leaves no probe" with_tracefs leaves_none
	check "tracefs mounted: leftovers go, others' probes stay" \
		with_tracefs leftovers
	check "tracefs mounted: leftovers go whatever is traced by" \
		with_tracefs leftovers_by_graft
	check "tracefs mounted: started while the killed one ends, leftovers go" \
		with_tracefs leftovers_late
	check "an error in the middle: no probe stays" with_tracefs dies_clean
	tracefs_options='-o ro'
	check "tracefs mounted read-only: csk-return has all rows" \
		with_tracefs works --probe csk-return
	tracefs_options=
	check "300 threads blocked after the start: csk-return misses none" \
		none_missed 300
	check "csk-return says how many wait already" tells_waiting
	check "no r4096: (before 4.12): what csk-return misses is told" \
		with_tracefs some_missed
	check "mounts of its own: nobody else sees them" mounts_alone
	for rung in $PROBES; do
		[ "$rung" = syscall ] ||
			check "$rung: its own connections are not on the machine's networks" \
				connects_alone "$rung"
	done
	check "/sys not mounted: all rows" unmounted /sys
	check "/proc not mounted: all rows" unmounted /proc
	check "nothing mounted: all rows" unmounted /sys /proc
	check "empty root and environment, stdin and stderr closed: all rows" \
		in_nothing
	check "kprobes switched off: all rows by syscall, and it says so" \
		without_kprobes falls_back 'kprobes are switched off'
	check "ftrace switched off, if it can be: all rows by graft" \
		without_ftrace by_graft
	check "the same, --no-btf" without_ftrace by_graft --no-btf
	check "the same, no kprobe PMU: by tracefs" \
		hidden $pmu without_ftrace by_graft
	check "ftrace switched off, csk-return: one line" \
		without_ftrace refuses_or_works 'ftrace is switched off' \
		--probe csk-return
	mount -t debugfs none /sys/kernel/debug
	check "kprobes switched off while it runs: it says so at the end" \
		dies_silently /sys/kernel/debug/kprobes/enabled
	umount /sys/kernel/debug
	check "ftrace switched off while it runs, if it can be: the same" \
		dies_silently /proc/sys/kernel/ftrace_enabled
	check "kprobes switched off, graft: one line" without_kprobes \
		refuses 'kprobes are switched off' "$TOOL" --probe graft
	check "programs skipped while a task is preempted in bpf(2): graft fires" \
		starts_preempted
	check "PID namespace: the process IDs of the inside" pid_namespace
	check "PID namespace, --no-btf: the same" pid_namespace --no-btf
	check "PID namespace, /proc is another's: the same" pid_namespace_of_others
	check "AF_UNIX apart from TCP (a kernel by clang): graft shown by TCP" \
		by_clang
	check "CAP_BPF and CAP_PERFMON alone: all rows" perf_allowed as_user
	check "CAP_BPF and CAP_PERFMON alone, --no-btf: all rows" \
		perf_allowed as_user --no-btf
	check "CAP_BPF and CAP_PERFMON alone, 32 threads, csk-return: it adds up" \
		perf_allowed as_user_unfollowed
	check "CAP_BPF and CAP_PERFMON alone, busy, csk-return: none seems missed" \
		perf_allowed as_user_busy
	check "CAP_BPF and CAP_PERFMON alone, no /proc: it says what its PIDs are" \
		perf_allowed as_user_without_proc
	check "seccomp filter on bpf(2): all rows, by ftrace" denied_bpf
	check "seccomp filter on bpf(2), --no-btf: the same" denied_bpf --no-btf
	check "seccomp filter on bpf(2), kprobes switched off: one line" \
		without_kprobes refuses 'seccomp filter forbids bpf(2)' \
		"$LAB" deny bpf "$TOOL"
	check "PID namespace, ftrace: the process IDs of the inside" \
		pid_namespace --probe ftrace
	check "ftrace: killed, it leaves no probe" with_tracefs leaves_none ftrace
	check "seccomp filter on perf_event_open(2): all rows, by cgroup" denied_perf
	check "--check: yes" checks
	check "--check --no-btf: yes" checks --no-btf
	check "network namespace whose lo is down, --check --no-btf: yes" lo_down
	check "--check, kprobes switched off: yes, by syscall" \
		without_kprobes checks
	[ -z "$OLD" ] || old_kernels
	check "none of this made the kernel complain" quiet_kernel
}

tests=$OLDPWD/tests
# What needs kprobes or tracepoints: cases.sh has CPUs that come and go for all.
PROBES=''
for rung in $RUNGS; do
	[ "$rung" = cgroup ] || [ "$1 $rung" = "four-cpus ftrace" ] ||
		PROBES="$PROBES $rung"
done
case $1 in
plain) plain ;;
integrity)
	check "lockdown=integrity: all rows" works
	check "lockdown=integrity, --no-btf: all rows" works --no-btf
	check "lockdown=integrity, --check: yes" checks
	;;
confidentiality)
	check "lockdown=confidentiality: all rows, by cgroup" by_cgroup
	check "lockdown=confidentiality, accept() without an address: all, late" \
		by_cgroup_late
	check "lockdown=confidentiality, --check: yes" checks
	;;
one-cpu)
	check "1 CPU: all rows" works
	check "1 CPU: a burst of 2,000, none lost" burst
	;;
four-cpus)
	for rung in $PROBES; do
		check "4 CPUs that come and go, $rung: all rows" cpus_change "$rung"
	done
	[ -z "$OLD" ] || check "4 CPUs that come and go, calls as Linux 5.4 has them: all rows" \
		on_old cpus_change graft
	check "40 CPUs that may come, 40 descriptors: all rows" few_descriptors
	check "a CPU comes, uevents are forbidden: all rows" cpu_unannounced
	[ -z "$OLD" ] || check "the same, calls as Linux 5.4 has them: all rows" \
		on_old cpu_unannounced
	;;
little-memory)
	check "96 MB: all rows" works
	check "96 MB, --no-btf: all rows" works --no-btf
	;;
esac
finish

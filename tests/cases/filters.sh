# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# filters.sh - cases of filters, for features.sh; to be sourced
#
# Many tools look at the same accepts, each with a filter of its own.
# shellcheck disable=SC2317,SC2015,SC2154,SC2153,SC2094

# CLAIM TAGS OPTIONS...: the rows of these accepts must show, and no other.
watch() {
	watchers=$((watchers + 1))
	mkdir "$batch/$watchers"
	echo "$1" >"$batch/$watchers/claim"
	echo "$2" >"$batch/$watchers/tags"
	shift 2
	"$TOOL" --probe "$rung" "$@" >"$batch/$watchers/out" \
		2>"$batch/$watchers/err" &
	echo $! >"$batch/$watchers/pid"
}
for_watchers() {
	watcher=0
	while [ $watcher -lt "$watchers" ]; do
		watcher=$((watcher + 1))
		read -r watcher_pid <"$batch/$watcher/pid"
		"$@" || return 1
	done
}
watcher_armed() {
	[ -s "$batch/$watcher/out" ] ||
		"$LAB" begun "$batch/$watcher/out" "$watcher_pid"
}
watcher_stop() { kill "$watcher_pid" 2>/dev/null || true; }
watcher_wait() {
	wait "$watcher_pid"
	echo $? >"$batch/$watcher/status"
}
watcher_check() {
	read -r claim <"$batch/$watcher/claim"
	# Where its files are; check() clears them away.
	cd "$batch/$watcher" || return
	check "$rung: $claim" watcher_right || true
	cd "$dir" || return
}
watcher_right() {
	read -r tags <tags && read -r status <status || return 1
	set --
	while read -r tag; do
		case " $tags " in
		' all ' | *" $tag "*) set -- "$@" "$batch/$tag.row" ;;
		esac
	done <"$batch/order"
	[ $# -gt 0 ] && cat "$@" >truth || return 1
	# While the others of the batch start, the kernel may skip one of the
	# accepts by which they try their hooks; no row lacks for that. Of the rung
	# cgroup each says that some of them were not accepted.
	[ "$status" -eq 0 ] && [ -s truth ] && right &&
		! grep -v -e ' note: ' -e ' more accepts.*, of any process' \
			-e ' connections that nobody was seen' err
}

batch_begin() {
	rm -rf "$batch"
	mkdir "$batch"
	watchers=0
}
# Each has its header by now, or has ended; then accepts are made.
batch_armed() { for_watchers watcher_armed; }
# The tools print what is left; how they did is for check() to say.
batch_end() {
	for_watchers watcher_stop
	for_watchers watcher_wait
	for_watchers watcher_check
}

# TAG [NAME=VALUE...] KIND FAMILY: an accept, now.
accept() {
	tag=$1 settings=
	shift
	while [ $# -gt 2 ]; do
		settings="$settings $1"
		shift
	done
	(set_and "$LAB" one "$1" "$2") >"$batch/$tag.row" 2>"$batch/$tag.log" ||
		echo "# no accept $tag: $(cat "$batch/$tag.log")"
	echo "$tag" >>"$batch/order"
}
# TAG UNSHARE SETUP LAB-ARGUMENTS: a process that is there, its ID in $waiter, and
# accepts when go says so.
waiting() {
	mkfifo "$batch/$1.go"
	echo "$3" >"$batch/$1.sh"
	cat >>"$batch/$1.sh" <<-END
	echo >$batch/$1.ready
	read -r _ <$batch/$1.go
	exec $LAB one $4 >$batch/$1.row
	END
	# shellcheck disable=SC2086 # one option or none
	busybox unshare $2 sh "$batch/$1.sh" 2>"$batch/$1.log" &
	waiter=$!
	echo $waiter >"$batch/$1.waiter"
	await [ -e "$batch/$1.ready" ]
}
go() {
	echo >"$batch/$1.go"
	wait "$(cat "$batch/$1.waiter")" || echo "# no accept $1"
	echo "$1" >>"$batch/order"
}

far6=1234:ab12:2040:5020:2299:0:5:1
own_network="busybox ip link set lo up
busybox ip -6 addr add $far6/128 dev lo
export LAB_TO=$far6"

# By what the connection is.
address_filters() {
	batch_begin
	waiting far6 -n "$own_network" 'block 6'
	v4='a4 far combo port port-mapped mapped near-uid near-port near-raddr'
	v6='a6 far6 port6'
	at_port='port port-mapped combo near-uid near-raddr'

	watch "-4 shows IPv4 and v4-mapped" "$v4" -4
	watch "-6 shows IPv6 alone" "$v6" -6
	watch "-P: one port, whatever the family" "$at_port" -P "$port"
	watch "--port: two ports" "$at_port port6 near-port" \
		--port "$port,$port2"
	watch "-P: 1024 ports" "$at_port port6 near-port" \
		-P "$(seq -s , $((port - 1000)) $((port + 23)))"
	watch "-P and -6 together" port6 -6 -P "$port,$port2"
	watch "-P: a range, and one without a port" "$at_port port6 near-port" \
		-P "$port-$port2,9-12,!10"
	watch "-P: a range, a port of it excepted" 'port6 near-port' \
		-P "$port-$port2" -P "!$port"
	watch "-P: all but one port" 'a4 a6 mapped far far6 port6 near-port' \
		-P "!$port"
	watch "-R: an IPv4 address" 'far combo near-uid near-port' -R 127.0.0.9
	watch "-R: /31, its other end" 'far combo near-uid near-port' -R 127.0.0.8/31
	watch "-R: /8, host bits ignored" "$v4" -R 127.3.2.1/8
	watch "-R: 0.0.0.0/0 is all of IPv4" "$v4" -R 0.0.0.0/0
	watch "-R: ::/0 is IPv6 alone" "$v6" -R ::/0
	watch "-R: ::1" 'a6 port6' -R ::1/128
	watch "-R: an IPv6 address" far6 --raddr $far6
	watch "-R: an IPv6 /79, host bits ignored" far6 -R 1234:ab12:2040:5020:2298::/79
	watch "-R: /80 beside it, and an IPv4 address" 'far combo near-uid near-port' \
		-R 1234:ab12:2040:5020:2298::/80,127.0.0.9
	watch "-R: /1 of both families" "$v4 far6 a6 port6" -R 0::/1,0.0.0.0/1
	watch "-R: all but an address" \
		'a4 a6 far6 mapped port port-mapped port6 near-raddr' -R '!127.0.0.9'
	watch "-R: a network, an address of it excepted" \
		'a4 mapped port port-mapped near-raddr' -R '127.0.0.0/8,!127.0.0.9'
	watch "-R: an exception, a network of it not" \
		'far combo near-uid near-port' -R '!127.0.0.0/8,127.0.0.8/31'
	watch "-R: a family but for a network" 'a6 port6' -R '::/0,!1234::/16'
	watch "-R: a v4-mapped address is IPv4" 'far combo near-uid near-port' \
		-R ::ffff:127.0.0.9
	watch "-R: a v4-mapped network is IPv4" "$v4" -R ::ffff:127.0.0.0/104
	watch "-R: 1024 networks" 'far combo near-uid near-port far6' -R "$(awk 'BEGIN {
		for (i = 0; i < 1022; i++)
			printf i % 2 ? "10.0.%d.%d/31," : "fd00:%x:%x::/48,", \
				i / 100, i % 100 * 2
	}')127.0.0.9,1234:ab12::/33"
	watch "-u, -P, -R and -4: all must hold" combo \
		-u 12 -P "$port" -R 127.0.0.9 -4
	batch_armed

	accept a4 block 4
	accept a6 block 6
	accept mapped block mapped
	accept far LAB_FROM=127.0.0.9 block 4
	accept port LAB_PORT="$port" block 4
	accept port-mapped LAB_PORT="$port" block mapped
	accept port6 LAB_PORT="$port2" block 6
	go far6
	accept near-uid LAB_PORT="$port" LAB_FROM=127.0.0.9 block 4
	accept near-port LAB_UID=12 LAB_PORT="$port2" LAB_FROM=127.0.0.9 block 4
	accept near-raddr LAB_UID=12 LAB_PORT="$port" block 4
	accept combo LAB_UID=12 LAB_PORT="$port" LAB_FROM=127.0.0.9 block 4
	batch_end
}

# By who accepts, and where.
task_filters() {
	batch_begin
	waiting one '' : 'block 4'
	one=$waiter
	waiting two '' : 'block 6'
	two=$waiter
	waiting network -n 'busybox ip link set lo up' 'block 4'
	network=$waiter
	waiting mounts -m : 'block 4'
	mounts=$waiter
	in_first='one two mounts left nobody user12 other thread quotes'

	watch "-p: one process" one -p $one
	watch "--pid: two processes" 'one two' --pid $two,$one
	watch "-p: all but two processes" \
		'network mounts left nobody user12 other thread quotes' -p "!$one,!$two"
	watch "-c: the name of a thread" other -c lab-c
	watch "-c: two names" 'other thread' -c lab-c -c lab-p
	watch "-c: all but a name, of the thread or its process" \
		'one two network mounts left nobody user12 quotes' -c '!lab-c' -c '!lab-p'
	watch "-c: cut to 15 bytes as the kernel cuts" \
		'one two network mounts left nobody user12' -c lab-server-name-is-long
	watch "--comm: the name of a thread that is not its process's" thread \
		--comm lab-t
	watch "-c: the name of its process" thread -c lab-p
	watch "-c: quotes and a backslash" quotes -c "lab\"'\\"
	watch "-p: 1024 processes" 'one two' \
		-p "$one,$two,$(seq -s , 4190000 4191021)"
	watch "-u: one user" nobody -u 65534
	watch "--uid: two users" 'nobody user12' --uid 12,65534
	watch "-u: all but one user" 'nobody user12' -u '!0'
	watch "-u: a range" user12 -u 1-100
	watch "-u 0: root" 'one two network mounts left other thread quotes' -u 0
	watch "--netns: of a process" network --netns "$network"
	watch "--netns: a file" network --netns "/proc/$network/ns/net"
	watch "--netns: the connection's, not the task's" "$in_first" --netns $$
	watch "-p and -4: a process's IPv4" one -4 -p "$one,$two"
	if ! lacks bpffs; then
		keep=$BPFFS/tcpaccept-$$
		"$LAB" pin mount "$keep-mount" 5 \
			"$(stat -L -c %i "/proc/$mounts/ns/mnt")"
		watch "--mntnsmap: a mount namespace" mounts --mntnsmap "$keep-mount"
		"$LAB" pin cgroup "$keep-wide" \
			"$(stat -L -c %i "/proc/$mounts/ns/mnt")"
		watch "--mntnsmap: values of 8 bytes, too" mounts \
			--mntnsmap "$keep-wide"
	fi
	batch_armed

	go one
	go two
	go network
	go mounts
	accept left LAB_UNSHARE=1 block 4
	accept nobody LAB_UID=65534 block 4
	accept user12 LAB_UID=12 block 6
	accept other LAB_NAME=6c61622d63 block 4
	accept quotes LAB_NAME=6c616222275c block 4
	# lab-t of lab-p.
	accept thread LAB_NAME=6c61622d74 LAB_PCOMM=6c61622d70 block 4
	batch_end
	lacks bpffs || rm -f "$keep"-*
}

cgroup_filters() {
	batch_begin
	top=$CGROUP/tcpaccept-$$
	mkdir "$top" "$top/below" "$top/below/deep" "$top-beside" || {
		check "cgroups can be made in $CGROUP" false
		return
	}
	for tag in top below deep beside; do
		case $tag in
		top) path=$top ;;
		below) path=$top/below ;;
		deep) path=$top/below/deep ;;
		beside) path=$top-beside ;;
		esac
		waiting $tag '' "echo 0 >$path/cgroup.procs" 'block 4'
	done

	watch "--cgroup: what is below shows, what is beside does not" \
		'top below deep' --cgroup "$top"
	watch "--cgroup: what is above does not" 'below deep' \
		--cgroup "$top/below"
	watch "--cgroup: the root is all" all --cgroup "$CGROUP"
	if ! lacks bpffs; then
		keep=$BPFFS/tcpaccept-$$
		"$LAB" pin cgroup "$keep-one" "$(stat -c %i "$top")"
		watch "--cgroupmap: not what is below" top --cgroupmap "$keep-one"
		"$LAB" pin cgroup "$keep-two" "$(stat -c %i "$top/below/deep")" \
			7 "$(stat -c %i "$top-beside")"
		watch "--cgroupmap: two" 'deep beside' --cgroupmap "$keep-two"
		watch "--cgroupmap and --cgroup" deep --cgroupmap "$keep-two" \
			--cgroup "$top"
	fi
	batch_armed

	go top
	go below
	go deep
	go beside
	accept outside block 4
	batch_end
	rmdir "$top/below/deep" "$top/below" "$top" "$top-beside"
	lacks bpffs || rm -f "$keep"-*
}

# One of each source, for the other rungs.
some_filters() {
	batch_begin
	waiting network -n 'busybox ip link set lo up' 'block 4'
	network=$waiter
	waiting one '' : 'block 4'
	one=$waiter
	watch "-P, -R and -4" combo -P "$port" -R 127.0.0.9 -4
	watch "exceptions" user12 -P "!$port,!$port2" -R '!127.0.0.9' -p "!$one" \
		-u '!0'
	watch "-R: IPv6" a6 -R ::/64
	watch "-p" one -p $one
	watch "-u" user12 -u 12
	watch "-c" other -c lab-c
	if [ "$rung" != cgroup ] && [ "$rung" != ftrace ]; then
		watch "--netns: of a process" network --netns "$network"
		watch "--netns: the connection's" \
			'a6 other one user12 combo mapped' --netns $$
	fi
	lacks cgroup || [ "$rung" = ftrace ] ||
		{ [ "$rung" = cgroup ] && lacks cgroup-filter; } ||
		watch "--cgroup: the root is all" all --cgroup "$CGROUP"
	batch_armed
	accept a6 block 6
	accept other LAB_PORT="$port" LAB_NAME=6c61622d63 block 4
	go one
	accept user12 LAB_UID=12 block 4
	accept combo LAB_UNSHARE=1 LAB_PORT="$port" LAB_FROM=127.0.0.9 block 4
	accept mapped LAB_PORT="$port2" LAB_FROM=127.0.0.9 block mapped
	go network
	batch_end
}

# In a PID namespace -p has its process IDs, and so have PID and TID.
pid_namespace() {
	cat >inside <<-'END'
	. "$TESTS/lib/lib.sh"
	for i in 1 2 3; do
		mkfifo go$i
		sh -c 'read -r _ <"$0"; exec "$1" one block 4' go$i "$LAB" >row$i &
		eval "pid$i=\$!"
	done
	"$TOOL" --probe "$RUNG" -p "$pid1,$pid3" -o PID,TID >out 2>err &
	tool=$!
	armed() { [ -s out ] || ! kill -0 $tool; }
	await armed
	for i in 1 2 3; do
		echo >go$i
		eval "wait \$pid$i"
	done
	kill $tool
	wait $tool
	END
	TESTS=$tests RUNG=$rung TOOL=$TOOL LAB=$LAB \
		busybox unshare -p -f --mount-proc sh inside || return 1
	cat row1 row3 >truth
	[ -s row2 ] && [ "$(wc -l <truth)" -eq 2 ] &&
		awk 'BEGIN { print "PID    TID" } { printf "%-6d %d\n", $1, $1 }' \
			truth | cmp - out
}

# STATUS WORDS OPTIONS...: that exit status, one line that has the words.
refused() {
	status=$1 words=$2
	shift 2
	"$TOOL" "$@" >out 2>err
	is=$?
	echo "$*: exit $is, $(cat err)"
	[ $is -eq "$status" ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
		grep -qF -- "$words" err
}
wrong_maps() {
	keep=$BPFFS/tcpaccept-$$
	"$LAB" pin array "$keep-array" && "$LAB" pin short "$keep-short" 1 ||
		return 1
	: >file
	failures=0
	for option in --cgroupmap --mntnsmap; do
		for path in "$keep-array" "$keep-short" file . none; do
			refused 2 "$path" $option "$path" ||
				failures=$((failures + 1))
		done
	done
	rm -f "$keep"-*
	[ $failures -eq 0 ]
}
wrong_files() {
	: >file
	failures=0
	for file in file none . /proc/self/ns/mnt 4194303; do
		refused 2 "$file" --netns "$file" || failures=$((failures + 1))
	done
	for file in file none . /proc; do
		refused 2 "$file" --cgroup "$file" || failures=$((failures + 1))
	done
	[ $failures -eq 0 ]
}
# What this user may not look at is no wrong usage.
forbidden() {
	mkdir secret && : >secret/file && chmod 700 secret && chmod 755 . &&
		cp "$TOOL" tool || return 1
	failures=0
	for option in --netns --cgroup --cgroupmap --mntnsmap; do
		"$LAB" caps ./tool $option secret/file >out 2>err
		is=$?
		echo "$option: exit $is, $(cat err)"
		[ $is -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
			grep -q 'secret/file.*Permission denied' err ||
			failures=$((failures + 1))
	done
	[ $failures -eq 0 ]
}
needs_btf() {
	refused 1 BTF --no-btf --netns $$ || return 1
	! lacks bpffs || return 0
	"$LAB" pin mount "$BPFFS/tcpaccept-$$" 1 || return 1
	refused 1 BTF --no-btf --mntnsmap "$BPFFS/tcpaccept-$$"
	status=$?
	rm "$BPFFS/tcpaccept-$$"
	return $status
}

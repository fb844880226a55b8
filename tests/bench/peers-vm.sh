#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# peers-vm.sh - within a VM with one CPU whose clock counts instructions, and with a
# Debian in /peers: tcpaccept and other tools that show accepts, one after the other
#
#	none|ACCEPT()|CONNECTION: instructions of each without a tool
#	tool|NAME|START|PSS|PEAK RSS|ACCEPT()|CONNECTION|BEFORE|AFTER|BURST|LOST
#
# START: microseconds from exec to the first accept that it shows. PSS, PEAK RSS: KiB,
# after all; of both of tcpaccept's processes. BEFORE, AFTER: what it shows of an accept
# of each of 64 threads that wait in accept(), from before its start or later. BURST:
# what it shows of 20,000. LOST: events that it says are lost, in all.
set -eu

THREADS=64 BURST=20000
trap 'echo "peers-vm.sh: failed at: $name"; tail -n 5 err' EXIT
name=none

# Rows of that client; tcptracer has others for connect() and close().
count() { grep -v '^[CX] ' out | grep -c "127\.$1\.0\.1 " || true; }
# What it says of losses, summed up.
lost() {
	cat out err | sed -n 's/.*[Ll]ost \([0-9][0-9]*\) .*/\1/p' |
		awk '{ sum += $1 } END { print sum + 0 }'
}
# Until nothing came for two seconds.
settled() {
	size=-1
	while now=$(wc -c <out) && [ "$now" -ne "$size" ]; do
		size=$now
		sleep 2
	done
}
# Of process $1.
children() { grep -l "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status | cut -d / -f 3; }
# NUMBER: threads that wait in accept(), whose client is 127.NUMBER.0.1.
wait_in_accept() {
	mkfifo "keys$1"
	LAB_FROM=127.$1.0.1 lab blocked $THREADS <"keys$1" >/dev/null 2>"said$1" &
	waiting="${waiting-} $!"
	case $1 in
	3) exec 3>"keys$1" ;;
	4) exec 4>"keys$1" ;;
	esac
	until grep -q ready "said$1"; do sleep 0.05; done
}
memory() {
	pss=0 peak=0
	for process in "$tool" $(children "$tool"); do
		pss=$((pss + $(awk '$1 == "Pss:" { sum += $2 } END { print sum }' \
			"/proc/$process/smaps")))
		peak=$((peak + $(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' \
			"/proc/$process/status")))
	done
}

# NAME MS COMMAND...: its start is looked at every MS milliseconds.
measure() {
	name=$1 ms=$2 waiting=
	shift 2
	mkdir "/tmp/$name"
	cd "/tmp/$name"
	wait_in_accept 3
	# shellcheck disable=SC2094 # out is written alone
	lab first "$ms" out "$@" >first 2>err &
	lab=$!
	until [ -s first ]; do
		kill -0 $lab
		sleep 0.05
	done
	tool=$(children $lab)
	wait_in_accept 4
	echo >&3
	echo >&4
	settled
	# These threads wait again, and some tools would miss others' accepts for it.
	# shellcheck disable=SC2086 # a list
	kill $waiting
	# shellcheck disable=SC2086
	wait $waiting 2>/dev/null || true
	exec 3>&- 4>&-
	lab cost 640 >/dev/null
	cost=$(lab cost 6400 | tr ' ' '|')
	LAB_FROM=127.2.0.1 lab burst $BURST 4 4 >/dev/null
	settled
	memory
	kill -INT "$tool"
	wait
	echo "tool|$name|$(cat first)|$pss|$peak|$cost|$(count 3)|$(count 4)|$(count 2)|$(lost)"
	cd /
}

in_debian() { measure "$1" "$2" chroot /peers "/usr/sbin/$1"; }

echo "kernel|$(uname -v | sed 's/.*Debian \([0-9.]*\).*/\1/')"
mount -t debugfs debugfs /sys/kernel/debug
for folder in dev proc sys sys/kernel/debug sys/kernel/debug/tracing; do
	mount --bind "/$folder" "/peers/$folder"
done
lab cost 640 >/dev/null
echo "none|$(lab cost 6400 | tr ' ' '|')"
measure tcpaccept 1 tcpaccept
in_debian tcptracer 1
in_debian tcpaccept.bt 10
in_debian tcpaccept-bpfcc 20
trap - EXIT

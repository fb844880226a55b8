#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# bench-vm.sh - within a VM with one CPU whose clock counts instructions: what a start,
# an accept() and a whole connection need, and what memory; by sets of options
#
#	kernel|VERSION
#	start|COMMAND|THOUSANDS OF INSTRUCTIONS
#	cost|COMMAND|INSTRUCTIONS OF ACCEPT()|OF A CONNECTION
#	memory|COMMAND|PSS OF BOTH PROCESSES, ARMED|AND AFTER THE ACCEPTS|PEAK RSS|THE KEEPER'S|
#		MAPS AND PROGRAMS; all in KiB
#	rows|ROWS|ACCEPTS
#	lack|COMMAND: it does not start here
#	end
set -eu

COUNT=6400
# Or it never will.
started() { [ -s /tmp/out ] || ! kill -0 "$tracer" 2>/dev/null; }
# The keeper has the maps.
keeper() { grep -l "^PPid:[[:space:]]*$tracer\$" /proc/[0-9]*/status | cut -d / -f 3; }
pss() {
	cat "/proc/$tracer/smaps" "/proc/$(keeper)/smaps" |
		awk '$1 == "Pss:" { sum += $2 } END { print sum }'
}
# Before 6.2 the kernel may count up to 63 pages late in VmHWM, but not in smaps.
peak() {
	awk '$1 == "VmHWM:" { peak = $2 }
		$1 == "Rss:" { rss += $2 }
		END { print (rss > peak ? rss : peak) }' "/proc/$1/status" "/proc/$1/smaps"
}
objects() {
	cat "/proc/$tracer"/fdinfo/* "/proc/$(keeper)"/fdinfo/* 2>/dev/null | awk '
		$1 == "memlock:" { size = $2 }
		/^(map|prog)_id:/ && !seen[$0]++ { sum += size }
		END { print sum / 1024 }'
}
# Twice, of which the first is to warm up.
accepts() {
	lab cost 640 >/dev/null
	echo "cost|$1|$(lab cost $COUNT | tr ' ' '|')"
}
# COMMAND: started, armed, used, ended, its rows in a file.
cost() {
	rm -f /tmp/out
	"$@" >/tmp/out 2>/tmp/err &
	tracer=$!
	until started; do sleep 0.05; done
	[ -s /tmp/out ] || { echo "lack|$*"; return; }
	case $1 in
	tcpaccept) before=$(pss)
		accepts "$*"
		echo "memory|$*|$before|$(pss)|$(peak $tracer)|$(peak "$(keeper)")|$(objects)" ;;
	*) accepts "$*" ;;
	esac
	kill $tracer
	wait $tracer 2>/dev/null || true
}
# The median of 20, after 20 to warm up.
start() {
	lab armed 20 "$@" >/dev/null 2>&1 || { echo "lack|$*"; return; }
	times=$(lab armed 20 "$@" 2>/dev/null)
	echo "start|$*|${times% *}"
}

echo "kernel|$(uname -v | sed 's/.*Debian \([0-9.]*\).*/\1/')"
start busybox echo x
accepts nothing
cost empty
cost tcpaccept
echo "rows|$(($(wc -l </tmp/out) - 1))|$((2 * (COUNT + 640)))"
start tcpaccept
while read -r options; do
	# shellcheck disable=SC2086 # a list
	cost tcpaccept $options
	# shellcheck disable=SC2086
	start tcpaccept $options
done <<END
-P 1
-R 192.0.2.0/24
-o +BL
-o +BL,WAIT
--probe syscall
--probe cgroup
--probe ftrace
END
echo end

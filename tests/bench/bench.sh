#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# bench.sh - what tcpaccept costs, each figure beside one from the same run
set -eu

log=build/bench.log
VM_QEMU='-cpu max -icount shift=0,sleep=off' tests/vm/vm.sh 6.1 1 \
	'sh tests/bench/bench-vm.sh 2>&1' >$log

echo "Instructions, stock kernel 6.1 in QEMU, one CPU, its clock counting them:"
echo
awk '
	$1 == "nothing" { accept = $2; whole = $3 }
	BEGIN {
		name["nothing"] = "no tracer"
		name["empty"] = "an empty program on the same hook"
		name["tcpaccept"] = "tcpaccept, rows to a file"
		name["queue"] = "the same with BL and WAIT(ms)"
		name["filtered"] = "-R that lets nothing through"
	}
	$1 in name {
		if (!n++) {
			print "| | accept() | added | connection | added |"
			print "| --- | ---: | ---: | ---: | ---: |"
		}
		printf "| %s | %d | %d (%.2fx) | %d | %d (%.2fx) |\n", name[$1],
			$2, $2 - accept, $2 / accept,
			$3, $3 - whole, $3 / whole
	}
	$1 == "rows" && $2 != $3 { print "rows " $2 " of " $3; bad = 1 }
	END { exit bad || n != 5 }' $log

# Instructions of 10,000 rows less those of none, by callgrind.
instructions() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		build/bench-rows "$1" "$2" 2>&1 >/dev/null |
		sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
per_row() { echo $((($(instructions "$1" 10000) - $(instructions "$1" 0)) / 10000)); }
ours=$(per_row ours)
plain=$(per_row printf)
if [ "$ours" -lt 100 ] || [ "$plain" -lt 100 ]; then
	echo "bench.sh: bench-rows failed" >&2
	exit 1
fi
# shellcheck disable=SC2046 # two words
set -- $(build/lab armed 41 ./tcpaccept 2>/dev/null)
armed=$1 rss=$2
# shellcheck disable=SC2046
set -- $(build/lab armed 41 busybox echo x)

echo
echo "On this machine, kernel $(uname -r), $(nproc) CPUs:"
echo
echo "| | tcpaccept | for comparison |"
echo "| --- | ---: | --- |"
awk -v a="$armed" -v b="$1" 'BEGIN { printf \
	"| from exec to armed, median of 41 | %.1f ms | busybox echo %.1f ms |\n",
	a / 1000, b / 1000 }'
echo "| peak RSS | $rss KiB | busybox echo $2 KiB |"
echo "| file size | $(($(stat -c %s tcpaccept) / 1024)) KiB | busybox $(($(stat -c %s /bin/busybox) / 1024)) KiB |"
echo "| instructions per row, ring to write(2) | $ours | printf(3) $plain |"

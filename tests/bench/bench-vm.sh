#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# bench-vm.sh - within a VM whose clock counts instructions: what an accept()
# and a whole connection cost without a tracer, with an empty program on the
# same hook, and with tcpaccept writing to a file; also where it shows the accept
# queue, and where a filter lets nothing through. NAME ACCEPT CONNECTION lines
set -eu

COUNT=6400

# Started, armed, used, ended: each for itself.
measure() {
	name=$1
	shift
	if [ $# -gt 0 ]; then
		rm -f /tmp/out
		"$@" >/tmp/out 2>/tmp/err &
		until [ -s /tmp/out ]; do sleep 0.05; done
	fi
	# Once to warm up.
	lab cost 640 >/dev/null
	echo "$name $(lab cost $COUNT)"
	if [ $# -gt 0 ]; then
		kill $!
		wait $! || true
	fi
}

measure nothing
measure empty empty
measure tcpaccept tcpaccept
rows=$(($(wc -l </tmp/out) - 1))
echo "rows $rows $((2 * (COUNT + 640)))"
measure queue tcpaccept -o +BL,WAIT
measure filtered tcpaccept -R 192.0.2.0/24

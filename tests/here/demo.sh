#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# demo.sh - real servers, real clients, and what tcpaccept shows of them
#
# The servers wait in accept() before tcpaccept starts: peers that probe the
# return of accept would not see these connections.
set -eu

. tests/lib/lib.sh
PATH=.:$PATH
dir=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null || true; rm -rf "$dir"' EXIT

free_port() {
	port=$((port + 1))
	while listens $port; do port=$((port + 1)); done
}
rows() { [ "$(wc -l <"$dir/rows")" -gt "$1" ]; }

port=7000
free_port; web=$port
free_port; nc4=$port
free_port; nc6=$port
echo 'served by busybox' >"$dir/index.html"

busybox httpd -f -p "127.0.0.1:$web" -h "$dir" & pids="$pids $!"
busybox nc -l -p $nc4 127.0.0.1 >/dev/null & pids="$pids $!"
busybox nc -l -p $nc6 ::1 >/dev/null & pids="$pids $!"
await listens $web
await listens $nc4
await listens $nc6
echo "# busybox httpd waits on port $web, two busybox nc on $nc4 and $nc6"

echo '# tcpaccept -t'
tcpaccept -t >"$dir/rows" & tracer=$!
pids="$pids $tracer"
await [ -s "$dir/rows" ]

busybox wget -q -O /dev/null "http://127.0.0.1:$web/"
echo hello | busybox nc 127.0.0.1 $nc4
echo hello | busybox nc ::1 $nc6
busybox wget -q -O /dev/null "http://127.0.0.1:$web/"
await rows 4
kill $tracer
wait $tracer
cat "$dir/rows"
echo "# $(($(wc -l <"$dir/rows") - 1)) accepts seen"

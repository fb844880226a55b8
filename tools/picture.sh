#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# picture.sh - on stdout, doc/demo.svg: a terminal in which tcpaccept has shown what
# two real web servers accepted
set -eu
. tests/lib/lib.sh
PATH=.:$PATH
dir=$(mktemp -d)
pids=
# shellcheck disable=SC2086 # a list
trap 'kill $pids 2>/dev/null || :; rm -rf "$dir"' EXIT

fetch() { busybox wget -q -O /dev/null "$1"; }
for one in 127.0.0.1:8080 '[::1]:8443'; do
	busybox httpd -f -p "$one" -h "$dir" & pids="$pids $!"
	await listens "${one##*:}"
done
echo hello >"$dir/index.html"

# NUMBER OPTION...: what it shows of so many requests to each server; no notes.
shows() {
	requests=$1
	shift
	echo "# tcpaccept $*"
	tcpaccept "$@" >"$dir/rows" 2>"$dir/said" & tracer=$!
	pids="$pids $tracer"
	# Without a header, -C says nothing until its end; what -v says then.
	await grep -q . "$dir/rows" "$dir/said"
	while [ "$requests" -gt 0 ]; do
		fetch http://127.0.0.1:8080/
		fetch 'http://[::1]:8443/'
		requests=$((requests - 1))
	done
	wait $tracer
	cat "$dir/rows"
}

{
	shows 2 -P 8080,8443 -n 4
	shows 2 -P 8080,8443 -n 3 -o PID,COMM,RADDR,LPORT,BL,WAIT
	shows 40 -P 8080,8443 -d 3 -C -o COMM,RADDR,LPORT
} >"$dir/screen"
expand "$dir/screen" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/ *$//' | awk '
	length > wide { wide = length }
	{ lines[NR] = $0 }
	END {
		printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" ",
			24 + 8.5 * wide, 24 + 18 * NR
		print "font-family=\"ui-monospace,Menlo,Consolas,monospace\" font-size=\"14\">"
		print "<title>tcpaccept in a terminal</title>"
		print "<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#1b1b1b\"/>"
		for (n = 1; n <= NR; n++)
			printf "<text x=\"12\" y=\"%d\" fill=\"%s\" xml:space=\"preserve\">%s</text>\n",
				10 + 18 * n, lines[n] ~ /^#/ ? "#7fd0ff" : "#e4e4e4", lines[n]
		print "</svg>"
	}'

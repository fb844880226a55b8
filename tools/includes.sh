#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# includes.sh [FOLDER...] - draw which folder's files include how many of which
#
# The folders, by default those of the Makefile, are in the order in which they may
# include each other: a file includes what is in its own folder and in those before
# it. bpf/ is accept.bpf.c's alone. Exit status 1, with the lines on stderr, if an
# include runs the other way, or if files include each other in a circle.
set -eu
export LC_ALL=C
# shellcheck disable=SC2046 # a list
[ $# -gt 0 ] || set -- $(sed -n 's/^FOLDERS = //p' Makefile)

# Each include of a file of ours: "FROM TO", with the folders. What the build makes of
# accept.bpf.c is in none.
# shellcheck disable=SC2046 # a list
arrows() {
	grep -H '^#include "' tcpaccept.c accept.bpf.c bpf_raw.h bpf_newer.h accept.h bpf/*.h \
		$(printf '%s/*.[ch] ' "$@") |
		sed 's/^\([^:]*\):#include "\([^"]*\)".*/\1 \2/' |
		grep -v -e '\.inc$' -e ' bytecode\.h$'
}

# Of the top's files two are below all folders; above are tcpaccept.c and, for the
# kernel, accept.bpf.c with its folder.
draw() {
	awk -v order="bpf_raw.h bpf_newer.h accept.h $* tcpaccept.c bpf accept.bpf.c" '
	function room(file) { sub(/\/.*/, "", file); return file }
	BEGIN {
		count = split(order, rooms, " ")
		for (n = 1; n <= count; n++)
			rank[rooms[n]] = n
	}
	{
		from = room($1)
		to = room($2)
		if (!(to in rank)) {
			print $1 " includes " $2 ", which no folder has" >"/dev/stderr"
			up = 1
		}
		drawn[from, to]++
		if (rank[to] > rank[from]) {
			print $1 " includes " $2 >"/dev/stderr"
			up = 1
		}
	}
	END {
		printf "%-12s", "includes"
		for (n = 1; n < count; n++)
			printf " %9s", rooms[n]
		print ""
		for (m = 1; m <= count; m++) {
			printf "%-12s", rooms[m]
			for (n = 1; n < count; n++)
				printf " %9s", drawn[rooms[m], rooms[n]] + 0 ? \
					drawn[rooms[m], rooms[n]] : "."
			print ""
		}
		exit up
	}'
}

found=$(arrows "$@")
echo "$found" | draw "$@"
# A source and its header are one here; tsort(1) names those of a circle.
echo "$found" | sed 's/\.[ch]\>//g' | awk '$1 != $2' | tsort >/dev/null

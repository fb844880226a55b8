#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# peers.sh - on stdout, what Debian's packages of other tools that show accepts need
# on disk, with all that they depend on: rows of the table of doc/costs.md
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
: >"$dir/status"

# PACKAGE...: those that a machine without any would install for these.
with_needs() {
	apt-get -s -o Dir::State::status="$dir/status" install --no-install-recommends \
		"$@" 2>/dev/null | sed -n 's/^Inst \([^ ]*\) .*/\1/p'
}

for package in bpfcc-tools bpftrace libbpf-tools strace iproute2 auditd; do
	with_needs $package >"$dir/names"
	[ -s "$dir/names" ] || { echo "peers.sh: apt has no $package" >&2; exit 1; }
	version=$(apt-cache show --no-all-versions $package | sed -n 's/^Version: //p')
	xargs apt-cache show --no-all-versions <"$dir/names" | awk -v what="$package $version" '
		/^Installed-Size:/ { kib += $2 }
		/^Package:/ { count++ }
		END { printf "| %s | %d | %.0f MB |\n", what, count, kib * 1024 / 1e6 }'
done

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# peers.sh - other tools that show accepts: what Debian's packages of them need on disk,
# with all that they depend on, and what they do in a guest beside tcpaccept; it goes
# into doc/costs.md and README.md
#
# The guest is tests/bench/peers-vm.sh's, on the kernel 6.1; its clock counts
# instructions, so that the load of this machine does not matter. As root, some ten
# minutes, after the minutes that it needs to make the guest's Debian, which is kept.
set -eu
. tests/lib/lib.sh
. tools/apt.sh

die() { echo "peers.sh: $*" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || die 'needs root, to make an image of Debian'
results=build/peers
mkdir -p $results
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
: >"$dir/status"

# PACKAGE...: those that a machine without any would install for these.
with_needs() {
	apt-get -s -o Dir::State::status="$dir/status" install --no-install-recommends \
		"$@" 2>/dev/null | sed -n 's/^Inst \([^ ]*\) .*/\1/p'
}
disk() {
	echo '| package | with what it needs | on disk |'
	echo '| --- | ---: | ---: |'
	for package in bpfcc-tools bpftrace libbpf-tools strace iproute2 auditd; do
		with_needs $package >"$dir/names"
		[ -s "$dir/names" ] || die "apt has no $package"
		version=$(apt-cache show --no-all-versions $package |
			sed -n 's/^Version: //p')
		xargs apt-cache show --no-all-versions <"$dir/names" |
			awk -v what="$package $version" '
			/^Installed-Size:/ { kib += $2 }
			/^Package:/ { count++ }
			END { printf "| %s | %d | %.0f MB |\n", what, count, kib * 1024 / 1e6 }'
	done
}

# Sets $image, to an archive of a Debian in /peers, with the headers of the kernel 6.1
# for bcc; but what these have the compiler for.
make_image() {
	tests/vm/kernel.sh 6.1 >"$dir/kernel"
	release=$(sed 's/.*linux-image-//' "$cache/kernels/6.1/package")
	image=$PWD/$results/$release.cpio
	[ ! -e "$image" ] || return 0
	mmdebstrap --quiet --variant=minbase --format=directory \
		--include="bpfcc-tools,bpftrace,libbpf-tools,libc6-dev,linux-headers-$release" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/lib/gcc/*/cc1*' \
		--dpkgopt='path-exclude=/usr/lib/gcc/*/lto*' \
		--dpkgopt='path-exclude=/usr/lib/gcc/*.a' \
		bookworm "$dir/peers" "deb $(mirror Debian) bookworm main" \
		"deb $(mirror Debian-Security) bookworm-security main"
	rm -rf "$dir"/peers/var/cache/apt/* "$dir"/peers/var/lib/apt/lists/*
	(cd "$dir" && find peers | cpio --quiet -o -H newc) >"$image.new"
	mv "$image.new" "$image"
	rm -rf "$dir/peers"
}
measure() {
	log=$results/log
	VM_CPIO=$image VM_MEMORY=4G VM_QEMU='-icount shift=0,sleep=off' VM_SILENT=2400 \
		VM_TIMEOUT=5400 tests/vm/vm.sh 6.1 1 'sh tests/bench/peers-vm.sh 2>&1' \
		</dev/null >$log || die "the guest failed: see $log"
	[ "$(grep -c '^tool|' $log)" -eq 4 ] || die "not all were measured: see $log"
}
# Of results on stdin, as both tables have them.
SHOW='
function times(is, ours) { return sprintf(" (%.0fx)", is / ours) }
function memory(kib) {
	return kib < 10240 ? sprintf("%d KiB", kib) : sprintf("%.0f MiB", kib / 1024)
}
BEGIN {
	name["tcpaccept"] = "tcpaccept"
	name["tcptracer"] = "libbpf-tools\047 tcptracer"
	name["tcpaccept.bt"] = "bpftrace\047s tcpaccept.bt"
	name["tcpaccept-bpfcc"] = "bcc\047s tcpaccept"
	package["tcptracer"] = "libbpf-tools"
	package["tcpaccept.bt"] = "bpftrace"
	package["tcpaccept-bpfcc"] = "bpfcc-tools"
	FS = "|"
}'
guest() {
	echo "| kernel $(sed -n 's/^kernel|//p' $log) | start | memory | accept() | connection |" \
		'waited before | waited after | burst |'
	echo '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |'
	awk "$SHOW"'
	$1 == "none" {
		accept = $2; connection = $3
		printf "| no tracer | | | %d | %d | | | |\n", $2, $3
	}
	$1 == "tool" {
		ours = $2 == "tcpaccept"
		if (ours) { start = $3; pss = $4; most = $6 - accept; more = $7 - connection }
		printf "| %s | %.1f M%s | %s%s | %+d%s | %+d%s | %d | %d | %d |\n", \
			name[$2], $3 / 1000, ours ? "" : times($3, start), \
			memory($4), ours ? "" : times($4, pss), $6 - accept, \
			ours ? "" : times($6 - accept, most), $7 - connection, \
			ours ? "" : times($7 - connection, more), $8, $9, $10
	}' $log
}
# Of the README; the size of tcpaccept as it is there.
compared() {
	size=$(sed -n 's/.* static file of \([0-9]*\) KB .*/\1/p' README.md)
	echo '| | on disk | start | memory | connection | of 64 that wait | of 20,000 |'
	echo '| --- | ---: | ---: | ---: | ---: | ---: | ---: |'
	awk -v size="$size" "$SHOW"'
	FNR == NR { split($2, word, " "); disk[word[1]] = $4; next }
	$1 == "none" { connection = $3 }
	$1 == "tool" {
		printf "| %s |%s| %.1f M | %s | %+d | %d | %d |\n", name[$2], \
			$2 == "tcpaccept" ? " " size " KB " : disk[package[$2]], \
			$3 / 1000, memory($4), $7 - connection, $8, $10
	}' $results/disk $log
}
peers() { echo "The figures are of commit $(sources_commit), measured on $(date +%F)."; }

make_image
measure
for table in guest disk peers; do
	$table >$results/$table
	replace doc/costs.md $table <$results/$table
	cat $results/$table
	echo
done
compared | replace README.md compared

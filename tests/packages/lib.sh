# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# lib.sh - for the tests of packages: what was released, a server, and the row that
# it gives; to be sourced
skip() { echo "1..0 # SKIP $*"; exit 0; }

[ "$(id -u)" -eq 0 ] || skip "needs root"
[ -e build/dist/SHA256SUMS ] || skip "needs a release: make dist"
. tests/lib/lib.sh
. tests/lib/tap.sh
. tools/apt.sh
# shellcheck disable=SC2034 # others use them
dist=$PWD/build/dist
version=$(sed -n 's/^VERSION *= *//p' Makefile)
pids=

# Mounted below $dir by a test, for its end.
mounts=
# shellcheck disable=SC2086,SC2154 # lists; $at is set there
trap 'kill $pids 2>/dev/null; for at in $mounts; do umount -l $at; done
	rm -rf --one-file-system "$dir"' EXIT

# FOLDER: the sources of the release, there.
unpacked() {
	mkdir -p "$1" && tar -C "$1" --strip-components=1 \
		-xf "$dist/tcpaccept-$version.tar.xz"
}
# FOLDER: proc(5) there.
mount_proc() {
	mkdir -p "$1/proc" && mount -t proc proc "$1/proc" &&
		mounts="$mounts $1/proc"
}

# FOLDER: a Debian there, with nothing but what each has, from this machine's mirror;
# kept for the next one, as it is some minutes' work.
bare_debian() {
	# shellcheck disable=SC1091 # not here
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	kept=$cache/bare-$codename
	if [ ! -e "$kept.tar" ]; then
		mkdir -p "$cache" && mmdebstrap --quiet --variant=minbase "$codename" \
			"$kept.new.tar" "$(mirror Debian)" &&
			mv "$kept.new.tar" "$kept.tar" || return
	fi
	mkdir -p "$1" && tar -C "$1" -xf "$kept.tar" && mount_proc "$1"
}

# A web server here, as $server on $port; it serves the folder $1.
serve() {
	port=7100
	while listens $port; do port=$((port + 1)); done
	busybox httpd -f -p "127.0.0.1:$port" -h "$1" &
	server=$!
	pids="$pids $server"
	await listens $port
}

# COMMAND...: it starts tcpaccept, which traces, and has a row of the server.
shows_accept() {
	rm -f "$dir/rows"
	"$@" -P "$port" -n 1 -d 100 >"$dir/rows" 2>"$dir/said" & tracer=$!
	pids="$pids $tracer"
	await began || { cat "$dir/said"; return 1; }
	busybox wget -q -O /dev/null "http://127.0.0.1:$port/"
	wait "$tracer" || { cat "$dir/said"; return 1; }
	cat "$dir/rows"
	grep -Eq "^$server +busybox +4 +127\.0\.0\.1 +127\.0\.0\.1 +$port\$" \
		"$dir/rows"
}
began() { [ -s "$dir/rows" ] || ! kill -0 "$tracer" 2>/dev/null; }

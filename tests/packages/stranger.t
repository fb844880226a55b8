#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# stranger.t - the first five minutes: the lines of the README's "Get it", one after
# the other, in a bare Debian and in a folder that has busybox and nothing else
. tests/packages/lib.sh

# The first block of that section.
sed -n '/^## Get it$/,/^## /p' README.md | awk '
	/^    / { print substr($0, 5); some = 1; next }
	some { exit }' >"$dir/lines"

# FOLDER: with busybox for all commands, and /proc.
has_busybox() {
	mkdir -p "$1/bin" "$1/tmp" && cp "$(command -v busybox)" "$1/bin/" &&
		chroot "$1" /bin/busybox --install -s /bin && mount_proc "$1"
}
# FOLDER LINE: it works there, as the lines before it did in one shell; a bare Debian
# has no wget: scp in its place, as the README has it.
works() {
	case $2 in
	wget*)
		if ! chroot "$1" sh -c 'command -v wget'; then
			cp "$dist/SHA256SUMS" "$dist/tcpaccept-$version-$(uname -m)" "$1/tmp/"
			return
		fi
		;;
	esac
	printf '%s\n' "$2" >"$1/tmp/next"
	case $2 in *=*) cp "$1/tmp/next" "$1/tmp/set"; return ;; esac
	chroot "$1" sh -eu -c "cd /tmp; RELEASE=http://127.0.0.1:$port
		. ./set; . ./next"
}
each_works() {
	while read -r line <&3; do
		check "${1##*/}: $line" works "$1" "$line"
	done 3<"$dir/lines"
}
in_folder() { chroot "$at" /tmp/tcpaccept-"$version-$(uname -m)" "$@"; }
began_with_arch() { head -n 1 "$dir/lines" | grep '^arch='; }

serve "$dist"
check "the README's first line sets the architecture" began_with_arch
check "busybox: a folder" has_busybox "$dir/busybox"
each_works "$dir/busybox"
at=$dir/busybox
check "busybox: it shows an accept" shows_accept in_folder
check "debian: a bare one" bare_debian "$dir/debian"
each_works "$dir/debian"
at=$dir/debian
check "debian: it shows an accept" shows_accept in_folder
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# kernel.sh NAME - print the path of a kernel image: Debian's, or one that is built of
# Debian's sources
#
# NAME is a line of tests/vm/matrix. The newest image that the suite offers is
# fetched through apt, from the mirror this machine already uses, and kept in
# $TCPACCEPT_CACHE (default ~/.cache/tcpaccept). An image fetched less than a
# day ago is taken as it is; an older one too where the mirror has none now, which
# is asked again after an hour. Exit status 75: there is neither. No root needed:
# apt runs on a private tree, nothing is installed. An image is built again where the
# sources have a newer version, or tests/vm/config has changed.
set -eu

die() { echo "kernel.sh: $*" >&2; exit 1; }
. tools/apt.sh
. tests/vm/build.sh

names() { sed -n 's/^\([^# ]*\) .*|.*/\1/p' tests/vm/matrix | tr '\n' ' '; }
[ $# -eq 1 ] || die "usage: kernel.sh NAME; names: $(names)"
name=$1
# shellcheck disable=SC2046 # the fields are the arguments
set -- "$name" $(awk -F '|' -v n="$name" '{ sub(/ *$/, "", $1) }
	$1 == n && $2 !~ /=/ { print $2 }' tests/vm/matrix)
[ $# -eq 5 ] || [ $# -eq 6 ] || die "no kernel '$name'; there are: $(names)"
arch=$2 suites=$3 security=$4 meta=$5 options=${6-} machine=${name%%-*}

dir=$cache/kernels/$name
image=$dir/vmlinuz new=$dir/new log=$dir/log

# The image is there as it was fetched.
is_whole() { (cd "$dir" && sha256sum --status -c sum 2>/dev/null); }
# FILE MINUTES
is_younger() { [ -n "$(find "$1" -mmin "-$2" 2>/dev/null)" ]; }

# What it was built of is what it would be built of now.
is_current() {
	[ -z "$options" ] || [ "$(cat "$dir/key" 2>/dev/null)" = \
		"$(kernel_key "$machine" "$options" "$(cat "$dir/package")")" ]
}

lock "$dir/lock"
if is_whole && is_current && { is_younger "$image" 1440 || is_younger "$dir/failed" 60; }; then
	echo "$image"
	exit 0
fi

# The packages that METAPACKAGE stands for, down to the one with the image:
# linux-image-VERSION, or from 7.2 on linux-binary-VERSION.
image_package() {
	private_apt -s -o APT::Install-Recommends=false install "$meta" |
		sed -n 's/^Inst \(linux-\(image\|binary\)-[0-9][0-9]*\.[^ ]*\) .*/\1/p' |
		sort | head -n 1
}

# PATTERN FILE: what matches it in the unpacked package, to $new/FILE
take() {
	member=$(tar -tf "$new/data.tar" | grep -m 1 -E "$1") &&
		tar -xOf "$new/data.tar" "$member" >"$new/$2" && [ -s "$new/$2" ] && return
	echo "E: the package holds no $1"
	return 1
}
# PACKAGE: its image, to $new; for armv5 what tells it of the machine, too.
unpack() {
	dpkg-deb --fsys-tarfile "$new/$1"_*.deb >"$new/data.tar" &&
		take '/vmlinu[xz](-[^/]*)?$' vmlinuz || return
	[ "$machine" != armv5 ] || take '/bcm2835-rpi-zero\.dtb$' dtb
}
# To $new; nothing but that it was looked for, where the image is of the newest sources.
fetch_built() {
	version=$(newest_version "$meta")
	if [ -z "$version" ]; then
		echo "E: $suites have no $meta"
		return 1
	fi
	echo "$version" >"$new/package"
	kernel_key "$machine" "$options" "$version" >"$new/key"
	if is_whole && cmp -s "$new/key" "$dir/key"; then
		cp "$image" "$new/vmlinuz" && cp "$dir/sum" "$new/sum"
		return
	fi
	(cd "$new" && private_apt download "$meta") || return 1
	build "$meta" "$machine" "$options" && (cd "$new" && sha256sum vmlinuz >sum) &&
		return
	: >"$new/broken"
	return 1
}
# To $new.
fetch() {
	rm -rf "$new" && mkdir -p "$new" &&
		open_apt "$new/apt" "$arch" "$suites" "$security" || return 1
	if [ -n "$options" ]; then
		fetch_built
		return
	fi
	package=$(image_package) || return 1
	if [ -z "$package" ]; then
		echo "E: $meta of $suites names no kernel image"
		return 1
	fi
	(cd "$new" && private_apt download "$package") && unpack "$package" &&
		(cd "$new" && find vmlinuz dtb -exec sha256sum {} + >sum 2>/dev/null
		[ -s sum ]) &&
		echo "$package" >"$new/package"
}

# Whatever is begun here is whole or not there.
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
if fetch >"$log" 2>&1; then
	for file in key dtb; do
		[ ! -e "$new/$file" ] || mv "$new/$file" "$dir"
	done
	mv "$new/package" "$new/sum" "$new/vmlinuz" "$dir"
	rm -f "$dir/failed"
elif [ -e "$new/broken" ]; then
	tail -n 20 "$log" >&2
	die "cannot build $name: the whole log is $log"
else
	echo "kernel.sh: no newer $name to be had: $(why "$log")" >&2
	if ! is_whole; then
		echo "kernel.sh: nor is there an older one" >&2
		exit $NOT_TO_BE_HAD
	fi
	: >"$dir/failed"
fi
echo "$image"

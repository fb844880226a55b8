#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# kernel.sh NAME - print the path of a stock Debian kernel image
#
# NAME is a line of the table below. The newest image that the suite offers is
# fetched through apt, from the mirror this machine already uses, and kept in
# $TCPACCEPT_CACHE (default ~/.cache/tcpaccept). An image fetched less than a
# day ago is taken as it is; an older one too when the mirror cannot be
# reached. No root needed: apt runs on a private tree, nothing is installed.
set -eu

cache=${TCPACCEPT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tcpaccept}

die() { echo "kernel.sh: $*" >&2; exit 1; }

# name suites security-suite package: the newest of that package in the suites.
# exp is the newest kernel in Debian; experimental's packages need sid's, and
# backports at times are ahead of both.
table() {
	cat <<-'END'
	5.10 bullseye bullseye-security linux-image-cloud-amd64
	6.1  bookworm bookworm-security linux-image-cloud-amd64
	full bookworm bookworm-security linux-image-amd64
	6.12 trixie   trixie-security   linux-image-cloud-amd64
	rt   trixie   trixie-security   linux-image-rt-amd64
	7    forky    -                 linux-image-cloud-amd64
	exp  experimental,sid,trixie-backports - linux-image-cloud-amd64
	END
}

[ $# -eq 1 ] || die "usage: kernel.sh NAME; names: $(table | awk '{printf "%s ", $1}')"
name=$1
# shellcheck disable=SC2046 # the fields are the arguments
set -- $(table | awk -v n="$name" '$1 == n')
[ $# -eq 4 ] || die "no kernel '$name'; there are: $(table | awk '{printf "%s ", $1}')"
suites=$2 security=$3 meta=$4

dir=$cache/kernels/$name
image=$dir/vmlinuz
if [ -n "$(find "$image" -mtime -1 2>/dev/null)" ]; then
	echo "$image"
	exit 0
fi

# The machine's own mirrors, as apt knows them; only the suites differ.
mirror() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(LABEL)|$(REPO_URI)' |
		sed -n "s,^$1|,,p" | head -n 1
}

# A private apt: own lists, own cache, the machine's proxy and mirror settings.
private_apt() {
	apt-get -q -o Dir::State="$tree/state" -o Dir::Cache="$tree/cache" \
		-o Dir::State::status="$tree/status" \
		-o Dir::Etc::sourcelist="$tree/sources.list" \
		-o Dir::Etc::preferences="$tree/preferences" \
		-o Dir::Etc::sourceparts=- -o Dir::Etc::preferencesparts=- \
		-o APT::Architecture=amd64 -o APT::Architectures::=amd64 \
		-o APT::Sandbox::User=root -o Acquire::Languages=none \
		-o Acquire::Check-Valid-Until=false "$@"
}

# The packages that METAPACKAGE stands for, down to the one with the image:
# linux-image-VERSION, or from 7.2 on linux-binary-VERSION.
image_package() {
	private_apt -s -o APT::Install-Recommends=false install "$meta" |
		sed -n 's/^Inst \(linux-\(image\|binary\)-[0-9][^ ]*\) .*/\1/p' |
		sort | head -n 1
}

fetch() {
	main=$(mirror Debian)
	[ -n "$main" ] || die "apt knows no Debian mirror: run apt-get update first"
	tree=$dir/apt
	rm -rf "$tree"
	mkdir -p "$tree/state/lists/partial" "$tree/cache/archives/partial"
	: >"$tree/status"
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	for suite in $(echo "$suites" | tr , ' '); do
		echo "deb [signed-by=$keys] $main $suite main"
	done >"$tree/sources.list"
	# Or apt takes from experimental and backports only what it is told to.
	printf '%s\n' 'Package: *' 'Pin: release n=*' 'Pin-Priority: 500' \
		>"$tree/preferences"
	# Not every machine has it, and not every suite.
	updates=$(mirror Debian-Security)
	if [ -n "$updates" ] && [ "$security" != - ]; then
		echo "deb [signed-by=$keys] $updates $security main" \
			>>"$tree/sources.list"
	fi
	private_apt update
	package=$(image_package)
	[ -n "$package" ] || die "$meta of $suites names no kernel image"
	(cd "$tree" && private_apt download "$package")
	dpkg-deb --fsys-tarfile "$tree/$package"_*.deb >"$tree/data.tar"
	member=$(tar -tf "$tree/data.tar" | grep -E '/vmlinuz(-[^/]*)?$' | head -n 1)
	[ -n "$member" ] || die "$package holds no vmlinuz"
	tar -xOf "$tree/data.tar" "$member" >"$image.new"
	mv "$image.new" "$image"
	echo "$package" >"$dir/package"
	rm -rf "$tree"
}

mkdir -p "$dir"
if ! (fetch) >"$dir/log" 2>&1; then
	[ -s "$image" ] || { tail -n 5 "$dir/log" >&2; die "cannot fetch $name ($suites)"; }
	echo "kernel.sh: no newer $name to be had, using the cached one" >&2
fi
echo "$image"

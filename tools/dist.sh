#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# dist.sh VERSION ARCHITECTURE... - gather in build/dist what is handed out: the
# sources with the bytecode, make ARCH='s binaries, a container image of them, manual,
# completion, licences, a bill of materials, and the sums of all
# dist.sh files - the names of the sources, one a line
#
# SIGN=FILE: a secret key of signify or minisign, which signs the sums. BYTE_INCS: the
# files of the bytecode.
#
# Nothing of the machine, the directory, the user or the day gets in: the same
# sources, compilers and Debian packages give the same sums (tests/build/dist.t).
set -eu
# Of names and of what programs say.
export LC_ALL=C

die() { echo "dist.sh: $*" >&2; exit 1; }

# What git knows, or without it all but what is made.
files() {
	if [ -e .git ]; then
		git -c safe.directory='*' ls-files
	else
		find . -type d \( -path ./build -o -path ./bytecode \) -prune -o \
			! -type d ! -path ./tcpaccept -printf '%P\n'
	fi | sort
}
[ "${1-}" != files ] || { files; exit; }

[ $# -ge 2 ] || die "usage: dist.sh VERSION ARCHITECTURE..."
version=$1
shift
to=build/dist
# The day of the version, for all times that a file holds.
day=$(sed -n "s/^## $version, \(20[0-9-]*\)\$/\1/p" CHANGES.md)
[ -n "$day" ] || die "CHANGES.md has no line '## $version, YYYY-MM-DD'"

put() { install -m "$1" "$2" "$to.new/$3"; }

# The licence of the musl that is linked in: the first architecture's as
# LICENSE.musl, others only where their musl has another text.
put_musl() {
	from=build/sysroot/$1/copyright
	# Sysroots of older trees had none, or no versions.
	if [ ! -e "$from" ] || [ ! -e "build/sysroot/$1/packages" ]; then
		tools/sysroot.sh "$1" "build/sysroot/$1"
	fi
	if [ ! -e "$to.new/LICENSE.musl" ]; then
		put 644 "$from" LICENSE.musl
	elif ! cmp -s "$from" "$to.new/LICENSE.musl"; then
		put 644 "$from" "LICENSE.musl-$1"
	fi
}

# The sources, and in bytecode/ what clang has made of them for both byte orders.
put_sources() {
	name=tcpaccept-$version
	rm -rf "build/$name"
	install -d -m 755 "build/$name/bytecode"
	files | tar -c -T - | tar -x -C "build/$name"
	for order in bpfel bpfeb; do
		install -d "build/$name/bytecode/$order"
		for file in $BYTE_INCS; do
			cp "build/bytecode/$order/$file" "build/$name/bytecode/$order"
		done
	done
	tar -C build -c --format=ustar --sort=name --mtime="$day 00:00Z" --owner=0 \
		--group=0 --numeric-owner --mode=u=rwX,go=rX "$name" |
		xz -9 -T 1 >"build/$name.tar.xz"
	put 644 "build/$name.tar.xz" "$name.tar.xz"
	rm -rf "build/$name" "build/$name.tar.xz"
}

# The size of each binary, beside it that of the same by xz.
sizes() {
	printf 'bytes   by xz   file\n'
	for arch in "$@"; do
		file=tcpaccept-$version-$arch
		printf '%-7s %-7s %s\n' "$(wc -c <"$to.new/$file")" \
			"$(xz -9 -c "$to.new/$file" | wc -c)" "$file"
	done
}

rm -rf "$to" "$to.new"
install -d -m 755 "$to.new"
for arch in "$@"; do
	put 755 "build/$arch/tcpaccept" "tcpaccept-$version-$arch"
	put_musl "$arch"
done
put_sources
put 644 LICENSE LICENSE
put 644 packaging/LICENSE.libgcc LICENSE.libgcc
put 644 packaging/tcpaccept.8 tcpaccept.8
for shell in bash zsh fish; do
	put 644 packaging/tcpaccept.$shell tcpaccept.$shell
done
tools/image.sh "$to.new" "$version" "$day" "$@" >"$to.part"
put 644 "$to.part" "tcpaccept-$version-oci.tar"
sizes "$@" >"$to.part"
put 644 "$to.part" SIZES
tools/sbom.sh "$to.new" "$version" "$day" "$@" >"$to.part"
put 644 "$to.part" "tcpaccept-$version.spdx.json"

# Beside the folder, or the list would list itself.
(cd "$to.new" && sha256sum -- *) >"$to.part"
put 644 "$to.part" SHA256SUMS
rm "$to.part"
[ -z "${SIGN-}" ] || tools/sign.sh "$SIGN" "$to.new/SHA256SUMS" "tcpaccept $version"
mv "$to.new" "$to"
cat "$to/SIZES"

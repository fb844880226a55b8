#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# dist.sh VERSION ARCHITECTURE... - gather in build/dist what is handed out:
# make ARCH='s binaries, manual, completion, licences, and the sums of all
#
# Nothing of the machine, the directory, the user or the day gets in: the same
# sources, compilers and Debian packages give the same sums (tests/build/dist.t).
set -eu
# Of names and of what programs say.
export LC_ALL=C

die() { echo "dist.sh: $*" >&2; exit 1; }

[ $# -ge 2 ] || die "usage: dist.sh VERSION ARCHITECTURE..."
version=$1
shift
to=build/dist

put() { install -m "$1" "$2" "$to.new/$3"; }

# The licence of the musl that is linked in: the first architecture's as
# LICENSE.musl, others only where their musl has another text.
put_musl() {
	from=build/sysroot/$1/copyright
	# Sysroots of older trees had none.
	[ -e "$from" ] || tools/sysroot.sh "$1" "build/sysroot/$1"
	if [ ! -e "$to.new/LICENSE.musl" ]; then
		put 644 "$from" LICENSE.musl
	elif ! cmp -s "$from" "$to.new/LICENSE.musl"; then
		put 644 "$from" "LICENSE.musl-$1"
	fi
}

rm -rf "$to" "$to.new"
install -d -m 755 "$to.new"
for arch in "$@"; do
	put 755 "build/$arch/tcpaccept" "tcpaccept-$version-$arch"
	put_musl "$arch"
done
put 644 LICENSE LICENSE
put 644 packaging/LICENSE.libgcc LICENSE.libgcc
put 644 packaging/tcpaccept.8 tcpaccept.8
put 644 packaging/tcpaccept.bash tcpaccept.bash

# Beside the folder, or the list would list itself.
(cd "$to.new" && sha256sum -- *) >"$to.sums"
put 644 "$to.sums" SHA256SUMS
rm "$to.sums"
mv "$to.new" "$to"

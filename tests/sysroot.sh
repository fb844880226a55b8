#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# sysroot.sh ARCHITECTURE DIRECTORY - what a build for another processor takes
#
# Debian's musl, kernel headers and libgcc of that architecture, unpacked to
# DIRECTORY/include and DIRECTORY/lib, musl's licence beside them; and its
# busybox, for the guests of the tests. Packages are kept in $TCPACCEPT_CACHE (default ~/.cache/tcpaccept).
set -eu

die() { echo "sysroot.sh: $*" >&2; exit 1; }
# shellcheck source=tests/apt.sh
. "$(dirname "$0")/apt.sh"

# name, Debian's architecture, suite, libgcc, names of the folders of musl and
# of the kernel's headers. bookworm has no riscv64.
table() {
	cat <<-'END'
	aarch64  arm64    bookworm 12 aarch64-linux-musl      aarch64-linux-gnu
	armv7    armhf    bookworm 12 arm-linux-musleabihf    arm-linux-gnueabihf
	i686     i386     bookworm 12 i386-linux-musl         i386-linux-gnu
	mips64el mips64el bookworm 12 mips64el-linux-musl     mips64el-linux-gnuabi64
	mipsel   mipsel   bookworm 12 mipsel-linux-musl       mipsel-linux-gnu
	ppc64le  ppc64el  bookworm 12 powerpc64le-linux-musl  powerpc64le-linux-gnu
	riscv64  riscv64  trixie   14 riscv64-linux-musl      riscv64-linux-gnu
	s390x    s390x    bookworm 12 s390x-linux-musl        s390x-linux-gnu
	x86_64   amd64    bookworm 12 x86_64-linux-musl       x86_64-linux-gnu
	END
}

[ $# -eq 2 ] || die "usage: sysroot.sh ARCHITECTURE DIRECTORY"
# shellcheck disable=SC2046 # the fields are the arguments
set -- "$2" $(table | awk -v n="$1" '$1 == n')
[ $# -eq 7 ] || die "no such architecture; there are: $(table |
	awk '{ printf "%s ", $1 }')"
to=$1 name=$2 debian=$3 suite=$4 libgcc=$5 musl=$6 gnu=$7
store=$cache/sysroots/$name

fetch() {
	open_apt "$store/apt" "$debian" "$suite" -
	(cd "$store" && rm -f ./*.deb && private_apt download musl-dev \
		"libgcc-$libgcc-dev" linux-libc-dev busybox-static)
	rm -rf "$store/apt"
}

mkdir -p "$store"
if [ ! -e "$store/log" ] || ! grep -q '^whole$' "$store/log"; then
	if ! (fetch) >"$store/log" 2>&1; then
		tail -n 5 "$store/log" >&2
		die "cannot fetch the packages of $name"
	fi
	echo whole >>"$store/log"
fi

rm -rf "$to.new" "$to"
mkdir -p "$to.new/lib" "$to.new/include" "$to.new/bin"
for package in "$store"/*.deb; do
	dpkg-deb -x "$package" "$to.new/tree"
done
usr=$to.new/tree/usr
# Since trixie asm/ is where all architectures' are.
for from in "$usr/include" "$usr/include/$gnu" "$usr/lib/linux/uapi/${name%64}" \
	"$usr/include/$musl"; do
	[ ! -d "$from" ] || cp -rL "$from/." "$to.new/include/"
done
cp "$usr/lib/$musl"/crt1.o "$usr/lib/$musl"/crt[in].o "$usr/lib/$musl/libc.a" \
	"$usr"/lib/gcc/*/*/libgcc.a "$to.new/lib/"
cp "$to.new"/tree/*/busybox "$to.new/bin/" 2>/dev/null ||
	cp "$usr/bin/busybox" "$to.new/bin/"
cp "$usr/share/doc/musl-dev/copyright" "$to.new/"
# lld 14 refuses the debug relocations of riscv64. The others would come into
# each executable: what unwinds (.ARM.exidx stays, the linker's), tables of the
# debuggers of mips (.pdr), the compiler's name.
for file in "$to.new"/lib/*; do
	llvm-objcopy --strip-debug --remove-section=.eh_frame \
		--remove-section=.pdr --remove-section=.mdebug.* --wildcard \
		--remove-section=.gnu.attributes --remove-section=.comment \
		"$file"
done
rm -rf "$to.new/tree"
mv "$to.new" "$to"

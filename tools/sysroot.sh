#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# sysroot.sh ARCHITECTURE DIRECTORY - what a build for another processor takes
#
# Debian's musl, kernel headers and libgcc of that architecture, unpacked to
# DIRECTORY/include and DIRECTORY/lib, musl's licence beside them; and its
# busybox, for the guests of the tests. For processors that Debian has no packages of,
# clang builds the musl of Debian's sources; the rest is of the packages for Debian's
# cross compilers, and there is no busybox. Packages are kept in $TCPACCEPT_CACHE
# (default ~/.cache/tcpaccept), all of one suite or none. Exit status 75: no suite
# has them now.
set -eu

die() { echo "sysroot.sh: $*" >&2; exit 1; }
# shellcheck source=tools/apt.sh
. "$(dirname "$0")/apt.sh"

# name, Debian's architecture (source: none), names of the folders of musl and of the
# kernel's headers, suites: the next one where a suite does not have all. bookworm has no
# riscv64, later ones have no mips, forky and sid no armel.
table() {
	cat <<-'END'
	aarch64  arm64    aarch64-linux-musl     aarch64-linux-gnu       bookworm trixie forky sid
	armv5    armel    arm-linux-musleabi     arm-linux-gnueabi       bookworm trixie
	armv7    armhf    arm-linux-musleabihf   arm-linux-gnueabihf     bookworm trixie forky sid
	i686     i386     i386-linux-musl        i386-linux-gnu          bookworm trixie forky sid
	mips     source   mips-linux-musl        mips-linux-gnu          bookworm trixie
	mips64el mips64el mips64el-linux-musl    mips64el-linux-gnuabi64 bookworm
	mipsel   mipsel   mipsel-linux-musl      mipsel-linux-gnu        bookworm
	ppc      source   powerpc-linux-musl     powerpc-linux-gnu       bookworm trixie
	ppc64le  ppc64el  powerpc64le-linux-musl powerpc64le-linux-gnu   bookworm trixie forky sid
	riscv64  riscv64  riscv64-linux-musl     riscv64-linux-gnu       trixie forky sid
	s390x    s390x    s390x-linux-musl       s390x-linux-gnu         bookworm trixie forky sid
	x86_64   amd64    x86_64-linux-musl      x86_64-linux-gnu        bookworm trixie forky sid
	END
}

[ $# -eq 2 ] || die "usage: sysroot.sh ARCHITECTURE DIRECTORY"
# shellcheck disable=SC2046 # the fields are the arguments
set -- "$2" $(table | awk -v n="$1" '$1 == n')
[ $# -ge 6 ] || die "no such architecture; there are: $(table |
	awk '{ printf "%s ", $1 }')"
to=$1 name=$2 debian=$3 musl=$4 gnu=$5
shift 5
store=$cache/sysroots/$name new=$cache/sysroots/$name.new
log=$cache/sysroots/$name.log

if [ "$debian" = source ]; then
	cross=${gnu%%-*}-cross
	libgcc="libgcc-*-dev-$cross" headers=linux-libc-dev-$cross
	others=$headers debian=$(dpkg --print-architecture) sources=deb-src
else
	libgcc='libgcc-*-dev' headers=linux-libc-dev
	others="musl-dev $headers busybox-static" sources=
fi

# FOLDER PATTERN: the file that it matches, if there is one, and one only.
file_of() {
	# shellcheck disable=SC2086 # the name may be a pattern
	set -- "$1"/$2
	[ $# -eq 1 ] && [ -e "$1" ] && echo "$1"
}
# All packages are in that folder, none of them cut short.
is_whole() {
	for package in "$libgcc" $others; do
		file=$(file_of "$1" "${package}_*.deb") &&
			dpkg-deb --fsys-tarfile "$file" >/dev/null 2>&1 ||
			return 1
	done
	[ -n "$sources" ] || return 0
	for file in "musl_*.orig.tar.gz" "musl_*.debian.tar.xz"; do
		file=$(file_of "$1" "$file") && tar -tf "$file" >/dev/null 2>&1 ||
			return 1
	done
}
newest_libgcc() {
	private_apt --print-uris download "^$(echo "$libgcc" | sed 's/[*]/[0-9]+/')\$" |
		sed -n 's/.* \(libgcc-[0-9]*-dev[^_]*\)_.*/\1/p' |
		sort -t - -k 2n | tail -n 1
}
# To $new.
fetch() {
	rm -rf "$new" && mkdir -p "$new" &&
		open_apt "$new/apt" "$debian" "$1" - "$sources" &&
		newest=$(newest_libgcc) || return
	# shellcheck disable=SC2086 # a list
	(cd "$new" && private_apt download "${newest:-libgcc-dev}" $others &&
		{ [ -z "$sources" ] || private_apt --download-only source musl; }) &&
		is_whole "$new" && rm -r "$new/apt"
}

# The musl of $store, by the compiler $by to the archive $built. What a make above us was
# told is not for it.
compile_musl() {
	unset MAKEFLAGS MFLAGS MAKELEVEL
	rm -rf "$new" && mkdir -p "$new/source" "$new/usr/lib/$musl" &&
		tar -C "$new/source" --strip-components=1 \
			-xf "$(file_of "$store" 'musl_*.orig.tar.gz')" &&
		(cd "$new/source" && ./configure --target="$musl" --disable-shared \
			--prefix="$new/usr" --includedir="$new/usr/include/$musl" \
			CC="$by" AR=llvm-ar RANLIB=llvm-ranlib CFLAGS= LIBCC= &&
			make -s "-j$(nproc)" install-headers lib/libc.a lib/crt1.o \
				lib/crti.o lib/crtn.o) &&
		mv "$new"/source/lib/*.[ao] "$new/usr/lib/$musl" &&
		tar -C "$new" -cf "$new/built.tar" usr && mv "$new/built.tar" "$built"
}
# To where musl-dev would have it in $to.new/tree. In the cache is what this clang made
# of it.
build_musl() {
	# musl's own code for powerpc has instructions of an FPU.
	by="clang --target=$(sed -n "s/^CLANG_$name *= *//p" \
		"$(dirname "$0")/arches.mk" |
		sed 's/-mno-abicalls//; s/ -msoft-float//') -Qunused-arguments"
	built=$store/built-$({ echo "$by" && clang --version; } | sha256sum |
		cut -c -16).tar
	if [ ! -e "$built" ] && ! compile_musl >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		die "cannot build the musl of $name: the whole log is $log"
	fi
	tar -C "$to.new/tree" -xf "$built"
	mkdir -p "$to.new/tree/usr/share/doc/musl-dev"
	tar -xOf "$(file_of "$store" 'musl_*.debian.tar.xz')" debian/copyright \
		>"$to.new/tree/usr/share/doc/musl-dev/copyright"
}

lock "$store.lock"
# Whatever is begun here is whole or not there.
trap 'rm -rf "$new" "$to.new"' EXIT
trap 'exit 1' HUP INT TERM
if ! is_whole "$store"; then
	for suite in "$@"; do
		if fetch "$suite" >"$log" 2>&1; then
			rm -rf "$store"
			mv "$new" "$store"
			break
		fi
		echo "sysroot.sh: $name: not from $suite: $(why "$log")" >&2
	done
	if ! is_whole "$store"; then
		echo "sysroot.sh: no suite has the packages of $name now" >&2
		exit $NOT_TO_BE_HAD
	fi
fi

rm -rf "$to.new" "$to"
mkdir -p "$to.new/lib" "$to.new/include" "$to.new/bin"
for package in "$store"/*.deb; do
	dpkg-deb -x "$package" "$to.new/tree"
done
usr=$to.new/tree/usr
[ -z "$sources" ] || build_musl
# Since trixie asm/ is where all architectures' are.
for from in "$usr/include" "$usr/include/$gnu" "$usr/lib/linux/uapi/${name%64}" \
	"$usr/$gnu/include" "$usr/include/$musl"; do
	[ ! -d "$from" ] || cp -rL "$from/." "$to.new/include/"
done
cp "$usr/lib/$musl"/crt1.o "$usr/lib/$musl"/crt[in].o "$usr/lib/$musl/libc.a" \
	"$usr"/lib/gcc*/*/*/libgcc.a "$to.new/lib/"
[ -n "$sources" ] || cp "$to.new"/tree/*/busybox "$to.new/bin/" 2>/dev/null ||
	cp "$usr/bin/busybox" "$to.new/bin/"
cp "$usr/share/doc/musl-dev/copyright" "$to.new/"
# What of them is linked into programs, without the name that has gcc's version.
{
	for file in $(file_of "$store" 'musl-dev_*.deb') \
		"$(file_of "$store" "${libgcc}_*.deb")"; do
		# shellcheck disable=SC2016 # dpkg-deb's
		dpkg-deb -W --showformat '${Package} ${Version}\n' "$file"
	done | sed 's/^libgcc-[^ ]*/libgcc/'
	[ -z "$sources" ] || file_of "$store" 'musl_*.dsc' |
		sed 's,.*/musl_\(.*\)\.dsc$,musl \1,'
} >"$to.new/packages"
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

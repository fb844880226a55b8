#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# busybox.sh PROCESSOR - print the path of a static busybox for guests of that processor:
# Debian's, or one that is built of Debian's sources
#
# It is built where Debian has none (tools/sysroot.sh), with the options of Debian's
# busybox-static, on the musl of build/sysroot/PROCESSOR; and kept in $TCPACCEPT_CACHE.
# Exit status 75: its sources cannot be had now.
set -eu

die() { echo "busybox.sh: $*" >&2; exit 1; }
. tools/apt.sh

[ $# -eq 1 ] || die "usage: busybox.sh PROCESSOR"
sysroot=$PWD/build/sysroot/$1
[ -d "$sysroot" ] || die "there is no $sysroot: make ARCH=$1"
if [ -e "$sysroot/bin/busybox" ]; then
	echo "$sysroot/bin/busybox"
	exit
fi
flags=$(sed -n "s/^CLANG_$1 *= *//p" tools/arches.mk)
key=$({ echo "$flags" && cat tests/vm/busybox.sh "$sysroot/packages"; } | sha256sum |
	cut -c -16)
dir=$cache/busybox/$1 new=$cache/busybox/$1.new log=$cache/busybox/$1.log
busybox=$dir/$key/busybox

lock "$dir.lock"
if [ -e "$busybox" ]; then
	echo "$busybox"
	exit
fi
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM

fetch() {
	rm -rf "$new" && mkdir -p "$new/source" "$new/lib" &&
		open_apt "$new/apt" "$(dpkg --print-architecture)" bookworm - deb-src &&
		(cd "$new" && private_apt --download-only source busybox)
}
# A compiler that links with the sysroot alone.
compiler() {
	cat <<-END
		#!/bin/sh
		set -- clang --target=$flags -Qunused-arguments -w -nostdlibinc \\
			-isystem "$sysroot/include" "\$@"
		case " \$* " in
		*' -c '* | *' -E '* | *' -S '* | *' -print'* | *' --version '*) exec "\$@" ;;
		esac
		exec "\$@" -static -nostdlib --ld-path=ld.lld -L"$new/lib" \\
			"$sysroot/lib/crt1.o" "$sysroot/lib/crti.o" -Wl,--start-group \\
			"$sysroot/lib/libc.a" "$sysroot/lib/libgcc.a" -Wl,--end-group \\
			"$sysroot/lib/crtn.o"
	END
}
# Without what musl has no functions for, and what is of other libraries. clang reads
# pointers that busybox writes, though they are const, only once.
configure() {
	grep -rlE '[*] ?(const|BB_GLOBAL_CONST) [a-z_]*(ptr_to_globals|bb_errno)' . |
		xargs sed -i -E \
			's/([*] ?)(const|BB_GLOBAL_CONST) ([a-z_]*(ptr_to_globals|bb_errno))/\1\3/'
	sed -e 's/^\(CONFIG_PAM\|CONFIG_SELINUX\|CONFIG_EXTRA_COMPAT\)=y/# \1 is not set/' \
		-e 's/^\(CONFIG_FEATURE_VI_REGEX_SEARCH\)=y/# \1 is not set/' \
		debian/config/pkg/static >.config && yes '' | make oldconfig
}
build() {
	tar -C "$new/source" --strip-components=1 -xf "$new"/busybox_*.orig.tar.* &&
		tar -C "$new/source" -xf "$new"/busybox_*.debian.tar.* &&
		compiler >"$new/cc" && chmod 755 "$new/cc" || return
	for library in m crypt resolv rt; do
		llvm-ar rc "$new/lib/lib$library.a" || return
	done
	(cd "$new/source" && configure && nice -n 10 make "-j$(nproc)" SKIP_STRIP=y \
		CC="$new/cc" LD=ld.lld AR=llvm-ar NM=llvm-nm STRIP=llvm-strip \
		OBJCOPY=llvm-objcopy busybox) &&
		llvm-strip -o "$new/busybox" "$new/source/busybox"
}

mkdir -p "$dir"
if ! fetch >"$log" 2>&1; then
	echo "busybox.sh: no sources to be had: $(why "$log")" >&2
	exit $NOT_TO_BE_HAD
fi
if ! build >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	die "cannot build the busybox of $1: the whole log is $log"
fi
mkdir -p "$dir/$key" && mv "$new/busybox" "$busybox"
echo "$busybox"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# dist.t - what make dist hands out: the same bytes from two trees at different
# places, under another locale, umask and time zone; binaries that need nothing. Of
# the processors whose packages can be had.
skip() { echo "1..0 # SKIP $*"; exit 0; }

tools/deps.sh --say build arches 2>/dev/null ||
	skip "needs what make all-arches needs: tools/deps.sh build arches"
command -v readelf >/dev/null || skip "needs readelf"

# Architecture, and class, byte order and machine as readelf says it.
table() {
	cat <<-'END'
	aarch64 ELF64 little AArch64
	armv7 ELF32 little ARM
	i686 ELF32 little Intel 80386
	mips64el ELF64 little MIPS R3000
	mipsel ELF32 little MIPS R3000
	ppc64le ELF64 little PowerPC64
	riscv64 ELF64 little RISC-V
	s390x ELF64 big IBM S/390
	x86_64 ELF64 little Advanced Micro Devices X86-64
	END
}

. tests/lib/lib.sh
# shellcheck disable=SC2046 # a list
sysroots $(table | cut -d ' ' -f 1)
[ -n "$had" ] || { tell_left_out; skip "no packages of any processor to be had"; }

export LC_ALL=C
. tests/lib/tap.sh

# TREE: our sources there, the sysroots lent, all made.
made() {
	mkdir -p "$1/build/sysroot" &&
		tar -c --exclude=./build --exclude=./.git --exclude=./tcpaccept . |
		tar -x -C "$1" &&
		ln -s "$PWD"/build/sysroot/* "$1/build/sysroot/" &&
		make -C "$1" -j2 dist ARCHES="$had" >"$dir/make.log" 2>&1 && return
	tail -n 20 "$dir/make.log"
	return 1
}
made_elsewhere() (
	umask 077
	export LC_ALL=C.UTF-8 LANG=tr_TR.UTF-8 TZ=Pacific/Chatham
	made "$other"
)

same_bytes() { diff "$one/SHA256SUMS" "$other/build/dist/SHA256SUMS"; }
modes() { find "$1" -printf '%P %m\n' | sort; }
same_modes() {
	modes "$one" >"$dir/modes"
	modes "$other/build/dist" | diff "$dir/modes" -
}
sums_hold() (cd "$one" && sha256sum --strict -c SHA256SUMS)

# No file without its sum, sorted, and no binary missing.
sums_of_all() {
	cut -c 67- "$one/SHA256SUMS" >"$dir/listed"
	sort -c "$dir/listed" &&
		find "$one" -type f ! -name SHA256SUMS -printf '%P\n' | sort |
		diff - "$dir/listed"
}
binaries_of_all() {
	# shellcheck disable=SC2086 # a list
	printf "tcpaccept-$version-%s\n" $had >"$dir/expected"
	(cd "$one" && printf '%s\n' tcpaccept-*) | diff "$dir/expected" -
}
licences() {
	for part in LICENSE LICENSE.musl LICENSE.libgcc; do
		[ -s "$one/$part" ] || { echo "no $part"; return 1; }
	done
	grep -q 'Rich Felker' "$one/LICENSE.musl"
}

# FILE CLASS ORDER MACHINE
is_of_machine() {
	readelf -W -h "$1" >"$dir/header" 2>&1
	grep -q "^  Class: *$2\$" "$dir/header" &&
		grep -q "^  Data: .* $3 endian\$" "$dir/header" &&
		grep -q "^  Machine: *$4\$" "$dir/header" &&
		grep -q '^  Type: *EXEC ' "$dir/header" && return
	cat "$dir/header"
	return 1
}
needs_nothing() {
	readelf -W -l -d "$1" >"$dir/parts" 2>&1
	grep -q ' LOAD ' "$dir/parts" &&
		! grep -E 'INTERP|NEEDED|DYNAMIC' "$dir/parts"
}
is_stripped() {
	readelf -W -S -n "$1" >"$dir/parts" &&
		! grep -E '\.symtab|\.debug|GNU_BUILD_ID' "$dir/parts"
}
names_no_place() {
	[ -d "$one" ] && [ -d "$other/build/dist" ] &&
		! grep -rlF -e "$dir" -e "$PWD" "$one" "$other/build/dist"
}
# Where this machine is one of the table.
says_version() {
	[ "$("$one/tcpaccept-$version-$(uname -m)" --version)" = \
		"tcpaccept $version ($(uname -m))" ]
}

version=$(sed -n 's/^VERSION *= *//p' Makefile)
one=$dir/a/build/dist
other=$dir/another/tree/at/a/longer/path

check "make dist makes all" made "$dir/a"
check "again elsewhere, by another user's settings" made_elsewhere
check "the same sums" same_bytes
check "the same modes" same_modes
check "sha256sum -c passes" sums_hold
check "each file has a sum, sorted" sums_of_all
check "a binary of each architecture" binaries_of_all
check "licences of all that is linked in" licences
check "nothing names the place where it was made" names_no_place
while read -r arch class order machine; do
	case " $had " in *" $arch "*) ;; *) continue ;; esac
	file=$one/tcpaccept-$version-$arch
	check "$arch: $class $order endian, $machine" \
		is_of_machine "$file" "$class" "$order" "$machine"
	check "$arch: static, needs no interpreter and no library" \
		needs_nothing "$file"
	check "$arch: no symbols, no build-id" is_stripped "$file"
done <<END
$(table)
END
[ ! -e "$one/tcpaccept-$version-$(uname -m)" ] ||
	check "this machine's says version $version, and its processor" says_version

finish

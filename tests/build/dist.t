#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# dist.t - what make dist hands out: the same bytes from this tree and from the
# sources that it hands out, elsewhere, under another locale, umask and time zone;
# binaries that need nothing; sums and signatures. Of the processors whose packages
# can be had.
skip() { echo "1..0 # SKIP $*"; exit 0; }

tools/deps.sh --say build arches dist sign 2>/dev/null ||
	skip "needs what make dist needs: tools/deps.sh build arches dist sign"
command -v readelf >/dev/null || skip "needs readelf"

# Architecture, and class, byte order and machine as readelf says it.
table() {
	cat <<-'END'
	aarch64 ELF64 little AArch64
	armv5 ELF32 little ARM
	armv7 ELF32 little ARM
	i686 ELF32 little Intel 80386
	mips ELF32 big MIPS R3000
	mips64el ELF64 little MIPS R3000
	mipsel ELF32 little MIPS R3000
	ppc ELF32 big PowerPC
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

# TREE ARGUMENT...: the sysroots lent, all made.
made() {
	tree=$1
	shift
	mkdir -p "$tree/build/sysroot" &&
		ln -s "$PWD"/build/sysroot/* "$tree/build/sysroot/" &&
		make -C "$tree" -j2 dist ARCHES="$had" "$@" >"$dir/make.log" 2>&1 && return
	tail -n 20 "$dir/make.log"
	return 1
}
keys() {
	signify-openbsd -G -n -p "$dir/key.pub" -s "$dir/key.sec" &&
		minisign -G -W -f -p "$dir/mini.pub" -s "$dir/mini.sec"
}
made_here() {
	mkdir -p "$dir/a" &&
		tar -c --exclude=./build --exclude=./.git --exclude=./tcpaccept . |
		tar -x -C "$dir/a" && made "$dir/a" SIGN="$dir/key.sec"
}
# From the sources that were handed out.
unpacked() {
	mkdir -p "$other" && tar -C "$other" --strip-components=1 -xf \
		"$one/tcpaccept-$version.tar.xz"
}
made_elsewhere() (
	umask 077
	export LC_ALL=C.UTF-8 LANG=tr_TR.UTF-8 TZ=Pacific/Chatham
	unpacked && made "$other" SIGN="$dir/mini.sec"
)
names_no_owner() {
	tar -tvf "$one/tcpaccept-$version.tar.xz" >"$dir/listed" &&
		grep -q ' 0/0 .* 00:00 tcpaccept-[^/]*/Makefile$' "$dir/listed" &&
		! grep -v -E '^[-dl]rw[-x]r[-w][-x]r[-w][-x] 0/0 ' "$dir/listed"
}
# Without clang, by what is in bytecode/; not if the sources are changed then.
builds_without_clang() {
	make -C "$other" -j2 CC=gcc CLANG=no-clang SLIM=-fno-pie CFLAGS=-O0 &&
		[ "$("$other/tcpaccept" --version)" = \
			"tcpaccept $version ($(uname -m))" ]
}
refuses_stale_bytecode() {
	touch "$other/bpf/helpers.h"
	! make -C "$other" CC=gcc CLANG=no-clang 2>"$dir/said" &&
		grep 'bytecode/ was made of has changed: only clang' "$dir/said"
}
signify_verifies() {
	signify-openbsd -V -p "$dir/key.pub" -m "$one/SHA256SUMS" \
		-x "$one/SHA256SUMS.sig"
}
minisign_verifies() {
	minisign -V -p "$dir/mini.pub" -m "$other/build/dist/SHA256SUMS"
}
refuses_another() {
	cp "$one/SHA256SUMS" "$dir/sums" && echo >>"$dir/sums" &&
		! signify-openbsd -V -p "$dir/key.pub" -m "$dir/sums" \
			-x "$one/SHA256SUMS.sig"
}
sizes_hold() {
	sed 1d "$one/SIZES" | while read -r bytes packed file; do
		[ "$(wc -c <"$one/$file")" -eq "$bytes" ] &&
			[ "$(xz -9 -c "$one/$file" | wc -c)" -eq "$packed" ] || exit
	done
}
# What it says of each binary, and that what it points to is there.
bill_holds() {
	python3 - "$one" "$version" <<-'END'
	import hashlib, json, re, sys
	folder, version = sys.argv[1:]
	bill = json.load(open(f"{folder}/tcpaccept-{version}.spdx.json"))
	assert bill["spdxVersion"] == "SPDX-2.3", bill["spdxVersion"]
	parts = bill["packages"] + bill["files"]
	known = {part["SPDXID"] for part in parts}
	assert len(known) == len(parts)
	assert all(re.match("SPDXRef-[a-zA-Z0-9.-]+$", id) for id in known), known
	known.add(bill["SPDXID"])
	assert all(package["versionInfo"] for package in bill["packages"])
	linked = {}
	for relation in bill["relationships"]:
	    assert relation["spdxElementId"] in known, relation
	    assert relation["relatedSpdxElement"] in known, relation
	    if relation["relationshipType"] == "STATIC_LINK":
	        linked.setdefault(relation["spdxElementId"], []).append(relation)
	for file in bill["files"]:
	    bytes = open(f"{folder}/{file['fileName']}", "rb").read()
	    for sum in file["checksums"]:
	        made = hashlib.new(sum["algorithm"].lower(), bytes).hexdigest()
	        assert made == sum["checksumValue"], file
	    if not file["fileName"].endswith(".tar.xz"):
	        narrow = ("armv5", "armv7", "i686", "mips", "mipsel", "ppc")
	        needs = 2 if file["fileName"].endswith(narrow) else 1
        assert len(linked[file["SPDXID"]]) == needs, file
	        print(file["fileName"])
	END
}

same_bytes() { diff "$one/SHA256SUMS" "$other/build/dist/SHA256SUMS"; }
modes() { find "$1" ! -name 'SHA256SUMS.*' -printf '%P %m\n' | sort; }
same_modes() {
	modes "$one" >"$dir/modes"
	modes "$other/build/dist" | diff "$dir/modes" -
}
sums_hold() (cd "$one" && sha256sum --strict -c SHA256SUMS)

# No file without its sum, sorted, and no binary missing.
sums_of_all() {
	cut -c 67- "$one/SHA256SUMS" >"$dir/listed"
	sort -c "$dir/listed" &&
		find "$one" -type f ! -name 'SHA256SUMS*' -printf '%P\n' | sort |
		diff - "$dir/listed"
}
binaries_of_all() {
	# shellcheck disable=SC2086 # a list
	printf "tcpaccept-$version-%s\n" $had oci.tar | sort >"$dir/expected"
	(cd "$one" && printf '%s\n' tcpaccept-*-*) | diff "$dir/expected" -
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
# Some of them have none, and their kernels may lack what emulates one.
needs_no_fpu() {
	llvm-objdump -d --no-show-raw-insn "$1" >"$dir/code" &&
		grep -q 'jal	' "$dir/code" && ! grep '[$]f[0-9]' "$dir/code"
}
# Where this machine is one of the table.
says_version() {
	[ "$("$one/tcpaccept-$version-$(uname -m)" --version)" = \
		"tcpaccept $version ($(uname -m))" ]
}

version=$(sed -n 's/^VERSION *= *//p' Makefile)
one=$dir/a/build/dist
other=$dir/another/tree/at/a/longer/path

check "keys to sign with" keys
check "make dist makes all" made_here
check "again of these sources elsewhere, by another user's settings" made_elsewhere
check "the same sums" same_bytes
check "the same modes" same_modes
check "sha256sum -c passes" sums_hold
check "each file has a sum, sorted" sums_of_all
check "a binary of each architecture" binaries_of_all
check "signify verifies the sums" signify_verifies
check "it refuses others" refuses_another
check "minisign verifies the sums" minisign_verifies
check "SIZES has the size of each, and by xz" sizes_hold
check "the bill of materials has the sums, and what is linked in" bill_holds
check "the sources name no owner and no time of day" names_no_owner
check "they build without clang" builds_without_clang
check "not by bytecode of other sources" refuses_stale_bytecode
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
	case $arch in
	mips | mipsel) check "$arch: no instruction of an FPU" needs_no_fpu "$file" ;;
	esac
done <<END
$(table)
END
[ ! -e "$one/tcpaccept-$version-$(uname -m)" ] ||
	check "this machine's says version $version, and its processor" says_version

finish

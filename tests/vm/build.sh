# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# build.sh - kernels with options that no kernel of Debian's has, from Debian's sources;
# to be sourced by kernel.sh, into whose folder $new they go
#
# The options are those of three files in tests/vm/config, and what these select: what a
# guest needs, the machine that QEMU has, and the kernel that it is to be like. gcc builds
# those of this machine's processor, clang the others.
# shellcheck disable=SC2154 # kernel.sh's

# fragments MACHINE OPTIONS: what that kernel is configured by.
fragments() {
	cat tests/vm/config/guest "tests/vm/config/$1" "tests/vm/config/$2"
}

# kernel_key MACHINE OPTIONS VERSION: what the image is made of, in a word.
kernel_key() {
	{ fragments "$1" "$2" && echo "$3"; } | sha256sum | cut -d ' ' -f 1
}

# newest_version PACKAGE: of those that apt offers.
newest_version() {
	private_apt --print-uris download "$1" |
		sed -n "s/.* $1_\([^_ ]*\)[^ ]*\.deb .*/\1/p" | head -n 1
}

# make_kernel MACHINE ARGUMENT...: make(1) in the unpacked sources.
make_kernel() {
	case $1 in
	x86_64) by='ARCH=x86_64' ;;
	mips*) by='ARCH=mips LLVM=1' ;;
	esac
	shift
	# shellcheck disable=SC2086 # a list
	nice -n 10 make -s -C "$new/source" O="$new/build" $by "$@"
}

# configure MACHINE OPTIONS: or it says which options cannot be had so.
configure() {
	fragments "$1" "$2" >"$new/fragments" &&
		make_kernel "$1" KCONFIG_ALLCONFIG="$new/fragments" allnoconfig ||
		return
	# It leaves out, without a word, what depends on something that is not there.
	{
		grep '^CONFIG_' "$new/fragments" | grep -vxFf "$new/build/.config"
		sed -n 's/^# \(CONFIG_.*\) is not set$/\1=/p' "$new/fragments" |
			grep -Ff - "$new/build/.config"
	} >"$new/wrong"
	[ -s "$new/wrong" ] || return 0
	sed 's,^,E: not as tests/vm/config has it: ,' "$new/wrong"
	return 1
}

# unpack_source PACKAGE: without most of what no such kernel is built of.
unpack_source() {
	mkdir -p "$new/source" "$new/build" &&
		dpkg-deb --fsys-tarfile "$new/$1"_*.deb |
		tar -xO --wildcards '*/linux-source-*.tar.xz' |
			tar -C "$new/source" -xJ --strip-components=1 \
				--exclude='*/drivers/gpu/*.[ch]' \
				--exclude='*/sound/*.[ch]' --exclude='*.rst' &&
		[ -s "$new/source/Makefile" ]
}

# build PACKAGE MACHINE OPTIONS: its file in $new, to $new/vmlinuz. On a machine that does
# nothing else, in five to ten minutes.
build() {
	unpack_source "$1" && rm "$new/$1"_*.deb && configure "$2" "$3" || return
	case $2 in
	x86_64) target=bzImage built=arch/x86/boot/bzImage ;;
	*) target=vmlinux built=vmlinux ;;
	esac
	make_kernel "$2" "-j$(nproc)" "$target" && mv "$new/build/$built" "$new/vmlinuz" &&
		rm -rf "$new/source" "$new/build"
}

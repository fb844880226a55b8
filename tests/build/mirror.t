#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# mirror.t - what tests and builds fetch, from a mirror whose index is broken, one
# that cannot be reached, one that breaks off, and one that comes back
#
# The mirror is played by tests/build/mirror/apt-get, and llvm-objcopy by a script
# that does nothing: it takes a sixth of a second to start. Functions are called through
# check(); `a && b || return` is meant so.
# shellcheck disable=SC2317,SC2015
for tool in dpkg-deb gcc ar; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP needs $tool"; exit 0; }
done
. tests/lib/tap.sh
. tests/lib/lib.sh

export MIRROR_DEBS="$dir/debs" MIRROR_BROKEN='' MIRROR_GONE='' MIRROR_CUT=''
export TCPACCEPT_CACHE="$dir/cache" MIRROR_LOG="$dir/asked"
export PATH="$PWD/tests/build/mirror:$dir/played:$PATH"
root=$PWD
cd "$dir" || exit 1

# SUITE PACKAGE [DEPENDS]: of the folder $dir/tree, which goes
deb() {
	mkdir -p "tree/DEBIAN" "$MIRROR_DEBS/$1" &&
		printf '%s\n' "Package: $2" 'Version: 1' 'Architecture: all' \
			'Maintainer: nobody <nobody@example.org>' \
			${3:+"Depends: $3"} 'Description: played' \
			>tree/DEBIAN/control &&
		dpkg-deb -Znone -b tree "$MIRROR_DEBS/$1/$2_1.deb" >/dev/null &&
		rm -r tree
}
# What tools/sysroot.sh needs, of that suite, whose newest libgcc is N.
sysroot_debs() {
	suite=$1 newest=$2
	musl=tree/usr/lib/riscv64-linux-musl
	mkdir -p $musl tree/usr/include/riscv64-linux-musl \
		tree/usr/share/doc/musl-dev &&
		cp empty.o $musl/crt1.o && cp empty.o $musl/crti.o &&
		cp empty.o $musl/crtn.o && cp empty.a $musl/libc.a &&
		echo Felker >tree/usr/share/doc/musl-dev/copyright &&
		deb "$suite" musl-dev &&
		mkdir -p tree/usr/include/linux &&
		echo "/* $suite */" >tree/usr/include/linux/suite.h &&
		deb "$suite" linux-libc-dev &&
		mkdir -p tree/usr/bin && echo busybox >tree/usr/bin/busybox &&
		deb "$suite" busybox-static || return
	for version in 9 $newest; do
		gcc=tree/usr/lib/gcc/riscv64-linux-gnu/$version
		mkdir -p "$gcc" && cp empty.a "$gcc/libgcc.a" &&
			deb "$suite" "libgcc-$version-dev" || return
	done
}
# The kernel of NAME of tests/vm/kernel.sh's table: SUITE META, and what it holds.
kernel_debs() {
	mkdir -p tree/boot && echo "$3" >tree/boot/vmlinuz-1 &&
		deb "$1" linux-image-6.1.0-1-amd64 && mkdir tree &&
		deb "$1" "$2" linux-image-6.1.0-1-amd64
}
played() {
	mkdir "$dir/played" && printf '#!/bin/sh\n' >"$dir/played/llvm-objcopy" &&
		chmod 755 "$dir/played/llvm-objcopy" &&
		echo | gcc -x c -c -o empty.o - && ar rcs empty.a empty.o &&
		sysroot_debs trixie 14 && sysroot_debs forky 16 &&
		kernel_debs bookworm linux-image-cloud-amd64 first
}

# Tests' scripts, run where they are: what they said is in `said`.
sysroot() { (cd "$root" && tools/sysroot.sh riscv64 "$dir/sysroot") >said 2>&1; }
kernel() { (cd "$root" && tests/vm/kernel.sh 6.1) >image 2>said; }
from() { [ -s sysroot/lib/libgcc.a ] && grep "$1" sysroot/include/linux/suite.h; }
# In the cache and beside the sysroot nothing is half made.
nothing_half_made() {
	find sysroot.new "$TCPACCEPT_CACHE" -name '*.new' -o -name apt -o -name new \
		-o -name data.tar 2>/dev/null >half
	cat half
	[ ! -s half ]
}
# Status 75, one reason for each suite, and no folder that looks like one.
not_to_be_had() {
	[ "$1" -eq 75 ] && cat said && grep -q "$2" said && [ ! -e sysroot ] &&
		nothing_half_made
}
afresh() {
	rm -rf cache sysroot sysroot.new said asked image
	MIRROR_BROKEN='' MIRROR_GONE='' MIRROR_CUT=''
}

first_suite() {
	afresh
	sysroot && from trixie && nothing_half_made &&
		ls cache/sysroots/riscv64/libgcc-14-dev_1.deb
}
second_suite() {
	afresh
	MIRROR_BROKEN=riscv64/trixie
	sysroot && from forky && nothing_half_made &&
		grep 'not from trixie: E: .* unexpected size' said
}
its_libgcc() {
	afresh
	MIRROR_BROKEN=riscv64/trixie
	sysroot && echo cache/sysroots/riscv64/libgcc* &&
		[ "$(echo cache/sysroots/riscv64/libgcc*)" = \
			cache/sysroots/riscv64/libgcc-16-dev_1.deb ]
}
all_broken() {
	afresh
	MIRROR_BROKEN=riscv64
	sysroot
	not_to_be_had $? 'E: .* unexpected size'
}
no_network() {
	afresh
	MIRROR_GONE=yes
	sysroot
	not_to_be_had $? 'Unable to locate package'
}
breaks_off() {
	afresh
	MIRROR_CUT=linux-libc-dev
	sysroot
	not_to_be_had $? 'E: .* Connection failed'
}
comes_back() {
	no_network || return
	MIRROR_GONE=
	sysroot && from trixie && nothing_half_made
}
# Without a look at the mirror.
kept() {
	afresh
	sysroot && rm -rf sysroot asked && MIRROR_GONE=yes && sysroot &&
		from trixie && [ ! -e asked ]
}
# As older versions of sysroot.sh left it where nothing had been fetched.
marked_whole() {
	afresh
	mkdir -p cache/sysroots/riscv64 && echo whole >cache/sysroots/riscv64/log
	sysroot && from trixie
}
# Or where one package came, or half of one.
marked_whole_with_some() {
	afresh
	mkdir -p cache/sysroots/riscv64 && echo whole >cache/sysroots/riscv64/log &&
		cp debs/trixie/musl-dev_1.deb cache/sysroots/riscv64 &&
		sysroot && from trixie || return
	rm -rf sysroot
	for file in cache/sysroots/riscv64/linux-libc-dev*; do
		head -c 200 "$file" >short && mv short "$file"
	done
	MIRROR_BROKEN=riscv64/trixie
	sysroot && from forky
}
# What cannot be unpacked, for want of a tool say, is an error of another kind.
not_unpacked() {
	afresh
	mkdir -p bin && printf '#!/bin/sh\nexit 1\n' >bin/llvm-objcopy &&
		chmod 755 bin/llvm-objcopy
	PATH=$dir/bin:$PATH sysroot
	status=$?
	rm -r bin
	[ $status -ne 0 ] && [ $status -ne 75 ] && [ ! -e sysroot ] &&
		nothing_half_made
}

is_image() { [ "$(cat "$(cat image)")" = "$1" ]; }
image=cache/kernels/6.1/vmlinuz
image_comes() { afresh; kernel && is_image first && nothing_half_made; }
image_of_a_day() {
	afresh
	kernel && rm asked && MIRROR_GONE=yes && kernel && is_image first &&
		[ ! -e asked ]
}
# $image is there, two days old.
stale() { afresh; kernel && touch -d '2 days ago' $image; }
stale_while_broken() {
	stale && MIRROR_BROKEN=amd64 && kernel && is_image first &&
		grep 'no newer 6.1 to be had: E: .* unexpected size' said &&
		nothing_half_made || return
	# And the mirror is not asked each time.
	rm asked && kernel && is_image first && [ ! -e asked ]
}
stale_while_gone() { stale && MIRROR_GONE=yes && kernel && is_image first; }
stale_while_cut() {
	stale && MIRROR_CUT=linux-image-6.1.0-1-amd64 && kernel &&
		is_image first && nothing_half_made
}
# The mirror has a newer one.
is_renewed() {
	stale && kernel_debs bookworm linux-image-cloud-amd64 second && kernel &&
		is_image second
	status=$?
	kernel_debs bookworm linux-image-cloud-amd64 first && return $status
}
# A package that cannot be unpacked to its end.
half_an_image() {
	stale || return
	mkdir -p bin && chmod 755 bin && cat >bin/tar <<-'END'
	#!/bin/sh
	case $1 in
	-tf) echo boot/vmlinuz-1 ;;
	*) printf half; exit 2 ;;
	esac
	END
	chmod 755 bin/tar
	PATH=$dir/bin:$PATH kernel
	status=$?
	rm -r bin
	[ $status -eq 0 ] && is_image first && nothing_half_made
}
half_an_old_image() {
	afresh
	kernel && printf half >$image && MIRROR_GONE=yes && kernel
	[ $? -eq 75 ] && [ ! -s image ]
}
no_image() {
	afresh
	MIRROR_BROKEN=amd64
	kernel
	[ $? -eq 75 ] && [ ! -s image ] && grep 'E: .* unexpected size' said &&
		nothing_half_made
}
# Two at the same time do not take each other's files away.
two_at_once() {
	afresh
	(cd "$root" && tests/vm/kernel.sh 6.1) >other 2>&1 &
	kernel
	status=$?
	wait $! && [ $status -eq 0 ] && is_image first &&
		[ "$(cat other)" = "$(cat image)" ] && [ "$(wc -l <asked)" -eq 1 ]
}

# Played sources of a kernel, of that version: a Makefile that takes the options as they
# are, but for CONFIG_$2, and whose image is these and the version.
source_deb() {
	source=linux-source-6.12
	mkdir -p $source tree/usr/src && cat >$source/Makefile <<-END || return
	allnoconfig:; grep -v '^CONFIG_${2:-none}=' \$(KCONFIG_ALLCONFIG) >\$(O)/.config
	bzImage:; mkdir -p \$(O)/arch/x86/boot && \
		(echo version $1; cat \$(O)/.config) >\$(O)/arch/x86/boot/bzImage
	END
	tar -cJf tree/usr/src/$source.tar.xz $source && rm -r $source &&
		rm -f "$MIRROR_DEBS/trixie/$source"_*.deb && deb trixie $source &&
		mv "$MIRROR_DEBS/trixie/${source}_1.deb" \
			"$MIRROR_DEBS/trixie/${source}_$1.deb"
}
built() { (cd copy && tests/vm/kernel.sh x86_64-openwrt) >image 2>said; }
is_of() { grep -x "version $1" "$(cat image)" && grep -x "$2" "$(cat image)"; }
built_image=cache/kernels/x86_64-openwrt/vmlinuz
built_once() {
	afresh
	copied && source_deb 6.12.1 && built && is_of 6.12.1 CONFIG_CGROUP_BPF=y &&
		is_of 6.12.1 CONFIG_SERIAL_8250=y && nothing_half_made &&
		rm asked && built && [ ! -e asked ] || return
	# The mirror has no newer sources, and then it has.
	cp $built_image first && touch -d '2 days ago' $built_image &&
		source_deb 6.12.1 CGROUP_BPF && built && cmp first $built_image &&
		[ -e asked ] && touch -d '2 days ago' $built_image &&
		source_deb 6.12.2 && built && is_of 6.12.2 CONFIG_CGROUP_BPF=y
}
built_as_configured() {
	echo CONFIG_OTHER=y >>copy/tests/vm/config/openwrt && built &&
		is_of 6.12.2 CONFIG_OTHER=y
}
# Not to be taken for a mirror that has nothing.
not_built() {
	afresh
	source_deb 6.12.3 CGROUP_BPF && ! built && [ ! -s image ] && cat said || return
	grep 'E: not as tests/vm/config has it: CONFIG_CGROUP_BPF=y' said &&
		grep 'kernel.sh: cannot build x86_64-openwrt' said && nothing_half_made &&
		source_deb 6.12.4 && MIRROR_GONE=yes
	built
	[ $? -eq 75 ]
}

# Our sources in $dir/copy, with sysroots of all processors but riscv64 that are
# taken for such.
processors=$(sed -n 's/^CLANG_\([a-z0-9_]*\) .*/\1/p' "$root/tools/arches.mk")
copied() {
	rm -rf copy && mkdir -p copy/build/vm copy/build/uapi &&
		(cd "$root" && tar -c --exclude=./build --exclude=./.git .) |
		tar -x -C copy || return
	for processor in $processors; do
		[ "$processor" = riscv64 ] ||
			mkdir -p "copy/build/sysroot/$processor" || return
	done
}
in_copy() { (cd copy && MATCH="" "$@") >said 2>&1; }
says() { grep -xF -e "$1" said; }
no_kernel='1..0 # SKIP left out: kernel 6.1: the mirror does not have it now'
no_processor='left out: processor riscv64: no suite has its packages now'

dist_incomplete() {
	afresh
	copied && MIRROR_BROKEN=riscv64 && ! in_copy make dist || return
	cat said
	says "make: $no_processor" && [ ! -e copy/build/aarch64 ] &&
		[ ! -e copy/build/dist ] && grep 'for the others: .* ARCHES=' said
}
tests_without_kernel() {
	afresh
	copied && MIRROR_BROKEN=amd64 || return
	: >copy/build/vm/6.1
	in_copy tests/vm/run.sh 6.1 && cat said && says "$no_kernel" || return
	# No results of an earlier day.
	[ ! -e copy/build/vm/6.1 ]
}
# The others are in the folder, empty, so that nothing can be made; nor is there a
# clang that would try.
tests_without_processor() {
	afresh
	copied && MIRROR_BROKEN=riscv64 || return
	mkdir -p bin && printf '#!/bin/sh\nexit 1\n' >bin/clang &&
		chmod 755 bin/clang || return
	# Two processors are enough to go through.
	sed -i 's/^ARCHES=.*/ARCHES="mipsel riscv64"/' copy/tests/build/barriers.t &&
		grep '^ARCHES="mipsel riscv64"$' copy/tests/build/barriers.t || return
	for test in dist barriers; do
		PATH=$dir/bin:$PATH in_copy tests/build/$test.t
		cat said
		says "# $no_processor" && ! grep '^[a-z ]*ok .*riscv64' said &&
			grep '^not ok .*mips' said || return
	done
}
arch_without_processor() {
	afresh
	copied && MIRROR_BROKEN=riscv64 &&
		in_copy tests/vm/run.sh riscv64-7 && says "1..0 # SKIP $no_processor"
}

check "the packages are played" played
check "a sysroot, of the first suite" first_suite
check "the first one's index is broken: of the next" second_suite
check "with the libgcc of that suite, the newest, and no other" its_libgcc
check "the indexes of all suites are broken: said, and nothing kept" all_broken
check "no network: said, and nothing kept" no_network
check "a download breaks off: said, and nothing kept" breaks_off
check "the mirror comes back: fetched" comes_back
check "what was fetched is not asked for again" kept
check "a store marked whole in which nothing is: fetched" marked_whole
check "one in which some is, and a package cut short" marked_whole_with_some
check "no way to unpack it: another error, nothing half made" not_unpacked
check "a kernel" image_comes
check "of today: not asked for again" image_of_a_day
check "an older one: renewed" is_renewed
check "an older one, its index is broken: taken, and an hour not asked again" \
	stale_while_broken
check "an older one, no network: taken" stale_while_gone
check "an older one, the download breaks off: taken" stale_while_cut
check "an older one, the new one cannot be unpacked: taken, not half of the new" \
	half_an_image
check "half an image: not taken" half_an_old_image
check "no kernel: said" no_image
check "two at once: one fetches" two_at_once
if command -v xz >/dev/null; then
	check "a kernel of other options: built of the sources, again if they are newer" \
		built_once
	check "and if the options have changed" built_as_configured
	check "one that cannot be built is not one that the mirror lacks" not_built
fi
check "make dist fails without a processor, and says which" dist_incomplete
check "tests without their kernel are skipped, and say so" tests_without_kernel
check "dist.t and barriers.t leave out a processor, and say so" \
	tests_without_processor
check "tests on its kernel are skipped, and say so" arch_without_processor
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vm-arch.sh NAME KERNEL VARIABLE=VALUE... - cases.sh on a stock kernel of another
# processor, as TAP
#
# Results go to build/arches/NAME too, for table.sh. VM_TOOL as in vm.sh, BRIEF as
# in cases.sh.
name=$1
shift
mkdir -p build/arches
tool=${VM_TOOL:-build/${1%-*}/tcpaccept}
file=build/arches/$name
rm -f "$file"
. tests/lib/lib.sh
# The tool's processor, and the kernel's, which has the rest of the guest.
for arch in "$(basename "$(dirname "$tool")")" "${1%-*}"; do
	case $arch in
	*[0-9].[0-9]*) continue ;;
	esac
	sysroots "$arch"
	[ -z "$left_out" ] || { echo "1..0 # SKIP left out: $left_out"; exit 0; }
done
need_kernel "$1"

# A kernel that dies under kprobes, as some do in QEMU, is no case that failed; but
# it is told, and it has to hold out in one of six boots.
echo "# size $(stat -c %s "$tool") bytes" >"$file"
for boot in 1 2 3 4 5 6; do
	VM_TIMEOUT=${VM_TIMEOUT:-600} tests/vm/vm-cases.sh "$@" BRIEF="$BRIEF" \
		>"$file.boot"
	! grep -q '^1\.\.' "$file.boot" || break
	[ $boot -lt 6 ] || break
	echo "# died in boot $boot:" \
		"$(grep -m 1 -oE '(Kernel panic|Break inst|BUG|Oops).*' "$file.boot")" \
		>>"$file"
done
cat "$file.boot" >>"$file"
rm "$file.boot"
cat "$file"

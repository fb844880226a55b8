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
{
	echo "# size $(stat -c %s "$tool") bytes"
	VM_TIMEOUT=${VM_TIMEOUT:-1200} tests/vm-cases.sh "$@" BRIEF="$BRIEF"
} | tee "build/arches/$name"

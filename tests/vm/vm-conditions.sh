#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vm-conditions.sh KERNEL RUNGS - conditions.sh on a stock kernel, in the six ways
# it is booted, as one TAP
#
# Results go to build/conditions/KERNEL too, for table.sh; none if the kernel cannot
# be had. A boot that ends
# before its plan is a failure.
kernel=$1 rungs=$2
# Half of it is enough on a busy machine.
export VM_TIMEOUT="${VM_TIMEOUT:-600}"
mkdir -p build/conditions
# Of some cases there is no table.
file=build/conditions/$kernel${MATCH:+-some}
rm -f "$file"
. tests/lib/lib.sh
need_kernel "$kernel"
: >"$file"

boot() {
	set=$1 cpus=$2
	tests/vm/vm.sh "$kernel" "$cpus" "uname -r; RUNGS='${RUNG:-$rungs}' TOOL=/bin/tcpaccept \
		MATCH='${MATCH-}' AGAIN='-k $kernel conditions' \
		LAB=/bin/lab sh tests/cases/conditions.sh $set" >"$file.boot"
	cat "$file.boot"
	grep -q '^1\.\.' "$file.boot" || echo "not ok 0 - $set: the guest ended"
	rm "$file.boot"
}

{
	boot plain 2
	VM_APPEND=lockdown=integrity boot integrity 2
	VM_APPEND=lockdown=confidentiality boot confidentiality 2
	VM_APPEND=nosmp boot one-cpu 1
	VM_APPEND=maxcpus=4 boot four-cpus 64
	VM_MEMORY=96M boot little-memory 2
} | awk '
	/^(not )?ok [0-9]/ { sub(/ok [0-9]+/, "ok " ++number) }
	/^1\.\./ { next }
	!/^((not )?ok|#)/ { sub(/^/, "# ") }
	{ print; fflush() }
	END { print "1.." number + 0 }' | tee "$file"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# run.sh NAME [SUITE...] - what the matrix has for that line, in as few guests as
# can be, as one TAP
#
# SUITE: some of what the line has. Skipped where the kernel, or a processor's
# packages, cannot be had. In the environment: MATCH, as in tap.sh; RUNG, the ways to
# trace to go through; BRIEF, as in cases.sh.
#
# If a guest dies, the case in which it did is one that failed; another guest goes on
# with the next. One that hangs without a word may be QEMU's fault: this is said, what
# its tasks did is in build/vm, in NAME.hung, and the case runs again in another guest. If
# that one hangs as well, the case failed. Kernels of other processors die in QEMU at
# times, and that is no case: it is said, and one of six guests must come to the end.
#
# The TAP goes to build/vm/NAME too, for table.sh; if it is of some cases alone, to
# build/vm/NAME-some.
. tests/lib/lib.sh
of_matrix "$1" || { echo "Bail out! the matrix has no $1"; exit 1; }
name=$1
shift
# shellcheck disable=SC2086 # a list
[ $# -gt 0 ] || set -- $runs
mkdir -p build/vm
all=build/vm/$name${MATCH:+-some}
[ "$*" = "$runs" ] || all=build/vm/$name-some
rm -f "$all"

tool=$(tool_of "$name") machine=$(machine_of "$kernel")
# The kernel's processor has the rest of the guest.
# shellcheck disable=SC2086 # none, or a word
sysroots $tool $machine
[ -z "$left_out" ] || { echo "1..0 # SKIP left out: $left_out"; exit 0; }
guests=guests
[ -z "$machine" ] || guests=last_guest
need_kernel "$kernel"
[ -z "$tool" ] || export VM_TOOL="build/$tool/tcpaccept"
# Some of the suites run for minutes, on a busy machine for many.
export VM_TIMEOUT="${VM_TIMEOUT:-3000}"

absent=''
for rung in graft inet-accept csk-return syscall; do
	case " $ways " in
	*" $rung "*) ;;
	*) absent="$absent $rung" ;;
	esac
done
environment="BRIEF='${BRIEF-}' RUNGS='${RUNG:-$ways}' MATCH='${MATCH-}' \
AGAIN='-k $name' ACCEPTS=3,000 VANISH=300 BURST=1000 DEAD=20000"
[ -n "${RUNG-}" ] || environment="$environment ABSENT='${absent# }'"
environment="export $environment $settings"

# CPUS SUITE...: a guest with so many CPUs; its suites begin after SKIP cases.
guest() {
	cpus=$1
	shift
	tests/vm/vm.sh "$kernel" "$cpus" "$environment SKIP=$skip
		sh tests/vm/guest.sh $*"
}
# FILE SUITE...: the first of these that has no plan there, how many of its cases
# ended, and the last one's name. Nothing if all have.
unended() {
	file=$1
	shift
	awk -v suites="$*" '
	BEGIN { count = split(suites, list, " ") }
	/^# suite / { suite = $3 }
	/^(not )?ok / {
		cases[suite]++
		last[suite] = $0
		sub(/^[^-]*- /, "", last[suite])
	}
	/^1\.\./ { ended[suite] }
	END {
		for (n = 1; n <= count && list[n] in ended; n++);
		if (n <= count)
			print list[n], cases[list[n]] + 0, last[list[n]]
	}' "$file"
}
# FILE: that guest is one that hung.
hung() { grep -q '^# vm.sh: silent for' "$1"; }
# FILE: what the kernel said there when it died.
died_of() { grep -m 1 -oE '(Kernel panic|Break inst|BUG|Oops).*' "$1"; }

# CPUS SUITE...: in guests with so many CPUs, one after the other, until all ended.
guests() {
	cpus=$1 skip=0 tries=1 hangs=0 last=''
	shift
	while
		guest "$cpus" "$@" | tee "$all.guest"
		unended "$all.guest" "$@" >"$all.unended"
		read -r suite cases now <"$all.unended"
	do
		[ "$suite" != "$1" ] || cases=$((cases + skip))
		tries=$((tries + 1)) last=${now:-$last}
		if hung "$all.guest" && [ $hangs -eq 0 ]; then
			echo "# hung: $name, $suite: in the case after '$last'"
			cp "$all.guest" "$all.hung"
			hangs=1 skip=$cases
		else
			echo "not ok - $suite: the guest ended in the case after '$last'"
			died_of "$all.guest" | sed 's/^/# /'
			skip=$((cases + 1))
		fi
		if [ $tries -gt 4 ]; then
			echo "# no other guest: $* are left"
			return
		fi
		while [ "$1" != "$suite" ]; do shift; done
	done
}
# The same, of a processor whose kernels die at times: the last guest counts.
last_guest() {
	cpus=$1 skip=0
	shift
	for try in 1 2 3 4 5 6; do
		guest "$cpus" "$@" >"$all.guest"
		unended "$all.guest" "$@" >"$all.unended"
		[ -s "$all.unended" ] || break
		[ $try -eq 6 ] ||
			echo "# died in boot $try: $(died_of "$all.guest")"
	done
	cat "$all.guest"
	[ ! -s "$all.unended" ] || echo "not ok - six guests died"
}

# Of each guest's own suites.
run() {
	few=''
	for suite; do
		case $suite in
		conditions) few="$few plain integrity confidentiality" ;;
		boots) ;;
		*) few="$few $suite" ;;
		esac
	done
	# shellcheck disable=SC2086 # a list
	[ -z "$few" ] || "$guests" 2 $few
	case " $* " in
	*' boots '*)
		VM_APPEND=maxcpus=4 "$guests" 44 four-cpus
		VM_APPEND=nosmp VM_MEMORY=96M "$guests" 1 one-cpu little-memory
		;;
	esac
}
{
	[ -z "$tool" ] || echo "# size $(stat -c %s "$VM_TOOL") bytes"
	run "$@"
} | tests/lib/judge.py | tee "$all"
rm -f "$all.guest" "$all.unended"
! grep -q '^not ok' "$all"

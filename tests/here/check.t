#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# check.t - --check on this machine's kernel
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }

. tests/lib/lib.sh
. tests/lib/tap.sh
case_failed() { sed 's/^/# /' "$dir/out"; }

# Exit status and last line say the same as a start does.
agrees() {
	./tcpaccept --check "$@" >"$dir/out"
	status=$?
	if arms "$dir/err" "$@"; then
		[ $status -eq 0 ] && tail -n 1 "$dir/out" | grep '^tracing *yes'
	else
		[ $status -eq 1 ] && tail -n 1 "$dir/out" | grep '^tracing *no'
	fi
}
# It was there, by its own account.
shows_itself() {
	./tcpaccept --check "$@" >"$dir/out"
	grep -q '^self-test *yes ' "$dir/out"
}
write_error() {
	./tcpaccept --check >/dev/full 2>"$dir/out" && return 1
	[ "$(wc -l <"$dir/out")" -eq 1 ]
}
reader_leaves() {
	./tcpaccept --check 2>"$dir/out" | head -n 1 >/dev/null
	[ ! -s "$dir/out" ]
}
# Others' accepts are not taken for its own, however many there are.
among_others() {
	build/lab burst 20000 2 2 >"$dir/others" &
	others=$!
	shows_itself -v
	status=$?
	wait $others
	return $status
}
confines_itself() {
	./tcpaccept --check >"$dir/out"
	grep -q '^sandbox *yes ' "$dir/out"
}
# Without filters for system calls it goes on, and does not say that it has them.
confines_not() {
	build/lab deny seccomp ./tcpaccept --check >"$dir/out"
	grep -q '^sandbox *- .*CONFIG_SECCOMP_FILTER' "$dir/out" &&
		tail -n 1 "$dir/out" | grep '^tracing *yes'
}
# Its lines are of one form, and none is left out.
well_formed() {
	./tcpaccept --check >"$dir/out"
	! grep -Ev '^[A-Za-z_ -]{13} (yes |no  |-   |    ) .' "$dir/out" &&
		[ "$(wc -l <"$dir/out")" -ge 24 ]
}

check "what it says is so" agrees
for rung in graft inet-accept csk-return syscall; do
	check "what it says of $rung is so" agrees --probe $rung
done
check "what it says without BTF is so" agrees --no-btf
check "its own accept shows" shows_itself
check "among many others" among_others
check "it says that it confines itself" confines_itself
check "or that the kernel has no filters for that" confines_not
check "a line for each thing" well_formed
check "a full disk is an error" write_error
check "a reader that leaves is not" reader_leaves
finish

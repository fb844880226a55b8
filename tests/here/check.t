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
	build/lab burst "$1" 2 2 >"$dir/others" &
	others=$!
	shift
	shows_itself -v "$@"
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
	grep -q '^sandbox *- ' "$dir/out" && grep -q CONFIG_SECCOMP_FILTER "$dir/out" &&
		tail -n 1 "$dir/out" | grep '^tracing *yes'
}
# Its lines are of one form, and none is left out; before them is the verdict. None is
# wider than 80.
well_formed() {
	./tcpaccept --check >"$dir/out"
	head -n 1 "$dir/out" | grep -F "$(./tcpaccept -V): " || return 1
	sed -n '/^kernel /,$p' "$dir/out" >"$dir/lines"
	! grep -Ev '^([A-Za-z_-]{3,13} +(yes |no  |-   |\?   ) | {19})[^ ]' "$dir/lines" &&
		[ "$(wc -l <"$dir/lines")" -ge 24 ] && ! grep -E '.{81}' "$dir/out"
}
# Without rights: what it may not look at was not tried.
untried() {
	setpriv --reuid 65534 --clear-groups --inh-caps=-all ./tcpaccept --check \
		>"$dir/out" && return 1
	head -n 1 "$dir/out" | grep ': does not work$' &&
		grep -E '^kprobe_events +\? ' "$dir/out"
}
# One object, of the same verdict.
is_object() {
	./tcpaccept --check -j >"$dir/out"
	status=$?
	python3 - "$dir/out" $status <<-'END'
	import json, sys
	text = open(sys.argv[1]).read()
	found = json.loads(text)
	assert text.count("\n") == 1
	assert found["ok"] == (sys.argv[2] == "0")
	assert found["version"].startswith("tcpaccept ")
	assert found["checks"][0]["name"] == "kernel"
	assert found["checks"][-1]["name"] == "tracing"
	assert found["checks"][-1]["ok"] == found["ok"]
	assert not found["ok"] or found["rung"] in [
	    check["name"] for check in found["checks"] if check["ok"]]
	assert {type(check["ok"]) for check in found["checks"]} <= {bool, type(None)}
	END
}

check "what it says is so" agrees
for rung in graft inet-accept csk-return syscall ftrace; do
	check "what it says of $rung is so" agrees --probe $rung
done
check "what it says without BTF is so" agrees --no-btf
check "its own accept shows" shows_itself
check "among many others" among_others 20000
check "among more than its ring holds" among_others 8000 --ring 1
check "it says that it confines itself" confines_itself
check "or that the kernel has no filters for that" confines_not
check "a line for each thing" well_formed
check "without rights: ? for what it may not look at" untried
check "-j: one object" is_object
check "a full disk is an error" write_error
check "a reader that leaves is not" reader_leaves
finish

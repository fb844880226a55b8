#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# options.t - wrong usage of the program as shipped (its libc reads options, not
# the one of the unit tests): exit 2, one line on stderr, nothing on stdout
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
number=0 failed=0

report() {
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		failed=$((failed + 1))
		echo "not ok $number - $2"
		sed 's/^/# /' "$dir/err"
	fi
}

# WORDS of the line, then the arguments.
refused() {
	words=$1
	shift
	timeout 20 ./tcpaccept "$@" >"$dir/out" 2>"$dir/err" </dev/null
	[ $? -eq 2 ] && [ ! -s "$dir/out" ] && [ "$(wc -l <"$dir/err")" -eq 1 ] &&
		grep -q '^tcpaccept: ' "$dir/err" &&
		grep -qF -- "$words" "$dir/err" &&
		! LC_ALL=C grep -q '[^ -~]' "$dir/err"
	report $? "refused: $(printf '%s ' "$@" | tr -c ' -~' '?')"
}

for pid in '' 0 -1 +1 ' 1' 1x x 4194305 99999999999999999999 0x10; do
	refused "'$pid'" -p "$pid"
	refused "'$pid'" "--pid=$pid"
done
refused '-p, --pid wants a value' -p
refused '-p, --pid wants a value' -tp
refused '-p, --pid wants a value' --pid
refused '-p, --pid wants a value' stray -p
refused '--probe wants a value' --probe
refused '--probe wants a value' stray --probe
refused "'kprobe'" --probe kprobe
refused -x -x
refused -x -tx
refused -x --timestamp -xt
refused 'unknown option' -é
refused --nope --nope
refused --ver --ver
refused '--timestamp=1' --timestamp=1
refused '--check=1' --check=1
refused '--no-btf=' --no-btf=
refused "'stray'" stray
refused "'stray'" -t stray
refused "'?[31mred'" "$(printf '\033[31mred')"
refused "..." "$(printf '%0200d' 0)"

./tcpaccept -h >"$dir/out" 2>"$dir/err" && [ ! -s "$dir/err" ] &&
	head -n 1 "$dir/out" | grep -q '^usage: tcpaccept \[-h\] \[-t\] \[-p PID\]'
report $? "-h is on stdout, exit 0"
./tcpaccept --help | cmp - "$dir/out"
report $? "--help is the same"
[ "$(./tcpaccept -V)" = "$(./tcpaccept --version)" ] &&
	./tcpaccept -V | grep -q '^tcpaccept [0-9]'
report $? "-V and --version"
! ./tcpaccept -h >/dev/full 2>"$dir/err" && [ "$(wc -l <"$dir/err")" -eq 1 ]
report $? "-h to a full disk is an error"
! ./tcpaccept >&- 2>"$dir/err" && grep -q 'stdout is closed' "$dir/err"
report $? "a closed stdout is an error"
echo "1..$number"
[ $failed -eq 0 ]

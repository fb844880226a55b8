# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tap.sh - cases as TAP, with a directory for their files, $dir; to be sourced, and
# finish called at the end
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
number=0 failed=0

# For others to define: what else is to be shown of a case that failed; what is to
# be done after each.
case_failed() { :; }
case_over() { :; }

# Sets ms to the milliseconds since the machine started; to nothing where /proc is
# not mounted. No process for it: in a guest each is some 7 ms.
read_uptime() {
	ms=''
	{ read -r ms _ </proc/uptime; } 2>/dev/null || return
	# 0.98: 098 would be octal.
	ms=${ms%.*}${ms#*.}0
	while [ "${ms#0?}" != "$ms" ]; do ms=${ms#0}; done
}
uptime_ms() {
	read_uptime
	echo "$ms"
}

# Nothing but that text, as an extended regular expression.
only() {
	printf '%s\n' "$1" | tr "'" . | sed 's/[][\*^$+?(){}|]/\\&/g; s/.*/^&$/'
}

# A case: NAME is a claim, the rest a command that holds if it is true. In the
# environment: MATCH, an extended regular expression; only such cases run. SKIP, how
# many of these are over. AGAIN: options of tests/run before this file's name.
check() {
	if [ -n "$MATCH" ] && ! echo "$1" | grep -Eq -e "$MATCH"; then
		return
	fi
	number=$((number + 1))
	[ $number -gt "${SKIP:-0}" ] || return
	name=$1
	read_uptime
	case_began=$ms
	shift
	if "$@" >"$dir/case.log" 2>&1; then
		echo "ok $number - $name"
	else
		failed=$((failed + 1))
		echo "not ok $number - $name"
		tail -n 60 "$dir/case.log" | sed 's/^/# /'
		case_failed
		again=${0##*/}
		echo "# again: tests/run ${AGAIN:+$AGAIN }-m '$(only "$name")' ${again%.*}"
	fi
	read_uptime
	if [ -n "$case_began" ] && [ -n "$ms" ]; then
		ms=$(((ms - case_began + 50) / 100))
		echo "# in $((ms / 10)).$((ms % 10)) s"
	fi
	case_over
}

finish() {
	echo "1..$number"
	# By sysroots() of lib.sh.
	[ -z "${left_out-}" ] || tell_left_out
	[ $failed -eq 0 ]
}

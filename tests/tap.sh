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

# A case: NAME is a claim, the rest a command that holds if it is true. In the
# environment: MATCH, an extended regular expression; only such cases run.
check() {
	if [ -n "$MATCH" ] && ! echo "$1" | grep -Eq -e "$MATCH"; then
		return
	fi
	number=$((number + 1))
	name=$1
	shift
	if "$@" >"$dir/case.log" 2>&1; then
		echo "ok $number - $name"
	else
		failed=$((failed + 1))
		echo "not ok $number - $name"
		tail -n 60 "$dir/case.log" | sed 's/^/# /'
		case_failed
	fi
	case_over
}

finish() {
	echo "1..$number"
	# By sysroots() of lib.sh.
	[ -z "${left_out-}" ] || tell_left_out
	[ $failed -eq 0 ]
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# run.t - a test that fails says why, on the screen and in the log
. tests/lib/lib.sh
. tests/lib/tap.sh

# Played tests, $dir/NAME.t, with these lines.
play() {
	printf '#!/bin/sh\n%s\n' "$2" >"$dir/$1.t"
	chmod 755 "$dir/$1.t"
}
# The tests of these names, through the runner: to $dir/screen, with $status.
run() {
	for test in "$@"; do
		set -- "$@" "$dir/$test.t"
		shift
	done
	LOG=$dir/log tests/lib/run.sh test "$@" >"$dir/screen" 2>&1
	status=$?
	cat "$dir/screen"
	cmp "$dir/screen" "$dir/log"
}
# Lines of the log: some that must be there, or must not.
has() { grep -qxF -e "$1" "$dir/log"; }
has_not() { ! grep -F -e "$1" "$dir/log"; }

play good "echo 'ok 1 - a'; echo '# of a good case'; echo chatter >&2; echo 1..1"
play bad "echo 'ok 1 - first'; echo '# of the first'
	echo 'not ok 2 - second'; echo '# of the second'; echo spoken >&2
	echo 'ok 3 - third'; echo '# of the third'; echo 1..3; exit 1"
play crash "echo 'ok 1 - before'; echo 'ERROR: AddressSanitizer: x' >&2
	kill -ABRT \$\$"
play leak "echo 'ok 1 - a'; echo 1..1; echo 'ERROR: LeakSanitizer: x' >&2; exit 23"
play short "echo 'ok 1 - a'; echo '# the guest died'; echo 1..2"
play skipped "echo '1..0 # SKIP left out: kernel k: no image'"
play without "echo 'ok 1 - a'; echo 1..1; echo '# left out: processor p: none'"

all_good() {
	run good && [ "$status" -eq 0 ] && has 'Result: PASS' &&
		has_not 'a good case' && has_not chatter
}
a_case_failed() {
	run good bad && [ "$status" -ne 0 ] && has 'Result: FAIL' &&
		has 'not ok 2 - second' && has '# of the second' && has spoken &&
		has_not 'of the first' && has_not 'of the third' && has_not chatter
}
crashed() {
	run crash && [ "$status" -ne 0 ] && has 'ERROR: AddressSanitizer: x' &&
		has "# $dir/crash.t failed, exit status 134:"
}
leaked() {
	run leak && [ "$status" -ne 0 ] && has 'ERROR: LeakSanitizer: x'
}
ended_early() {
	run short && [ "$status" -ne 0 ] && has '# the guest died'
}
left_out() {
	run good skipped without && [ "$status" -eq 0 ] && has 'Result: PASS' &&
		[ "$(tail -n 4 "$dir/log")" = "Left out:
kernel k: no image
processor p: none
Result: PASS" ]
}
# In CI all is there, so nothing may be skipped.
skipped_in_ci() {
	play lacking "echo '1..0 # SKIP needs nginx'"
	export CI=
	run lacking && [ "$status" -eq 0 ] || return
	export CI=yes
	run lacking && [ "$status" -ne 0 ] && has_not 'Result: PASS' &&
		run skipped && [ "$status" -eq 0 ]
}
says_longest() {
	play slow 'sleep 0.2; echo ok 1 - a; echo 1..1'
	run good slow && grep '^2 tests, 2 cases$' "$dir/log" &&
		grep "^Longest: .* s $dir/slow.t" "$dir/log"
}
# In a guest, from what it is given on its input, as if typed.
shell_in_guest() {
	mkfifo "$dir/typed"
	tests/run -s -k 6.1 <"$dir/typed" >"$dir/shell" 2>&1 &
	shell=$!
	exec 5>"$dir/typed"
	await grep "Enter 'help'" "$dir/shell" || return
	echo 'tcpaccept --version; lab one block 4; exit' >&5
	exec 5>&-
	wait $shell && grep '^tcpaccept [0-9]' "$dir/shell" &&
		grep '^[0-9]* *lab-server-n 4 ' "$dir/shell"
}
# Four cases in a guest. The second one hangs in the first guest, and the third one
# ends any, once the console has what was said: stty(1) waits for that.
in_guest() {
	cat >"$dir/four.sh" <<-'END'
	. tests/lib/tap.sh
	hangs() { [ -e /tests/vm ] && { [ "$SKIP" -gt 0 ] || sleep 86399; }; }
	dies() {
		[ -e /tests/vm ] && stty -F /dev/console cs8 &&
			echo c >/proc/sysrq-trigger
	}
	check "case 1" true
	check "case 2" hangs
	check "case 3" dies
	check "case 4" true
	finish
	END
	rm -rf "$dir/tree" && mkdir -p "$dir/tree/build" &&
		cp -r tests tools tcpaccept "$dir/tree" &&
		cp build/lab build/empty "$dir/tree/build" &&
		cp "$dir/four.sh" "$dir/tree/tests/cases/cases.sh" || return
	(cd "$dir/tree" && MATCH='' tests/vm/run.sh 6.1 cases) >"$dir/said"
	echo $? >"$dir/status"
}
# One guest hangs in the second case, another one dies in the third: one run shows
# both.
hangs_and_dies() {
	[ -e "$dir/status" ] || VM_SILENT=30 in_guest
	cat "$dir/said"
}
# The case in which a guest died has failed; another one goes on with the next.
guest_died() {
	hangs_and_dies
	[ "$(sed -n '/^\(not \)*ok/p; /^1\.\./p' "$dir/said")" = \
"ok 1 - case 1
ok 2 - case 2
not ok 3 - cases: the guest ended in the case after 'case 2'
ok 4 - case 4
1..4" ] && [ "$(cat "$dir/status")" -ne 0 ]
}
# The case in which a guest hangs runs again, in another one where it does not.
guest_hung() {
	hangs_and_dies
	grep "^# hung: 6.1, cases: in the case after 'case 1'" "$dir/said" &&
		grep 'Comm: ' "$dir/tree/build/vm/6.1-some.hung" &&
		grep '^ok 2 - case 2$' "$dir/said" && grep '^1\.\.4' "$dir/said"
}
unit_crashed() {
	printf '%s\n' '#include "tap.h"' 'int main(int argc, char **argv)' \
		'{ char *p = malloc(8); (void)argv; ok(1, "before");' \
		'p[7 + argc] = 1; ok(*p, "after"); free(p); return done(); }' \
		>"$dir/unit.c" &&
		gcc -g -fsanitize=address -Itests/unit -o "$dir/unit.t" "$dir/unit.c" &&
		run unit && [ "$status" -ne 0 ] &&
		grep 'ERROR: AddressSanitizer: heap-buffer-overflow' "$dir/log"
}

# One case of two that fail, by the name that it gives itself.
fails_alone() {
	cat >"$dir/two.sh" <<-'END'
	. tests/lib/tap.sh
	check "it isn't a.b (c)* [d]" false
	check "it isn't a.b (c)* [d] either" false
	finish
	END
	MATCH='' sh "$dir/two.sh" >"$dir/both"
	again=$(sed -n "s/^# again: tests.run -m '\(.*\)' two$/\1/p" "$dir/both" | head -n 1)
	MATCH=$again sh "$dir/two.sh" >"$dir/one"
	cat "$dir/both" "$dir/one"
	grep -q '^1\.\.2' "$dir/both" && grep -q '^1\.\.1' "$dir/one" &&
		grep -q '^# in [0-9.]* s$' "$dir/one"
}

# Nothing beside it, as what a shell says of options that it does not know.
tells_usage() {
	tests/run -h >"$dir/help" 2>"$dir/err" && [ ! -s "$dir/err" ] || return
	sed -n '4,/^set /s/^# \{0,1\}//p' tests/run | diff - "$dir/help" || return
	tests/run -x >"$dir/out" 2>"$dir/err"
	[ $? -eq 2 ] && [ ! -s "$dir/out" ] &&
		{ echo 'run: unknown option -x' && cat "$dir/help"; } |
		diff - "$dir/err"
}

check "what passes is not explained" all_good
check "a case that failed: its name and its lines, and no other's" a_case_failed
check "a crash: what the test said last on stderr" crashed
check "a sanitizer's word after the plan" leaked
check "fewer cases than planned: the last lines" ended_early
check "a unit test under AddressSanitizer" unit_crashed
check "what was left out is said at the end" left_out
check "CI=yes: what is skipped has failed, if it is not left out" skipped_in_ci
check "how many, and what took longest" says_longest
check "a guest that dies: its case failed, another guest goes on" guest_died
check "a guest that hangs is said, with what its tasks did; another guest goes on" \
	guest_hung
check "a shell in a guest, with tcpaccept and lab" shell_in_guest
check "a case that failed says how to run it alone" fails_alone
check "tests/run -h is its help and no more; -x is an error" tells_usage
finish

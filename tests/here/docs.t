#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# docs.t - what tells of options and columns (--help, the manual, the
# completion) tells of the same ones; what is installed; what is completed
# shellcheck disable=SC1003 # '\\' is a backslash
command -v bash >/dev/null || { echo "1..0 # SKIP needs bash"; exit 0; }

TOOL=${TOOL:-./tcpaccept}
export LC_ALL=C
MANUAL=packaging/tcpaccept.8
. tests/lib/tap.sh

# The options in a text, one a line.
options() {
	tr -c 'A-Za-z0-9\n-' '\n' | grep -xE -e '--[a-z][a-z0-9-]+|-[A-Za-z0-9]' |
		sort -u
}
section() { sed -n "/^\\.Sh $1\$/,/^\\.Sh $2/p" "$MANUAL"; }
# In mdoc -p, --pid is "Fl p , Fl -pid"; a long line is two.
manual_options() {
	section OPTIONS COLUMNS | grep -E '^(\.It )?Fl ' |
		sed 's/Fl \([A-Za-z0-9-]*\)/-\1/g' | options
}
# What its comparison says is in doc/costs.md: numbers of three digits or more, MB, M, %.
# size_holds is about the size.
readme_figures() {
	sed -n '/^## Compared with$/,/^## Build$/p' README.md |
		sed 's/^| tcpaccept | [0-9]* KB |//' |
		grep -oE '[0-9]+ Mi?B|[0-9.]+ [%M]|[0-9]{3,}' | sort -u
}
# The manual's about the cost, without its commas.
manual_figures() {
	section OVERHEAD SIGNALS | grep -oE '[0-9][0-9,]*[0-9]' | tr -d , |
		grep -E '[0-9]{3}' | sort -u
}
# FILE COUNT: it has so many at least, and doc/costs.md has all of them.
figures_hold() {
	[ "$(wc -l <"$1")" -ge "$2" ] || { cat "$1"; return 1; }
	while read -r figure; do
		grep -qwF "$figure" doc/costs.md || { echo "not in costs.md: $figure"; return 1; }
	done <"$1"
}
# In doc/costs.md, for each set of options that the benchmark has.
benchmark_rows() {
	sed -n '/<<END$/,/^END$/s/^-/tcpaccept -/p' tests/bench/bench-vm.sh >"$dir/sets"
	[ "$(wc -l <"$dir/sets")" -ge 5 ] || return
	while read -r set; do
		grep -F "| \`$set\` |" doc/costs.md || { echo "no row: $set"; return 1; }
	done <"$dir/sets"
}
# Within 3 %, of what the Makefile's own flags make.
size_holds() {
	said=$(sed -n 's/.* static file of \([0-9]*\) KB .*/\1/p' README.md)
	is=$(wc -c <tcpaccept)
	echo "$said KB, $is bytes"
	grep -q "| tcpaccept | $said KB |" README.md &&
		[ $((is * 100)) -le $((said * 103000)) ] &&
		[ $((is * 100)) -ge $((said * 97000)) ]
}
readme_fits() { wc README.md && [ "$(wc -l <README.md)" -le 170 ]; }

# What all builds have, as options.c has it: { "pid", 'p', A_VALUE },
program_options() {
	sed '/^#ifdef DEBUG/,/^#endif/d' cli/options.c |
		sed -n "s/^	{ \"\([^\"]*\)\", \(.*\), [A-Z_]*VALUE },/--\1 \2/p" |
		sed "s/'\(.\)'/-\1/; s/OPTION_.*//" | options
}

# What is offered for the last of these words.
offered() {
	bash -uc '
		. packaging/tcpaccept.bash
		COMP_WORDS=(tcpaccept "$@") COMP_CWORD=$#
		_tcpaccept
		printf "%s\n" "${COMPREPLY[@]}"
	' bash "$@" | sort
}
# EXPECTED, one a line, is what is offered for the words.
offers() {
	expected=$1
	shift
	offered "$@" >"$dir/offered"
	printf '%s\n' "$expected" | diff - "$dir/offered"
}
offers_among() {
	expected=$1
	shift
	offered "$@" >"$dir/offered"
	grep -Fx -e "$expected" "$dir/offered"
}
offers_no() {
	unexpected=$1
	shift
	offered "$@" >"$dir/offered"
	[ -s "$dir/offered" ] && ! grep -Fx -e "$unexpected" "$dir/offered"
}

# The usage of the tool that this one follows, to the byte, and one line.
is_the_usage() {
	cat >"$dir/usage" <<-'END'
	usage: tcpaccept [-h] [-t] [-p PID]

	Trace TCP accepts

	optional arguments:
	  -h, --help         show this help message and exit
	  -t, --timestamp    include timestamp on output
	  -p PID, --pid PID  trace this PID only

	examples:
	    ./tcpaccept           # trace all TCP accept()s
	    ./tcpaccept -t        # include timestamps
	    ./tcpaccept -p 181    # only trace PID 181
	END
	head -c "$(wc -c <"$dir/usage")" "$dir/short" | cmp - "$dir/usage" &&
		[ "$(wc -l <"$dir/short")" -eq "$(($(wc -l <"$dir/usage") + 1))" ] &&
		tail -n 1 "$dir/short" | grep -e ' --help '
}
fits_80_columns() { ! grep '.\{81\}' "$dir/help"; }
# Each option begins a line of its own, with its short name before it.
one_a_line() {
	grep -E '^ {2,6}-' "$dir/help" | grep -vxE -e '  -[A-Za-z0-9],? .*' \
		-e '      --[a-z].*' && return 1
	! grep -E '^ .* {2,}--?[a-z-]+(,| [A-Z]) ' "$dir/help"
}
# The program does not know that option. What takes a value takes the second word
# with it, not the third: it never starts to trace.
unknown() {
	timeout 20 "$TOOL" "$1" --nope --nope 2>&1 </dev/null |
		grep -E "unknown.* option '?$1'?(;|\$)"
}
manual_known() {
	for option in $(manual_options); do
		unknown "$option" && return 1
	done
	return 0
}
# The right words, of "columns are A, B, C; see ..." or "use A, B or C; see ...".
alternatives() {
	"$TOOL" "$1" NOPE 2>&1 | sed 's/.*columns are //; s/.*: use //; s/; see .*//' |
		sed 's/, /\n/g; s/ or /\n/g' | sort
}

# Of --cgroup, as the program and the manual have it.
same_kernel() {
	kernel=$(sed -n 's/.*"--cgroup needs \(Linux [0-9.]*[0-9]\).*/\1/p' attach/filter.c)
	echo "the program: $kernel"
	[ -n "$kernel" ] &&
		sed -n '/^\.It Fl -cgroup Ar/,/^\.It Fl -cgroupmap/p' $MANUAL |
		grep -Fx "Needs $kernel."
}

check "-h ends with 0" "$TOOL" -h
check "--help ends with 0" "$TOOL" --help
"$TOOL" -h >"$dir/short"
"$TOOL" --help >"$dir/help"
sed -n 's/^  \(    \)\{0,1\}\(-.*\)/\2/p' "$dir/help" | sed 's/   .*//' |
	options >"$dir/options"
check "-h is the usage of bcc's tcpaccept, and a line that names --help" is_the_usage
check "--help fits 80 columns" fits_80_columns
check "--help has one option a line" one_a_line
program_options >"$dir/program"
check "--help shows each option of the program" diff "$dir/program" "$dir/options"
manual_options >"$dir/manual"
check "--help and the manual have the same options" diff "$dir/options" "$dir/manual"
check "the README has at most 170 lines" readme_fits
check "its size is that of the program" size_holds
readme_figures >"$dir/readme"
manual_figures >"$dir/overhead"
check "its figures are those of doc/costs.md" figures_hold "$dir/readme" 20
check "the manual's, too" figures_hold "$dir/overhead" 5
check "doc/costs.md has what the benchmark measures" benchmark_rows
offered - | sort -u >"$dir/completion"
check "--help and the completion have the same options" \
	diff "$dir/options" "$dir/completion"
# In fish's words "-s p -l pid".
of_fish() {
	sed -n '/ -d /s/^complete -c tcpaccept//p' packaging/tcpaccept.fish |
		sed "s/ -[adx] .*//; s/ -r .*//; s/ -s \(.\)/ -\1/; s/ -l / --/" | options
}
# In zsh's words {-p,--pid}'[what it does]...
of_zsh() {
	sed -n "s/^	\([^[]*\)\[.*/\1/p" packaging/tcpaccept.zsh |
		sed 's/-C-/-C/; s/=-/ /' | options
}
of_fish >"$dir/fish"
of_zsh >"$dir/zsh"
check "and that for fish" diff "$dir/options" "$dir/fish"
check "and that for zsh" diff "$dir/options" "$dir/zsh"
for shell in fish zsh; do
	! command -v $shell >/dev/null ||
		check "$shell can read it" $shell -n packaging/tcpaccept.$shell
done
check "the program knows each option of the manual" manual_known
check "the kernel that --cgroup needs is the same in both" same_kernel
check "it tells of a short one that it does not know" unknown -x
check "it tells of a long one that it does not know" unknown --none

# The keys of JSON that are promised, which unit/row and unit/counts hold.
promised() { sed -n "s/^$1 //p" tests/unit/json-keys | tr ' ' '\n' | sort -u; }
keys_of_manual() {
	grep -E '^\.(It )?Cm ' | sed 's/([a-z]*)//g' |
		tr -c 'A-Za-z0-9_\n' '\n' | grep -xE '[a-z][a-z0-9_]+' |
		sort -u
}
section 'JSON KEYS' REQUIREMENTS | keys_of_manual >"$dir/keys"
promised row >"$dir/promised"
check "the manual has the keys of a row that tests hold" \
	diff "$dir/promised" "$dir/keys"
sed -n '/^\.It Fl C Ns/,/^\.It Fl -strict/p' "$MANUAL" | keys_of_manual >"$dir/keys"
{ promised interval; promised group; } | grep -vx pid | sort -u >"$dir/promised"
check "and those of -C" diff "$dir/promised" "$dir/keys"

alternatives -o >"$dir/columns"
section COLUMNS 'JSON KEYS' | sed -n 's/^\.It Cm //p' | sort >"$dir/manual"
check "-o NOPE lists columns" grep -Fx LPORT "$dir/columns"
check "the manual has these columns" diff "$dir/columns" "$dir/manual"
offered -o '' | tr -d '\\' | sort >"$dir/completion"
check "the completion has these columns" diff "$dir/columns" "$dir/completion"

rungs_of_fish() { sed -n "s/.* -l probe -x -a '\([^']*\)'.*/\1/p" packaging/tcpaccept.fish; }
rungs_of_zsh() { sed -n "s/.*--probe\[.*:(\(.*\))'.*/\1/p" packaging/tcpaccept.zsh; }
alternatives --probe >"$dir/rungs"
for shell in fish zsh; do
	rungs_of_$shell | tr ' ' '\n' | sort >"$dir/offered"
	check "$shell offers the rungs that the program knows" \
		diff "$dir/rungs" "$dir/offered"
done
check "--probe: the rungs that the program knows" \
	offers "$(alternatives --probe)" --probe ''
check "--probe=g: one rung, = dividing words" offers graft --probe = g
check "--probe=g: one rung, = dividing none" \
	offers --probe=graft --probe=g
check "-o: columns that are not there yet, after a plus" \
	offers "$(printf '+BL,tid,%s\n' TIME 'TIME\(s\)')" -o +BL,tid,TI
check "-o: WAIT is WAIT(ms)" offers_no 'WAIT,WAIT\(ms\)' -o WAIT,
check "-o: small letters do" offers LADDR -o la
check "-o: after a quote nothing is quoted" offers 'PID,WAIT(ms)' -o '"PID,WA'
check "-oPID,T: in the same word" offers -oPID,TID -oPID,TID
check "-p: process IDs" offers_among $$ -p ''
check "-p 1,: one more" offers_among 1,$$ -p 1,
check "-tp: flags may stand before" offers_among $$ -tp ''
check "-u: user IDs" offers_among 0 -u ''
check "--netns: process IDs" offers_among $$ --netns ''
check "--netns: files" offers /proc/self/ns/net --netns /proc/self/ns/ne
mkdir "$dir/group" && : >"$dir/great"
check "--cgroup: directories alone" offers "$dir/group" --cgroup "$dir/gr"
check "--mntnsmap: any file" offers_among "$dir/great" --mntnsmap "$dir/gr"
check "-R: nothing" offers '' -R ''
check "-d: nothing" offers '' -d ''
check "an option that is there is not offered again" \
	offers_no --time --time --
check "nor by its other name" offers_no -P --port 22 -
check "nor if it is among others" offers_no --timestamp -jt --
check "with -4 no -6" offers_no -6 -4 -

# Not what the make that runs us was told.
unset MAKEFLAGS MAKELEVEL MFLAGS
check "make install works below DESTDIR" \
	make -s install DESTDIR="$dir/root" PREFIX=/usr
check "it installs the program" test -x "$dir/root/usr/sbin/tcpaccept"
check "it installs the manual" \
	cmp $MANUAL "$dir/root/usr/share/man/man8/tcpaccept.8"
check "it installs the completion" cmp packaging/tcpaccept.bash \
	"$dir/root/usr/share/bash-completion/completions/tcpaccept"
check "it installs that for zsh" cmp packaging/tcpaccept.zsh \
	"$dir/root/usr/share/zsh/site-functions/_tcpaccept"
check "it installs that for fish" cmp packaging/tcpaccept.fish \
	"$dir/root/usr/share/fish/vendor_completions.d/tcpaccept.fish"
check "it installs nothing else" \
	test "$(find "$dir/root" -type f | wc -l)" -eq 5
finish

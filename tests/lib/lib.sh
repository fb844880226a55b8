# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# lib.sh - what the tests' shell scripts share; to be sourced

# Wait for a condition, a minute at most.
await() {
	tries=${AWAIT_TRIES:-1200}
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "# never came: $*"; return 1; }
		sleep 0.05
	done
}

# Somebody listens on that TCP port.
listens() {
	grep -qi ":$(printf %04X "$1") 0*:0000 0A " /proc/net/tcp /proc/net/tcp6
}

# tcpaccept, with these arguments, can trace on this kernel; what it said on
# stderr is in the file $1.
arms() {
	log=$1
	shift
	: >"$log"
	./tcpaccept -v "$@" >/dev/null 2>"$log" &
	arming=$!
	until grep -q '^tcpaccept: tracing by' "$log"; do
		kill -0 $arming 2>/dev/null || break
		sleep 0.05
	done
	kill $arming 2>/dev/null
}

# seeds TARGET DIR: what build/fuzz/TARGET starts from, into DIR
seeds() {
	mkdir -p "$2" && cp "tests/fuzz/corpus/$1"/* "$2"
}

# FILE MARK: its lines between the marks.
between() { sed -n "/^<!-- $2 -->\$/,/^<!-- end -->\$/p" "$1" | sed '1d;$d'; }
# FILE MARK: with those on stdin in their place.
replace() {
	cat >build/table
	awk -v mark="<!-- $2 -->" '
	/^<!-- end -->$/ { skip = 0 }
	!skip { print }
	$0 == mark {
		skip = 1
		while ((getline line <"build/table") > 0) print line
	}' "$1" >build/table.new
	cat build/table.new >"$1"
}

# The last commit that changed what the program is made of; + if that is not all.
sources_commit() {
	of='accept.bpf.c accept.h tcpaccept.c bpf_raw.h bpf_newer.h bpf base kernel attach
		trace cli'
	changed=''
	# shellcheck disable=SC2086 # a list
	git diff --quiet HEAD -- $of || changed=+
	# shellcheck disable=SC2086
	git log -1 --format="%h$changed" --abbrev=7 -- $of
}

# What the mirror does not have now is left out: tests/lib/why.sh and .ci/run look for
# the words "left out: processor NAME: " and "left out: kernel NAME: ".

# sysroots ARCHITECTURE...: have build/sysroot/ARCHITECTURE; $had are those that are
# there, $left_out says of the others that they are left out, a line each.
sysroots() {
	had='' left_out=''
	for arch in "$@"; do
		status=0
		[ -e "build/sysroot/$arch" ] ||
			said=$(tools/sysroot.sh "$arch" "build/sysroot/$arch" 2>&1) ||
			status=$?
		case $status in
		0) had="$had $arch" ;;
		75) left_out="${left_out:+$left_out
}processor $arch: no suite has its packages now" ;;
		*)
			printf '%s\n' "$said" | sed 's/^/# /'
			echo "Bail out! no sysroot of $arch"
			exit 1
			;;
		esac
	done
	had=${had# }
}
# That as comments.
tell_left_out() {
	[ -z "$left_out" ] || printf '%s\n' "$left_out" | sed 's/^/# left out: /'
}

# Names of tests/vm/matrix; $1: as an extended regular expression.
matrix_names() { grep -E "^$1 *[|]" tests/vm/matrix | cut -d ' ' -f 1; }

# shellcheck disable=SC2034 # theirs who call it
# of_matrix NAME: sets kernel, the line that has it; what $runs; $ways; $settings.
of_matrix() {
	line=$(grep "^$1 " tests/vm/matrix) || return
	kernel=$1
	IFS='|' read -r _ source runs ways settings <<-END
		$(echo "$line" | sed 's/ *| */|/g')
	END
	case $source in
	'= '*) kernel=${source#= } ;;
	esac
}

# The processor whose tool such a line is about, and the one of its kernel; nothing
# for this machine's.
tool_of() {
	case $1 in
	*-on-*) echo "${1%%-on-*}" ;;
	*-*) echo "${1%-*}" ;;
	esac
}
machine_of() {
	case $1 in
	*-*) echo "${1%-*}" ;;
	esac
}

# All of make test, by the names that tests/run and prove(1) have for them.
all_tests() {
	for name in $(matrix_names '[^#| -]*'); do echo "vm/$name"; done
	for test in tests/build/*.t tests/fuzz/*.t tests/here/*.t; do
		test=${test#tests/}
		echo "${test%.t}"
	done
	for unit in tests/unit/*.c; do
		unit=${unit##*/}
		[ "$unit" = verifier_model.c ] || echo "unit/${unit%.c}"
	done
	printf 'unit/%s\n' btf-plain options-musl
}
# run_test NAME: also a path; vm/KERNEL/SUITE, and that by one way to trace, too.
run_test() {
	case $1 in
	/*) "$1" ;;
	unit/*) "build/$1" ;;
	vm/*/*/*) RUNG=${1##*/} run_test "${1%/*}" ;;
	vm/*/*) tests/vm/run.sh "$(basename "${1%/*}")" "${1##*/}" ;;
	vm/*) tests/vm/run.sh "${1#vm/}" ;;
	*) "tests/$1.t" ;;
	esac
}

# need_kernel NAME: or the test is skipped.
need_kernel() {
	status=0
	said=$(tests/vm/kernel.sh "$1" 2>&1) || status=$?
	case $status in
	0) ;;
	75)
		echo "1..0 # SKIP left out: kernel $1: the mirror does not have it now"
		exit 0
		;;
	*)
		printf '%s\n' "$said" | sed 's/^/# /'
		echo "Bail out! no kernel $1"
		exit 1
		;;
	esac
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# options.t - wrong usage of the program as shipped (its libc reads options, not
# the one of the unit tests): exit 2, one line on stderr, nothing on stdout
export LC_ALL=C
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

# What all of them said, which each one reads on where the one before ended; by the
# shell alone, as processes for it would take longer than the program.
: >"$dir/errs"
exec 3<"$dir/errs"
# One line is left to read of it, whole, and as it should be.
one_line() {
	IFS= read -r line <&3 && ! IFS= read -r rest <&3 && [ -z "$rest" ] || return 1
	case $line in *"$1"*) ;; *) return 1 ;; esac
	case $line in *[!\ -~]*) return 1 ;; esac
	case $line in
	'tcpaccept: '*'; see tcpaccept --help') ;;
	*) return 1 ;;
	esac
}
# WORDS of the line, then the arguments.
refused() {
	words=$1 line='' rest=''
	shift
	timeout 5 ./tcpaccept "$@" >"$dir/out" 2>>"$dir/errs" </dev/null
	[ $? -eq 2 ] && [ ! -s "$dir/out" ] && one_line "$words"
	held=$?
	if [ $held -ne 0 ]; then
		printf '%s\n' "$line$rest" >"$dir/err"
		# The next one begins after all of it.
		while IFS= read -r line <&3; do printf '%s\n' "$line" >>"$dir/err"; done
	fi
	case $* in
	*[!\ -~]*) report $held "refused: $(printf '%s ' "$@" | tr -c ' -~' '?')" ;;
	*) report $held "refused: $* " ;;
	esac
}

for pid in '' 0 -1 +1 ' 1' 1x x 4194305 99999999999999999999 0x10; do
	refused "'$pid'" -p "$pid"
	refused "'$pid'" "--pid=$pid"
done
# Lists: OPTION LONG, then words that are none.
wrong_words() {
	short=$1 long=$2
	shift 2
	for word in "$@"; do
		refused "'$word'" "$short" "$word"
		refused "'$word'" "--$long=$word"
	done
}
wrong_words -P port '' 0 -1 +1 ' 1' 1x no-such-name 65536 0-1 80- -80 90-80 1-2-3 \
	99999999999999999999 0x10
wrong_words -u uid '' -1 +1 ' 1' 1x no-such-name 4294967295 2-1 0-4294967295 \
	99999999999999999999 0x10
wrong_words -R raddr '' x 1.2.3 1.2.3.4.5 256.0.0.1 ::: 1::2::3 12345:: \
	1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 fe80::1%lo '[::1]' localhost ' ::'
for length in '' 33 -1 +1 x 8/8 99999999999999999999; do
	refused "'$length'" -R "1.2.3.4/$length"
done
refused "'129'" --raddr ::/129
refused "'129'" -R 1.2.3.4/32,::1/129,::
refused "'/8'" -R 1.2.3.4,/8
wrong_words -d duration '' 0 0.0 0.0004 -1 +1 ' 1' 1x 1. .5 5mm 5M 1e3 366d 8761h \
	31536001 99999999999999999999
wrong_words -n rows '' 0 -1 +1 ' 1' 1x 1.5 4294967296 99999999999999999999
wrong_words -o output '' x PIDS 'PID ' NONE
refused "''" -o +
wrong_words -c comm ''
for option in --netns --cgroup --cgroupmap --mntnsmap; do
	refused "''" $option ''
	refused "''" $option=
done
for seconds in 0 +1 1x 1. 5M 31536001 99999999999999999999; do
	refused "'$seconds'" "-C$seconds"
	refused "'$seconds'" "--summary=$seconds"
	refused "'$seconds'" -C "$seconds"
done
refused "''" --summary=
refused "'al'" -o al
refused "'ts'" -o PID,ts
refused "-C cannot count by TIME" -C -o all
for option in --no-header --quiet --strict --list-columns; do
	refused "$option does not take a value" $option=1
done
refused '--check and -H' --check -H
refused '--check and --tsv' --check --tsv
refused '-j and --tsv' -j --tsv
refused '--tsv and -C' -C 5 --tsv
for form in '' x ISO isoo; do
	refused "'$form'" "--time=$form"
done
refused "'iso'" --time iso
refused '--check and --strict' --check --strict
refused '--listeners and --strict' --strict --listeners
refused "'x'" -C x

# The word of a list that is wrong, whichever it is.
refused "''" -p 1,
refused "''" -p ,1
refused "''" -P 1,,2
refused "'x'" -p 1,x,2
refused "'0'" -P 80,0
refused "'4294967295'" -u 0,4294967295
refused "'x'" -o +TID,x
refused "'X'" -o PID,X,TID
refused NETNS -o nets
# Exceptions.
refused "''" -P '!'
refused "'!1'" -P '!!1'
refused "'x'" -P '80,!x'
refused '-P leaves no port' -P '80,!80'
refused '-P leaves no port' -P '!1-65535,!80'
refused "'2'" -p '1,!2'
refused "'2'" -p '!1' -p 2
refused "'0'" -u '0,!0'
refused "''" -R '!'
refused "'x'" -R '!10.0.0.0/8,!x'
refused "''" -c '!'
refused "'b'" -c '!a' -c b
# More than 1024.
refused "'1025'" -p "$(seq -s , 1 1025)"
refused "'1024'" -u "$(seq -s , 0 1024)"
refused "'1-1025'" -p 1-1025
refused "'1025'" -p "$(seq -s , 1 1000)" -p "$(seq -s , 1001 1025)"

refused -6 -4 -6
refused -4 --ipv6 --ipv4
for column in TIME 'TIME(s)' RPORT; do
	refused "-C cannot count by $column" -C -o "$column"
	refused "-C cannot count by $column" -o "+$column" -C
done

for option in '-p (--pid)' '-P (--port)' '-R (--raddr)' '-c (--comm)' '-u (--uid)' \
	'-o (--output)' '-d (--duration)' '-n (--rows)'; do
	long=${option#*(}
	refused "$option needs a value" "${option% *}"
	refused "$option needs a value" -t "${long%)}"
	refused "$option needs a value" stray "-w$(echo "$option" | cut -c 2)"
done
for option in --netns --cgroup --cgroupmap --mntnsmap; do
	refused "$option needs a value" $option
	refused "$option needs a value" stray $option
done
for option in --ipv4 --ipv6 --wide --json --tsv; do
	refused "$option does not take a value" "$option=1"
done
refused '--probe needs a value' --probe
refused '--probe needs a value' stray --probe
refused "'kprobe'" --probe kprobe
refused -x -x
refused -x -tx
refused -x --timestamp -xt
refused 'unknown option' -é
refused 'unknown option' "$(printf -- '-\200')"
refused 'unknown option' "$(printf -- '-\205')"
refused --nope --nope
refused '--verbose, --version' --ver
refused '--timestamp, --time' --tim
refused 'as in --time=iso' --time iso
refused '--timestamp does not take a value' --timestamp=1
refused '--=' --=
refused '--check does not take a value' --check=1
refused '--no-btf does not take a value' --no-btf=
refused '--check and -p' --check -p 1
refused '--check and -t' -t --check -C 5
refused '--check and -d' --probe graft -d 5 --check -v
refused "'stray'" stray
refused "'stray'" -t stray
refused "'?[31mred'" "$(printf '\033[31mred')"
refused "..." "$(printf '%0200d' 0)"

! LC_ALL=C grep -n '[^ -~]' "$dir/errs" >"$dir/err"
report $? "none of these lines has anything but printable ASCII"

./tcpaccept -h >"$dir/out" 2>"$dir/err" && [ ! -s "$dir/err" ] &&
	head -n 1 "$dir/out" | grep -q '^usage: tcpaccept \[-h\] \[-t\] \[-p PID\]'
report $? "-h is on stdout, exit 0"
./tcpaccept --help >"$dir/out" 2>"$dir/err" && [ ! -s "$dir/err" ] &&
	grep -q '^  -d, --duration ' "$dir/out"
report $? "--help is on stdout, exit 0"
./tcpaccept --list-columns >"$dir/out" 2>"$dir/err" && [ ! -s "$dir/err" ] &&
	[ "$(sed 's/  .*//' "$dir/out")" = "$(./tcpaccept -o x 2>&1 |
		sed 's/.*columns are //; s/;.*//; s/, /\n/g')" ]
report $? "--list-columns has each column that -o knows, with more on its line"
! ./tcpaccept --list-columns >/dev/full 2>"$dir/err"
report $? "--list-columns to a full disk is an error"
./tcpaccept --listeners | head -n 1 | grep -q '^PID ' &&
	! ./tcpaccept --listeners -H | grep '^PID ' >"$dir/err"
report $? "--listeners has no header with -H"
[ "$(./tcpaccept -V)" = "$(./tcpaccept --version)" ] &&
	./tcpaccept -V | grep -q '^tcpaccept [0-9]'
report $? "-V and --version"
! ./tcpaccept -h >/dev/full 2>"$dir/err" && [ "$(wc -l <"$dir/err")" -eq 1 ]
report $? "-h to a full disk is an error"
! ./tcpaccept --help >/dev/full 2>"$dir/err" && [ "$(wc -l <"$dir/err")" -eq 1 ]
report $? "--help to a full disk is an error"
! ./tcpaccept >&- 2>"$dir/err" && grep -q 'stdout is closed' "$dir/err"
report $? "a closed stdout is an error"
echo "1..$number"
[ $failed -eq 0 ]

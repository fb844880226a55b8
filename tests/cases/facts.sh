# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# facts.sh - an accept, and the rows of any columns that it must give; to be
# sourced. Facts are variables that eval sets from what lab says; the widths are
# those that the man page has: nothing of the tool.
# shellcheck disable=SC2034,SC2154

lacks() {
	case " $LACKS " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

# Sets width; $2: the last column is not padded, but LPORT.
width_of() {
	case $1 in
	IP) width=2 ;;
	RPORT | LPORT) width=5 ;;
	PID | TID | UID) width=6 ;;
	TIME | 'TIME(s)' | 'WAIT(ms)' | ACCEPTS) width=8 ;;
	BL) width=8 ;;
	NETNS) width=10 ;;
	COMM | PCOMM) width=12 ;;
	RADDR | LADDR) width=$address_width ;;
	CGROUP) width=24 ;;
	esac
	case $2 in
	LPORT) width=4 ;;
	?*) width= ;;
	esac
}
address_width=16

# Sets value, by the facts.
value_of() {
	case $1 in
	TIME) value=$time ;;
	'TIME(s)') value=$seconds ;;
	PID) value=$pid ;;
	TID) value=$tid ;;
	COMM) value=$(printf %.12s "$comm_text") ;;
	PCOMM) value=$(printf %.12s "$pcomm_text") ;;
	UID) value=$uid ;;
	IP) value=$ip ;;
	RADDR) value=$raddr ;;
	RPORT) value=$rport ;;
	LADDR) value=$laddr ;;
	LPORT) value=$lport ;;
	BL) value=$len/$max ;;
	'WAIT(ms)') value=$wait ;;
	NETNS) value=$netns ;;
	CGROUP) value=$cgroup ;;
	esac
}

# The row of these columns, or with $1 their header.
line_of() {
	of=$1
	shift
	while [ $# -gt 0 ]; do
		if [ "$of" = header ]; then
			value=$1
		else
			value_of "$1"
		fi
		if [ $# -gt 1 ]; then
			width_of "$1"
			printf "%-${width}s " "$value"
		else
			width_of "$1" "$1"
			printf "%-${width}s\n" "$value"
		fi
		shift
	done
}

# As env(1) does with $settings, in this process.
set_and() {
	# shellcheck disable=SC2086,SC2163 # a list
	[ -z "$settings" ] || export $settings
	exec "$@"
}
# Makes an accept: NAME=VALUE... KIND FAMILY. Sets the facts of it.
facts() {
	settings=
	while [ $# -gt 2 ]; do
		settings="$settings $1"
		shift
	done
	(set_and "$LAB" facts "$1" "$2") >facts.new || return 1
	know <facts.new
}
know() {
	read -r line && eval "$line"
	comm_text=lab-server-name pcomm_text=lab-server-name
	time=- seconds=- len=- max=- wait=-
}

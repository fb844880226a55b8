# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tcpaccept.bash - completion of tcpaccept's command line; needs bash 4.2, and
# not the helpers of the package bash-completion

# Each option by its names.
_tcpaccept_options() {
	cat <<-'END'
	-4 --ipv4
	-6 --ipv6
	-C --summary
	-H --no-header
	-P --port
	-R --raddr
	-T --time
	-V --version
	-c --comm
	-d --duration
	-h
	--help
	-j --json
	-n --rows
	-o --output
	-p --pid
	-q --quiet
	-t --timestamp
	-u --uid
	-v --verbose
	-w --wide
	--cgroup
	--cgroupmap
	--check
	--container
	--list-columns
	--listeners
	--mntnsmap
	--netns
	--no-btf
	--pace
	--probe
	--ring
	--strict
	--tsv
	END
}

_tcpaccept_columns() {
	printf '%s\n' TIME 'TIME(s)' PID TID COMM PCOMM UID IP RADDR RPORT LADDR \
		LPORT BL 'WAIT(ms)' DROPS NETNS CGROUP CONTAINER EXE
}

# Local ports that somebody listens on.
_tcpaccept_ports() {
	local address state

	while read -r _ address _ state _; do
		[[ $state != 0A ]] || echo $((16#${address##*:}))
	done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
}

_tcpaccept_pids() {
	(cd /proc && compgen -G '[1-9]*')
}

_tcpaccept_uids() {
	local uid

	while IFS=: read -r _ _ uid _; do
		_tcpaccept_harmless "$uid"
	done < <({ getent passwd || cat /etc/passwd; } 2>/dev/null)
}

# Names are for processes to choose, and one may hold a command for the shell of
# who completes it, as in x$(reboot): none is offered that must be quoted, so that
# it does not matter where readline puts it. The user can type those.
_tcpaccept_harmless() {
	local LC_ALL=C

	[[ -z $1 || $1 == *[!A-Za-z0-9_.:/@+-]* ]] || printf '%s\n' "$1"
}

# In status a newline is escaped, so that a name is one line, the first one. A
# process may end meanwhile.
_tcpaccept_names() {
	local status line

	for status in /proc/[1-9]*/status; do
		IFS= read -r line <"$status" && _tcpaccept_harmless "${line#Name:?}"
	done 2>/dev/null
}

# Processes, and the network namespaces of ip-netns(8).
_tcpaccept_spaces() {
	local path

	_tcpaccept_pids
	for path in /run/netns/*; do
		[[ ! -e $path ]] || _tcpaccept_harmless "$path"
	done
}

_tcpaccept_rungs() {
	printf '%s\n' graft inet-accept csk-return syscall cgroup ftrace poll
}

# The options that can be given after those that are there.
_tcpaccept_unused() {
	local given=' ' word short long

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		# Of -tp18 the letters t and p.
		while [[ $word =~ ^-([46HTjqtvw])(.+)$ ]]; do
			given+="-${BASH_REMATCH[1]} "
			word=-${BASH_REMATCH[2]}
		done
		[[ $word == --* ]] || word=${word:0:2}
		given+="${word%%=*} "
	done
	# Who has one of these cannot have the other.
	case $given in
	*' -4 '* | *' --ipv4 '*) given+='-6 ' ;;
	*' -6 '* | *' --ipv6 '*) given+='-4 ' ;;
	esac
	while read -r short long; do
		[[ $given == *" $short "* || $given == *" ${long:-.} "* ]] ||
			printf '%s\n' "$short" ${long:+"$long"}
	done < <(_tcpaccept_options)
}

# Offer $2, with $1 before it, as the user would type it; after a quote, which
# readline leaves, as it is.
_tcpaccept_offer() {
	local quoted=$2

	[[ -n $quote ]] || printf -v quoted %q "$2"
	COMPREPLY+=("$1$quoted")
}

# Offer what of the lines on stdin begins with $2, with $1 before it. Readline
# sorts them, and shows each once.
_tcpaccept_words() {
	local line

	while read -r line; do
		[[ $line != "$2"* ]] ||
			_tcpaccept_offer "$1" "$line"
	done
}

# The same for the last word of the list $2, in capitals or not, but not for
# words that are in it. No blank comes after, so that a comma can.
_tcpaccept_list() {
	local last=${2##*,} line used
	local before=${2%"$last"}

	used=,${before//\\/}
	# WAIT is short for WAIT(ms), SECONDS for TIME(s).
	used=${used^^} used=${used//,WAIT,/,WAIT(MS),}
	used=${used//,SECONDS,/,TIME(S),} last=${last//\\/}
	while read -r line; do
		[[ ${line^^} != "${last^^}"* || $used == *",${line^^},"* ]] ||
			_tcpaccept_offer "$1$before" "$line"
	done
	compopt -o nospace 2>/dev/null
}

# Offer paths that begin with $2, with $1 before; $3 is compgen's -d or -f. None
# with what acts within quotes too: readline leaves a $ as it is where the user
# has typed one.
_tcpaccept_paths() {
	local path

	while IFS= read -r path; do
		[[ $path != "$2"* || ${path#"$2"} == *[\$\`\"\'[:cntrl:]]* ]] ||
			COMPREPLY+=("$1$path")
	done < <(compgen "$3" -- "$2")
	# By this readline quotes them, and ends directories with a slash.
	compopt -o filenames 2>/dev/null
}

_tcpaccept() {
	local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]}
	local option=$last before='' quote='' plain

	COMPREPLY=()
	# What is typed of a value, its option, and what is before in this word.
	# --port=22 is three words if readline divides words at =, else one.
	if [[ $word == = ]]; then
		word=''
	elif [[ $last == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $word == --*=* ]]; then
		option=${word%%=*} before=$option= word=${word#*=}
	elif [[ $word =~ ^(-[46HTjqtvw]*([PRcdnopu]))(.+)$ ]]; then
		option=-${BASH_REMATCH[2]} before=${BASH_REMATCH[1]}
		word=${BASH_REMATCH[3]}
	elif [[ $last =~ ^-[46HTjqtvw]*([PRcdnopu])$ ]]; then
		option=-${BASH_REMATCH[1]}
	elif [[ $last == --summary ]]; then
		# It has its value in the same word, if any.
		option=''
	fi
	if [[ $word == [\"\']* ]]; then
		# What readline completes begins after it.
		quote=${word:0:1} word=${word:1} before=''
	fi
	plain=${word//\\/}

	case $option in
	-o | --output)
		# A plus is no part of the list.
		[[ $word != +* ]] || before+=+
		_tcpaccept_list "$before" "${word#+}" < <(_tcpaccept_columns)
		;;
	-P | --port) _tcpaccept_list "$before" "$word" < <(_tcpaccept_ports) ;;
	-p | --pid) _tcpaccept_list "$before" "$word" < <(_tcpaccept_pids) ;;
	-u | --uid) _tcpaccept_list "$before" "$word" < <(_tcpaccept_uids) ;;
	-c | --comm) _tcpaccept_words "$before" "$plain" < <(_tcpaccept_names) ;;
	--probe) _tcpaccept_words "$before" "$plain" < <(_tcpaccept_rungs) ;;
	--container) ;;
	--cgroup) _tcpaccept_paths "$before" "${plain:-/sys/fs/cgroup/}" -d ;;
	--cgroupmap | --mntnsmap)
		_tcpaccept_paths "$before" "${plain:-/sys/fs/bpf/}" -f
		;;
	--netns)
		if [[ $plain == [!0-9]* ]]; then
			_tcpaccept_paths "$before" "$plain" -f
		else
			_tcpaccept_words "$before" "$plain" < <(_tcpaccept_spaces)
		fi
		;;
	# Numbers and addresses are the user's own.
	-R | --raddr | -d | --duration | -n | --rows | --summary) ;;
	--pace | --ring) ;;
	*) _tcpaccept_words '' "$word" < <(_tcpaccept_unused) ;;
	esac
}

complete -F _tcpaccept tcpaccept

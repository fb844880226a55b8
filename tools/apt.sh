# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# apt.sh - packages of any suite and architecture, without installing them; to
# be sourced
#
# apt works on a private tree: its own lists and cache, and the mirrors and proxy
# that this machine already uses. No root needed.
#
# What fetches is called as a condition, where errexit (set -e) is off, also in a
# subshell: each of its commands is followed by &&.

# shellcheck disable=SC2034 # theirs who source it
cache=${TCPACCEPT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tcpaccept}

# The exit status where the mirror does not have it now: EX_TEMPFAIL.
# shellcheck disable=SC2034
NOT_TO_BE_HAD=75

# lock FILE: only one of us at a time, until it ends.
lock() {
	mkdir -p "$(dirname "$1")"
	exec 9>"$1"
	flock 9
}

# Why, of apt's log: its first error.
why() { grep -m 1 '^E: ' "$1" || tail -n 1 "$1"; }

# The machine's own mirrors, as apt knows them; only the suites differ.
mirror() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(LABEL)|$(REPO_URI)' |
		sed -n "s,^$1|,,p" | head -n 1
}

private_apt() {
	apt-get -q -o Dir::State="$tree/state" -o Dir::Cache="$tree/cache" \
		-o Dir::State::status="$tree/status" \
		-o Dir::Etc::sourcelist="$tree/sources.list" \
		-o Dir::Etc::preferences="$tree/preferences" \
		-o Dir::Etc::sourceparts=- -o Dir::Etc::preferencesparts=- \
		-o APT::Architecture="$arch" -o APT::Architectures::="$arch" \
		-o APT::Sandbox::User=root -o Acquire::Languages=none \
		-o Acquire::Check-Valid-Until=false "$@"
}

# open_apt TREE ARCHITECTURE SUITES SECURITY-SUITE (or -) [deb-src]: for private_apt; with
# deb-src, the sources of the suites too
open_apt() {
	tree=$1 arch=$2 suites=$3 security=$4 sources=${5-}
	main=$(mirror Debian)
	if [ -z "$main" ]; then
		echo "E: apt knows no Debian mirror: run apt-get update first"
		return 1
	fi
	rm -rf "$tree"
	mkdir -p "$tree/state/lists/partial" "$tree/cache/archives/partial" &&
		: >"$tree/status" || return 1
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	for suite in $(echo "$suites" | tr , ' '); do
		for type in deb $sources; do
			echo "$type [signed-by=$keys] $main $suite main"
		done
	done >"$tree/sources.list"
	# Or apt takes from experimental and backports only what it is told to.
	printf '%s\n' 'Package: *' 'Pin: release n=*' 'Pin-Priority: 500' \
		>"$tree/preferences"
	# Not every machine has it, and not every suite.
	updates=$(mirror Debian-Security)
	if [ -n "$updates" ] && [ "$security" != - ]; then
		echo "deb [signed-by=$keys] $updates $security main" \
			>>"$tree/sources.list"
	fi
	private_apt update
}

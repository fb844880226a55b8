#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# debian.t - packaging/debian: both packages of the release's sources, lintian, and
# each installed in a clean chroot, where it traces
. tests/packages/lib.sh

sources() {
	unpacked "$dir/tcpaccept-$version" &&
		cp "$dist/tcpaccept-$version.tar.xz" \
			"$dir/tcpaccept_$version.orig.tar.xz" &&
		cp -r "$dir/tcpaccept-$version/packaging/debian" \
			"$dir/tcpaccept-$version"
}
# Without the unit tests, which others run.
builds() {
	(cd "$dir/tcpaccept-$version" &&
		DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -us -uc >"$dir/log" 2>&1) &&
		return
	tail -n 40 "$dir/log"
	return 1
}
linted() {
	lintian --fail-on error --tag-display-limit 0 "$dir"/*.changes
}
# PACKAGE: its file.
file() { echo "$dir/$1_$version"-*_"$(dpkg --print-architecture).deb"; }
# PACKAGE: its program, as readelf sees it.
parts() {
	rm -rf "$dir/x" && dpkg-deb -x "$(file "$1")" "$dir/x" &&
		readelf -W -h -l -d "$dir/x/usr/sbin/tcpaccept" >"$dir/parts" &&
		cat "$dir/parts"
}
is_hardened() {
	parts tcpaccept && grep -q 'Type: *DYN' "$dir/parts" &&
		grep -q GNU_RELRO "$dir/parts" && grep -q BIND_NOW "$dir/parts" &&
		grep -q 'NEEDED.*libc\.so' "$dir/parts"
}
is_static() {
	parts tcpaccept-static && ! grep -E 'INTERP|NEEDED' "$dir/parts" &&
		dpkg-deb -f "$(file tcpaccept-static)" Built-Using | grep musl
}
installs() {
	cp "$(file "$1")" "$dir/root/" && chroot "$dir/root" \
		dpkg -i "/$(basename "$(file "$1")")"
}
# As the packages' own test does it.
passes_autopkgtest() {
	cp /bin/busybox "$dir/root/usr/bin/" &&
		cp "$dir/tcpaccept-$version/debian/tests/live" "$dir/root/" &&
		chroot "$dir/root" /live
}
removed() {
	chroot "$dir/root" dpkg -P tcpaccept-static &&
		! find "$dir/root" -xdev -name '*tcpaccept*' ! -path '*/log/*' \
			! -path '*/lib/dpkg/*' ! -name '*.deb' | grep .
}
in_chroot() { chroot "$dir/root" "$@"; }

mkdir "$dir/www" && serve "$dir/www"
check "the sources of the release" sources
check "dpkg-buildpackage makes both packages" builds
check "lintian has no errors" linted
check "tcpaccept is a PIE with RELRO that needs libc" is_hardened
check "tcpaccept-static needs nothing, and names its musl" is_static
check "a clean chroot" bare_debian "$dir/root"
check "tcpaccept installs there" installs tcpaccept
check "tcpaccept -n 1 there shows an accept" shows_accept in_chroot tcpaccept
check "its autopkgtest passes" passes_autopkgtest
check "tcpaccept-static takes its place" installs tcpaccept-static
check "tcpaccept -n 1 there, too" shows_accept in_chroot tcpaccept
check "its autopkgtest passes, too" passes_autopkgtest
check "it leaves nothing when it goes" removed
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# rpm.t - packaging/rpm: a package of the release's sources, without clang, its
# files, and its program
. tests/packages/lib.sh

builds() {
	mkdir -p "$dir/SOURCES" && cp "$dist/tcpaccept-$version.tar.xz" "$dir/SOURCES" &&
		# Debian's rpm does not know which packages are installed here.
		rpmbuild -bb --nodeps --define "_topdir $dir" --define '__cc gcc' \
			--define '_sysconfdir /etc' \
			packaging/rpm/tcpaccept.spec >"$dir/log" 2>&1 &&
		return
	tail -n 40 "$dir/log"
	return 1
}
files() {
	rpm -qlp "$dir"/RPMS/*/tcpaccept-[0-9]*.rpm 2>/dev/null | tee "$dir/files"
	grep -q '/tcpaccept\.8' "$dir/files" &&
		grep -q '/bash-completion/completions/tcpaccept$' "$dir/files" &&
		grep -q '/site-functions/_tcpaccept$' "$dir/files" &&
		grep -q '/vendor_completions.d/tcpaccept.fish$' "$dir/files" &&
		grep -q '/LICENSE$' "$dir/files"
}
installs() {
	mkdir -p "$dir/root" && (cd "$dir/root" &&
		rpm2cpio "$dir"/RPMS/*/tcpaccept-[0-9]*.rpm | cpio -idm) &&
		program=$(find "$dir/root" -type f -name tcpaccept -path '*bin/*') &&
		[ -x "$program" ]
}

mkdir "$dir/www" && serve "$dir/www"
check "rpmbuild makes the package" builds
check "it has the manual, the completion, the licence" files
check "it has a program" installs
check "which shows an accept" shows_accept "$program"
finish

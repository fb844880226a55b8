#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# deps.sh [--say] PURPOSE... - have what PURPOSE needs: install it through apt
# when root, else (or with --say) tell what to install and fail
set -eu

# purpose, what must be there (a command or a file), Debian package
needs() {
	cat <<-'END'
	build make make
	build gcc gcc
	build clang clang
	build musl-gcc musl-tools
	build /usr/include/linux/bpf.h linux-libc-dev
	arches clang clang
	arches ld.lld lld
	arches llvm-objcopy llvm
	arches s390x-linux-gnu-ld binutils-s390x-linux-gnu
	arches /usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
	dist xz xz-utils
	sign signify-openbsd signify-openbsd
	sign minisign minisign
	packages readelf binutils
	packages dpkg-buildpackage dpkg-dev
	packages dh debhelper
	packages fakeroot fakeroot
	packages lintian lintian
	packages mmdebstrap mmdebstrap
	packages busybox busybox-static
	packages rpmbuild rpm
	packages rpm2cpio rpm2cpio
	packages cpio cpio
	packages skopeo skopeo
	packages podman podman
	packages runc runc
	packages /usr/share/containers/seccomp.json golang-github-containers-common
	packages /usr/lib/python3/dist-packages/yaml python3-yaml
	cross aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
	cross /usr/aarch64-linux-gnu/include/stdio.h libc6-dev-arm64-cross
	cross s390x-linux-gnu-gcc gcc-s390x-linux-gnu
	cross /usr/s390x-linux-gnu/include/stdio.h libc6-dev-s390x-cross
	cross readelf binutils
	demo qemu-system-x86_64 qemu-system-x86
	demo cpio cpio
	demo /usr/share/doc/busybox-static busybox-static
	demo /usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
	test prove perl
	test /usr/include/stdio.h libc6-dev
	test python3 python3
	test nginx nginx-light
	test systemd-analyze systemd
	test setpriv util-linux
	test jq jq
	test qemu-system-x86_64 qemu-system-x86
	test cpio cpio
	test /usr/share/doc/busybox-static busybox-static
	test /usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
	test clang clang
	test /usr/share/doc/libclang-rt-dev libclang-rt-dev
	fuzz clang clang
	fuzz /usr/include/stdio.h libc6-dev
	fuzz /usr/share/doc/libclang-rt-dev libclang-rt-dev
	fuzz llvm-symbolizer llvm
	machines qemu-system-aarch64 qemu-system-arm
	machines qemu-system-s390x qemu-system-misc
	machines qemu-system-ppc64 qemu-system-ppc
	machines qemu-system-mips qemu-system-mips
	kernels make make
	kernels gcc gcc
	kernels clang clang
	kernels ld.lld lld
	kernels llvm-objcopy llvm
	kernels xz xz-utils
	kernels flex flex
	kernels bison bison
	kernels bc bc
	kernels /usr/include/libelf.h libelf-dev
	check /usr/include/stdio.h libc6-dev
	check clang-format clang-format
	check clang-tidy clang-tidy
	check cppcheck cppcheck
	check shellcheck shellcheck
	check mandoc mandoc
	bench valgrind valgrind
	bench qemu-system-x86_64 qemu-system-x86
	bench cpio cpio
	bench /usr/share/doc/busybox-static busybox-static
	bench /usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
	peers mmdebstrap mmdebstrap
	END
}

have() {
	case $1 in
	/*) [ -e "$1" ] ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

say=
if [ "$1" = --say ]; then
	say=yes
	shift
fi
missing=
for purpose in "$@"; do
	# shellcheck disable=SC2046 # two words a line
	set -- $(needs | awk -v p="$purpose" '$1 == p { print $2, $3 }')
	while [ $# -gt 0 ]; do
		have "$1" || missing="$missing $2"
		shift 2
	done
done
[ -n "$missing" ] || exit 0
# shellcheck disable=SC2086 # a list
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')

if [ -n "$say" ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
	echo "deps.sh: missing; as root: apt-get install $missing" >&2
	exit 1
fi
echo "deps.sh: installing $missing"
# A server that a test needs is not to be started as a service by its package.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap 'rm -f $policy' EXIT
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
fi
apt-get -q update >/dev/null
# shellcheck disable=SC2086 # a list of packages
DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
	$missing >/dev/null

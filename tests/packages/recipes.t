#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# recipes.t - what the recipes of distributions run, on the release's sources, by
# this machine's compiler: Alpine's functions by sh, those of OpenWrt and Buildroot by
# make with stand-ins for what their trees define, Nix's by its own parser
. tests/packages/lib.sh
export MAKEFLAGS=-j2

sources() {
	for recipe in alpine openwrt buildroot yocto; do
		unpacked "$dir/$recipe" || return
	done
}
# NAME: what was installed there is the program of this version.
is_installed() {
	find "$dir/$1.root" ! -type d
	"$dir/$1.root/usr/sbin/tcpaccept" --version | grep "^tcpaccept $version "
}
alpine() (
	# shellcheck disable=SC1091,SC2034 # it is a recipe, which has or wants these
	. packaging/alpine/APKBUILD
	for field in pkgname pkgver pkgrel pkgdesc url arch license source maintainer; do
		eval "[ -n \"\$$field\" ]" || { echo "no $field"; exit 1; }
	done
	# shellcheck disable=SC2154
	[ "$pkgver" = "$version" ] || exit
	cd "$dir/alpine" || exit
	export CFLAGS='-O0 -g' LDFLAGS=-Wl,--as-needed,-z,relro,-z,now
	# shellcheck disable=SC2034
	pkgdir=$dir/alpine.root
	build && package
) >"$dir/log" 2>&1

# In place of OpenWrt's rules.mk and package.mk.
openwrt() {
	mkdir -p "$dir/wrt" && cat >"$dir/wrt/rules.mk" <<-'END'
	INCLUDE_DIR := $(TOPDIR)
	TARGET_CC = gcc
	TARGET_CFLAGS = -O0 -g
	TARGET_LDFLAGS = -Wl,-z,relro
	HOSTCC = gcc
	INSTALL_DIR = install -d -m0755
	INSTALL_BIN = install -m0755
	END
	sed 's/^>/\t/' >"$dir/wrt/package.mk" <<-'END'
	define BuildPackage
	all:
	>$(MAKE) -C $(PKG_BUILD_DIR) $(MAKE_FLAGS)
	>$(call Package/$(1)/install,$(OUT))
	$(foreach field,SECTION CATEGORY TITLE URL DEPENDS,
	$(if $(findstring $(field):=,$(Package/$(1))),,$(error no $(field))))
	endef
	END
	ARCH=arm64 make -f packaging/openwrt/Makefile TOPDIR="$dir/wrt" \
		PKG_BUILD_DIR="$dir/openwrt" OUT="$dir/openwrt.root" >"$dir/log" 2>&1 ||
		{ tail -n 20 "$dir/log"; return 1; }
}
openwrt_test() {
	PATH=$dir/openwrt.root/usr/sbin:$PATH packaging/openwrt/test.sh tcpaccept "$version"
}

# In place of Buildroot's generic-package.
buildroot() {
	sed 's/^>/\t/' >"$dir/buildroot.mk" <<-'END'
	TARGET_CONFIGURE_OPTS = CC=gcc CFLAGS='-O0 -g' LDFLAGS=-Wl,-z,relro \
		CPPFLAGS= LD=ld AR=ar
	TARGET_MAKE_ENV = PATH=$(PATH)
	HOSTCC = gcc
	define generic-package
	$(WHERE)/.stamp:
	>$$(TCPACCEPT_BUILD_CMDS)
	>$$(TCPACCEPT_INSTALL_TARGET_CMDS)
	endef
	END
	cat packaging/buildroot/tcpaccept.mk >>"$dir/buildroot.mk"
	make -f "$dir/buildroot.mk" WHERE="$dir/buildroot" TARGET_DIR="$dir/buildroot.root" \
		>"$dir/log" 2>&1 || { tail -n 20 "$dir/log"; return 1; }
}

# EXTRA_OEMAKE, as oe_runmake(1) gives it to make.
# shellcheck disable=SC2016 # bitbake's
yocto() {
	words=$(sed -n '/^EXTRA_OEMAKE/,/^"/p' packaging/yocto/*.bb |
		sed '1d; $d; s/\\$//' | sed 's/\${CC}/gcc/; s/\${BUILD_CC}/gcc/
		s/\${CFLAGS}/-O0 -g/; s/\${CPPFLAGS}//; s/\${LDFLAGS}/-Wl,-z,relro/' |
		tr '\n' ' ')
	(cd "$dir/yocto" && eval "ARCH=arm64 make $words" && eval \
		"make $words install DESTDIR=$dir/yocto.root PREFIX=/usr") >"$dir/log" 2>&1 ||
		{ tail -n 20 "$dir/log"; return 1; }
}
yocto_licence() {
	sed -n 's/^LIC_FILES_CHKSUM.*md5=\(.*\)"/\1  LICENSE/p' packaging/yocto/*.bb |
		md5sum -c
}

check "the sources of the release" sources
check "Alpine: the recipe's functions build and install" alpine
check "Alpine: it is installed" is_installed alpine
check "OpenWrt: the Makefile's words build and install" openwrt
check "OpenWrt: it is installed" is_installed openwrt
check "OpenWrt: its test passes" openwrt_test
check "Buildroot: the commands build and install" buildroot
check "Buildroot: it is installed" is_installed buildroot
check "Yocto: the recipe's words build and install" yocto
check "Yocto: it is installed" is_installed yocto
check "Yocto: the sum of the licence" yocto_licence
finish

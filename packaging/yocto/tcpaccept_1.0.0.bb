# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
SUMMARY = "Show which processes accept which TCP connections"
DESCRIPTION = "Prints one line for each TCP connection that a process accepts, as \
it happens. It brings its own BPF programs."
HOMEPAGE = "https://example.org/tcpaccept"
SECTION = "net"
LICENSE = "GPL-2.0-only | BSD-2-Clause"
LIC_FILES_CHKSUM = "file://LICENSE;md5=6a5d4a6d06a906c1d5f45d15b8c3bc8d"

SRC_URI = "https://example.org/tcpaccept/tcpaccept-${PV}.tar.xz"
SRC_URI[sha256sum] = ""

# The bytecode of both byte orders is in the sources: no clang is needed.
EXTRA_OEMAKE = "\
    'CC=${CC}' 'CFLAGS=${CFLAGS}' 'CPPFLAGS=${CPPFLAGS}' 'LDFLAGS=${LDFLAGS}' \
    'HOST_CC=${BUILD_CC}' BYTECODE=bytecode ARCH= STATIC= STRIP= \
    SLIM=-fPIE LINK=-pie \
"

do_install() {
    oe_runmake install DESTDIR=${D} PREFIX=${prefix} SBINDIR=${sbindir} \
        MANDIR=${mandir} BASHCOMPDIR=${datadir}/bash-completion/completions \
        ZSHCOMPDIR=${datadir}/zsh/site-functions \
        FISHCOMPDIR=${datadir}/fish/vendor_completions.d
}

PACKAGES =+ "${PN}-bash-completion ${PN}-zsh-completion ${PN}-fish-completion"
FILES:${PN}-bash-completion = "${datadir}/bash-completion"
FILES:${PN}-zsh-completion = "${datadir}/zsh"
FILES:${PN}-fish-completion = "${datadir}/fish"

# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
{
  lib,
  stdenv,
  fetchurl,
}:

stdenv.mkDerivation rec {
  pname = "tcpaccept";
  version = "1.0.0";

  src = fetchurl {
    url = "https://example.org/tcpaccept/tcpaccept-${version}.tar.xz";
    hash = lib.fakeHash;
  };

  # The bytecode is in the sources: no clang is needed. pkgsStatic.tcpaccept is
  # static by the linker of that stdenv.
  makeFlags = [
    "CC=${stdenv.cc.targetPrefix}cc"
    "HOST_CC=cc"
    "BYTECODE=bytecode"
    "STATIC="
    "PREFIX=${placeholder "out"}"
  ];

  enableParallelBuilding = true;

  meta = {
    description = "Show which processes accept which TCP connections";
    homepage = "https://example.org/tcpaccept";
    license = with lib.licenses; [
      gpl2Only
      bsd2
    ];
    mainProgram = "tcpaccept";
    platforms = lib.platforms.linux;
  };
}

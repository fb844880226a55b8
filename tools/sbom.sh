#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# sbom.sh FOLDER VERSION DAY ARCHITECTURE... - on stdout, as SPDX 2.3, what is in
# the binaries of FOLDER: our sources, and the musl and libgcc that are linked in
set -eu

folder=$1 version=$2 day=$3
shift 3

# What stands behind the first of the others, unless it is the last of them.
comma() {
	one=$1
	shift
	for last; do :; done
	[ "$one" = "$last" ] || echo ,
}
# Letters, digits, dots and dashes are all that an ID has.
id() { echo "$1" | tr _ -; }
sum() { sha256sum "$1" | cut -d ' ' -f 1; }
# ARCHITECTURE PACKAGE: its version, which that architecture's sysroot has; of musl
# where it was built of musl's sources.
version_of() { sed -n "s/^$2[^ ]* //p" "build/sysroot/$1/packages"; }

# Whether libgcc is linked in for it: where the processor cannot divide 64 bits.
has_libgcc() {
	case $1 in armv[57] | i686 | mips | mipsel | ppc) ;; *) return 1 ;; esac
}
# ID NAME VERSION LICENCE COMMA: a package.
package() {
	cat <<-END
		    {
		      "SPDXID": "SPDXRef-$(id "$1")",
		      "name": "$2",
		      "versionInfo": "$3",
		      "downloadLocation": "NOASSERTION",
		      "filesAnalyzed": false,
		      "licenseConcluded": "$4",
		      "licenseDeclared": "$4",
		      "copyrightText": "NOASSERTION"
		    }$5
	END
}
# NAME LICENCE COMMA: a file of FOLDER.
file() {
	cat <<-END
		    {
		      "SPDXID": "SPDXRef-File-$(id "$1")",
		      "fileName": "./$1",
		      "checksums": [
		        { "algorithm": "SHA1", "checksumValue": "$(sha1sum "$folder/$1" |
			cut -d ' ' -f 1)" },
		        { "algorithm": "SHA256", "checksumValue": "$(sum "$folder/$1")" }
		      ],
		      "licenseConcluded": "$2",
		      "licenseInfoInFiles": [ "NOASSERTION" ],
		      "copyrightText": "NOASSERTION"
		    }$3
	END
}
# FROM TYPE TO COMMA
relation() {
	cat <<-END
		    {
		      "spdxElementId": "SPDXRef-$(id "$1")",
		      "relationshipType": "$2",
		      "relatedSpdxElement": "SPDXRef-$(id "$3")"
		    }$4
	END
}

ours='GPL-2.0-only OR BSD-2-Clause'
libgcc='GPL-3.0-or-later WITH GCC-exception-3.1'
source=tcpaccept-$version.tar.xz
cat <<-END
	{
	  "spdxVersion": "SPDX-2.3",
	  "dataLicense": "CC0-1.0",
	  "SPDXID": "SPDXRef-DOCUMENT",
	  "name": "tcpaccept-$version",
	  "documentNamespace": "urn:sha256:$(cat "$folder"/tcpaccept-* | sha256sum |
		cut -d ' ' -f 1)",
	  "creationInfo": {
	    "created": "${day}T00:00:00Z",
	    "creators": [ "Tool: tcpaccept-sbom.sh-$version" ]
	  },
		  "packages": [
END
package tcpaccept tcpaccept "$version" "$ours" ,
for arch; do
	! has_libgcc "$arch" || package "libgcc-$arch" "Debian libgcc $arch" \
		"$(version_of "$arch" libgcc)" "$libgcc" ,
	package "musl-$arch" "Debian musl $arch" \
		"$(version_of "$arch" musl)" MIT "$(comma "$arch" "$@")"
done
printf '  ],\n  "files": [\n'
for arch; do
	licence="($ours) AND MIT"
	! has_libgcc "$arch" || licence="$licence AND $libgcc"
	file "tcpaccept-$version-$arch" "$licence" ,
done
file "$source" "$ours" ''
printf '  ],\n  "relationships": [\n'
for arch; do
	name=File-tcpaccept-$version-$arch
	relation "$name" GENERATED_FROM "File-$source" ,
	relation "$name" STATIC_LINK "musl-$arch" ,
	! has_libgcc "$arch" || relation "$name" STATIC_LINK "libgcc-$arch" ,
done
relation DOCUMENT DESCRIBES tcpaccept ,
relation tcpaccept CONTAINS "File-$source" ''
printf '  ]\n}\n'

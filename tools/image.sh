#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# image.sh FOLDER VERSION DAY ARCHITECTURE... - on stdout, a container image for all
# these processors, as a tar of an OCI layout: the binaries of FOLDER and their
# licences, and nothing else
#
# Its layers are not compressed: registries and what pulls from them do that.
set -eu
export LC_ALL=C

folder=$1 version=$2 day=$3
shift 3
image=build/image
oci=application/vnd.oci.image

# FROM TO: a tar of that folder, of no owner and that day.
packed() {
	tar -C "$1" -c --format=ustar --sort=name --mtime="$day 00:00Z" --owner=0 \
		--group=0 --numeric-owner --mode=u=rwX,go=rX . >"$2"
}
# FILE: moved to where layouts have what has its sum; sets $sum and $size.
keep() {
	sum=$(sha256sum "$1" | cut -d ' ' -f 1)
	size=$(wc -c <"$1")
	mv "$1" "$image/blobs/sha256/$sum"
}
# TYPE: of what was kept last.
descriptor() {
	printf '{"mediaType":"%s.%s","digest":"sha256:%s","size":%s' \
		"$oci" "$1" "$sum" "$size"
}
# As Go has them: the words of a platform.
platform() {
	case $1 in
	aarch64) echo '"architecture":"arm64","variant":"v8"' ;;
	armv5) echo '"architecture":"arm","variant":"v5"' ;;
	armv7) echo '"architecture":"arm","variant":"v7"' ;;
	i686) echo '"architecture":"386"' ;;
	mips64el) echo '"architecture":"mips64le"' ;;
	mipsel) echo '"architecture":"mipsle"' ;;
	x86_64) echo '"architecture":"amd64"' ;;
	*) echo "\"architecture\":\"$1\"" ;;
	esac
}

rm -rf $image
mkdir -p $image/blobs/sha256
manifests=
for arch; do
	root=build/image.root
	rm -rf $root
	mkdir -p $root
	cp "$folder/tcpaccept-$version-$arch" $root/tcpaccept
	cp "$folder"/LICENSE* $root
	packed $root build/image.part
	keep build/image.part
	layer=$(descriptor layer.v1.tar)
	cat >build/image.part <<-END
		{"created":"${day}T00:00:00Z",$(platform "$arch"),"os":"linux",
		"config":{"Entrypoint":["/tcpaccept"],"User":"0","Labels":{
		"org.opencontainers.image.title":"tcpaccept",
		"org.opencontainers.image.version":"$version",
		"org.opencontainers.image.licenses":"GPL-2.0-only OR BSD-2-Clause"}},
		"rootfs":{"type":"layers","diff_ids":["sha256:$sum"]},
		"history":[{"created":"${day}T00:00:00Z","created_by":"tools/image.sh"}]}
	END
	keep build/image.part
	cat >build/image.part <<-END
		{"schemaVersion":2,"mediaType":"$oci.manifest.v1+json",
		"config":$(descriptor config.v1+json)},"layers":[$layer}]}
	END
	keep build/image.part
	manifests="$manifests${manifests:+,
}$(descriptor manifest.v1+json),\"platform\":{$(platform "$arch"),\"os\":\"linux\"}}"
done
cat >build/image.part <<END
{"schemaVersion":2,"mediaType":"$oci.index.v1+json","manifests":[$manifests]}
END
keep build/image.part
cat >$image/index.json <<END
{"schemaVersion":2,"mediaType":"$oci.index.v1+json","manifests":[
$(descriptor index.v1+json),"annotations":{
"org.opencontainers.image.ref.name":"tcpaccept:$version",
"io.containerd.image.name":"docker.io/library/tcpaccept:$version"}}]}
END
echo '{"imageLayoutVersion":"1.0.0"}' >$image/oci-layout
packed $image build/image.part
cat build/image.part
rm -rf $image build/image.part build/image.root

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# image.t - the container image of the release: what is in it, and that it traces
# with what packaging/kubernetes/tcpaccept.yaml gives it and nothing else, by runc,
# under the seccomp filter that podman has for these capabilities
. tests/packages/lib.sh

image=$dist/tcpaccept-$version-oci.tar
yaml=packaging/kubernetes/tcpaccept.yaml

# The image of this machine's processor, and its files.
unpacks() {
	skopeo --insecure-policy copy "oci-archive:$image" "dir:$dir/image" &&
		mkdir -p "$dir/bundle/rootfs" &&
		layer=$(python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["layers"][0]["digest"][7:])' "$dir/image/manifest.json") &&
		tar -C "$dir/bundle/rootfs" -xf "$dir/image/$layer" &&
		cmp "$dir/bundle/rootfs/tcpaccept" "$dist/tcpaccept-$version-$(uname -m)"
}
has_nothing_else() {
	(cd "$dir/bundle/rootfs" && find . -type f ! -name 'LICENSE*') | tee "$dir/files"
	[ "$(cat "$dir/files")" = ./tcpaccept ]
}
loads() {
	export CONTAINERS_STORAGE_CONF="$dir/storage.conf"
	printf '[storage]\ndriver = "vfs"\nrunroot = "%s/run"\ngraphroot = "%s/graph"\n' \
		"$dir" "$dir" >"$dir/storage.conf"
	podman load -q -i "$image" && podman image exists "tcpaccept:$version"
}

# WORD...: capabilities; config.json of a container that has these, its arguments,
# and the security context of the DaemonSet.
configured() {
	python3 - "$dir/bundle/config.json" "$yaml" "$@" <<-'END'
	import json, sys, yaml
	to, source, *arguments = sys.argv[1:]
	pod = list(yaml.safe_load_all(open(source)))[1]["spec"]["template"]["spec"]
	container = pod["containers"][0]
	security = container["securityContext"]
	assert pod["hostPID"] and not security["privileged"]
	assert security["capabilities"]["drop"] == ["ALL"]
	names = ["CAP_" + name for name in security["capabilities"]["add"]]
	# As containers/common has them: rules for those who have some capability.
	profile = json.load(open("/usr/share/containers/seccomp.json"))
	architectures = [profile["archMap"][0]["architecture"]]
	calls = []
	for rule in profile["syscalls"]:
	    wanted, unwanted = (rule.get(key) or {} for key in ("includes", "excludes"))
	    if any(name not in names for name in wanted.get("caps") or []):
	        continue
	    if any(name in names for name in unwanted.get("caps") or []):
	        continue
	    if (wanted.get("arches") and "amd64" not in wanted["arches"]) or \
	            "amd64" in (unwanted.get("arches") or []):
	        continue
	    calls.append({key: rule[key] for key in ("names", "action", "args", "errnoRet")
	                  if rule.get(key) is not None})
	json.dump({
	    "ociVersion": "1.0.2",
	    "root": {"path": "rootfs",
	             "readonly": security["readOnlyRootFilesystem"]},
	    "process": {
	        "args": ["/tcpaccept"] + arguments, "cwd": "/",
	        "user": {"uid": security["runAsUser"], "gid": 0},
	        "capabilities": {kind: names for kind in
	                         ("bounding", "effective", "permitted")},
	    },
	    "mounts": [
	        {"destination": "/proc", "type": "proc", "source": "proc"},
	        {"destination": "/sys", "type": "sysfs", "source": "sysfs",
	         "options": ["nosuid", "noexec", "nodev", "ro"]},
	    ],
	    "linux": {
	        "namespaces": [{"type": kind} for kind in
	                       ("network", "ipc", "uts", "mount")],
	        "maskedPaths": ["/proc/kcore", "/proc/keys", "/sys/firmware"],
	        "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"],
	        "seccomp": {"defaultAction": profile["defaultAction"],
	                    "architectures": architectures, "syscalls": calls},
	    },
	}, open(to, "w"))
	END
}
in_container() {
	configured "$@" && exec runc --root "$dir/runc" run -b "$dir/bundle" \
		"tcpaccept-$$" </dev/null
}
checks() (in_container --check)
# The DaemonSet's arguments are --json; here those of a table, and their row.
traces() { shows_accept in_container; }

mkdir "$dir/www" && serve "$dir/www"
check "skopeo has this machine's image, and its program" unpacks
check "there is nothing else but licences" has_nothing_else
check "podman loads it by its name" loads
check "as the DaemonSet has it, --check can trace" checks
check "as the DaemonSet has it, it shows an accept" traces
finish

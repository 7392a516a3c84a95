#!/usr/bin/env bash
# Lays out Mesa's lavapipe, a Vulkan driver that computes on the CPU, with the C library that it was built
# for and its loader. The packages are those of Debian's unstable suite, fetched and checked by apt and
# unpacked, never installed: CubeCL's kernels make lavapipe crash in Debian 12 (Mesa 22.3) and its backports (25.0).
#
# usage: lay-out.sh FOLDER
# Needs apt-get, dpkg-deb. Knobs: DEBIAN_MIRROR, DEBIAN_SUITE, DEBIAN_KEYRING
set -euo pipefail

folder=${1:?usage: lay-out.sh FOLDER}
mirror=${DEBIAN_MIRROR:-$(sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb (\[[^]]*\] )?([^ ]+).*/\2/p' \
  /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1 || true)}
[ -n "$mirror" ] || { echo "no Debian mirror in the apt sources; set DEBIAN_MIRROR" >&2; exit 1; }

mkdir -p "$(dirname "$folder")"
work=$(mktemp -d "$folder.XXXXXX") # beside the folder, so that the last step is a rename
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{sources,lists/partial,cache/archives/partial,new}
cat >"$work/sources/debian.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: ${DEBIAN_SUITE:-sid}
Components: main
Architectures: amd64
Signed-By: ${DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
SOURCES
: >"$work/status"
# As on a machine where nothing is installed, apart from this one's own packages and lists.
apt() {
  apt-get --quiet=2 --yes -o APT::Architecture=amd64 -o APT::Sandbox::User= -o Dir::Etc::SourceList=/dev/null \
    -o Dir::Etc::SourceParts="$work/sources" -o Dir::State="$work" -o Dir::State::Lists="$work/lists" \
    -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o Debug::NoLocking=1 "$@"
}
apt update
apt install --no-install-recommends --download-only mesa-vulkan-drivers libvulkan1
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar --extract --directory "$work/new" --exclude './usr/share/doc/*'
done
libraries=usr/lib/x86_64-linux-gnu
[ -x "$work/new/$libraries/ld-linux-x86-64.so.2" ] || { echo "the packages bring no loader" >&2; exit 1; }
sed "s#\"library_path\": *\"[^\"]*\"#\"library_path\": \"$folder/$libraries/libvulkan_lvp.so\"#" \
  "$work/new/usr/share/vulkan/icd.d/lvp_icd.json" >"$work/new/driver.json"
rm -rf "$folder"
mv "$work/new" "$folder"

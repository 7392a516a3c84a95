#!/usr/bin/env bash
# Lays out a static LLVM where the build script of `tracel-llvm-bundler` (a build dependency of
# Burn's CUDA backend) looks for one, so that it finds it installed and downloads nothing. The
# archives are those of Debian's unstable suite, fetched as packages and unpacked, never installed;
# signature and SHA-256 are checked on the way. They link, and what they are linked into runs, on
# x86_64 Linux with glibc 2.36 and libstdc++ 12 or newer: the few newer names come from a shim. The
# linker must be lld, Rust's own: GNU ld fails on the order of the archives.
#
# usage: lay-out.sh VERSION, the version of `tracel-llvm-bundler`
# Needs curl, gpgv with Debian's archive keyring, dpkg-deb, xz, a C compiler, ar.
# Knobs: LLVM_TARGETS   code generators to keep: NVPTX for CUDA
#        DEBIAN_MIRROR, DEBIAN_SUITE, DEBIAN_KEYRING
set -euo pipefail
shopt -s inherit_errexit # a failed check inside $(...) must end the script too

release=${1:?usage: lay-out.sh VERSION}
targets=${LLVM_TARGETS:-NVPTX}
# The machine's own Debian mirror: the first URI of its apt sources, in either of their two formats.
own_mirror() {
  sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb (\[[^]]*\] )?([^ ]+).*/\2/p' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1
}
mirror=${DEBIAN_MIRROR:-$(own_mirror || true)}
[ -n "$mirror" ] || { echo "no Debian mirror in the apt sources; set DEBIAN_MIRROR" >&2; exit 1; }
suite=${DEBIAN_SUITE:-sid}
keyring=${DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
major=${release%%.*}

prefix=${XDG_DATA_HOME:-$HOME/.local/share}/tracel/tracel-llvm-$release
sentinel=$prefix/.tracel-llvm-installed
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "only for x86_64 Linux" >&2; exit 1; }
for tool in curl gpgv dpkg-deb xz ar "${CC:-cc}"; do
  command -v "$tool" >/dev/null || { echo "missing tool: $tool" >&2; exit 1; }
done

mkdir -p "$(dirname "$prefix")"
work=$(mktemp -d "$prefix.XXXXXX") # beside the prefix, so that the last step is a rename
trap 'rm -rf "$work"' EXIT
fetch() { curl -fsSL --retry 3 -o "$2" "$mirror/$1"; }
verify() { echo "$1  $2" | sha256sum --check --quiet >&2; }

# The index: InRelease's signature vouches for Packages.xz, which vouches for every package.
# (No Valid-Until check: a mirror may lag, and each file is pinned by its hash regardless.)
index=main/binary-amd64/Packages.xz
fetch "dists/$suite/InRelease" "$work/InRelease"
gpgv --keyring "$keyring" --output "$work/Release" "$work/InRelease" 2>"$work/gpgv.log" ||
  { cat "$work/gpgv.log" >&2; exit 1; }
index_sha=$(awk -v f=$index '/^SHA256:/ {on = 1; next} /^[^ ]/ {on = 0} on && $3 == f {print $1}' "$work/Release")
[ -n "$index_sha" ] || { echo "$suite has no $index" >&2; exit 1; }
fetch "dists/$suite/main/binary-amd64/by-hash/SHA256/$index_sha" "$work/Packages.xz" 2>/dev/null ||
  fetch "dists/$suite/$index" "$work/Packages.xz"
verify "$index_sha" "$work/Packages.xz"

package() { # NAME: unpacks it under $work/root and prints its version
  local fields file sha version
  fields=$(xz -dc "$work/Packages.xz" | awk -v p="$1" '
    $1 == "Package:" {on = $2 == p}
    on && ($1 == "Version:" || $1 == "Filename:" || $1 == "SHA256:") {print $1 $2}')
  version=$(sed -n 's/^Version://p' <<<"$fields")
  file=$(sed -n 's/^Filename://p' <<<"$fields")
  sha=$(sed -n 's/^SHA256://p' <<<"$fields")
  [ -n "$file" ] || { echo "$suite has no package $1" >&2; return 1; }
  fetch "$file" "$work/package.deb"
  verify "$sha" "$work/package.deb"
  dpkg-deb -x "$work/package.deb" "$work/root"
  rm "$work/package.deb"
  echo "$version"
}
llvm_version=$(package "llvm-$major-dev")
package zlib1g-dev >/dev/null
package libzstd-dev >/dev/null

new=$work/new
mkdir -p "$new/bin" "$new/lib"
mv "$work/root/usr/include/llvm-$major" "$new/include"
mv "$work/root/usr/include/llvm-c-$major/llvm-c" "$new/include/llvm-c"
mv "$work/root/usr/lib/llvm-$major/lib/"libLLVM*.a "$new/lib/"
mv "$work/root/usr/lib/x86_64-linux-gnu/"lib{z,zstd}.a "$new/lib/"
cp "$work/root/usr/share/doc/llvm-$major-dev/copyright" "$new/copyright"

# Only the code generators asked for, in the archives and in the lists the C headers expand:
# whatever those name is linked in, with its start-up constructors, used or not.
config=$new/include/llvm/Config
keep=" $targets "
for target in $(sed -n 's/^LLVM_TARGET(\(.*\))$/\1/p' "$config/Targets.def"); do
  case $keep in *" $target "*) continue ;; esac
  rm -f "$new/lib/libLLVM$target"{AsmParser,CodeGen,Desc,Disassembler,Info,TargetMCA,Utils,Analysis}.a
  sed -i "/^LLVM_[A-Z_]*($target)\$/d" "$config"/*.def
done
case $keep in
  *" X86 "*) ;;
  *) sed -i '/^#define LLVM_NATIVE_/d' "$config/llvm-config.h" ;;
esac
rm -f "$new/lib/libLLVM"{BOLT,Exegesis,TableGen,DebugInfoLogicalView,ObjectYAML,MCA}*.a

# glibc 2.38 renamed these for C23; the archives ask for the new names, older systems have the
# old ones. Assembler labels, since a new system's headers would send strtol back to the shim.
cat >"$work/shim.c" <<'C'
extern long long_(const char *, char **, int) __asm__("strtol");
extern unsigned long ulong_(const char *, char **, int) __asm__("strtoul");
extern long long llong_(const char *, char **, int) __asm__("strtoll");
extern unsigned long long ullong_(const char *, char **, int) __asm__("strtoull");
extern int vsscanf_(const char *, const char *, __builtin_va_list) __asm__("vsscanf");
extern int vscanf_(const char *, __builtin_va_list) __asm__("vscanf");

long __isoc23_strtol(const char *s, char **e, int b) { return long_(s, e, b); }
unsigned long __isoc23_strtoul(const char *s, char **e, int b) { return ulong_(s, e, b); }
long long __isoc23_strtoll(const char *s, char **e, int b) { return llong_(s, e, b); }
unsigned long long __isoc23_strtoull(const char *s, char **e, int b) { return ullong_(s, e, b); }

int __isoc23_sscanf(const char *s, const char *format, ...) {
  __builtin_va_list args;
  __builtin_va_start(args, format);
  int n = vsscanf_(s, format, args);
  __builtin_va_end(args);
  return n;
}

int __isoc23_scanf(const char *format, ...) {
  __builtin_va_list args;
  __builtin_va_start(args, format);
  int n = vscanf_(format, args);
  __builtin_va_end(args);
  return n;
}
C
"${CC:-cc}" -O2 -fPIC -ffunction-sections -c "$work/shim.c" -o "$work/shim.o"
ar crs "$new/lib/libisoc23.a" "$work/shim.o"

# llvm-config, cut down to the questions the bundler asks. Every archive is listed: they end up
# as one Rust archive, where the linker takes what it needs and the order does not matter.
cat >"$new/bin/llvm-config" <<'SH'
#!/bin/sh
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
defines="-D_GNU_SOURCE -D__STDC_CONSTANT_MACROS -D__STDC_FORMAT_MACROS -D__STDC_LIMIT_MACROS"
for question; do
  case $question in
    --link-static) ;;
    --version) echo "@VERSION@" ;;
    --libdir) echo "$root/lib" ;;
    --includedir) echo "$root/include" ;;
    --cflags) echo "-I$root/include $defines" ;;
    --cxxflags) echo "-I$root/include -std=c++17 -fno-exceptions -funwind-tables $defines" ;;
    --libs | --libnames)
      for archive in "$root"/lib/lib*.a; do
        name=${archive##*/lib}
        printf -- '-l%s ' "${name%.a}"
      done
      echo
      ;;
    --system-libs) echo "-lm" ;;
    *) echo "llvm-config stand-in: no answer to $question" >&2; exit 1 ;;
  esac
done
SH
upstream=${llvm_version#*:}
sed -i "s/@VERSION@/${upstream%%-*}/" "$new/bin/llvm-config"
chmod +x "$new/bin/llvm-config"

echo "llvm-$major-dev $llvm_version from $suite, targets $targets" >"$new/.tracel-llvm-installed"
rm -rf "$prefix"
mv "$new" "$prefix"
echo "laid out: $prefix ($(cat "$sentinel")), $(du -sh "$prefix" | cut -f1)"

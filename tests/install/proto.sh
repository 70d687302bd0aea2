#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The codec library alone: -DGYL_COMPONENTS=proto configures where neither pkg-config nor any package can
# be found, builds, installs; then the tree is moved, and a program of somebody else (consumer/) is built
# against it with find_package and with pkg-config, each with the shared and the static library. It also
# includes <syslog.h> and links libcrypto, whose names are close to ours.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/install
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
: "${CC:=cc}"
command -v make >/dev/null || export CMAKE_GENERATOR=Ninja

fail() {
	echo "FAILED: $1"
	exit 1
}

# quietly COMMAND...: its output only when it fails
quietly() {
	"$@" >"$dir/log" 2>&1 || { cat "$dir/log"; fail "$*"; }
}

PKG_CONFIG=/bin/false quietly cmake -S "$root" -B "$dir/build" -DCMAKE_C_COMPILER="$CC" -DGYL_COMPONENTS=proto \
	-DGYL_WERROR=ON -DCMAKE_INSTALL_PREFIX="$dir/first" -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON \
	-DCMAKE_DISABLE_FIND_PACKAGE_Threads=ON
quietly cmake --build "$dir/build" --parallel 2
quietly cmake --install "$dir/build"
mv "$dir/first" "$dir/moved"
prefix=$dir/moved

for file in $(cd "$root/libproto/include" && find gyl -name '*.h'); do
	[ -f "$prefix/include/$file" ] || fail "$file is not installed"
done
(cd "$prefix/include" && find . -type f ! -path './gyl/*.h') >"$dir/foreign"
[ ! -s "$dir/foreign" ] || fail "installed besides <gyl/*.h>: $(cat "$dir/foreign")"
library=$(find "$prefix" -name 'libguyline-proto.so' | head -n 1)
[ -n "$library" ] || fail "no libguyline-proto.so"
lib=$(dirname "$library")
ls "$lib"/libguyline-proto.a >/dev/null || fail "no libguyline-proto.a"
[ -f "$prefix/share/man/man3/gyl_arp.3" ] || fail "no man pages"
if command -v readelf >/dev/null; then
	readelf -d "$library" | grep -q 'SONAME.*libguyline-proto.so.[0-9]' || fail "no SONAME"
	! readelf -d "$library" | grep -E 'RPATH|RUNPATH' || fail "a path is built in"
fi

crypto=
if echo '#include <openssl/sha.h>' | "$CC" -E - >/dev/null 2>&1; then
	crypto=yes
else
	echo "without libcrypto: needs libssl-dev"
fi

quietly cmake -S "$here/consumer" -B "$dir/consumer" -DCMAKE_C_COMPILER="$CC" -DCMAKE_PREFIX_PATH="$prefix" ${crypto:+-DWITH_LIBCRYPTO=ON}
quietly cmake --build "$dir/consumer"
for kind in proto proto_static; do
	"$dir/consumer/use_$kind" | grep -q hello || fail "the consumer with $kind does not run"
done

if command -v pkg-config >/dev/null; then
	export PKG_CONFIG_PATH="$lib/pkgconfig"
	version=$(sed -n 's/^project(guyline VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
	[ "$(pkg-config --modversion guyline-proto)" = "$version" ] || fail "pkg-config tells another version than $version"
	flags="-std=c11 -Wall -Werror ${crypto:+-DWITH_LIBCRYPTO} $(pkg-config --cflags guyline-proto)"
	# shellcheck disable=SC2046,SC2086
	quietly "$CC" $flags "$here/consumer/main.c" -o "$dir/shared" $(pkg-config --libs guyline-proto) ${crypto:+-lcrypto}
	LD_LIBRARY_PATH=$lib "$dir/shared" | grep -q hello || fail "the consumer with pkg-config does not run"
	# shellcheck disable=SC2046,SC2086
	quietly "$CC" $flags "$here/consumer/main.c" -o "$dir/static" -Wl,-Bstatic $(pkg-config --static --libs guyline-proto) \
		-Wl,-Bdynamic ${crypto:+-lcrypto}
	"$dir/static" | grep -q hello || fail "the static consumer with pkg-config does not run"
else
	echo "without pkg-config"
fi
echo "built alone, installed, moved, and linked in every way"

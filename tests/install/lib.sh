# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# What the installation tests of the libraries share: build one alone, install it, move the tree away, and
# be somebody else who uses it. They set dir, a temporary directory, and prefix, where the library is.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/install
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
: "${CC:=cc}" "${CXX:=c++}"
command -v make >/dev/null || export CMAKE_GENERATOR=Ninja
prefix=$dir/moved

fail() {
	echo "FAILED: $1"
	exit 1
}

# quietly COMMAND...: its output only when it fails
quietly() {
	"$@" >"$dir/log" 2>&1 || { cat "$dir/log"; fail "$*"; }
}

# has_header HEADER: of another library, to see that ours lives beside it. Tells when it cannot.
has_header() {
	echo "#include <$1>" | "$CC" -E - >/dev/null 2>&1 && return
	echo "without <$1>: its package is not installed"
	return 1
}

# build_alone COMPONENT: where neither pkg-config nor any package can be found; installed, then moved.
build_alone() {
	PKG_CONFIG=/bin/false quietly cmake -S "$root" -B "$dir/build" -DCMAKE_C_COMPILER="$CC" \
		-DGYL_COMPONENTS="$1" -DGYL_WERROR=ON -DCMAKE_INSTALL_PREFIX="$dir/first" \
		-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON -DCMAKE_DISABLE_FIND_PACKAGE_Threads=ON
	quietly cmake --build "$dir/build" --parallel 2
	quietly cmake --install "$dir/build"
	mv "$dir/first" "$prefix"
}

# installed_whole COMPONENT DIRECTORY...: every header and page of its directory and those of what it needs, nothing
# besides, both libraries.
installed_whole() {
	component=$1
	shift
	for part in "$@"; do
		(cd "$root/$part/include" && find . -type f)
		for page in "$root/$part"/man/*.3; do
			[ ! -f "$page" ] || [ -f "$prefix/share/man/man3/$(basename "$page")" ] || fail "$(basename "$page") is not installed" >&2
		done
	done | sort >"$dir/expected"
	(cd "$prefix/include" && find . -type f | sort) >"$dir/found"
	cmp -s "$dir/expected" "$dir/found" || { diff "$dir/expected" "$dir/found" || true; fail "the headers are not those of $*"; }
	library=$(find "$prefix" -name "libguyline-$component.so" | head -n 1)
	[ -n "$library" ] || fail "no libguyline-$component.so"
	lib=$(dirname "$library")
	[ -f "$lib/libguyline-$component.a" ] || fail "no libguyline-$component.a"
	if command -v readelf >/dev/null; then
		readelf -d "$library" | grep -q "SONAME.*libguyline-$component.so.[0-9]" || fail "no SONAME"
		! readelf -d "$library" | grep -E 'RPATH|RUNPATH' || fail "a path is built in"
	fi
}

# use_cmake COMPONENTS [-DWITH_...=ON]...: consumer/ by find_package, its programs run.
use_cmake() {
	components=$1
	shift
	rm -rf "$dir/consumer"
	quietly cmake -S "$here/consumer" -B "$dir/consumer" -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" \
		-DCMAKE_PREFIX_PATH="$prefix" -DCOMPONENTS="$components" "$@"
	quietly cmake --build "$dir/consumer"
	ls "$dir/consumer"/use_* >/dev/null || fail "the consumer has no program for $components"
	for program in "$dir/consumer"/use_*; do
		# What a library of ours needs of ours is found as the system finds libraries.
		LD_LIBRARY_PATH=$lib runs "$program" "the consumer by CMake"
	done
}

# use_pkgconfig SOURCE COMPILER LIBRARIES [FLAGS]: shared and static; the flags are after our libraries.
use_pkgconfig() {
	command -v pkg-config >/dev/null || { echo "without pkg-config"; return 0; }
	export PKG_CONFIG_PATH="$lib/pkgconfig"
	version=$(sed -n 's/^project(guyline VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
	for package in $3; do
		[ "$(pkg-config --modversion "$package")" = "$version" ] || fail "pkg-config tells another version than $version"
	done
	# shellcheck disable=SC2046,SC2086
	quietly $2 -Wall -Werror $(pkg-config --cflags $3) "$here/consumer/$1" -o "$dir/shared" $(pkg-config --libs $3) ${4-}
	LD_LIBRARY_PATH=$lib runs "$dir/shared" "$2 $1 by pkg-config"
	# shellcheck disable=SC2046,SC2086
	quietly $2 -Wall -Werror $(pkg-config --cflags $3) "$here/consumer/$1" -o "$dir/static" \
		-Wl,-Bstatic $(pkg-config --static --libs $3) -Wl,-Bdynamic ${4-}
	runs "$dir/static" "$2 $1 by pkg-config, static"
}

# runs PROGRAM WHAT
runs() {
	"$1" >"$dir/said" || fail "$2 does not run"
	grep -q hello "$dir/said" || fail "$2 does not say hello"
}

# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# What the lint tests share. ctest gives GYL_BUILD, CC and CXX; by hand the defaults do.
#
# A finding is one line "where: what is wrong and what to do"; finish makes the test fail when there was one.

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
: "${GYL_BUILD:=$root/build}" "${CC:=cc}" "${CXX:=c++}"
lint_tmp=$(mktemp -d)
trap 'rm -rf "$lint_tmp"' EXIT
: >"$lint_tmp/findings"

finding() {
	echo "$*" | tee -a "$lint_tmp/findings"
}

skip() {
	echo "skipped: $1"
	exit 77
}

finish() {
	found=$(wc -l <"$lint_tmp/findings")
	[ "$found" -eq 0 ] || { echo "$found findings"; exit 1; }
	echo "clean: $1"
}

# files NAME-PATTERN...: our files with such names, sorted; build directories are not ours.
files() {
	for pattern in "$@"; do
		find . \( -name .git -o -name 'build' -o -name 'build-*' -o -name run.state \) -prune -o \
			-type f -name "$pattern" -print
	done | sed 's|^\./||' | LC_ALL=C sort -u
}

# same CHECKED-IN DRAWN COMMAND: the two lists are equal, or COMMAND updates the first.
same() {
	diff -u "$1" "$2" >"$lint_tmp/diff" && return
	cat "$lint_tmp/diff"
	finding "$1: differs from what the sources say; when that is meant: $3"
}

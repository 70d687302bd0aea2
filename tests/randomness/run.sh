#!/bin/sh
# SPDX-License-Identifier: ISC
#
# usage: tests/randomness/run.sh [--smoke | --full]
#
# What the sources of entropy are worth, and whether the generators look like noise:
#
#   raw samples    min-entropy estimates of each source against its claim, and the cost of a sample
#   restarts       the first samples of 200 starts of a process are never the same
#   generators     1 GiB through ent, and dieharder's tests over as much as they ask for, once as long reads of
#                  Fortuna, once as reads of 8 octets
#
# --smoke takes seconds and leaves the suites out; --full runs all of dieharder, which takes hours. A finding
# is a line that says FAILED, and makes the script fail. Suites prove that the plumbing is sound, no more: a
# counter through a cipher passes them all, whoever knows the key.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${GYL_BUILD:=$PWD/build}" "${OCTETS:=1073741824}"
noise=$GYL_BUILD/randomness/noise estimate=$GYL_BUILD/randomness/estimate
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

fail() {
	echo "FAILED: $*"
	failed=$((failed + 1))
}

# Chosen from dieharder -l: each takes seconds, none is listed as suspect, and together they look at bits,
# ranks of matrices, words, distances, sums, runs and whole games.
mode=${1-}
case $mode in
'') samples=1000000 starts=200 tests='0 1 2 3 4 8 9 10 11 12 13 15 16 100 101 102 204 205 206 207 209' ;;
--full) samples=1000000 starts=1000 tests=all ;;
--smoke) samples=20000 starts=20 tests= ;;
*)
	sed -n 's/^# usage:/usage:/p' "$0" >&2
	exit 64
	;;
esac

# The estimators themselves, on what has no entropy at all.
head -c 20000 /dev/zero | "$estimate" 125 >/dev/null && fail "estimate takes zeros for noise"
yes | head -c 20000 | "$estimate" 125 >/dev/null && fail "estimate takes a cycle for noise"

# The wake-ups take 70 microseconds a sample, so there are fewer of them.
raw_samples() {
	cnt=$samples
	[ "$1" != wakeup ] || cnt=$((samples / 10))
	"$noise" "$1" "$cnt" >"$tmp/raw" 2>"$tmp/err"
	case $? in
	0) ;;
	77)
		cat "$tmp/err"
		return 1
		;;
	*)
		fail "$1: $(cat "$tmp/err")"
		return 1
		;;
	esac
	echo "$1: $("$noise" cost "$1" 10000) a sample"
	"$estimate" "$2" <"$tmp/raw" || fail "$1: less than it claims"
}

# The first 64 samples of each start: none comes twice, and, when there are enough to tell, together they are
# worth the claim.
restarts() {
	: >"$tmp/starts"
	: >"$tmp/all"
	i=0
	while [ $((i += 1)) -le "$starts" ]; do
		"$noise" "$1" 64 >"$tmp/first"
		cat "$tmp/first" >>"$tmp/all"
		od -An -v -tx1 "$tmp/first" | tr -d '\n' >>"$tmp/starts"
		echo >>"$tmp/starts"
	done
	same=$(sort "$tmp/starts" | uniq -d | wc -l)
	[ "$same" -eq 0 ] || fail "$1: $same starts of $starts gave what another one gave"
	echo "$1, $starts starts: $same alike"
	[ "$starts" -lt 200 ] || "$estimate" "$2" <"$tmp/all" || fail "$1: starts have less than it claims"
}

# judge NAME PROGRAM...: what a generator's output looks like to ent and dieharder.
judge() {
	name=$1
	shift
	if command -v ent >/dev/null; then
		echo "$name: ent of $OCTETS octets"
		"$@" "$OCTETS" | ent | sed '/^$/d; s/^/    /'
	else
		echo "skipped: ent is not installed"
	fi
	if ! command -v dieharder >/dev/null; then
		echo "skipped: dieharder is not installed"
		return
	fi
	echo "$name: dieharder"
	if [ "$tests" = all ]; then
		"$@" 1000000000000000 2>/dev/null | dieharder -g 200 -a
	else
		for test in $tests; do
			"$@" 1000000000000000 2>/dev/null | dieharder -g 200 -d "$test"
		done
	fi | grep -E 'PASSED|WEAK|FAILED' >"$tmp/dieharder"
	sed 's/^/    /' "$tmp/dieharder"
	echo "$name: $(grep -c PASSED "$tmp/dieharder") passed, $(grep -c WEAK "$tmp/dieharder") weak"
	[ -s "$tmp/dieharder" ] || fail "$name: dieharder said nothing"
	! grep -q FAILED "$tmp/dieharder" || fail "$name: dieharder"
}

"$noise" claims >"$tmp/claims"
while read -r source claim; do
	raw_samples "$source" "$claim" && restarts "$source" "$claim"
done <"$tmp/claims"
for generator in fortuna 'rng-reads 8' 'rng-reads 33'; do
	# shellcheck disable=SC2086
	"$noise" $generator 1000000 | "$estimate" 7000 || fail "$generator: not what noise looks like"
done
if [ -n "$tests" ]; then
	judge 'Fortuna' "$noise" fortuna
	judge 'reads of 8 octets' "$noise" rng-reads 8
fi
[ "$failed" -eq 0 ] && echo "no finding"

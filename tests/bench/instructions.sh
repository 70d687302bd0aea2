#!/bin/sh
# SPDX-License-Identifier: ISC
# Instructions that each benchmark takes, counted by callgrind: the same on every day and under any load, so good for
# telling whether a change helps. The difference of two runs of different length leaves out start and set-up.
#
# usage: tests/bench/instructions.sh [BUILD [BENCH ...]]     without arguments: build, and codec net arpd (store takes minutes)
set -eu
build=${1:-build}
[ $# -eq 0 ] || shift
[ $# -ne 0 ] || set -- codec net arpd
command -v valgrind >/dev/null || { echo "instructions.sh: needs valgrind (apt-get install valgrind)" >&2; exit 1; }

# count PROGRAM NUMBER TURNS
count() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$1" -n "$2" "$3" 2>&1 |
		sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

tab=$(printf '\t')
echo '| task | who | instructions | ours / theirs |'
echo '| --- | --- | --- | --- |'
for name; do
	program=$build/bench/bench_$name
	last=
	"$program" -l | while IFS=$tab read -r number task who per; do
		turns=1000
		[ "$per" -lt 1000 ] || turns=1
		few=$(count "$program" "$number" $turns)
		many=$(count "$program" "$number" $((3 * turns)))
		each=$(((many - few) / (2 * turns * per)))
		if [ "$task" = "$last" ]; then
			ratio=$(awk "BEGIN { printf \"%.2f\", $ours / $each }")
		else
			last=$task ours=$each ratio=
		fi
		echo "| $task | $who | $each | $ratio |"
	done
done

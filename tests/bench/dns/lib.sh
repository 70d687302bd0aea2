# SPDX-License-Identifier: ISC
# shellcheck shell=sh
#
# What the benches of DNS have in common, sourced by them: dnsperf asks (../lib.sh has the servers). The figure is the
# server's own time on a processor a query that was answered.
#
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/../lib.sh"
need_peer usr/bin/dnsperf

# until_answers NAME NAMESPACE ADDRESS PORT QUESTION ANSWER
until_answers() {
	tries=0
	until [ "$(ip netns exec "$id-$2" dig +short +time=1 +tries=1 @"$3" -p "$4" "$5" A 2>/dev/null)" = "$6" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 50 ] || die "$1 does not answer"
		sleep 0.2
	done
}

# ask NAME KIND NAMESPACE ADDRESS PORT dnsperf-options...: a line "microseconds-a-query queries-a-second lost
# client's-microseconds" for the row NAME.KIND.
ask() {
	server=$1 kind=$2 ns=$3 address=$4 port=$5
	shift 5
	before=$(cpu "$server")
	(
		(peer_at "$ns" 1 usr/bin/dnsperf -s "$address" -p "$port" -T 1 -q 100 "$@") || exit 1
		times
	) >"$dir/perf" 2>&1 || die "dnsperf, $server: $(cat "$dir/perf")"
	awk -v ns=$(($(cpu "$server") - before)) '
		/Queries completed/ { done = $3 }
		/Queries lost/ { lost = $3 }
		/Queries per second/ { qps = $4 }
		/^[0-9]+m[0-9.]+s/ { split($1 " " $2, t, /[ms ]+/); client = (t[1] + t[3]) * 60 + t[2] + t[4] }
		END {
			done = done ? done : 1
			printf "%.3f %.0f %d %.3f\n", ns / done / 1000, qps, lost, client * 1e6 / done
		}' "$dir/perf" >>"$dir/row-$server.$kind"
}

#!/bin/sh
# SPDX-License-Identifier: ISC
#
# All of it: what this build has is installed below a temporary prefix. The programs run from there, know
# no path of the build, accept the shipped example, have their pages and units; systemd finds nothing to
# say against the units. A second installation leaves the administrator's configuration alone.
set -eu
: "${GYL_BUILD:?where the build is}"
[ -x "$GYL_BUILD/bin/guyline" ] || { echo "skipped: guyline is not built here"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
prefix=$dir/prefix

fail() {
	echo "FAILED: $1"
	exit 1
}

install() {
	cmake --install "$GYL_BUILD" --prefix "$prefix" >"$dir/log" 2>&1 || { cat "$dir/log"; fail "cmake --install"; }
}

install
for program in "$GYL_BUILD"/bin/guyline*; do
	name=$(basename "$program")
	installed=$(find "$prefix/bin" "$prefix/sbin" -name "$name")
	[ -n "$installed" ] || fail "$name is not installed"
	"$installed" --version | grep -q "^$name " || fail "$name --version"
	! readelf -d "$installed" | grep -E 'RPATH|RUNPATH' || fail "$name has a path built in"
	find "$prefix/share/man" -name "$name.[18]" | grep -q . || fail "$name has no page"
done
"$prefix/bin/guyline" run -n -c "$prefix/etc/guyline/event.json" | grep -q 'configuration OK' ||
	fail "the shipped example is not accepted"

"$prefix/bin/guyline" run --schema | cmp -s - "$prefix/share/guyline/schema.json" || fail "the schema is not installed"

echo '{ "mine": true }' >"$prefix/etc/guyline/event.json"
install
grep -q mine "$prefix/etc/guyline/event.json" || fail "a configuration was overwritten"

units=$(find "$prefix/lib/systemd/system" -name '*.service')
for name in guyline guyline-dhcpd@ guyline-dns@ guyline-syslogd@ guyline-arpd@; do
	echo "$units" | grep -q "/$name.service\$" || fail "no unit $name.service"
done
# The paths in the units are those of the configured prefix: here they become the temporary one's.
mkdir "$dir/units"
for unit in $units; do
	sed "s|^ExecStart=[^ ]*/\(s*bin\)/|ExecStart=$prefix/\1/|; /^User=/d; /^Group=/d" "$unit" >"$dir/units/$(basename "$unit")"
done
if command -v systemd-analyze >/dev/null; then
	for unit in "$dir"/units/*.service; do
		case $unit in *@.service) mv "$unit" "${unit%.service}lo.service" && unit=${unit%.service}lo.service ;; esac
		said=$(SYSTEMD_LOG_LEVEL=notice systemd-analyze verify --man=no "$unit" 2>&1 | grep -F "$(basename "$unit")" || true)
		[ -z "$said" ] || fail "systemd-analyze: $said"
	done
else
	echo "without systemd-analyze"
fi
echo "installed, run and verified"

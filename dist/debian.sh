# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# Sourced by ./run and ./test: what they need of Debian, and installing what is missing of it.

# What the build needs.
BUILD_PACKAGES="gcc cmake ninja-build pkg-config libc6-dev libevent-dev libjansson-dev libldns-dev libsodium-dev libssl-dev
	libzstd-dev libpcre2-dev"

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

missing_packages() {
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
	done
}

# Install what is missing. Nothing that comes with it is started or left enabled.
need_packages() {
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	echo "installing: $missing"
	policy=/usr/sbin/policy-rc.d
	made_policy=
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
		as_root chmod 755 "$policy"
		made_policy=yes
	fi
	log=$(mktemp)
	status=0
	# shellcheck disable=SC2086
	{
		as_root apt-get update -qq &&
			as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
	} >"$log" 2>&1 || status=$?
	[ -z "$made_policy" ] || as_root rm -f "$policy"
	if [ "$status" -ne 0 ]; then
		tail -n 20 "$log" >&2
		echo "could not install: $missing" >&2
	fi
	rm -f "$log"
	return "$status"
}

# unpack_peers DIR PACKAGE...: other people's programs, to test and to measure with, unpacked below DIR with what they
# need and is not installed: nothing of them runs by itself, none is in the other's way, and removing DIR removes them.
unpack_peers() {
	peers_dir=$1
	shift
	# Which packages are there already, and are these all that were asked for?
	[ "$(cat "$peers_dir/packages" 2>/dev/null)" != "$*" ] || return 0
	echo "unpacking: $*"
	mkdir -p "$peers_dir/deb"
	log=$(mktemp)
	status=0
	(
		cd "$peers_dir/deb" || exit 1
		as_root apt-get update -qq
		# One at a time: some of them refuse to be installed together.
		for package in "$@"; do
			apt-get -s --no-install-recommends install "$package" | awk '/^Inst / { print $2 }'
		done | sort -u >needed
		xargs apt-get download -qq <needed || exit 1
		for deb in *.deb; do
			dpkg -x "$deb" .. || exit 1
		done
	) >"$log" 2>&1 || status=$?
	rm -rf "$peers_dir/deb"
	if [ "$status" -eq 0 ]; then
		echo "$*" >"$peers_dir/packages"
	else
		tail -n 20 "$log" >&2
		echo "could not unpack: $*" >&2
	fi
	rm -f "$log"
	return "$status"
}

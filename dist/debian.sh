# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# Sourced by ./run and ./test: what they need of Debian, and installing what is missing of it.

# What the build needs.
BUILD_PACKAGES="gcc cmake ninja-build pkg-config libc6-dev libevent-dev libjansson-dev libldns-dev libsodium-dev"

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

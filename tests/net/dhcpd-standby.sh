#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Two DHCP servers with one set of leases on kernel sockets: tests/net/lib/standby.sh.
# shellcheck disable=SC2034
HOST=kernel
. "$(dirname "$0")/lib/standby.sh"

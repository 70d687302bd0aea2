#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Two DHCP servers with one set of leases on our own stack: tests/net/lib/standby.sh.
# shellcheck disable=SC2034
HOST=stack
. "$(dirname "$0")/lib/standby.sh"

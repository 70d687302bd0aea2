#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The event on the kernel's sockets, all services in one process.
# What travels where: tests/net/lib/event.sh.
HOST=kernel DAEMONS=one
. "$(dirname "$0")/lib/event.sh"

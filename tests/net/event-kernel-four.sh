#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The event on the kernel's sockets, as four daemons that hear each other over their control sockets.
# What travels where: tests/net/lib/event.sh.
HOST=kernel DAEMONS=four
. "$(dirname "$0")/lib/event.sh"

#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The event on our own stack over a macvtap of an interface that has no address itself,
# all services in one process. What travels where: tests/net/lib/event.sh.
HOST=stack DAEMONS=one KIND=macvtap
. "$(dirname "$0")/lib/event.sh"

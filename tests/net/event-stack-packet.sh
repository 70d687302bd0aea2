#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The event on our own stack over a packet socket of an interface that has no address itself (a real LAN would be the same),
# all services in one process. What travels where: tests/net/lib/event.sh.
HOST=stack DAEMONS=one KIND=packet
. "$(dirname "$0")/lib/event.sh"

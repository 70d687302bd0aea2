#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The event on our own stack over a tap device, all services in one process.
# What travels where: tests/net/lib/event.sh.
HOST=stack DAEMONS=one
. "$(dirname "$0")/lib/event.sh"

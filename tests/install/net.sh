#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The stack with what it stands on, as proto.sh does it for the codecs: built with a compiler and CMake only,
# moved, used by a program of somebody else, shared and static, beside <net/if.h> and the like. Who asks for
# the stack alone gets the other two with it.
. "$(dirname "$0")/lib.sh"

build_alone net
installed_whole net libnet libproto crypto
use_cmake net
use_pkgconfig net.c "$CC -std=c11" guyline-net
echo "built alone, installed, moved, and linked in every way"

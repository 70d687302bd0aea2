#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The codec library alone: -DGYL_COMPONENTS=proto configures where neither pkg-config nor any package can
# be found, builds, installs; then the tree is moved, and a program of somebody else (consumer/) is built
# against it with find_package and with pkg-config, each with the shared and the static library. It also
# includes <syslog.h> and links libcrypto, whose names are close to ours.
. "$(dirname "$0")/lib.sh"

openssl='' link=''
! has_header openssl/sha.h || { openssl=WITH_LIBCRYPTO link=-lcrypto; }

build_alone proto
installed_whole proto libproto
use_cmake proto ${openssl:+-D$openssl=ON}
use_pkgconfig proto.c "$CC -std=c11 ${openssl:+-D$openssl}" guyline-proto "$link"
echo "built alone, installed, moved, and linked in every way"

#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The crypto library alone, as proto.sh does it for the codecs: built with a compiler and CMake only, moved,
# used by a program in C and the same in C++, shared and static, that also links libcrypto and libsodium.
. "$(dirname "$0")/lib.sh"

openssl='' sodium='' link=''
! has_header openssl/evp.h || { openssl=WITH_LIBCRYPTO link=-lcrypto; }
! has_header sodium.h || { sodium=WITH_LIBSODIUM link="$link -lsodium"; }
command -v "$CXX" >/dev/null || CXX=

build_alone crypto
installed_whole crypto crypto
use_cmake crypto ${openssl:+-D$openssl=ON} ${sodium:+-D$sodium=ON}
defines="${openssl:+-D$openssl} ${sodium:+-D$sodium}"
use_pkgconfig crypto.c "$CC -std=c11 $defines" guyline-crypto "$link"
if [ -n "$CXX" ]; then
	use_pkgconfig crypto.cc "$CXX -std=c++17 $defines" guyline-crypto "$link"
else
	echo "without C++"
fi
echo "built alone, installed, moved, and linked in every way"

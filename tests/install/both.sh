#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Both libraries in one program: their headers, names and packages do not get in each other's way.
. "$(dirname "$0")/lib.sh"

build_alone "proto;crypto"
lib=$(dirname "$(find "$prefix" -name 'libguyline-crypto.so' | head -n 1)")
use_cmake "proto;crypto"
use_pkgconfig both.c "$CC -std=c11" "guyline-proto guyline-crypto"
echo "used together"

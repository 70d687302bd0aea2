/* SPDX-License-Identifier: ISC */
#include "crypto.c"

/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_SECCOMP_H
#define GYL_SERVICES_BASE_SECCOMP_H

#include "services/base/sandbox.h"

/* Allow only the listed system calls from now on, in all threads. Others give EPERM. 0, or -1 with
 * err. */
int gyl_seccomp_enter(enum gyl_sandbox_kind kind, bool may_connect, char err[200], char note[200]);

#endif

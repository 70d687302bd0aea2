/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_NOTICE_H
#define GYL_SERVICES_SYSLOGD_NOTICE_H

/*
 * What a peer does wrong again and again is told once a minute, with how often it was. Pure, in
 * bounded memory: two peers that fall on the same place are told more often, none is forgotten.
 */

#include <gyl/base.h>

enum gyl_syslogd_notice_kind {
	GYL_SYSLOGD_NOTICE_TLS = 1, /* it and we did not come together over TLS */
	GYL_SYSLOGD_NOTICE_COUNT    /* octet counts that are none */
};

enum {
	GYL_SYSLOGD_NOTICE_MAX = 1024 /* places: a power of two */
};

struct gyl_syslogd_notice {
	uint64_t told_ns; /* monotonic */
	uint32_t ip;
	uint32_t cnt; /* since then */
	uint8_t kind; /* 0: the place is free */
};

struct gyl_syslogd_notices {
	struct gyl_syslogd_notice at[GYL_SYSLOGD_NOTICE_MAX];
};

/* It has happened once more. How often since it was told last, this time included; 0: it is not to
 * be told yet. */
uint32_t gyl_syslogd_notice(struct gyl_syslogd_notices *t, enum gyl_syslogd_notice_kind kind,
	uint32_t ip, uint64_t mono_ns);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_FORWARD_PARSE_H
#define GYL_SERVICES_SYSLOGD_FORWARD_PARSE_H

/* Where messages are forwarded to, as it is written. Pure. */

#include "services/syslogd/forward.h"

/*
 * "udp://10.0.0.9", "tcp://10.0.0.9:1514", "tls://10.0.0.9:6514": the port is 514, that of TLS 6514
 * (RFC 5425 4.1), unless it is given. GYL_E_NAME: another way, GYL_E_SYNTAX, GYL_E_RANGE: no
 * address or port to send to; nothing is written then.
 */
struct gyl_fault gyl_syslogd_place_parse(
	struct gyl_view in, enum gyl_syslogd_way *ret_way, struct gyl_syslogd_place *ret_place);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_TCP_KEEP_H
#define GYL_LIBNET_SRC_TCP_KEEP_H

/* Keep-alive (RFC 9293 3.8.4) as a function of silence, without a state beside the count of probes.
 */

#include <gyl/base.h>

enum gyl__keep {
	GYL__KEEP_WAIT,
	GYL__KEEP_PROBE, /* send one, count it */
	GYL__KEEP_CLOSE
};

struct gyl__keep_step {
	enum gyl__keep what;
	uint64_t at_ns; /* WAIT: until then; PROBE: when the next step is due */
};

/* heard_ns: when the peer was last heard; probe_cnt: probes since then, the last one at probed_ns.
 * A machine that slept past several probes sends one, not all of them. */
struct gyl__keep_step gyl__keep(uint64_t now_ns, uint64_t heard_ns, uint64_t probed_ns,
	uint8_t probe_cnt, uint64_t idle_ns, uint64_t gap_ns, uint8_t max_cnt);

#endif

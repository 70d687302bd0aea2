/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_METRICS_HTTP_H
#define GYL_SERVICES_BASE_METRICS_HTTP_H

/*
 * GET /metrics and GET /healthz over HTTP, on a TCP port of the machine's own network; HEAD too.
 * Other paths are 404, other methods 405. It asks nobody for a password and tells no addresses of
 * clients: listen where those come by who may see the numbers.
 *
 * Bounds: GYL_METRICS_HTTP_MAX connections, further ones wait in the kernel's queue; requests of
 * 4 KiB without a body; a connection is closed after its answer, and 10 s after it was accepted in
 * any case. An answer is made at once, one for all who ask in the same turn of the loop, and sent
 * as it is read: neither a slow reader nor a crowd stalls anybody.
 */

#include "libnet/host/loop.h"
#include <gyl/writer.h>

enum {
	GYL_METRICS_HTTP_MAX = 8,
	GYL_METRICS_LEN_MAX = 4 << 20, /* octets of an answer */
	GYL_METRICS_HTTP_S = 10
};

struct gyl_metrics_http;

struct gyl_metrics_http_conf {
	uint32_t ip;   /* 0: every address */
	uint16_t port; /* 0: any, gyl_metrics_http_port() tells which */
	struct gyl_loop *loop;
	/* The numbers, in Prometheus' text format. */
	void (*write)(void *arg, struct gyl_writer *w);
	/* Is all well? When not, w gets a line a reason. */
	bool (*healthy)(void *arg, struct gyl_writer *w);
	void *arg;
};

/* NULL with a sentence in err. */
struct gyl_metrics_http *gyl_metrics_http_open(
	const struct gyl_metrics_http_conf *cf, char err[200]);
void gyl_metrics_http_close(struct gyl_metrics_http *s);

uint16_t gyl_metrics_http_port(const struct gyl_metrics_http *s);
/* Requests that were answered with numbers or health, and such that were refused. */
uint64_t gyl_metrics_http_scrapes(const struct gyl_metrics_http *s);

#endif

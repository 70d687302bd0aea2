/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_CONF_H
#define GYL_SERVICES_SYSLOGD_CONF_H

#include "services/base/flat.h"

enum gyl_syslogd_sync {
	GYL_SYSLOGD_SYNC_NONE,  /* the kernel writes back when it likes */
	GYL_SYSLOGD_SYNC_SECOND /* fdatasync a second after a write at the latest */
};

/* Section "syslogd" of the flat block. */
struct gyl_syslogd_conf {
	uint64_t rotate_size; /* a log file is closed before it grows over this */
	uint64_t rotate_ns;   /* and at every full multiple of this, UTC */
	uint64_t keep_size;   /* closed files, all together; 0: no bound */
	uint64_t rcvbuf_len;  /* of the sockets for datagrams */
	uint64_t tcp_idle_ns; /* a connection that says nothing for so long is closed */
	struct gyl_ref socket, stream_socket, dir, zone;
	struct gyl_ref interfaces; /* of struct gyl_ref, strings: names; empty: all */
	struct gyl_ref zones;      /* of struct gyl_conf_entry; octet: struct gyl_syslogd_zone */
	uint32_t keep_cnt;         /* closed files; 0: no bound */
	uint32_t tcp_max;          /* connections at once */
	uint32_t ip;               /* address that the ports listen on, 0: all */
	uint16_t port;             /* UDP, 0: none */
	uint16_t tcp_port;         /* gyl_syslogd_tcp_port() */
	bool has_tcp_port;
	bool learn;     /* zones that senders turn out to use are used */
	uint8_t sync;   /* enum gyl_syslogd_sync */
	uint8_t events; /* least important severity of the services' events that is kept */
};

/* The TCP port: that of UDP unless it is given; 0: none. */
static inline uint16_t gyl_syslogd_tcp_port(const struct gyl_syslogd_conf *cf)
{
	return cf->has_tcp_port ? cf->tcp_port : cf->port;
}

#endif

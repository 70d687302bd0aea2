/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_CONF_H
#define GYL_SERVICES_SYSLOGD_CONF_H

#include "services/base/flat.h"

enum gyl_syslogd_sync {
	GYL_SYSLOGD_SYNC_NONE,  /* the kernel writes back when it likes */
	GYL_SYSLOGD_SYNC_SECOND /* fdatasync a second after a write at the latest */
};

enum {
	GYL_SYSLOGD_OUTPUT_MAX = 32, /* outputs; a bit each in a mask of them */
	GYL_SYSLOGD_RULE_MAX = 64,
	GYL_SYSLOGD_OUTPUT_NAME_MAX = 32,     /* octets of an output's or a rule's name */
	GYL_SYSLOGD_RULE_LIST_MAX = 16,       /* patterns of a kind in a rule */
	GYL_SYSLOGD_RULE_TEXT_LEN = 64 * 1024 /* octets of all patterns and templates */
};

enum gyl_syslogd_format { /* of what is forwarded */
	GYL_SYSLOGD_FORMAT_5424,
	GYL_SYSLOGD_FORMAT_3164,
	GYL_SYSLOGD_FORMAT_JSON,
	GYL_SYSLOGD_FORMAT_RAW
};

/* A member of "outputs": where messages go beside the log. One of file, program and forward is
 * given. */
struct gyl_syslogd_output_conf {
	struct gyl_ref name;
	struct gyl_ref file;    /* template of a path (template.h) */
	struct gyl_ref program; /* of struct gyl_ref, strings: path and arguments */
	struct gyl_ref text;    /* template of a line */
	struct gyl_ref forward; /* of struct gyl_ref, strings: places (forward_parse.h) */
	struct gyl_ref tls_ca, tls_cert, tls_key; /* paths */
	struct gyl_ref tls_peer; /* of struct gyl_ref: who it has to be, by name or fingerprint */
	uint64_t queue_size; /* octets of what waits to be forwarded; 0: GYL_SYSLOGD_QUEUE_SIZE */
	uint32_t pace;       /* datagrams a second; 0: GYL_SYSLOGD_PACE */
	uint8_t format;      /* enum gyl_syslogd_format */
	uint8_t framing;     /* enum gyl_syslog_framing, of streams */
	uint8_t drop_old;    /* bool: when the queue is full; else new messages */
};

/* What counts when a key is not given, and 0 stands there. */
enum {
	GYL_SYSLOGD_QUEUE_SIZE = 256 << 20,
	GYL_SYSLOGD_PACE = 10000
};

struct gyl_syslogd_rate_conf {
	uint64_t interval_ns; /* in so long a time */
	uint32_t burst;       /* so many messages of a sender pass */
};

/* An item of "rules". Lists are of struct gyl_ref, strings, any of which will do; empty: all. */
struct gyl_syslogd_rule_conf {
	struct gyl_ref name;             /* for people */
	struct gyl_ref facility;         /* of uint8_t */
	struct gyl_ref severity;         /* "warning", "<=warning" */
	struct gyl_ref host, app, msgid; /* patterns with * and ? */
	struct gyl_ref from;             /* networks, "unix", "guyline" */
	struct gyl_ref message;          /* a regular expression; empty: none */
	struct gyl_ref to;               /* names of outputs */
	uint64_t fold_ns;                /* 0: equal messages are not folded */
	struct gyl_syslogd_rate_conf rate;
	bool has_rate;
	bool store; /* and into the log, too, unless a rule says no */
	bool stop;  /* later rules do not see the message */
};

struct gyl_syslogd_seal_conf {
	struct gyl_ref passphrase_file; /* empty: closed segments are not sealed */
};

/* Section "syslogd" of the flat block. */
struct gyl_syslogd_conf {
	uint64_t rotate_size; /* a log file is closed before it grows over this */
	uint64_t rotate_ns;   /* and at every full multiple of this, UTC */
	uint64_t keep_size;   /* closed files, all together; 0: no bound */
	uint64_t keep_ns;     /* those closed longer ago go; infinite: no bound */
	uint64_t rcvbuf_len;  /* of the sockets for datagrams */
	uint64_t tcp_idle_ns; /* a connection that says nothing for so long is closed */
	struct gyl_ref socket, stream_socket, dir, zone;
	struct gyl_ref interfaces; /* of struct gyl_ref, strings: names; empty: all */
	struct gyl_ref zones;      /* of struct gyl_conf_entry; octet: struct gyl_syslogd_zone */
	struct gyl_ref outputs;    /* of struct gyl_syslogd_output_conf */
	struct gyl_ref rules;      /* of struct gyl_syslogd_rule_conf */
	struct gyl_syslogd_seal_conf seal;
	struct gyl_ref tls_cert, tls_key, tls_client_ca; /* paths */
	struct gyl_ref tls_client; /* of struct gyl_ref: who is let in, by name or fingerprint */
	uint32_t keep_cnt;         /* closed files; 0: no bound */
	uint32_t compress_level;   /* of zstd */
	uint32_t tcp_max;          /* connections at once */
	uint32_t ip;               /* address that the ports listen on, 0: all */
	uint16_t port;             /* UDP, 0: none */
	uint16_t tcp_port;         /* gyl_syslogd_tcp_port() */
	uint16_t tls_port;         /* 0: none */
	bool has_tcp_port;
	bool compress;  /* closed files are packed */
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

/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_PCAP_FILE_H
#define GYL_LIBNET_DEV_PCAP_FILE_H

/*
 * Capture files of libpcap, record by record (draft-ietf-opsawg-pcap 4). Reading: both byte orders,
 * micro- and nanoseconds, any link type. Writing: nanoseconds, Ethernet. Memory is bounded: a file
 * is read and written through one buffer, whatever its length.
 */

#include <sys/types.h>

#include "libnet/dev/dev.h"

enum {
	GYL_PCAP_FILE_HEADER_LEN = 24,
	GYL_PCAP_RECORD_HEADER_LEN = 16,
	GYL_PCAP_IN_LEN = 2 * (GYL_DEV_FRAME_MAX + GYL_PCAP_RECORD_HEADER_LEN),
	GYL_PCAP_OUT_LEN = GYL_DEV_FRAME_MAX + GYL_PCAP_RECORD_HEADER_LEN
};

/* https://www.tcpdump.org/linktypes.html */
enum gyl_pcap_link {
	GYL_PCAP_ETHERNET = 1,
	GYL_PCAP_RAW = 101, /* IP without anything in front */
	GYL_PCAP_LINUX_SLL = 113,
	GYL_PCAP_IPV4 = 228
};

/* ---- reading ---- */

struct gyl_pcap_in {
	int file;
	uint32_t link;                /* enum gyl_pcap_link, or another one */
	bool little;                  /* @private */
	bool nano;                    /* @private */
	uint64_t at;                  /* offset in the file of what comes next */
	size_t from;                  /* @private of it in buf */
	size_t end;                   /* @private octets in buf */
	uint8_t buf[GYL_PCAP_IN_LEN]; /* @private */
};

struct gyl_pcap_record {
	uint64_t wall_ns;
	struct gyl_view data; /* what was captured; in the file's buffer */
	uint32_t len;         /* how long it was on the wire */
};

/* Open a file and read its header. 0, or -errno and a sentence in err; -EBADMSG: it is no capture
 * file, and the sentence tells the offset. *p->file is -1 then. */
int gyl_pcap_in_open(struct gyl_pcap_in *p, const char *path, char err[200]);
/* The same on a descriptor, which is closed with it, of which `first` was read already (up to 24
 * octets). */
int gyl_pcap_in_begin(
	struct gyl_pcap_in *p, int fd, struct gyl_view first, const char *path, char err[200]);
/* Do these four octets begin a capture file? Of pcapng, too, which begin() refuses in words. */
bool gyl_pcap_is(const uint8_t first[4]);
void gyl_pcap_in_close(struct gyl_pcap_in *p);

/*
 * The record that lies next, without going on: 1, 0 at the end, or -1 and what is wrong with it, at
 * p->at. Valid until the next call; but see gyl_pcap_in_has().
 */
int gyl_pcap_in_peek(struct gyl_pcap_in *p, struct gyl_pcap_record *ret_r, const char **ret_what);
/* Is the next record in the buffer as a whole? Then a peek at it leaves the ones before it valid.
 */
bool gyl_pcap_in_has(const struct gyl_pcap_in *p);
/* Go on behind a record. */
void gyl_pcap_in_step(struct gyl_pcap_in *p, const struct gyl_pcap_record *r);

/* Back to the first record: 0 or -errno. */
int gyl_pcap_in_rewind(struct gyl_pcap_in *p);

/* ---- writing ---- */

struct gyl_pcap_out {
	int file;
	int err;    /* errno of the first write that failed; nothing is written after it */
	size_t len; /* @private */
	uint8_t buf[GYL_PCAP_OUT_LEN]; /* @private */
};

/* The file is made with mode 0600, replacing an old one. 0 or -errno. */
int gyl_pcap_out_open(struct gyl_pcap_out *p, const char *path);
void gyl_pcap_out_put(struct gyl_pcap_out *p, uint64_t wall_ns, struct gyl_view frame);
void gyl_pcap_out_flush(struct gyl_pcap_out *p);
/* Flushes, too. 0, or -errno when anything could not be written. */
int gyl_pcap_out_close(struct gyl_pcap_out *p);

#endif

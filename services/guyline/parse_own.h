/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_PARSE_OWN_H
#define GYL_SERVICES_GUYLINE_PARSE_OWN_H

/* What the files of `guyline parse` share: lines of the input, messages in frames, complaints. */

#include <gyl/writer.h>

enum {
	GYL__PARSE_LINE_MAX = 1 << 20,  /* octets of an input line that are kept */
	GYL__PARSE_TEXT_MAX = 16 << 20, /* octets of a record; a DNS message's names may repeat */
	GYL__PARSE_MAGIC_LEN = 4        /* octets that tell a capture from text */
};

/* ---- lines (parse_line.c) ---- */

/* A file, read line by line in bounded memory; the octets of a line may be any but LF. */
struct gyl__parse_lines {
	int fd;
	int err;       /* errno of a read that failed */
	uint64_t line; /* number of the line that was given last, from 1 */
	uint64_t at;   /* offset in the input where it begins */
	uint64_t next; /* @private offset of the next one */
	size_t from, end;
	bool eof;
	uint8_t buf[GYL__PARSE_LINE_MAX]; /* @private */
};

/* Start; up to GYL__PARSE_MAGIC_LEN octets are read already, which ret_first shows. */
void gyl__parse_lines_open(struct gyl__parse_lines *l, int fd, struct gyl_view *ret_first);
/*
 * The next line without its LF, valid until the next call; a last one may lack the LF. Of one
 * longer than GYL__PARSE_LINE_MAX the first part comes; *ret_len is how long it is. False at the
 * end. Standard output is flushed before the input is waited for.
 */
bool gyl__parse_lines_next(struct gyl__parse_lines *l, struct gyl_view *ret_line, size_t *ret_len);

/* ---- the run ---- */

struct gyl__parse_kind;

struct gyl__parse {
	const struct gyl__parse_kind *kind;
	const char *name; /* of the input, for complaints */
	bool text;        /* --text: for people */
	uint16_t port;    /* in captures; 0: those of the kind */
	uint64_t recv_ns; /* --recv; 0: now */
	struct gyl_view from;
	int32_t zone_s;
	uint64_t seq;
	uint64_t bad_cnt; /* messages that were complained of */
	struct gyl__parse_lines lines;
	struct gyl_writer w; /* of the record that is being made */
};

/* Where a message was found in a capture; NULL stands for a line of text. */
struct gyl__parse_where {
	uint64_t frame, at, wall_ns;
	uint32_t src_ip, dst_ip;
	uint16_t src_port, dst_port;
};

struct gyl__parse_kind {
	const char *name;
	uint16_t port[2];
	/* A line of text. */
	void (*line)(struct gyl__parse *p, struct gyl_view line, size_t len);
	/* A message of a capture: the payload of a UDP datagram, or of an ARP frame. */
	void (*message)(
		struct gyl__parse *p, const struct gyl__parse_where *at, struct gyl_view data);
};

/* "standard input:3: octet 12: ..." or "...: frame 7 at offset 130: octet 12: ..."; at NULL: the
 * line. `what` may be NULL. */
void gyl__parse_complain(struct gyl__parse *p, const struct gyl__parse_where *at, const char *what,
	struct gyl_fault f);
/* Print the record that is in p->w, and begin the next. */
void gyl__parse_put(struct gyl__parse *p);

/* parse_syslog.c */
void gyl__parse_syslog_line(struct gyl__parse *p, struct gyl_view line, size_t len);
void gyl__parse_syslog_message(
	struct gyl__parse *p, const struct gyl__parse_where *at, struct gyl_view data);

/* parse_packet.c: hexadecimal digits, and messages, of the other kinds. */
void gyl__parse_hex_line(struct gyl__parse *p, struct gyl_view line, size_t len);
void gyl__parse_packet(
	struct gyl__parse *p, const struct gyl__parse_where *at, struct gyl_view data);

/* parse_capture.c: a pcap file on fd, which began with `first`. 0, or an exit status after a
 * complaint. */
int gyl__parse_capture(struct gyl__parse *p, int fd, struct gyl_view first);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_EVENT_H
#define GYL_SERVICES_BASE_EVENT_H

/*
 * Events: the only way services talk to each other, and the only kind of log line there is.
 *
 * One table (event_table.h) names every kind, its source, severity, fields and sentence. From it
 * come the text form (RFC 5424 structured data, between daemons and guests), JSON (for tools) and
 * the sentence (for people). An event carries whole state and its expiry, so the last one about a
 * key wins and no order or history is needed to use it.
 *
 * Pure; an event owns its strings, so that it can be copied through a ring.
 */

#include <gyl/base.h>
#include <gyl/writer.h>

enum {
	GYL_EVENT_FIELD_MAX = 12, /* fields of one kind, at most */
	GYL_EVENT_TEXT_MAX = 384  /* octets of all string fields of one event */
};

enum gyl_severity { /* RFC 5424 table 2 */
	GYL_SEV_EMERG,
	GYL_SEV_ALERT,
	GYL_SEV_CRIT,
	GYL_SEV_ERR,
	GYL_SEV_WARNING,
	GYL_SEV_NOTICE,
	GYL_SEV_INFO,
	GYL_SEV_DEBUG
};

enum gyl_event_source {
	GYL_SRC_BASE,
	GYL_SRC_DHCPD,
	GYL_SRC_DNS,
	GYL_SRC_SYSLOGD,
	GYL_SRC_ARPD,
	GYL_SRC_NET,
	GYL_SRC_CNT
};

enum gyl_field_type {
	GYL_F_NONE,
	GYL_F_U64,
	GYL_F_IP,
	GYL_F_MAC,
	GYL_F_STR,
	GYL_F_TIME /* wall ns */,
	GYL_F_DUR /* ns */
};

enum gyl_event_kind {
#define EVENT(id, name, source, severity, state, sentence, ...) GYL_EV_##id,
#include "services/base/event_table.h"
#undef EVENT
	GYL_EV_CNT
};

struct gyl_event_field {
	const char *name; /* SD parameter name and JSON member */
	uint8_t type;     /* enum gyl_field_type */
};

struct gyl_event_desc {
	const char *name;     /* "dhcpd.lease" */
	uint8_t source;       /* enum gyl_event_source */
	uint8_t severity;     /* enum gyl_severity, unless the event says otherwise */
	bool state;           /* part of a source's live state: replayed to a new subscriber */
	const char *sentence; /* for people; {field} is replaced */
	struct gyl_event_field field[GYL_EVENT_FIELD_MAX];
};

struct gyl_event_val {
	bool set;
	union {
		uint64_t u64; /* U64, TIME, DUR, IP (host order) */
		uint8_t mac[6];
		struct {
			uint16_t off, len; /* into text */
		} str;
	} u;
};

struct gyl_event {
	uint16_t kind;    /* enum gyl_event_kind */
	uint8_t severity; /* enum gyl_severity */
	bool remote;      /* said in another process, and logged there */
	uint64_t wall_ns;
	uint64_t mono_ns;
	struct gyl_event_val val[GYL_EVENT_FIELD_MAX]; /* in the order of the table */
	uint16_t text_len;
	char text[GYL_EVENT_TEXT_MAX];
};

/* The row of a kind; kind MUST be < GYL_EV_CNT. */
const struct gyl_event_desc *gyl_event_desc(unsigned kind);

/* "dhcpd", and "notice" (RFC 5424 table 2, as syslog tools write it); static storage. */
const char *gyl_event_source_name(unsigned source);
const char *gyl_severity_name(unsigned severity);

/* Kind of a name such as "dhcpd.lease", or -1. */
int gyl_event_find(struct gyl_view name);

/* Copies no more of its text than there is. */
static inline void gyl_event_copy(struct gyl_event *to, const struct gyl_event *from)
{
	memcpy(to, from, offsetof(struct gyl_event, text) + from->text_len);
}

/* An event of a kind with no field set. */
void gyl_event_init(struct gyl_event *e, enum gyl_event_kind kind);

/*
 * Fill a field by its name, which MUST be one of the kind's fields and of that type. Strings are
 * cut when the event's text is full. Unset fields are left out of every form.
 */
void gyl_event_u64(struct gyl_event *e, const char *name, uint64_t v); /* also TIME, DUR */
void gyl_event_ip(struct gyl_event *e, const char *name, uint32_t ip);
void gyl_event_mac(struct gyl_event *e, const char *name, const uint8_t mac[6]);
void gyl_event_str(struct gyl_event *e, const char *name, struct gyl_view v);

/* Read a field back: false when it is not set. */
bool gyl_event_get_u64(
	const struct gyl_event *e, const char *name, uint64_t *ret_v); /* also IP, TIME, DUR */
bool gyl_event_get_mac(const struct gyl_event *e, const char *name, uint8_t ret_mac[6]);
bool gyl_event_get_str(const struct gyl_event *e, const char *name, struct gyl_view *ret_v);

/* A field that is set, by its place in the table, as people write it; strings made safe. */
void gyl_event_print_field(const struct gyl_event *e, unsigned i, struct gyl_writer *w);
/* The sentence for people, strings made safe for a terminal. */
void gyl_event_print(const struct gyl_event *e, struct gyl_writer *w);
/* One JSON object: time, severity, event, then the fields, and the sentence. */
void gyl_event_json(const struct gyl_event *e, struct gyl_writer *w);
/* A whole RFC 5424 message: PRI, time, host, app = source, msgid = name, [gyl@32473 field="value"
 * ...], sentence. */
void gyl_event_encode(const struct gyl_event *e, struct gyl_view hostname, struct gyl_writer *w);
/* Read that form back; unknown events and fields are skipped: GYL_E_MISSING when it is no event of
 * ours. */
struct gyl_fault gyl_event_decode(struct gyl_view line, struct gyl_event *ret_event);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_CONTROL_OWN_H
#define GYL_SERVICES_BASE_CONTROL_OWN_H

/* What control.c (connections) and control_verb.c (what they may ask for) share. */

#include <event2/bufferevent.h>
#include <gyl/json.h>
#include <jansson.h>

#include "services/base/control.h"

/* What of the events a client gets. */
enum gyl_client_mode {
	GYL_CLIENT_ASK,      /* nothing: it asks and is answered */
	GYL_CLIENT_WAIT,     /* a snapshot was asked for and has not begun */
	GYL_CLIENT_SNAPSHOT, /* between BEGIN and END */
	GYL_CLIENT_FOLLOW    /* changes as they happen */
};

struct gyl_client {
	struct gyl_control *c;
	struct bufferevent *bev;
	enum gyl_client_mode mode;
	uint64_t epoch;   /* of the snapshot it waits for */
	uint32_t sources; /* bit per enum gyl_event_source */
	int kind;         /* only this kind of event, -1: all */
	bool follow;      /* after the snapshot */
	bool syslog;      /* RFC 5424 lines with octet counts instead of JSON */
	bool ended;       /* it asks no more, but reads its answers */
	json_int_t id;    /* of the request being answered */
};

struct gyl_control {
	char path[108];
	struct gyl_control_conf cf;
	struct evconnlistener *listener;
	struct event *again; /* when to accept again after descriptors ran out */
	struct gyl_client *client[GYL_CONTROL_CLIENT_MAX];
	uint64_t epoch;    /* snapshots asked for so far */
	uint64_t cut_cnt;  /* clients cut off because they did not read */
	uint64_t start_ns; /* wall */
};

/* Answer one request object. */
void gyl__control_request(struct gyl_client *cl, json_t *req);

/* One line {"id":N,"data":DATA}; DATA is JSON text. */
void gyl__control_data(struct gyl_client *cl, struct gyl_view data);
/* {"id":N,"end":true} or {"id":N,"error":"..."}: the last line of an answer. */
void gyl__control_end(struct gyl_client *cl);
void gyl__control_error(struct gyl_client *cl, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* One event to a client, in its form. */
void gyl__control_tell(struct gyl_client *cl, const struct gyl_event *e);

#endif

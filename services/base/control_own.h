/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_CONTROL_OWN_H
#define GYL_SERVICES_BASE_CONTROL_OWN_H

/*
 * What control.c (clients), control_verb.c (what they may ask for), control_ask.c (what is
 * answered in slices), control_store.c (the store's part of that), control_place.c (where they come
 * in) and control_guest.c (who has no password yet) share.
 */

#include <event2/bufferevent.h>
#include <gyl/json.h>
#include <jansson.h>

#include "services/base/control.h"
#include "services/base/control_auth.h"
#include "services/base/control_limit.h"
#include "services/base/match.h"

/* What of the events a client gets. */
enum gyl_client_mode {
	GYL_CLIENT_ASK,      /* nothing: it asks and is answered */
	GYL_CLIENT_WAIT,     /* a snapshot was asked for and has not begun */
	GYL_CLIENT_SNAPSHOT, /* between BEGIN and END */
	GYL_CLIENT_ANSWER,   /* nothing: a core answers, slice by slice */
	GYL_CLIENT_FOLLOW    /* changes as they happen */
};

struct gyl_client {
	struct gyl_control *c;
	struct bufferevent *bev;
	enum gyl_client_mode mode;
	uint64_t epoch;            /* of the snapshot it waits for */
	uint32_t sources;          /* bit per enum gyl_event_source */
	int kind;                  /* only this kind of event, -1: all */
	bool follow;               /* after the snapshot */
	bool syslog;               /* RFC 5424 lines with octet counts instead of JSON */
	bool ended;                /* it asks no more, but reads its answers */
	bool tcp;                  /* it has shown a password */
	json_int_t id;             /* of the request being answered */
	struct gyl_answer *answer; /* of a core, NULL: none; control_ask.c */
	char by[48];               /* who it is, for events about what it changes */
};

enum {
	GYL_CONTROL_ANSWER_LEN = 65536 /* nothing more is answered while so much is unread */
};

struct gyl_place {
	struct gyl_control *c;
	char path[108]; /* "": TCP */
	uint16_t port;  /* 0: a Unix socket */
	int fd;
	struct event *ev;
	struct event *again; /* when to accept again after descriptors ran out */
};

enum gyl_guest_state {
	GYL_GUEST_ASKED,  /* we wait for its password */
	GYL_GUEST_QUEUED, /* it waits for us */
	GYL_GUEST_LEAVING /* it was refused and may read why */
};

struct gyl_guest {
	struct gyl_control *c;
	int fd;
	uint32_t ip;
	enum gyl_guest_state state;
	uint64_t ticket; /* its place in the queue */
	json_int_t id;   /* of its request */
	struct event *ev, *timer;
	size_t len, line_len; /* octets read; of its first line, the line feed included */
	size_t password_len;
	char line[GYL_CONTROL_LINE_MAX];
	char password[GYL_CONTROL_PASSWORD_MAX];
};

/* What stands between a TCP port and the verbs. */
struct gyl_door {
	struct gyl_guest *guest[GYL_CONTROL_GUEST_MAX];
	struct gyl_guest *at; /* whose password is being verified */
	struct gyl_auth auth;
	struct gyl_limit limit;
	struct event *work; /* the next slice */
	uint64_t ticket;
	struct timeval handshake; /* how long a guest may take to ask */
	uint64_t in_cnt;          /* let in */
	uint64_t refused_cnt;     /* wrong passwords, and everything else than a right one */
	uint64_t full_cnt;        /* guests for whom there was no room */
};

struct gyl_control {
	struct gyl_control_conf cf;
	struct gyl_place place[GYL_CONTROL_PLACE_MAX];
	size_t place_cnt;
	struct gyl_client *client[GYL_CONTROL_CLIENT_MAX];
	struct gyl_door door;
	uint64_t epoch;    /* snapshots asked for so far */
	uint64_t cut_cnt;  /* clients cut off because they did not read */
	uint64_t start_ns; /* wall */
};

/* A client on fd, which it owns; NULL: no room, fd is closed. */
struct gyl_client *gyl__control_client(struct gyl_control *c, int fd);
/* A guest from `ip` becomes a client: it is told, and what it has sent already is served. */
void gyl__control_admit(struct gyl_control *c, int fd, uint32_t ip, json_int_t id, const void *rest,
	size_t rest_len);

/* control_place.c. False with a sentence in err. */
bool gyl__place_open(struct gyl_control *c, const struct gyl_control_place *where, char err[200]);
void gyl__place_close(struct gyl_place *p);

/* control_guest.c. False: no memory. */
bool gyl__door_open(struct gyl_control *c);
void gyl__door_close(struct gyl_control *c);
/* Somebody has come by TCP. Owns fd. */
void gyl__guest_new(struct gyl_control *c, int fd, uint32_t ip);

/* Answer one request object. */
void gyl__control_request(struct gyl_client *cl, json_t *req);

/* Look at what a client has asked and was not answered yet. It may be closed then. */
void gyl__control_ready(struct gyl_client *cl);

/* control_store.c: verbs about the store, answered in slices as a core's are. */
union gyl_store_look { /* from one slice to the next */
	struct gyl_store_cursor at;
	struct gyl_store_digest digest;
};
void gyl__control_store_ls(
	const struct gyl_store *s, struct gyl_question *q, union gyl_store_look *look);
void gyl__control_store_get(
	const struct gyl_store *s, struct gyl_question *q, union gyl_store_look *look);
void gyl__control_store_digest(
	const struct gyl_store *s, struct gyl_question *q, union gyl_store_look *look);

/* control_ask.c. A verb that a core answers, or one about the store; false: it is neither. */
bool gyl__control_ask(struct gyl_client *cl, const char *name, json_t *req);
/* The client may take more: the next slice, when one is due. */
void gyl__control_answer_on(struct gyl_client *cl);
/* Nothing from seq on was stored: who waits for it is told. */
void gyl__control_answer_lost(struct gyl_client *cl, uint64_t seq);
/* Who follows: does the event fit the patterns of the request? */
bool gyl__control_answer_wants(const struct gyl_client *cl, const struct gyl_event *e);
void gyl__control_answer_free(struct gyl_client *cl);
/* A data line for each line of JSON text. */
void gyl__control_lines(struct gyl_client *cl, struct gyl_view lines);

/* One line {"id":N,"data":DATA}; DATA is JSON text. */
void gyl__control_data(struct gyl_client *cl, struct gyl_view data);
/* The line of an error, line feed included. Octets. */
enum {
	GYL_CONTROL_ERROR_MAX = 2500
};
size_t gyl__control_error_line(char line[GYL_CONTROL_ERROR_MAX], json_int_t id, const char *text);
/* {"id":N,"end":true} or {"id":N,"error":"..."}: the last line of an answer. */
void gyl__control_end(struct gyl_client *cl);
void gyl__control_error(struct gyl_client *cl, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* One event to a client, in its form. */
void gyl__control_tell(struct gyl_client *cl, const struct gyl_event *e);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_ASK_H
#define GYL_SERVICES_BASE_ASK_H

/* The client side of the control socket: ask a running daemon and show what it says. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct gyl_ask_column {
	const char *title;       /* heading */
	const char *member;      /* of the data objects; nested ones with a dot: "host.in" */
	const char *const *word; /* of a number: its name; NULL ends; NULL: numbers as they are */
	int width;               /* of what follows, where nobody knows what is to come */
};

/* A data object of the answer, while it is shown. */
struct gyl_ask_row;

/* A member that is text; NULL: it is not there. */
const char *gyl_ask_text(const struct gyl_ask_row *row, const char *member);
long long gyl_ask_number(const struct gyl_ask_row *row, const char *member, long long otherwise);

struct gyl_ask {
	const char *const *path; /* sockets to try in this order, NULL ends; or one HOST:PORT */
	const char *request;     /* members of the request object: "\"do\":\"status\"" */
	const struct gyl_ask_column *column; /* NULL: a "member: value" line for each member */
	size_t column_cnt;
	bool json;   /* print the data objects as they come, a line each */
	bool quiet;  /* nothing on standard error when nobody answers, or the daemon refuses */
	bool follow; /* lines are shown as they come, not aligned at the end */
	const char *password_file; /* for HOST:PORT; NULL: from GUYLINE_PASSWORD or the terminal */
	const char *sort;          /* a member that rows are sorted by; NULL: as they come */
	/* Called for each data object, NULL: for none. True: it has shown it, nobody else does. */
	bool (*row)(void *arg, const struct gyl_ask_row *row, FILE *out);
	void *arg;
};

/*
 * 0; 1: the daemon refused (its reason is on standard error); 69 (EX_UNAVAILABLE): nobody answers;
 * 77 (EX_NOPERM): no password, or a wrong one.
 */
int gyl_ask(const struct gyl_ask *a, FILE *out);

/* Append s to buf as a JSON string, quotes included. False when it does not fit. */
bool gyl_ask_quote(char *buf, size_t cap, const char *s);

#endif

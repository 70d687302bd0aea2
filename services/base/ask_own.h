/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_ASK_OWN_H
#define GYL_SERVICES_BASE_ASK_OWN_H

/* What ask.c (asking), ask_table.c (showing) and ask_tcp.c (over a network) share. */

#include <jansson.h>

#include "services/base/ask.h"

enum {
	GYL_ASK_COLUMN_MAX = 16,
	GYL_ASK_CELL_MAX = 512
};

struct gyl__ask_line {
	char *cell[GYL_ASK_COLUMN_MAX];
	char *key; /* to sort by: the number first */
	long long number;
};

struct gyl__ask_table {
	struct gyl__ask_line *line;
	size_t cnt, cap;
	bool titles; /* the first line stays where it is */
};

/* ask_table.c */

void gyl__ask_titles(struct gyl__ask_table *t, const struct gyl_ask *a);
void gyl__ask_add(struct gyl__ask_table *t, const struct gyl_ask *a, const json_t *data);
void gyl__ask_print(struct gyl__ask_table *t, const struct gyl_ask *a, FILE *out);
void gyl__ask_free(struct gyl__ask_table *t);
/* One line at once; data NULL: the titles. */
void gyl__ask_follow(const struct gyl_ask *a, const json_t *data, FILE *out);
/* One value as text that is safe on a terminal. */
void gyl__ask_cell(const json_t *v, char text[GYL_ASK_CELL_MAX]);

/* Is it a host and a port, not a path? */
bool gyl__ask_is_tcp(const char *at);

/*
 * Find a password, connect, show it. The connection, or -1 after saying on standard error why not,
 * with the exit status in *ret_status.
 */
int gyl__ask_tcp(const struct gyl_ask *a, const char *at, int *ret_status);

#endif

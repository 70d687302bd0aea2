/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_CONTROL_AUTH_H
#define GYL_SERVICES_BASE_CONTROL_AUTH_H

/*
 * One password against the stored ones, in steps: an event loop makes a few, looks after everybody
 * else, and goes on.
 *
 *	gyl_auth_begin(a, password, len);
 *	while ((ret = gyl_auth_step(a)) == GYL_AUTH_MORE)
 *		...
 *
 * A step mixes GYL_AUTH_STEP_LEN octets (below 0.2 ms) or gives back GYL_AUTH_UNMAP_LEN octets of
 * the memory that scrypt takes: that is mapped for one verification, touched as it is needed, and
 * gone when the answer is told, because a quarter of a GiB that is unmapped at once is a stall,
 *too.
 */

#include <gyl/password.h>

enum {
	GYL_AUTH_MAX = 8,              /* stored passwords */
	GYL_AUTH_STEP_LEN = 64 << 10,  /* octets of work in a step */
	GYL_AUTH_UNMAP_LEN = 256 << 10 /* octets given back in a step */
};

enum gyl_auth_result {
	GYL_AUTH_MORE,
	GYL_AUTH_RIGHT,
	GYL_AUTH_WRONG,
	GYL_AUTH_UNABLE /* no memory, or a stored string that cannot be served */
};

struct gyl_auth {
	char text[GYL_AUTH_MAX][GYL_PASSWORD_TEXT_MAX]; /* stored passwords */
	size_t cnt;
	uint32_t cpu;
	enum {
		GYL_AUTH_IDLE,
		GYL_AUTH_NEXT, /* take the next stored one */
		GYL_AUTH_WORK, /* derive */
		GYL_AUTH_FREE  /* the result is there: give the memory back */
	} state;
	enum gyl_auth_result result;
	bool again;  /* the stored ones changed meanwhile: what was found counts no more */
	size_t next; /* stored one to try */
	struct gyl_password pw;
	struct gyl_password_work work;
	const void *password; /* the caller's */
	size_t password_len;
	uint8_t *scratch;
	size_t scratch_len; /* still mapped */
};

/* cpu: see gyl/cpu.h. Without stored passwords every one is wrong. */
void gyl_auth_init(struct gyl_auth *a, uint32_t cpu);

/*
 * These are the stored passwords from now on, at most GYL_AUTH_MAX, each below
 * GYL_PASSWORD_TEXT_MAX octets. False when they are the same as before. A verification that is
 * under way starts over.
 */
bool gyl_auth_set(struct gyl_auth *a, const char *const *text, size_t cnt);

/* Begin to verify. The password is borrowed until a step answers. a MUST be idle. */
void gyl_auth_begin(struct gyl_auth *a, const void *password, size_t len);

static inline bool gyl_auth_idle(const struct gyl_auth *a)
{
	return a->state == GYL_AUTH_IDLE;
}

/* One step. Anything but GYL_AUTH_MORE is the answer, and a is idle. */
enum gyl_auth_result gyl_auth_step(struct gyl_auth *a);

/* Drop everything, in one go. */
void gyl_auth_fini(struct gyl_auth *a);

#endif

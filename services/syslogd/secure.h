/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SECURE_H
#define GYL_SERVICES_SYSLOGD_SECURE_H

/*
 * The files of TLS: certificates and keys that the configuration names, read by the loader and
 * handed to the daemon as one block, so that a changed file, or SIGHUP, brings new ones while
 * nobody who is connected is cut off. What could not be used is an error of the build, and what was
 * there stays.
 *
 * A block is a list of items, one for each side of somebody who speaks TLS: the listener, or an
 * output.
 */

#include "libnet/host/tls.h"
#include "services/base/build.h"
#include "services/base/flat.h"

/* Whose item: the listener's, or that of output number n. */
enum {
	GYL_SYSLOGD_SECURE_LISTEN = 0,
	GYL_SYSLOGD_SECURE_OUTPUT = 1 /* and n */
};

/* What the configuration names; references that are empty are not given. */
struct gyl_syslogd_secure {
	uint32_t owner;
	bool server;
	const char *at;               /* for messages, what stands before the names of the keys */
	const char *key_of[4];        /* by enum gyl_tls_part: their names */
	struct gyl_ref cert, key, ca; /* paths */
	struct gyl_ref peer;          /* of struct gyl_ref: names and fingerprints */
};

/* Read the files, see whether they are of use, and append an item. False after reporting errors. */
bool gyl_syslogd_secure_put(
	const struct gyl_flat *f, const struct gyl_syslogd_secure *s, struct gyl_build *b);

/* The item of an owner as what connections use. NULL: the block has none, or it is of no use. */
struct gyl_tls_ctx *gyl_syslogd_secure_get(struct gyl_view block, uint32_t owner, bool server);

#endif

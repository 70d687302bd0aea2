/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONE_H
#define GYL_SERVICES_DNS_ZONE_H

/*
 * The reader of master files (RFC 1035 5, RFC 2308 4, RFC 3597 5).
 *
 * It reads a whole file, tells every error in it with line, column and the chain of $INCLUDEs, and
 * hands over one record after the other. Settled where the RFCs leave a choice:
 *
 * - $INCLUDE is relative to the file that it stands in. Origin and last owner come back after it;
 *   $TTL stays as the included file left it, as BIND has it.
 * - A record without TTL takes that of $TTL, else that of the record before it, else (for the SOA)
 *   its own minimum.
 * - $GENERATE is BIND's: generate.h. The first entry of one that is wrong is told, not all.
 * - A newline ends a quoted string with an error; a line end may be LF or CR LF.
 */

#include <gyl/dns_name.h>

#include "services/base/build.h"

enum {
	GYL_ZONE_INCLUDE_MAX = 10 /* depth */
};

struct gyl_zone_rr {
	const uint8_t *owner; /* case as written; all of it valid for the call */
	size_t owner_len;
	uint16_t type;
	uint32_t ttl;
	struct gyl_view rdata; /* uncompressed, proven */
	const char *file;      /* valid as long as the reader's names are: gyl_zone_read() */
	unsigned line, col;
};

struct gyl_zone_reader {
	struct gyl_build *build; /* told of files, errors and warnings */
	void (*rr)(void *arg, const struct gyl_zone_rr *rr);
	void *arg;
	/* Keeps a copy of a file's name for as long as the records' places are wanted. */
	const char *(*keep)(void *arg, const char *path);
};

/* Read the zone `origin` from a file. Errors went to the build; false when there were any. */
bool gyl_zone_read(const struct gyl_zone_reader *rd, const uint8_t *origin, const char *path);

/* The same from memory; `path` is what messages call it and $INCLUDE starts from. */
bool gyl_zone_read_text(const struct gyl_zone_reader *rd, const uint8_t *origin, const char *path,
	struct gyl_view text);

#endif

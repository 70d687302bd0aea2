/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SEGMENT_OWN_H
#define GYL_SERVICES_SYSLOGD_SEGMENT_OWN_H

/* What segment.c (the files), segment_seal.c (their sealing) and segment_say.c (what is told about
 * them) share. */

#include "services/syslogd/segment.h"

/* The open file's name in its directory. */
#define GYL__SEGMENT_NAME "guyline.jsonl"

/* segment_file.c: open it, or make it. 0 or -errno. */
int gyl__segment_open_file(struct gyl_syslogd_segment *s, uint64_t *ret_size);
/* Before a block: is it still there under its name? Else it is closed. */
void gyl__segment_look(struct gyl_syslogd_segment *s);

/* Writing failed with this errno; what: more words in front of its text, or "". */
void gyl__segment_say_full(const struct gyl_syslogd_segment *s, const char *what, int err);
/* It works again, after pause_ns. */
void gyl__segment_say_resume(const struct gyl_syslogd_segment *s, uint64_t pause_ns);
/* len octets of an unfinished line were removed. */
void gyl__segment_say_torn(const struct gyl_syslogd_segment *s, uint64_t len);
/* The open file is not there under its name any more. */
void gyl__segment_say_moved(const struct gyl_syslogd_segment *s);
/* The open file was closed and is `name` now. */
void gyl__segment_say_rotate(const struct gyl_syslogd_segment *s, const char *name);

/* Find out how sealing goes on here, when it is wanted. 0 or -errno; -EACCES with a sentence in
 * why.
 */
int gyl__segment_open_sealer(struct gyl_syslogd_segment *s, char why[200]);

#endif

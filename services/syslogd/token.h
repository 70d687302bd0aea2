/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_TOKEN_H
#define GYL_SERVICES_SYSLOGD_TOKEN_H

/*
 * The words of a record, as the index of a closed segment keeps them (by their hashes) and as a
 * search compares them: both go by this file, so an index never hides what a search would find.
 *
 * A word is a run of letters, digits, '_' and octets above 127; small and capital letters of ASCII
 * are the same. An address is one word, whatever its form, and has a normal form:
 *
 *   00:11:22:33:44:55   also 00-11-22-33-44-55, 0011.2233.4455 and 001122334455
 *   10.77.0.5
 *   2001:db8::1         RFC 5952
 *
 * Text may be octets, or the inside of a JSON string, in which each escape stands between words: in
 * our records it is a quote, a backslash or a control. Words are read from left to right and do not
 * depend on what stands before them. Pure; what is hashed and how is part of the index's format.
 */

#include "services/syslogd/fields.h"

enum {
	GYL_SYSLOGD_NORM_MAX = 46,
	GYL_SYSLOGD_WORD_TEXTS = 6 /* members of a record that words are looked for in */
};

enum gyl_syslogd_tag {
	GYL_SYSLOGD_TAG_WORD,
	GYL_SYSLOGD_TAG_HOST,
	GYL_SYSLOGD_TAG_APP,
	GYL_SYSLOGD_TAG_FROM
};

struct gyl_syslogd_token {
	struct gyl_view text; /* where it stands */
	struct gyl_view norm; /* an address in its normal form, else the same; capitals are kept */
	uint64_t hash;
};

struct gyl_syslogd_tokens { /* @private */
	struct gyl_view rest;
	bool json;
	uint8_t buf[GYL_SYSLOGD_NORM_MAX];
};

void gyl_syslogd_tokens_init(struct gyl_syslogd_tokens *t, struct gyl_view text, bool json);
/* False at the end. Of an address norm is valid until the next call. */
bool gyl_syslogd_tokens_next(struct gyl_syslogd_tokens *t, struct gyl_syslogd_token *ret);
/* The same without its hash, for who compares words. */
bool gyl_syslogd_tokens_step(struct gyl_syslogd_tokens *t, struct gyl_syslogd_token *ret);

/* The hash of a whole field, as it stands in the record: of host, app and from. */
uint64_t gyl_syslogd_token_field(enum gyl_syslogd_tag tag, struct gyl_view text);

/*
 * The texts whose words belong to a record, i below GYL_SYSLOGD_WORD_TEXTS: from, host, app, msgid,
 * the message, and a vendor's parts (x). A message that is no UTF-8 is put into buf. p NULL: it has
 * none.
 */
struct gyl_view gyl_syslogd_word_text(
	const struct gyl_syslogd_fields *f, unsigned i, uint8_t *buf, size_t cap, bool *ret_json);

/* All hashes of a record, of words and of fields: what an index has to keep. buf as above; as long
 * as the line it is never too short. */
void gyl_syslogd_record_tokens(const struct gyl_syslogd_fields *f, uint8_t *buf, size_t cap,
	void (*put)(void *arg, uint64_t hash), void *arg);

#endif

/* SPDX-License-Identifier: ISC */
#include "services/syslogd/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

struct gyl_regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *ctx;
};

static pcre2_code *compile(struct gyl_view pattern, bool caseless, int *ret_err, size_t *ret_off)
{
	/* \C would take a character apart; (*UTF) and the like may not take away what we set. */
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
			   (caseless ? PCRE2_CASELESS : 0);

	return pcre2_compile(pattern.p, pattern.len, options, ret_err, ret_off, NULL);
}

struct gyl_regex *gyl_regex_open(
	struct gyl_view pattern, bool caseless, char err[120], size_t *ret_off)
{
	struct gyl_regex *r = NULL;
	pcre2_code *code = NULL;
	int why = 0;

	*ret_off = 0;
	snprintf(err, 120, "out of memory");
	if (pattern.len > GYL_REGEX_PATTERN_MAX) {
		snprintf(err, 120, "longer than %d octets", GYL_REGEX_PATTERN_MAX);
		return NULL;
	}
	code = compile(pattern, caseless, &why, ret_off);
	if (code == NULL) {
		pcre2_get_error_message(why, (PCRE2_UCHAR *)err, 120);
		return NULL;
	}
	r = calloc(1, sizeof *r);
	if (r == NULL) {
		pcre2_code_free(code);
		return NULL;
	}
	r->code = code;
	r->data = pcre2_match_data_create(1, NULL);
	r->ctx = pcre2_match_context_create(NULL);
	if (r->data == NULL || r->ctx == NULL) {
		gyl_regex_close(r);
		return NULL;
	}
	pcre2_set_match_limit(r->ctx, GYL_REGEX_STEP_MAX);
	pcre2_set_depth_limit(r->ctx, GYL_REGEX_STEP_MAX);
	pcre2_set_heap_limit(r->ctx, GYL_REGEX_HEAP_MAX);
	return r;
}

void gyl_regex_close(struct gyl_regex *r)
{
	if (r == NULL)
		return;
	pcre2_match_context_free(r->ctx);
	pcre2_match_data_free(r->data);
	pcre2_code_free(r->code);
	free(r);
}

int gyl_regex_match(struct gyl_regex *r, struct gyl_view text)
{
	/* PCRE2 takes no NULL, not even for nothing. */
	const uint8_t *p = text.p != NULL ? text.p : (const uint8_t *)"";
	int ret = pcre2_match(r->code, p, text.len, 0, 0, r->data, r->ctx);

	if (ret >= 0)
		return 1;
	return ret == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

void gyl_regex_found(const struct gyl_regex *r, size_t *ret_off, size_t *ret_len)
{
	const size_t *at = pcre2_get_ovector_pointer(r->data);

	/* \K in a lookahead may put the end in front of the start. */
	*ret_off = at[0];
	*ret_len = at[1] > at[0] ? at[1] - at[0] : 0;
}

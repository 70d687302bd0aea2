/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>

#include "conf/endpoint.h"
#include "conf/type.h"

void gyl__conf_field_set(
	const struct gyl__conf_type *t, const struct gyl__conf_value *v, void *field)
{
	uint8_t u8 = (uint8_t)v->num;
	uint16_t u16 = (uint16_t)v->num;
	uint32_t u32 = (uint32_t)v->num;
	const void *from = &v->num;

	if (t->store == GYL__CONF_PREFIX)
		from = &v->prefix;
	else if (t->store == GYL__CONF_RANGE)
		from = &v->range;
	else if (t->store == GYL__CONF_SERVER)
		from = &v->server;
	else if (t->store == GYL__CONF_MAC)
		from = v->mac;
	else if (t->len == sizeof u8)
		from = &u8;
	else if (t->len == sizeof u16)
		from = &u16;
	else if (t->len == sizeof u32)
		from = &u32;
	memcpy(field, from, t->len);
}

static uint64_t num_get(const void *field, size_t len)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch (len) {
	case sizeof u8:
		memcpy(&u8, field, sizeof u8);
		return u8;
	case sizeof u16:
		memcpy(&u16, field, sizeof u16);
		return u16;
	case sizeof u32:
		memcpy(&u32, field, sizeof u32);
		return u32;
	default:
		memcpy(&u64, field, sizeof u64);
		return u64;
	}
}

void gyl__conf_field_get(
	const struct gyl__conf_type *t, const void *field, struct gyl__conf_value *ret_v)
{
	if (t->store == GYL__CONF_PREFIX)
		memcpy(&ret_v->prefix, field, sizeof ret_v->prefix);
	else if (t->store == GYL__CONF_RANGE)
		memcpy(&ret_v->range, field, sizeof ret_v->range);
	else if (t->store == GYL__CONF_SERVER)
		memcpy(&ret_v->server, field, sizeof ret_v->server);
	else if (t->store == GYL__CONF_MAC)
		memcpy(ret_v->mac, field, sizeof ret_v->mac);
	else if (t->store == GYL__CONF_NUM)
		ret_v->num = num_get(field, t->len);
}

/* ---- what is expected ---- */

static uint64_t bound_min(const struct gyl_conf_key *k)
{
	return k->type == GYL_CONF_PORT && k->min == 0 ? 1 : k->min;
}

static uint64_t bound_max(const struct gyl_conf_key *k, const struct gyl__conf_type *t)
{
	return k->max != 0 && k->max < t->max ? k->max : t->max;
}

static bool has_octets(const struct gyl__conf_type *t)
{
	return t->store == GYL__CONF_OCTETS;
}

/* A bound, written like a value of the type; octets are counted in plain numbers. */
static void put_bound(struct gyl_writer *w, const struct gyl_conf_key *k,
	const struct gyl__conf_type *t, uint64_t num)
{
	struct gyl__conf_value v;

	v.num = num;
	if (has_octets(t))
		gyl_text_u64(w, num);
	else
		t->print(k, &v, w);
}

/* "a duration" of "a duration such as ...": the example is left out when bounds follow. */
static void put_noun(struct gyl_writer *w, const char *want)
{
	const char *example = strstr(want, " such as ");

	gyl_put_bytes(w, want, example == NULL ? strlen(want) : (size_t)(example - want));
}

static void want_word(struct gyl_writer *w, const struct gyl_conf_word *word)
{
	for (size_t i = 0; word[i].name != NULL; i++) {
		if (i != 0)
			gyl_text_str(w, word[i + 1].name == NULL ? " or " : ", ");
		gyl_text_char(w, '"');
		gyl_text_str(w, word[i].name);
		gyl_text_char(w, '"');
	}
}

void gyl__conf_put_bounds(
	struct gyl_writer *w, const struct gyl_conf_key *k, const struct gyl__conf_type *t)
{
	uint64_t min = bound_min(k), max = bound_max(k, t);
	bool open = k->max == 0 && t->max == UINT64_MAX;

	put_noun(w, t->want);
	if (open) {
		gyl_text_str(w, " of at least ");
		put_bound(w, k, t, min);
	} else {
		gyl_text_str(w, has_octets(t) ? " of " : " from ");
		put_bound(w, k, t, min);
		gyl_text_str(w, " to ");
		put_bound(w, k, t, max);
	}
	if (has_octets(t))
		gyl_text_str(w, " octets");
}

/*
 * What to say depends on what went wrong: for a value of the right form, and for plain numbers, it
 * is the bounds; for anything else an example helps more.
 */
static void put_want(struct gyl_writer *w, const struct gyl_conf_key *k, bool well_formed)
{
	const struct gyl__conf_type *t = gyl__conf_type(k->type);

	if (k->type == GYL_CONF_ENUM)
		want_word(w, k->word);
	else if (t->bounded && (well_formed || t->kind == GYL_CONF_IS_INT))
		gyl__conf_put_bounds(w, k, t);
	else
		gyl_text_str(w, t->want);
}

/* ---- reading ---- */

static const char *word_name(const void *arg, size_t i)
{
	const struct gyl_conf_word *word = arg;

	return word[i].name;
}

/* What would help: a word that was meant, or quotes that are too many. */
static void put_hint(
	struct gyl_writer *why, const struct gyl_conf_key *k, const struct gyl_conf_node *n)
{
	const struct gyl__conf_type *t = gyl__conf_type(k->type);
	struct gyl__conf_value v;
	const char *meant;

	if (n->kind != GYL_CONF_IS_STRING)
		return;
	if (k->type == GYL_CONF_ENUM) {
		meant = gyl__conf_suggest(n->text, word_name, k->word);
		if (meant != NULL) {
			gyl_text_str(why, "did you mean \"");
			gyl_text_str(why, meant);
			gyl_text_str(why, "\"?");
		}
	} else if (t->kind != GYL_CONF_IS_STRING && !n->option && t->parse(k, n->text, &v, why)) {
		gyl_text_str(why, "write it without quotes");
	}
}

static bool in_bounds(const struct gyl_conf_key *k, const struct gyl__conf_type *t,
	const struct gyl__conf_value *v)
{
	uint64_t amount = has_octets(t) ? v->octet_len : v->num;

	return !t->bounded || (amount >= bound_min(k) && amount <= bound_max(k, t));
}

static void make_absolute(const char *dir, struct gyl__conf_value *v, bool *ret_fits)
{
	size_t len = dir == NULL ? 0 : strlen(dir);

	*ret_fits = true;
	if (len == 0 || v->octet_len == 0 || v->octet[0] == '/')
		return;
	*ret_fits = len + 1 + v->octet_len <= GYL__CONF_OCTETS_MAX;
	if (!*ret_fits)
		return;
	memmove(v->octet + len + 1, v->octet, v->octet_len);
	memcpy(v->octet, dir, len);
	v->octet[len] = '/';
	v->octet_len += len + 1;
}

static bool is_path(const struct gyl_conf_key *k, const struct gyl__conf_value *v)
{
	return k->type == GYL_CONF_PATH ||
	       (k->type == GYL_CONF_PLACE &&
		       !gyl_conf_is_endpoint(gyl_view(v->octet, v->octet_len)));
}

bool gyl__conf_scalar(const struct gyl_conf_key *k, const struct gyl_conf_node *n, const char *dir,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	const struct gyl__conf_type *t = gyl__conf_type(k->type);
	bool formed, good;
	char buf[256];
	struct gyl_writer own;

	gyl_writer_init(&own, buf, sizeof buf);
	formed = n->kind == t->kind && t->parse(k, n->text, ret_v, &own);
	good = formed && in_bounds(k, t, ret_v);
	if (good && is_path(k, ret_v))
		make_absolute(dir, ret_v, &good);
	if (good)
		return true;
	if (own.len == 0)
		put_hint(&own, k, n);
	gyl_text_str(why, "expected ");
	put_want(why, k, formed);
	gyl_text_str(why, ", got ");
	gyl__conf_got(why, n);
	if (own.len != 0) {
		gyl_text_str(why, " (");
		gyl_put_view(why, gyl_writer_view(&own));
		gyl_text_char(why, ')');
	}
	return false;
}

/* SPDX-License-Identifier: ISC */
#include "services/base/event.h"

#define F(type, name) {#name, GYL_F_##type},
static const struct gyl_event_desc descs[GYL_EV_CNT] = {
#define EVENT(id, name, source, severity, state, sentence, ...) \
	[GYL_EV_##id] = {                                       \
		name, GYL_SRC_##source, GYL_SEV_##severity, state, sentence, {__VA_ARGS__}},
#include "services/base/event_table.h"
#undef EVENT
};

static bool same(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

const struct gyl_event_desc *gyl_event_desc(unsigned kind)
{
	return &descs[kind];
}

int gyl_event_find(struct gyl_view name)
{
	for (int i = 0; i < GYL_EV_CNT; i++)
		if (gyl_view_eq(gyl_view_str(descs[i].name), name))
			return i;
	return -1;
}

void gyl_event_init(struct gyl_event *e, enum gyl_event_kind kind)
{
	e->kind = (uint16_t)kind;
	e->severity = descs[kind].severity;
	e->remote = false;
	e->wall_ns = 0;
	e->mono_ns = 0;
	e->text_len = 0;
	memset(e->val, 0, sizeof e->val);
}

/* The value of a named field, NULL when the kind has no such field: a mistake of the caller, told
 * by tests. */
static struct gyl_event_val *field(struct gyl_event *e, const char *name)
{
	const struct gyl_event_desc *d = &descs[e->kind];

	/* Linkers keep equal literals once: it is found without looking at its letters. */
	for (int i = 0; i < GYL_EVENT_FIELD_MAX && d->field[i].name != NULL; i++)
		if (d->field[i].name == name)
			return &e->val[i];
	for (int i = 0; i < GYL_EVENT_FIELD_MAX && d->field[i].name != NULL; i++)
		if (same(d->field[i].name, name))
			return &e->val[i];
	return NULL;
}

static const struct gyl_event_val *field_set(const struct gyl_event *e, const char *name)
{
	const struct gyl_event_desc *d = &descs[e->kind];

	for (int i = 0; i < GYL_EVENT_FIELD_MAX && d->field[i].name != NULL; i++)
		if (same(d->field[i].name, name))
			return e->val[i].set ? &e->val[i] : NULL;
	return NULL;
}

void gyl_event_u64(struct gyl_event *e, const char *name, uint64_t v)
{
	struct gyl_event_val *val = field(e, name);

	if (val == NULL)
		return;
	val->set = true;
	val->u.u64 = v;
}

void gyl_event_ip(struct gyl_event *e, const char *name, uint32_t ip)
{
	gyl_event_u64(e, name, ip);
}

void gyl_event_mac(struct gyl_event *e, const char *name, const uint8_t mac[6])
{
	struct gyl_event_val *val = field(e, name);

	if (val == NULL)
		return;
	val->set = true;
	memcpy(val->u.mac, mac, sizeof val->u.mac);
}

void gyl_event_str(struct gyl_event *e, const char *name, struct gyl_view v)
{
	struct gyl_event_val *val = field(e, name);
	size_t room = GYL_EVENT_TEXT_MAX - e->text_len;
	size_t len = v.len < room ? v.len : room;

	if (val == NULL)
		return;
	if (len != 0)
		memcpy(e->text + e->text_len, v.p, len);
	val->set = true;
	val->u.str.off = e->text_len;
	val->u.str.len = (uint16_t)len;
	e->text_len = (uint16_t)(e->text_len + len);
}

bool gyl_event_get_u64(const struct gyl_event *e, const char *name, uint64_t *ret_v)
{
	const struct gyl_event_val *val = field_set(e, name);

	if (val == NULL)
		return false;
	*ret_v = val->u.u64;
	return true;
}

bool gyl_event_get_mac(const struct gyl_event *e, const char *name, uint8_t ret_mac[6])
{
	const struct gyl_event_val *val = field_set(e, name);

	if (val == NULL)
		return false;
	memcpy(ret_mac, val->u.mac, 6);
	return true;
}

bool gyl_event_get_str(const struct gyl_event *e, const char *name, struct gyl_view *ret_v)
{
	const struct gyl_event_val *val = field_set(e, name);

	if (val == NULL)
		return false;
	*ret_v = gyl_view(e->text + val->u.str.off, val->u.str.len);
	return true;
}

/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/live.h"

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/state.h"
#include "services/dhcpd/word.h"

static const char host_prefix[] = "dhcpd/reserve/", drain_prefix[] = "dhcpd/drain/";

enum {
	NAME_ROOM = 64, /* a name, aligned */
	VAL_MAX = 160
};

uint32_t gyl__dhcpd_live_len(void)
{
	return 8 +
	       GYL_DHCPD_LIVE_HOST_MAX * (uint32_t)(sizeof(struct gyl_dhcpd_host_conf) + NAME_ROOM);
}

/* ---- the tables ---- */

struct gyl_dhcpd_live_host *gyl__dhcpd_live_find(struct gyl_dhcpd_live *v, const uint8_t mac[6])
{
	for (uint32_t i = 0; i < v->host_cnt; i++)
		if (memcmp(v->host[i].mac, mac, 6) == 0)
			return &v->host[i];
	return NULL;
}

struct gyl_dhcpd_live_host *gyl__dhcpd_live_put(
	struct gyl_dhcpd_live *v, const struct gyl_dhcpd_live_host *h)
{
	struct gyl_dhcpd_live_host *at = gyl__dhcpd_live_find(v, h->mac);

	if (at == NULL && v->host_cnt == GYL_DHCPD_LIVE_HOST_MAX)
		return NULL;
	if (at == NULL)
		at = &v->host[v->host_cnt++];
	*at = *h;
	return at;
}

void gyl__dhcpd_live_remove(struct gyl_dhcpd_live *v, struct gyl_dhcpd_live_host *h)
{
	*h = v->host[--v->host_cnt];
}

struct gyl_dhcpd_live_drain *gyl__dhcpd_live_drain(
	struct gyl_dhcpd_live *v, const struct gyl_dhcpd_subnet *s)
{
	for (uint32_t i = 0; i < v->drain_cnt; i++)
		if (v->drain[i].ip == s->ip && v->drain[i].mask == s->mask)
			return &v->drain[i];
	return NULL;
}

bool gyl__dhcpd_live_drain_put(struct gyl_dhcpd_live *v, const struct gyl_dhcpd_live_drain *drain)
{
	for (uint32_t i = 0; i < v->drain_cnt; i++)
		if (v->drain[i].ip == drain->ip && v->drain[i].mask == drain->mask) {
			v->drain[i].on = drain->on;
			return true;
		}
	if (v->drain_cnt == GYL_DHCPD_LIVE_DRAIN_MAX)
		return false;
	v->drain[v->drain_cnt++] = *drain;
	return true;
}

void gyl__dhcpd_live_drain_remove(struct gyl_dhcpd_live *v, struct gyl_dhcpd_live_drain *drain)
{
	*drain = v->drain[--v->drain_cnt];
}

/* ---- records ---- */

static uint64_t store(struct gyl_dhcpd *d, struct gyl_out *o, struct gyl_writer *key,
	struct gyl_writer *val, bool remove)
{
	struct gyl_record rec = {
		.key = gyl_writer_view(key), .val = gyl_writer_view(val), .remove = remove};
	uint64_t seq = gyl_out_store(o, &rec, 1);

	if (seq != 0)
		d->seq = seq;
	return seq;
}

uint64_t gyl__dhcpd_live_store(
	struct gyl_dhcpd *d, struct gyl_out *o, const struct gyl_dhcpd_live_host *h, bool remove)
{
	uint8_t key_text[GYL_DHCPD_KEY_LEN_MAX], val_text[VAL_MAX];
	struct gyl_writer key, val;

	gyl_writer_init(&key, key_text, sizeof key_text);
	gyl_text_str(&key, host_prefix);
	gyl_text_mac(&key, h->mac);
	gyl_writer_init(&val, val_text, sizeof val_text);
	gyl_text_str(&val, "1 ");
	if (h->address != 0)
		gyl_text_ipv4(&val, h->address);
	else
		gyl_text_char(&val, '-');
	gyl_text_char(&val, ' ');
	gyl_put_view(&val, h->name_len != 0 ? gyl_view(h->name, h->name_len) : gyl_view("-", 1));
	gyl_text_char(&val, ' ');
	gyl_time_print_rfc3339(&val, gyl_time_from_s(h->since_s), 0);
	return store(d, o, &key, &val, remove);
}

uint64_t gyl__dhcpd_live_store_drain(struct gyl_dhcpd *d, struct gyl_out *o,
	const struct gyl_dhcpd_live_drain *drain, bool remove)
{
	uint8_t key_text[GYL_DHCPD_KEY_LEN_MAX], val_text[VAL_MAX];
	struct gyl_writer key, val;

	gyl_writer_init(&key, key_text, sizeof key_text);
	gyl_text_str(&key, drain_prefix);
	gyl_text_ipv4(&key, drain->ip);
	gyl_text_char(&key, '-');
	gyl_text_u64(&key, gyl_conf_mask_len(drain->mask));
	gyl_writer_init(&val, val_text, sizeof val_text);
	gyl_text_str(&val, drain->on ? "1 on" : "1 off");
	return store(d, o, &key, &val, remove);
}

static void restore_host(struct gyl_dhcpd *d, struct gyl_view mac, struct gyl_view val)
{
	struct gyl_dhcpd_live_host h = {.address = 0};
	struct gyl_view ip, name;
	uint64_t since_ns;

	if (!gyl__dhcpd_word_is(gyl__dhcpd_word(&val), "1") ||
		gyl_failed(gyl_parse_mac(mac, h.mac)))
		return;
	ip = gyl__dhcpd_word(&val);
	name = gyl__dhcpd_word(&val);
	if ((!gyl__dhcpd_word_is(ip, "-") && gyl_failed(gyl_parse_ipv4(ip, &h.address))) ||
		name.len > sizeof h.name || gyl_failed(gyl_time_parse_rfc3339(val, &since_ns)))
		return;
	h.since_s = (uint32_t)(since_ns / GYL_NS_PER_S);
	if (!gyl__dhcpd_word_is(name, "-")) {
		h.name_len = (uint8_t)name.len;
		memcpy(h.name, name.p, name.len);
	}
	if (gyl__dhcpd_live_put(&d->live, &h) != NULL)
		d->live.changed = true;
}

static void restore_drain(struct gyl_dhcpd *d, struct gyl_view subnet, struct gyl_view val)
{
	const uint8_t *dash = subnet.len == 0 ? NULL : memchr(subnet.p, '-', subnet.len);
	size_t at = dash == NULL ? 0 : (size_t)(dash - subnet.p);
	struct gyl_dhcpd_live_drain n = {.on = false};
	uint64_t len;

	if (dash == NULL || gyl_failed(gyl_parse_ipv4(gyl_view_sub(subnet, 0, at), &n.ip)) ||
		gyl_failed(gyl_parse_u64(gyl_view_sub(subnet, at + 1, subnet.len), 32, &len)) ||
		!gyl__dhcpd_word_is(gyl__dhcpd_word(&val), "1"))
		return;
	n.mask = gyl_conf_mask((unsigned)len);
	n.on = gyl__dhcpd_word_is(val, "on");
	if (gyl__dhcpd_live_drain_put(&d->live, &n))
		d->live.changed = true;
}

bool gyl__dhcpd_live_restore(struct gyl_dhcpd *d, struct gyl_view key, struct gyl_view val)
{
	size_t host = sizeof host_prefix - 1, drain = sizeof drain_prefix - 1;

	if (gyl__dhcpd_word_is(gyl_view_sub(key, 0, host), host_prefix))
		restore_host(d, gyl_view_sub(key, host, key.len), val);
	else if (gyl__dhcpd_word_is(gyl_view_sub(key, 0, drain), drain_prefix))
		restore_drain(d, gyl_view_sub(key, drain, key.len), val);
	else
		return false;
	return true;
}

void gyl__dhcpd_live_apply(struct gyl_dhcpd *d)
{
	struct gyl_writer why;
	uint8_t text[160];

	/* The configuration in use fits, and what does not fit beside it is hidden. */
	d->live.changed = false;
	gyl_writer_init(&why, text, sizeof text);
	gyl__dhcpd_configure(d, d->change.on ? d->change.build.flat : d->layout->flat, &why);
}

/* ---- in place ---- */

/* The slot is of reservation `host`, + 1, or of none with 0: lists and counts follow. */
static void own(struct gyl_dhcpd *d, uint32_t slot, uint32_t host)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_list *q;

	if (l->listed && l->state == GYL_DHCPD_FREE)
		gyl__dhcpd_list_remove(gyl__dhcpd_list_of(d, l), d->lease, slot);
	gyl__dhcpd_fill_count(d, l, UINT32_MAX); /* less one */
	l->host = host;
	l->checked = false; /* nobody looks again at what is reserved */
	gyl__dhcpd_fill_count(d, l, 1);
	q = l->state == GYL_DHCPD_FREE ? gyl__dhcpd_list_of(d, l) : NULL;
	if (q != NULL)
		gyl__dhcpd_list_push(q, d->lease, slot);
}

enum where {
	IN_POOL, /* or any address */
	BESIDE,  /* reserved, and of no pool */
	NOWHERE
};

static enum where where(const struct gyl_dhcpd *d, uint32_t ip)
{
	const struct gyl_dhcpd_range *g = gyl__dhcpd_layout_range(d->layout, ip);

	if (ip == 0 || (g != NULL && g->pool))
		return IN_POOL;
	return g != NULL ? BESIDE : NOWHERE;
}

static bool remove_in_place(struct gyl_dhcpd *d, const struct gyl_dhcpd_live_host *h)
{
	uint32_t slot = h->address == 0 ? 0 : gyl__dhcpd_slot(d, h->address);
	enum where at = where(d, h->address);

	if (h->hidden || at == NOWHERE || d->lease[slot].probing ||
		!gyl__dhcpd_layout_live_remove(d->layout, h->mac))
		return false;
	if (slot != 0)
		own(d, slot, 0);
	if (at == BESIDE)
		gyl__dhcpd_layout_range_remove(d->layout, h->address);
	if (at == BESIDE && slot != 0)
		gyl__dhcpd_slot_moved(d, slot);
	return true;
}

/* A range for an address of no pool; who had it before its pool went away has it again. */
static bool add_beside(struct gyl_dhcpd *d, uint32_t ip)
{
	uint32_t slot = gyl__dhcpd_slot_beside(d, ip);

	if (!gyl__dhcpd_layout_range_add(d->layout, ip))
		return false;
	if (slot != 0)
		gyl__dhcpd_slot_moved(d, slot);
	return true;
}

static bool add_in_place(struct gyl_dhcpd *d, const struct gyl_dhcpd_live_host *h)
{
	enum where at = where(d, h->address);
	uint32_t slot = 0, host;

	if (at == BESIDE || (at == NOWHERE && !add_beside(d, h->address)))
		return false;
	if (h->address != 0)
		slot = gyl__dhcpd_slot_make(d, h->address);
	if ((h->address != 0 && slot == 0) || !gyl__dhcpd_layout_live_add(d->layout, h, &host))
		return false;
	if (slot != 0)
		own(d, slot, host + 1);
	return true;
}

void gyl__dhcpd_live_change(struct gyl_dhcpd *d, const struct gyl_dhcpd_live_host *old,
	const struct gyl_dhcpd_live_host *h)
{
	bool in_place = old == NULL || remove_in_place(d, old);

	if (h != NULL)
		gyl__dhcpd_live_put(&d->live, h);
	else if (old != NULL)
		gyl__dhcpd_live_remove(&d->live, gyl__dhcpd_live_find(&d->live, old->mac));
	if (in_place && h != NULL)
		in_place = add_in_place(d, h);
	if (!in_place)
		gyl__dhcpd_live_apply(d);
}

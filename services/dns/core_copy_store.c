/* SPDX-License-Identifier: ISC */

/* Copies of zones in the store: as UPDATE's changes (zone_store.h), but all names of the zone. */

#include <gyl/text.h>

#include "services/dns/core_copy_own.h"
#include "services/dns/live_own.h"

enum {
	SLICE = GYL_DNS_EDIT_NAME_MAX, /* names at once */
	BLANK_SOA_LEN = 22
};

static const uint8_t blank_soa[BLANK_SOA_LEN];

struct gyl_dns_live *gyl__dns_copy_blank(struct gyl_dns_lives *all, const uint8_t *apex, size_t len)
{
	const struct gyl_dns_rec soa = {GYL_DNS_TYPE_SOA, 0, gyl_view(blank_soa, BLANK_SOA_LEN)};
	struct gyl_dns_live *z = gyl_dns_live_new(all, apex, len);
	struct gyl_dns_content *c;

	if (z == NULL)
		return NULL;
	c = &all->scratch->content;
	(void)gyl_dns_content_read(c, NULL);
	if (gyl_dns_content_add(c, &soa) && gyl_dns_live_write(all, z, apex, c, false))
		return z;
	gyl_dns_live_drop(all, z);
	return NULL;
}

bool gyl__dns_copy_whole(const struct gyl_dns_live *z)
{
	const struct gyl_dns_node *apex = gyl_dns_live_node(z, z->apex, z->apex_len);
	const struct gyl_dns_rrset *s = gyl_dns_node_rrset(apex, GYL_DNS_TYPE_SOA);
	uint8_t buf[GYL_DNS_UNPACK_LEN];
	struct gyl_dns_unpacked u;
	size_t at = 0;

	return s != NULL && gyl_dns_unpack(apex, s, &at, buf, &u) &&
	       !gyl_view_eq(u.rdata, gyl_view(blank_soa, BLANK_SOA_LEN));
}

void gyl__dns_copy_keep(struct gyl__dns_copy *c)
{
	c->keeping = true;
	c->keep_begun = c->kept_any = c->too_large = false;
}

/* The next names behind the last, as many as fit a batch; none: only the apex is left. */
static uint32_t gather(struct gyl__dns_copy *c, struct gyl_dns_edit *e)
{
	const struct gyl_dns_live *z = c->take.z;
	const struct gyl_dns_node *n = gyl_dns_live_after(z, c->kept_any ? c->kept : z->apex);

	e->all = c->take.all;
	e->z = c->take.z;
	for (e->name_cnt = 0; n != NULL && e->name_cnt < SLICE;
		n = gyl_dns_live_after(z, e->name[e->name_cnt - 1])) {
		memcpy(e->name[e->name_cnt], n->name, n->name_len);
		e->was_len[e->name_cnt++] = 0;
	}
	return e->name_cnt;
}

static bool store(struct gyl_dns *d, struct gyl_out *o)
{
	return gyl_out_store(o, d->update.batch.rec, d->update.batch.cnt) != 0;
}

/* ---- when the primary was heard last: version (1), time (8), name of the zone ---- */

static struct gyl_record stamp_of(const struct gyl__dns_copy *c, uint8_t key[GYL_STORE_KEY_MAX])
{
	struct gyl_writer w;

	gyl_writer_init(&w, key, GYL_STORE_KEY_MAX);
	gyl_text_str(&w, "dns/copy/");
	gyl__dns_store_segment(&w, c->take.apex);
	return (struct gyl_record){.key = gyl_writer_view(&w)};
}

void gyl__dns_copy_stamp(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	uint8_t key[GYL_STORE_KEY_MAX], val[9 + GYL_DNS_NAME_MAX];
	struct gyl_record rec = stamp_of(c, key);
	struct gyl_writer w;

	(void)d;
	if (c->too_large)
		return;
	gyl_writer_init(&w, val, sizeof val);
	gyl_put_u8(&w, 1);
	gyl_put_u32(&w, (uint32_t)(c->good_wall_ns >> 32));
	gyl_put_u32(&w, (uint32_t)c->good_wall_ns);
	gyl_put_bytes(&w, c->take.apex, c->take.apex_len);
	rec.val = gyl_writer_view(&w);
	c->stored_wall_ns = c->good_wall_ns;
	(void)gyl_out_store(o, &rec, 1);
}

void gyl__dns_copy_record(struct gyl_dns *d, const struct gyl_in *in)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl__dns_copy *c;
	size_t len;

	if (in->data.len < 10 || in->data.p[0] != 1 ||
		gyl_failed(gyl_dns_name_decode(in->data, 9, name, &len, NULL)))
		return;
	c = gyl__dns_copy_named(d, name);
	if (c == NULL)
		return;
	c->good_wall_ns = (uint64_t)gyl_get_u32(in->data.p + 1) << 32 | gyl_get_u32(in->data.p + 5);
	c->stored_wall_ns = c->good_wall_ns;
}

void gyl__dns_copy_forget(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	uint8_t key[GYL_STORE_KEY_MAX];
	struct gyl_record rec = stamp_of(c, key);

	gyl__dns_batch_forget(&d->update.batch, c->take.z);
	(void)store(d, o);
	rec.remove = true;
	(void)gyl_out_store(o, &rec, 1);
	c->kept_cnt = c->kept_len = 0;
}

/* ---- its names ---- */

/* Does a batch more still leave the store to the others? */
static bool fits(const struct gyl_dns *d)
{
	uint64_t cnt = d->update.batch.cnt, len = d->update.batch.len;

	for (unsigned i = 0; i < GYL_DNS_COPY_MAX; i++) {
		cnt += d->copy[i].used ? d->copy[i].kept_cnt : 0;
		len += d->copy[i].used ? d->copy[i].kept_len : 0;
	}
	return cnt <= GYL__DNS_KEPT_CNT && len <= GYL__DNS_KEPT_LEN;
}

static bool keep_batch(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	if (!fits(d) || !store(d, o))
		return false;
	c->kept_cnt += (uint32_t)d->update.batch.cnt;
	c->kept_len += (uint32_t)d->update.batch.len;
	return true;
}

/* Half of it is worth nothing. */
static void give_up(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	gyl__dns_copy_forget(d, c, o);
	c->keeping = false;
	c->too_large = true;
	gyl__dns_copy_say(c,
		"has a zone that is too large for the store: it is asked for again at the next start",
		GYL_SEV_NOTICE, o);
}

void gyl__dns_copy_keep_on(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	struct gyl_dns_edit *e = c->take.edit;

	if (!c->keep_begun) {
		gyl__dns_copy_forget(d, c, o);
		gyl__dns_copy_stamp(d, c, o);
		c->keep_begun = true;
		return;
	}
	if (gather(c, e) == 0) {
		/* without the apex it is no copy: it goes last */
		memcpy(e->name[0], c->take.apex, c->take.apex_len);
		e->was_len[0] = 0;
		e->name_cnt = 1;
		c->keeping = false;
	}
	while (!gyl__dns_batch_make(&d->update.batch, e) && e->name_cnt > 1)
		e->name_cnt /= 2;
	memcpy(c->kept, e->name[e->name_cnt - 1], gyl_dns_name_len(e->name[e->name_cnt - 1]));
	c->kept_any = true;
	if (!keep_batch(d, c, o))
		give_up(d, c, o);
}

void gyl__dns_copy_keep_edit(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	if (c->too_large)
		return;
	/* while all of it goes to the store it begins anew */
	if (c->keeping || !gyl__dns_batch_make(&d->update.batch, c->take.edit) ||
		!keep_batch(d, c, o))
		gyl__dns_copy_keep(c);
}

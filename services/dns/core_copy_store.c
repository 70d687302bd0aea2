/* SPDX-License-Identifier: ISC */

/* Copies of zones in the store: as UPDATE's changes (zone_store.h), but all names of the zone. */

#include "services/dns/core_own.h"
#include "services/dns/live_own.h"

enum {
	SLICE = 16, /* names at once */
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
	c->keep_begun = c->kept_any = false;
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

void gyl__dns_copy_keep_on(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	struct gyl_dns_edit *e = c->take.edit;

	if (!c->keep_begun) {
		gyl__dns_batch_forget(&d->update.batch, c->take.z);
		c->keep_begun = store(d, o);
		c->keeping = c->keep_begun;
		return;
	}
	if (gather(c, e) == 0) {
		memcpy(e->name[0], c->take.apex, c->take.apex_len);
		e->was_len[0] = 0;
		e->name_cnt = 1;
		c->keeping = false;
	}
	while (!gyl__dns_batch_make(&d->update.batch, e) && e->name_cnt > 1)
		e->name_cnt /= 2;
	memcpy(c->kept, e->name[e->name_cnt - 1], gyl_dns_name_len(e->name[e->name_cnt - 1]));
	c->kept_any = true;
	/* without the apex it is no copy: it is asked for again at the next start */
	if (!store(d, o))
		c->keeping = false;
}

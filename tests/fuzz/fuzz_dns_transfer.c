/* SPDX-License-Identifier: ISC */

/*
 * What a primary sends: the first octet says whether there is a copy already, and whether changes
 * are made in a copy of that, then messages with their length in front. Whatever they are, the copy
 * that is served stays sound, and what was gathered in vain is given back.
 */

#include <gyl/dns.h>
#include <stdlib.h>

#include "services/dns/live_own.h"
#include "services/dns/second.h"
#include "tests/fuzz/require.h"

enum {
	SPACE = 3 << 20,
	ID = 77
};

static const uint8_t apex[] = "\001z";

struct copy {
	struct gyl_dns_lives all;
	struct gyl_dns_ledger ledger;
	struct gyl_dns_edit edit;
	struct gyl__dns_take t;
};

/* Serial 1, a name. */
static void first_copy(struct copy *c)
{
	uint8_t soa[22] = {[5] = 1}, ip[4] = {192, 0, 2, 1};
	const struct gyl_dns_rec r = {GYL_DNS_TYPE_SOA, 60, gyl_view(soa, sizeof soa)};
	const struct gyl_dns_rec a = {GYL_DNS_TYPE_A, 60, gyl_view(ip, sizeof ip)};
	struct gyl_dns_content *list = &c->all.scratch->content;

	c->t.z = gyl_dns_live_new(&c->all, apex, sizeof apex);
	REQUIRE(c->t.z != NULL);
	(void)gyl_dns_content_read(list, NULL);
	REQUIRE(gyl_dns_content_add(list, &r));
	REQUIRE(gyl_dns_live_write(&c->all, c->t.z, apex, list, false));
	(void)gyl_dns_content_read(list, NULL);
	REQUIRE(gyl_dns_content_add(list, &a));
	REQUIRE(gyl_dns_live_write(&c->all, c->t.z, (const uint8_t *)"\001a\001z", list, false));
	while (gyl_dns_live_seal(&c->all, c->t.z) == GYL_DNS_SEAL_MORE)
		;
	c->t.z->hidden = false;
}

/* Every name is found, and its records can be read. */
static void is_sound(struct copy *c, const struct gyl_dns_live *z)
{
	const struct gyl_dns_node *n = gyl_dns_live_after(z, NULL);
	uint8_t name[GYL_DNS_NAME_MAX];
	uint32_t cnt = 0;

	for (; n != NULL; n = gyl_dns_live_after(z, name)) {
		memcpy(name, n->name, n->name_len);
		REQUIRE(gyl_dns_live_node(z, name, n->name_len) == n);
		REQUIRE(gyl_dns_content_read(&c->all.scratch->content, n));
		cnt += c->all.scratch->content.cnt;
	}
	REQUIRE(cnt == gyl_dns_image_zone(z->view, 0)->rr_cnt);
}

static enum gyl__dns_got messages(struct copy *c, struct gyl_view in, bool ixfr)
{
	static uint8_t msg[65536];
	enum gyl__dns_got got = GYL__DNS_GOT_MORE;

	gyl__dns_take_begin(&c->t, ixfr);
	while (got == GYL__DNS_GOT_MORE && in.len >= 2) {
		struct gyl_view one = gyl_view_sub(in, 2, gyl_get_u16(in.p));

		in = gyl_view_sub(in, 2 + one.len, in.len);
		if (one.len != 0)
			memcpy(msg, one.p, one.len);
		if (one.len >= 2)
			gyl_set_u16(msg, ID);
		do
			got = gyl__dns_take_message(&c->t, 0, gyl_view(msg, one.len));
		while (got == GYL__DNS_GOT_BUSY);
	}
	REQUIRE(got != GYL__DNS_GOT_BAD || c->t.why != NULL);
	return got;
}

/* Changes that do not fit an edit are made in a copy of the zone. */
static enum gyl__dns_got in_clone(struct copy *c, struct gyl_view in)
{
	enum gyl__dns_got got = GYL__DNS_GOT_MORE;

	while (got == GYL__DNS_GOT_MORE)
		got = gyl__dns_take_clone(&c->t);
	REQUIRE(got == GYL__DNS_GOT_CLONE);
	got = messages(c, in, true);
	REQUIRE(got != GYL__DNS_GOT_CLONE && got != GYL__DNS_GOT_EDIT);
	return got;
}

/* What came is served, and its denials are where they should be. */
static void is_ready(struct copy *c)
{
	enum gyl_dns_sealed sealed = GYL_DNS_SEAL_MORE;
	const struct gyl_dns_zone *zone;

	is_sound(c, c->t.in);
	while (sealed == GYL_DNS_SEAL_MORE)
		sealed = gyl_dns_live_seal(&c->all, c->t.in);
	REQUIRE(sealed == GYL_DNS_SEAL_DONE);
	is_sound(c, c->t.in);
	zone = gyl_dns_image_zone(c->t.in->view, 0);
	for (uint32_t i = 1; i < zone->denial_cnt; i++) {
		const struct gyl_dns_hashed *h = gyl_dns_zone_hashed(c->t.in->view, zone);
		const uint32_t *n = gyl_dns_zone_nsec(c->t.in->view, zone);

		if (zone->flags & GYL_DNS_ZONE_NSEC3)
			REQUIRE(memcmp(h[i - 1].hash, h[i].hash, sizeof h->hash) < 0);
		else
			REQUIRE(gyl_dns_name_cmp(gyl_dns_image_node(c->t.in->view, n[i - 1])->name,
					gyl_dns_image_node(c->t.in->view, n[i])->name) < 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint64_t mem[SPACE / 8] __attribute__((aligned(16)));
	static struct copy c;
	enum gyl__dns_got got;
	size_t room;

	if (size == 0)
		return 0;
	memset(&c, 0, sizeof c);
	gyl_dns_lives_init(&c.all, mem, SPACE);
	gyl_dns_ledger_init(&c.ledger, c.all.log_mem, c.all.log_cap);
	c.t = (struct gyl__dns_take){.all = &c.all,
		.ledger = &c.ledger,
		.edit = &c.edit,
		.id = ID,
		.apex_len = sizeof apex};
	memcpy(c.t.apex, apex, sizeof apex);
	if ((data[0] & 1) != 0)
		first_copy(&c);
	room = gyl__dns_heap_room(&c.all.heap);
	got = messages(&c, gyl_view(data + 1, size - 1), c.t.z != NULL);
	if (got == GYL__DNS_GOT_CLONE || (c.t.z != NULL && (data[0] & 2) != 0)) {
		if (got == GYL__DNS_GOT_EDIT)
			gyl_dns_edit_undo(&c.edit);
		gyl__dns_take_drop(&c.t);
		got = in_clone(&c, gyl_view(data + 1, size - 1));
	}
	if (got == GYL__DNS_GOT_ZONE || got == GYL__DNS_GOT_STEPS)
		is_ready(&c);
	gyl__dns_take_drop(&c.t);
	while (gyl_dns_lives_tidy(&c.all))
		;
	if (c.t.z != NULL)
		is_sound(&c, c.t.z);
	if (got == GYL__DNS_GOT_BAD && c.t.z == NULL)
		REQUIRE(gyl__dns_heap_room(&c.all.heap) == room);
	return 0;
}

/* SPDX-License-Identifier: ISC */

/*
 * "dhcp.wipe": forget leases, offers, quarantine and who had an address. Two walks over the slots,
 * a bounded part of them a slice: the first counts, so that more than one lease is not forgotten
 * unless that was meant; the second forgets. `at` is the slot, with `second` set in the second
 * walk.
 */

#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/steer.h"

static const uint64_t second = UINT64_C(1) << 32;

/* What is meant: somebody, or everything in a subnet. */
struct what {
	struct gyl_dhcpd_whom whom;
	const struct gyl_dhcpd_subnet *subnet; /* NULL: whom */
};

static bool read_what(const struct gyl_dhcpd *d, struct gyl_question *q, struct what *ret)
{
	struct gyl_view text = gyl_question_arg(q, "what");

	ret->subnet = NULL;
	if (text.len == 0 || memchr(text.p, '/', text.len) == NULL)
		return gyl__dhcpd_steer_whom(d, q, text, &ret->whom);
	ret->subnet = gyl__dhcpd_steer_subnet(d, q, text);
	return ret->subnet != NULL;
}

static bool is_meant(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, const struct what *what)
{
	if (l->ip == 0 || l->state == GYL_DHCPD_OURS || gyl__dhcpd_steer_state(l) == NULL)
		return false;
	if (what->subnet != NULL)
		return !l->dropped && &d->layout->subnet[l->subnet] == what->subnet;
	return gyl__dhcpd_steer_is(l, &what->whom);
}

/* The event that ends the lease for others comes before the one that says who ended it. */
static void wipe(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	bool dropped = l->dropped;
	uint64_t seq = 0;

	if (d->standby == NULL || dropped)
		seq = gyl__dhcpd_store_remove(d, a->o, slot);
	if (l->state != GYL_DHCPD_FREE) {
		gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, a->now.mono_ns);
		gyl__dhcpd_say_lease(d, a->now, a->o, slot, "wiped", GYL_SEV_NOTICE, seq);
	}
	gyl__dhcpd_name_drop(d, slot);
	if (dropped)
		gyl__dhcpd_slot_forget(d, slot);
	else
		gyl__dhcpd_client_bind(d, slot, NULL);
	/* The other server hears of it by a record, as of all else. */
	if (d->standby != NULL && !dropped) {
		l->expiry_ns = a->now.mono_ns;
		seq = gyl__dhcpd_store(d, a->now, a->o, slot) ? l->seq : 0;
	}
	if (seq > a->q->after)
		a->q->after = seq;
}

static void tell(const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_view name = gyl__dhcpd_lease_name(d, l);
	const char *state = gyl__dhcpd_steer_state(l);
	struct gyl_writer w;
	struct gyl_json j;
	uint8_t text[200];

	gyl_json_init(&j, a->q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_cstr(&j, "what", "wiped");
	gyl_json_ipv4(&j, "ip", l->ip);
	if (l->has_mac)
		gyl_json_mac(&j, "mac", l->mac);
	if (name.len != 0)
		gyl_json_str(&j, "name", name);
	gyl_json_cstr(&j, "state", state);
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_str(&w, "wiped ");
	gyl_text_ipv4(&w, l->ip);
	gyl_text_str(&w, ", which was ");
	gyl_text_str(&w, state);
	if (l->has_mac) {
		gyl_text_str(&w, ", of ");
		gyl_text_mac(&w, l->mac);
	}
	if (name.len != 0) {
		gyl_text_str(&w, " (");
		gyl_text_safe(&w, name);
		gyl_text_char(&w, ')');
	}
	gyl_json_str(&j, "sentence", gyl_writer_view(&w));
	gyl_json_end(&j);
	gyl_text_char(a->q->answer, '\n');
}

/* False: there is more to look at. */
static bool walk(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, const struct what *what)
{
	uint32_t left = GYL_DHCPD_LOOK_MAX, changes = GYL_DHCPD_WIPE_MAX;

	while ((uint32_t)a->q->at < d->slot_cnt) {
		uint32_t slot = (uint32_t)a->q->at + 1;

		if (left-- == 0 || changes == 0 || !gyl__dhcpd_steer_room(a))
			return false;
		a->q->at++;
		if (!is_meant(d, &d->lease[slot], what))
			continue;
		if ((a->q->at & second) == 0) {
			a->q->cnt++;
			continue;
		}
		tell(d, a, slot);
		wipe(d, a, slot);
		changes--;
	}
	return true;
}

static void refuse_many(struct gyl_dhcpd_ask *a)
{
	gyl_text_u64(a->q->wrong, a->q->cnt);
	gyl_question_refuse(a->q,
		" leases and former ones are meant by \"%\": say --yes (\"yes\": true) to wipe them all",
		gyl_question_arg(a->q, "what"));
}

static void say_wiped(struct gyl_dhcpd_ask *a)
{
	uint8_t text[120];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	gyl_text_str(&w, "wiped ");
	gyl_text_u64(&w, a->q->cnt);
	gyl_text_str(&w, a->q->cnt == 1 ? " lease of " : " leases of ");
	gyl_text_safe(&w, gyl_view_sub(gyl_question_arg(a->q, "what"), 0, 20));
	gyl__dhcpd_steer_say(a, gyl_writer_view(&w));
}

void gyl__dhcpd_steer_wipe(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	struct what what;

	if (!read_what(d, a->q, &what))
		return;
	a->q->more = true;
	if (!walk(d, a, &what))
		return;
	if ((a->q->at & second) != 0) {
		a->q->more = false;
		say_wiped(a);
	} else if (a->q->cnt == 0) {
		gyl_question_refuse(a->q, "nothing is known of \"%\": there is nothing to wipe",
			gyl_question_arg(a->q, "what"));
	} else if (a->q->cnt > 1 &&
		   !gyl_view_eq(gyl_question_arg(a->q, "yes"), gyl_view_str("true"))) {
		refuse_many(a);
	} else {
		a->q->at = second;
	}
}

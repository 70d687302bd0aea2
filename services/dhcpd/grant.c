/* SPDX-License-Identifier: ISC */
#include <gyl/time.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

/* A REQUEST with the same xid within this time is a retransmission: clients wait 4, then 8 s (RFC
 * 2131 4.1). */
static const uint64_t again_ns = 10 * GYL_NS_PER_S;

static uint64_t end_of(struct gyl_now now, uint32_t lease_s)
{
	return lease_s == GYL_DHCP_INFINITE ? GYL_TIME_INFINITE
					    : gyl_time_add(now.mono_ns, gyl_time_from_s(lease_s));
}

/*
 * When the lease ends for us. It may be a shorter one than before, and the ACK that says so may get
 * lost: the client goes by what it was told last, and nobody else has the address before that is
 * over. What had no end would never be free again by this: there the new time counts.
 */
static uint64_t kept_until(const struct gyl_dhcpd_lease *l, struct gyl_now now, uint32_t lease_s)
{
	uint64_t end_ns = end_of(now, lease_s);

	if (l->state != GYL_DHCPD_LEASED || l->expiry_ns == GYL_TIME_INFINITE)
		return end_ns;
	return l->expiry_ns > end_ns ? l->expiry_ns : end_ns;
}

/* After a restart the end is the record's, later than the client was told: that was for granted_s,
 * before now. */
static void bound_restored(struct gyl_dhcpd *d, struct gyl_now now, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (l->state == GYL_DHCPD_LEASED && l->since_ns == 0 && l->expiry_ns != GYL_TIME_INFINITE)
		gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_LEASED,
			gyl_time_min(l->expiry_ns, end_of(now, l->granted_s)));
}

static bool is_again(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, const struct gyl_dhcpd_lease *l)
{
	/* What a lease gains by it is in no record, so a second copy would not know. And an offer
	 * since then may have said another time. */
	return d->standby == NULL && l->state == GYL_DHCPD_LEASED && l->offered_s == l->granted_s &&
	       l->xid == r->msg.hdr.xid && l->since_ns != 0 &&
	       gyl_time_sub(r->now.mono_ns, l->since_ns) < again_ns && gyl__dhcpd_is_stored(d, l) &&
	       end_of(r->now, l->granted_s) <= l->written_ns && gyl__dhcpd_client_is(d, l, &r->key);
}

/* The client moves to another lease: what it had on the subnet is free again. Said before the new
 * one is, so that its name, which goes with it, is not taken back. */
static void leave(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t other)
{
	bool leased = d->lease[other].state == GYL_DHCPD_LEASED;

	gyl__dhcpd_slot_set(d, other, GYL_DHCPD_FREE, r->now.mono_ns);
	if (!leased)
		return;
	gyl__dhcpd_store(d, r->now, r->o, other);
	gyl__dhcpd_say_lease(d, r->now, r->o, other, "released", GYL_SEV_INFO, d->lease[other].seq);
}

/* A lease that the client has it keeps; for one more there has to be room in its budget. */
static bool may_have(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	enum gyl_dhcpd_limit limit;

	if (l->state == GYL_DHCPD_LEASED && gyl__dhcpd_client_is(d, l, &r->key))
		return true;
	limit = gyl__dhcpd_budget_lease(d, r, slot);
	if (limit == GYL_DHCPD_LIMIT_NONE)
		return true;
	gyl__dhcpd_say_limit(d, r, limit);
	gyl__dhcpd_say_silent(d, r, gyl__dhcpd_limit_text(limit), true);
	return false;
}

/* Nothing was given after all. A slot that was made just for that is in no list yet: nobody else
 * would ever find its address. */
static void give_back(struct gyl_dhcpd *d, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (l->state == GYL_DHCPD_FREE && !l->listed && !l->probing)
		gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, l->expiry_ns);
}

/* Is this the answer to an offer of ours, which said for how long? */
static bool is_offered(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, const struct gyl_dhcpd_lease *l)
{
	return r->msg.type == GYL_DHCP_REQUEST && r->server_id != 0 && l->offered_s != 0 &&
	       (l->state == GYL_DHCPD_OFFERED || l->state == GYL_DHCPD_LEASED) &&
	       gyl__dhcpd_client_is(d, l, &r->key);
}

/* A live lease of another system of the same machine, which this one is to take over. */
static bool is_anothers(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, const struct gyl_dhcpd_lease *l)
{
	return l->state == GYL_DHCPD_LEASED && !gyl__dhcpd_client_is(d, l, &r->key);
}

/* It could not be stored. Whose lease it was before has it still, in memory as in the store. */
static void undo(struct gyl_dhcpd *d, uint32_t slot, const struct gyl_dhcpd_before *before)
{
	if (before->val_len != 0) {
		gyl__dhcpd_before_put_back(d, slot, before);
		return;
	}
	gyl__dhcpd_slot_set(d, slot, before->lease.state, before->lease.expiry_ns);
	d->lease[slot].granted_s = before->lease.granted_s;
	if (before->lease.state != GYL_DHCPD_LEASED)
		gyl__dhcpd_name_drop(d, slot);
}

void gyl__dhcpd_grant(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t slot,
	uint32_t otherwise_s, const char *reason)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_before before;
	uint64_t end_ns;
	uint32_t other, loser, lease_s;

	if (is_again(d, r, l)) {
		/* The client counts from when it asked last. */
		gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_LEASED, kept_until(l, r->now, l->granted_s));
		r->o->strict = gyl__dhcpd_is_strict(d, slot);
		gyl__dhcpd_reply_lease(d, r, GYL_DHCP_ACK, slot, l->seq, "the same again");
		r->o->strict = false;
		return;
	}
	if (!may_have(d, r, slot)) {
		give_back(d, slot);
		return;
	}
	bound_restored(d, r->now, slot);
	before.lease = *l;
	before.val_len = 0;
	if (is_anothers(d, r, l))
		gyl__dhcpd_before_take(d, r->now, slot, &before);
	lease_s = is_offered(d, r, l) ? gyl__dhcpd_offered_time(r, l->offered_s)
				      : gyl__dhcpd_lease_time(d, r, otherwise_s);
	gyl__dhcpd_client_bind(d, slot, &r->key);
	gyl__dhcpd_link_note(d, r, slot);
	other = gyl__dhcpd_client_other(d, slot);
	if (other != 0)
		gyl__dhcpd_name_drop(d, other);
	loser = gyl__dhcpd_name_claim(d, r, slot);
	end_ns = kept_until(l, r->now, lease_s);
	l->stale |= lease_s > l->granted_s; /* a restart goes by what the record says of it */
	l->granted_s = l->offered_s = lease_s;
	gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_LEASED, end_ns);
	if (!(before.lease.state == GYL_DHCPD_LEASED && gyl__dhcpd_is_covered(d, l)) &&
		!gyl__dhcpd_store(d, r->now, r->o, slot)) {
		undo(d, slot, &before);
		gyl__dhcpd_say_unstored(d, r);
		return;
	}
	l->xid = r->msg.hdr.xid;
	l->since_ns = r->now.mono_ns;
	if (other != 0)
		leave(d, r, other);
	r->o->strict = gyl__dhcpd_is_strict(d, slot);
	gyl__dhcpd_reply_lease(d, r, GYL_DHCP_ACK, slot, l->seq, reason);
	gyl__dhcpd_say_lease(d, r->now, r->o, slot,
		before.lease.state == GYL_DHCPD_LEASED ? "renewed" : "leased", GYL_SEV_INFO,
		l->seq);
	r->o->strict = false;
	if (loser != 0)
		gyl__dhcpd_say_lease(
			d, r->now, r->o, loser, "renewed", GYL_SEV_INFO, d->lease[loser].seq);
}

static void expire_lease(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	gyl__dhcpd_say_lease(d, now, o, slot, "expired", GYL_SEV_INFO, 0);
	gyl__dhcpd_name_drop(d, slot);
	gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, l->expiry_ns);
}

void gyl__dhcpd_expire(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (l->state == GYL_DHCPD_LEASED)
		expire_lease(d, now, o, slot);
	else
		gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, l->expiry_ns);
	if (!l->dropped)
		return;
	gyl__dhcpd_store_remove(d, o, slot);
	gyl__dhcpd_slot_forget(d, slot);
}

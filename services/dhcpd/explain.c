/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/explain.h"

#include "services/dhcpd/state.h"

/* Ones of the mask, added up in pairs, fours and eights: this is done for every message. */
static uint8_t prefix_of(const struct gyl_dhcpd_subnet *s)
{
	uint32_t n = s->mask;

	n -= n >> 1 & 0x55555555;
	n = (n & 0x33333333) + (n >> 2 & 0x33333333);
	n = (n + (n >> 4)) & 0x0f0f0f0f;
	return (uint8_t)(n * 0x01010101 >> 24);
}

static bool is_same(const struct gyl_dhcpd_decision *a, const struct gyl_dhcpd_decision *b)
{
	return a->hash == b->hash && a->type == b->type && a->reply == b->reply && a->ip == b->ip &&
	       a->reason == b->reason && a->flags == b->flags && a->giaddr == b->giaddr &&
	       memcmp(a->mac, b->mac, sizeof a->mac) == 0;
}

/* Refused again and again: one line that counts, so that others stay remembered. */
static void put_refused(struct gyl_dhcpd_explain *x, struct gyl_dhcpd_decision *n)
{
	struct gyl_dhcpd_decision *last = &x->refused[(x->refused_cnt - 1) % GYL_DHCPD_REFUSED_MAX];

	if (x->refused_cnt != 0 && is_same(last, n))
		n->again = (uint16_t)(last->again + (last->again != UINT16_MAX));
	else
		last = &x->refused[x->refused_cnt++ % GYL_DHCPD_REFUSED_MAX];
	*last = *n;
}

void gyl__dhcpd_explain_note(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, int reply,
	uint32_t ip, const char *reason)
{
	struct gyl_dhcpd_explain *x = &d->explain;
	struct gyl_dhcpd_decision n = {.wall_ns = r->now.wall_ns,
		.reason = reason,
		.hash = r->key.form == GYL_DHCPD_NOBODY ? 0 : r->key.hash,
		.xid = r->msg.hdr.xid,
		.ip = ip,
		.asked = r->want_ip != 0 ? r->want_ip : r->msg.hdr.ciaddr,
		.giaddr = r->msg.hdr.giaddr,
		.vlan = r->in->peer.vlan,
		.type = r->msg.type,
		.iface = r->in->peer.iface,
		.prefix = 255};

	if (r->key.has_mac) {
		n.flags |= GYL_DHCPD_HAS_MAC;
		memcpy(n.mac, r->key.mac, sizeof n.mac);
	}
	if (r->subnet != NULL) {
		n.subnet = r->subnet->ip;
		n.class_bits = r->class_bits;
		n.prefix = prefix_of(r->subnet);
		n.flags |= r->host != NULL ? GYL_DHCPD_RESERVED : 0;
	}
	if (reply >= 0) {
		n.flags |= GYL_DHCPD_ANSWERED;
		n.reply = (uint8_t)reply;
	}
	if (reply >= 0 && reply != GYL_DHCP_NAK)
		x->given[x->given_cnt++ % GYL_DHCPD_GIVEN_MAX] = n;
	else
		put_refused(x, &n);
}

void gyl__dhcpd_explain_bad(
	struct gyl_dhcpd *d, uint64_t wall_ns, const struct gyl_in *in, const char *reason)
{
	struct gyl_dhcpd_decision n = {.wall_ns = wall_ns,
		.reason = reason,
		.iface = in->peer.iface,
		.vlan = in->peer.vlan,
		.prefix = 255,
		.flags = GYL_DHCPD_UNREADABLE};

	if (!in->peer.has_mac)
		return;
	n.flags |= GYL_DHCPD_HAS_MAC;
	memcpy(n.mac, in->peer.mac, sizeof n.mac);
	put_refused(&d->explain, &n);
}

bool gyl__dhcpd_explain_is(const struct gyl_dhcpd_decision *n, const struct gyl_dhcpd_whom *whom)
{
	if (n->reason == NULL)
		return false;
	if (whom->has_mac && (n->flags & GYL_DHCPD_HAS_MAC) != 0 &&
		memcmp(n->mac, whom->mac, sizeof n->mac) == 0)
		return true;
	if (whom->has_hash && n->hash == whom->hash && n->hash != 0)
		return true;
	return whom->has_ip && whom->ip != 0 && (n->ip == whom->ip || n->asked == whom->ip);
}

/* A ring, read from its newest decision back. */
struct back {
	const struct gyl_dhcpd_decision *ring;
	uint64_t at, end;
	uint32_t size;
};

static struct back back_of(const struct gyl_dhcpd_decision *ring, uint64_t cnt, uint32_t size)
{
	return (struct back){ring, cnt, cnt > size ? cnt - size : 0, size};
}

static const struct gyl_dhcpd_decision *back_next(struct back *b, const struct gyl_dhcpd_whom *whom)
{
	while (b->at != b->end) {
		const struct gyl_dhcpd_decision *n = &b->ring[--b->at % b->size];

		if (gyl__dhcpd_explain_is(n, whom))
			return n;
	}
	return NULL;
}

static void reverse(const struct gyl_dhcpd_decision **a, size_t cnt)
{
	for (size_t i = 0; i < cnt / 2; i++) {
		const struct gyl_dhcpd_decision *n = a[i];

		a[i] = a[cnt - 1 - i];
		a[cnt - 1 - i] = n;
	}
}

size_t gyl__dhcpd_explain_find(const struct gyl_dhcpd_explain *x, const struct gyl_dhcpd_whom *whom,
	const struct gyl_dhcpd_decision **ret, size_t cnt)
{
	struct back given = back_of(x->given, x->given_cnt, GYL_DHCPD_GIVEN_MAX);
	struct back refused = back_of(x->refused, x->refused_cnt, GYL_DHCPD_REFUSED_MAX);
	const struct gyl_dhcpd_decision *a = back_next(&given, whom);
	const struct gyl_dhcpd_decision *b = back_next(&refused, whom);
	size_t n = 0;

	while (n < cnt && (a != NULL || b != NULL)) {
		if (b == NULL || (a != NULL && a->wall_ns > b->wall_ns)) {
			ret[n++] = a;
			a = back_next(&given, whom);
		} else {
			ret[n++] = b;
			b = back_next(&refused, whom);
		}
	}
	reverse(ret, n);
	return n;
}

enum {
	SEEN_BITS = 1 << 15
};

/* Clients are told apart by a part of their hashes: a few of thousands fall together. */
static void count_ring(const struct gyl_dhcpd_decision *ring, uint32_t size, uint8_t *seen,
	struct gyl_dhcpd_remembered *ret)
{
	for (uint32_t i = 0; i < size && ring[i].reason != NULL; i++) {
		uint32_t bit = ring[i].hash % SEEN_BITS;

		ret->decision_cnt++;
		ret->client_cnt += (seen[bit / 8] >> bit % 8 & 1) == 0;
		seen[bit / 8] |= (uint8_t)(1 << bit % 8);
		if (ret->since_ns == 0 || ring[i].wall_ns < ret->since_ns)
			ret->since_ns = ring[i].wall_ns;
	}
}

void gyl__dhcpd_explain_count(const struct gyl_dhcpd_explain *x, struct gyl_dhcpd_remembered *ret)
{
	uint8_t seen[SEEN_BITS / 8];

	memset(seen, 0, sizeof seen);
	memset(ret, 0, sizeof *ret);
	count_ring(x->given, GYL_DHCPD_GIVEN_MAX, seen, ret);
	count_ring(x->refused, GYL_DHCPD_REFUSED_MAX, seen, ret);
}

static void forget_classes(struct gyl_dhcpd_decision *ring, uint32_t size)
{
	for (uint32_t i = 0; i < size && ring[i].reason != NULL; i++)
		ring[i].class_bits = 0;
}

void gyl__dhcpd_explain_reload(struct gyl_dhcpd_explain *x)
{
	forget_classes(x->given, GYL_DHCPD_GIVEN_MAX);
	forget_classes(x->refused, GYL_DHCPD_REFUSED_MAX);
}

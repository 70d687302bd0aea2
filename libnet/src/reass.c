/* SPDX-License-Identifier: ISC */
#include "libnet/src/reass_pool.h"

static struct gyl__reass_key key_of(const struct gyl__reass_from *from, const struct gyl_ipv4 *ip)
{
	struct gyl__reass_key k;

	k.addr = (uint64_t)ip->src << 32 | ip->dst;
	k.rest = (uint64_t)ip->id << 32 | (uint64_t)from->vlan << 16 | (uint64_t)from->iface << 8 |
		 ip->proto;
	return k;
}

/* What is wrong with a piece whatever the others are; GYL__REASS_HELD: nothing. */
static enum gyl__reass_verdict fault_alone(const struct gyl_ipv4 *ip)
{
	if (ip->payload.len == 0)
		return GYL__REASS_EMPTY;
	if ((ip->flags & GYL_IPV4_MF) && ip->payload.len % 8 != 0)
		return GYL__REASS_UNEVEN;
	if (gyl_ipv4_header_len(ip) + ip->frag_off + ip->payload.len > GYL_IPV4_LEN_MAX)
		return GYL__REASS_LONG;
	return GYL__REASS_HELD;
}

static bool is_last(const struct gyl_ipv4 *ip)
{
	return !(ip->flags & GYL_IPV4_MF);
}

/* Does it contradict what is known of the end? A piece that ends with the last one, or behind the
 * start of it, overlaps it: that is not asked here. */
static bool misses_end(const struct gyl__reass_entry *e, const struct gyl_ipv4 *ip)
{
	size_t stop = ip->frag_off + ip->payload.len;

	if (e->end != 0 && (is_last(ip) ? stop != e->end : stop > e->end))
		return true;
	return is_last(ip) && stop < e->top;
}

static enum gyl__reass_verdict overlap(const struct gyl__reass_entry *e, const struct gyl_ipv4 *ip)
{
	size_t start = ip->frag_off, stop = start + ip->payload.len;

	for (size_t i = 0; i < e->piece_cnt; i++) {
		const struct gyl__reass_piece *p = &e->piece[i];

		if (p->off < stop && start < (size_t)p->off + p->len)
			return p->off == start && p->len == ip->payload.len ? GYL__REASS_DUPLICATE
									    : GYL__REASS_OVERLAP;
	}
	return GYL__REASS_HELD;
}

/* What is wrong with a piece beside the others; GYL__REASS_HELD: nothing. */
static enum gyl__reass_verdict fault_among(
	const struct gyl__reass *r, const struct gyl__reass_entry *e, const struct gyl_ipv4 *ip)
{
	if (misses_end(e, ip))
		return GYL__REASS_END;
	if (ip->frag_off + ip->payload.len > r->out_len)
		return GYL__REASS_ROOM;
	return overlap(e, ip);
}

static bool completes(const struct gyl__reass_entry *e, const struct gyl_ipv4 *ip)
{
	size_t end = is_last(ip) ? ip->frag_off + ip->payload.len : e->end;

	/* Nothing overlaps, so as many octets as the end says are all of them. */
	return end != 0 && e->got + ip->payload.len == end;
}

static enum gyl__reass_verdict keep(struct gyl__reass *r, struct gyl__reass_entry *e,
	const struct gyl__reass_from *from, const struct gyl_ipv4 *ip)
{
	struct gyl__reass_piece *p = &e->piece[e->piece_cnt];
	size_t opt_len = ip->frag_off == 0 ? ip->options.len : 0;
	uint16_t stop = (uint16_t)(ip->frag_off + ip->payload.len);

	if (e->piece_cnt == r->cf.piece_max)
		return GYL__REASS_MANY;
	if (!gyl__reass_reserve(r, e, opt_len + ip->payload.len))
		return GYL__REASS_ROOM;
	if (ip->frag_off == 0) {
		e->has_first = true;
		e->opt_len = (uint8_t)opt_len;
		e->dscp = ip->dscp;
		e->ecn = ip->ecn;
		e->ttl = ip->ttl;
		e->flags = ip->flags;
		memcpy(e->mac, from->mac, sizeof(e->mac));
		gyl__reass_append(r, e, ip->options);
	}
	gyl__reass_append(r, e, ip->payload);
	p->off = ip->frag_off;
	p->len = (uint16_t)ip->payload.len;
	e->piece_cnt++;
	e->got = (uint16_t)(e->got + p->len);
	e->top = stop > e->top ? stop : e->top;
	if (is_last(ip))
		e->end = stop;
	return GYL__REASS_HELD;
}

/* Every piece to its place. */
static void gather(struct gyl__reass *r, const struct gyl__reass_entry *e,
	const struct gyl_ipv4 *ip, uint8_t *options, uint8_t *payload)
{
	struct gyl__reass_reader rd = gyl__reass_reader(e);

	for (size_t i = 0; i < e->piece_cnt; i++) {
		if (e->piece[i].off == 0)
			gyl__reass_read(r, &rd, options, e->opt_len);
		gyl__reass_read(r, &rd, payload + e->piece[i].off, e->piece[i].len);
	}
	memcpy(payload + ip->frag_off, ip->payload.p, ip->payload.len);
	if (ip->frag_off == 0 && ip->options.len != 0)
		memcpy(options, ip->options.p, ip->options.len);
}

static enum gyl__reass_verdict finish(struct gyl__reass *r, const struct gyl__reass_entry *e,
	const struct gyl_ipv4 *ip, struct gyl__reass_whole *ret)
{
	uint8_t *payload = r->out + GYL_IPV4_HEADER_MAX, options[GYL_IPV4_HEADER_MAX];
	size_t len = e->got + ip->payload.len, header_len;
	struct gyl_writer w;

	ret->ip = *ip;
	ret->ip.flags = 0;
	ret->ip.frag_off = 0;
	ret->ip.options = gyl_view(options, ip->frag_off == 0 ? ip->options.len : e->opt_len);
	ret->ip.payload = gyl_view(payload, len);
	header_len = gyl_ipv4_header_len(&ret->ip);
	/* The first piece has a longer header than the others, and all of them were just right. */
	if (header_len + len > GYL_IPV4_LEN_MAX)
		return GYL__REASS_LONG;
	gather(r, e, ip, options, payload);
	gyl_writer_init(&w, payload - header_len, header_len);
	gyl_ipv4_put_header(&w, &ret->ip);
	ret->ip.options = gyl_view(
		payload - header_len + GYL_IPV4_HEADER_LEN, header_len - GYL_IPV4_HEADER_LEN);
	ret->ip.total_len = (uint16_t)(header_len + len);
	ret->ip.checksum = gyl_get_u16(payload - header_len + 10);
	ret->datagram = gyl_view(payload - header_len, header_len + len);
	return GYL__REASS_WHOLE;
}

static bool is_late(const struct gyl__reass_entry *e, uint64_t now_ns)
{
	return now_ns - e->first_ns >= GYL__REASS_TIME_NS;
}

static void drop_late(struct gyl__reass *r, struct gyl__reass_entry *e)
{
	r->stat.late_cnt += e->state == GYL__REASS_IS_HELD;
	gyl__reass_del(r, e);
}

static struct gyl__reass_entry *entry_of(struct gyl__reass *r, uint64_t now_ns,
	const struct gyl__reass_from *from, const struct gyl_ipv4 *ip)
{
	struct gyl__reass_key key = key_of(from, ip);
	struct gyl__reass_entry *e = gyl__reass_find(r, &key);

	if (e != NULL && is_late(e, now_ns)) {
		drop_late(r, e);
		e = NULL;
	}
	return e != NULL ? e : gyl__reass_add(r, now_ns, &key);
}

static enum gyl__reass_verdict judge(struct gyl__reass *r, uint64_t now_ns,
	const struct gyl__reass_from *from, const struct gyl_ipv4 *ip, struct gyl__reass_whole *ret)
{
	enum gyl__reass_verdict v = fault_alone(ip);
	struct gyl__reass_entry *e;

	if (v != GYL__REASS_HELD)
		return v;
	e = entry_of(r, now_ns, from, ip);
	if (e->state == GYL__REASS_IS_POISONED)
		return GYL__REASS_POISONED;
	v = fault_among(r, e, ip);
	if (v == GYL__REASS_HELD)
		v = completes(e, ip) ? finish(r, e, ip, ret) : keep(r, e, from, ip);
	if (v == GYL__REASS_WHOLE)
		gyl__reass_del(r, e);
	else if (v != GYL__REASS_HELD)
		gyl__reass_poison(r, e);
	return v;
}

enum gyl__reass_verdict gyl__reass_input(struct gyl__reass *r, uint64_t now_ns,
	const struct gyl__reass_from *from, const struct gyl_ipv4 *ip,
	struct gyl__reass_whole *ret_whole)
{
	enum gyl__reass_verdict v = judge(r, now_ns, from, ip, ret_whole);

	r->stat.verdict_cnt[v]++;
	return v;
}

/* The header of the first piece as it came, and 8 octets of its payload. */
static void quote(
	struct gyl__reass *r, const struct gyl__reass_entry *e, struct gyl__reass_late *ret)
{
	struct gyl__reass_reader rd = gyl__reass_reader(e);
	uint8_t options[GYL_IPV4_HEADER_MAX], payload[8];
	struct gyl_ipv4 ip = {.dscp = e->dscp,
		.ecn = e->ecn,
		.id = (uint16_t)(e->key.rest >> 32),
		.flags = e->flags,
		.ttl = e->ttl,
		.proto = (uint8_t)e->key.rest,
		.src = (uint32_t)(e->key.addr >> 32),
		.dst = (uint32_t)e->key.addr,
		.options = gyl_view(options, e->opt_len)};
	struct gyl_writer w;
	size_t i = 0;

	for (; e->piece[i].off != 0; i++)
		gyl__reass_read(r, &rd, NULL, e->piece[i].len);
	gyl__reass_read(r, &rd, options, e->opt_len);
	gyl__reass_read(r, &rd, payload, sizeof(payload)); /* MF: it has at least 8 */
	ip.payload.len = e->piece[i].len;
	gyl_writer_init(&w, r->quote, sizeof(r->quote));
	gyl_ipv4_put_header(&w, &ip);
	gyl_put_bytes(&w, payload, sizeof(payload));
	ret->from.iface = (uint8_t)(e->key.rest >> 8);
	ret->from.vlan = (uint16_t)(e->key.rest >> 16);
	memcpy(ret->from.mac, e->mac, sizeof(ret->from.mac));
	ret->src = ip.src;
	ret->dst = ip.dst;
	ret->quote = gyl_view(r->quote, w.len);
}

bool gyl__reass_tick(struct gyl__reass *r, uint64_t now_ns, struct gyl__reass_late *ret_late)
{
	for (;;) {
		struct gyl__reass_entry *e = gyl__reass_oldest(r);
		bool tell;

		if (e == NULL || !is_late(e, now_ns))
			return false;
		tell = e->state == GYL__REASS_IS_HELD && e->has_first;
		if (tell)
			quote(r, e, ret_late);
		drop_late(r, e);
		if (tell)
			return true;
	}
}

uint64_t gyl__reass_deadline_ns(const struct gyl__reass *r)
{
	const struct gyl__reass_entry *e = gyl__reass_oldest(r);

	return e == NULL ? UINT64_MAX : e->first_ns + GYL__REASS_TIME_NS;
}

const struct gyl__reass_stat *gyl__reass_stat(const struct gyl__reass *r)
{
	return &r->stat;
}

const char *gyl__reass_verdict_text(enum gyl__reass_verdict v)
{
	static const char text[GYL__REASS_VERDICT_CNT][12] = {
		[GYL__REASS_HELD] = "held",
		[GYL__REASS_WHOLE] = "whole",
		[GYL__REASS_EMPTY] = "empty",
		[GYL__REASS_UNEVEN] = "uneven",
		[GYL__REASS_LONG] = "long",
		[GYL__REASS_POISONED] = "poisoned",
		[GYL__REASS_DUPLICATE] = "duplicate",
		[GYL__REASS_OVERLAP] = "overlap",
		[GYL__REASS_END] = "end",
		[GYL__REASS_MANY] = "many",
		[GYL__REASS_ROOM] = "room",
	};

	return text[v];
}

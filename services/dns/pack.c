/* SPDX-License-Identifier: ISC */
#include "services/dns/pack.h"

#include <gyl/dns.h>

size_t gyl_dns_pack_target(uint16_t type)
{
	switch (type) {
	case GYL_DNS_TYPE_NS:
		return 0;
	case GYL_DNS_TYPE_MX:
		return 2;
	case GYL_DNS_TYPE_SRV:
		return 6;
	default:
		return SIZE_MAX;
	}
}

/* Where the names are that RFC 3597 4 allows to compress: offsets in the rdata, SIZE_MAX: none. */
static void packable(uint16_t type, const uint8_t *rdata, size_t at[GYL_DNS_PACK_NAMES])
{
	at[0] = at[1] = SIZE_MAX;
	switch (type) {
	case GYL_DNS_TYPE_NS:
	case GYL_DNS_TYPE_CNAME:
	case GYL_DNS_TYPE_PTR:
		at[0] = 0;
		break;
	case GYL_DNS_TYPE_MX:
		at[0] = 2;
		break;
	case GYL_DNS_TYPE_SOA:
		at[0] = 0;
		at[1] = gyl_dns_name_len(rdata);
		break;
	default:
		break;
	}
}

/*
 * One name of the rdata: what it shares with the owner becomes a pointer. An asterisk in front of
 * the owner is another label in the answer, so it is not shared.
 */
static void put_name(struct gyl_dns_pack *p, const uint8_t *owner, const uint8_t *name)
{
	const uint8_t *base = gyl_dns_name_is_wildcard(owner) ? gyl_dns_name_parent(owner) : owner;
	size_t len = gyl_dns_name_len(name), owner_len = gyl_dns_name_len(owner), at = 0,
	       suffix_len;

	while (name[at] != 0 && !gyl_dns_name_is_under(base, name + at))
		at += (size_t)name[at] + 1;
	memcpy(p->wire + p->wire_len, name, at);
	p->wire_len += at;
	suffix_len = len - at;
	if (suffix_len == 1) {
		p->wire[p->wire_len++] = 0;
		return;
	}
	p->patch[p->patch_cnt].at = (uint16_t)p->wire_len;
	p->patch[p->patch_cnt++].suffix_len = (uint16_t)suffix_len;
	gyl_set_u16(p->wire + p->wire_len,
		(uint16_t)(0xc000u | (GYL_DNS_HEADER_LEN + owner_len - suffix_len)));
	p->wire_len += 2;
}

static void put_octets(struct gyl_dns_pack *p, struct gyl_view v)
{
	if (v.len != 0)
		memcpy(p->wire + p->wire_len, v.p, v.len);
	p->wire_len += v.len;
}

static void put_rdata(
	struct gyl_dns_pack *p, const uint8_t *owner, uint16_t type, struct gyl_view rdata)
{
	size_t name_at[GYL_DNS_PACK_NAMES], from = 0;

	packable(type, rdata.p, name_at);
	for (int i = 0; i < GYL_DNS_PACK_NAMES && name_at[i] != SIZE_MAX; i++) {
		put_octets(p, gyl_view_sub(rdata, from, name_at[i] - from));
		put_name(p, owner, rdata.p + name_at[i]);
		from = name_at[i] + gyl_dns_name_len(rdata.p + name_at[i]);
	}
	put_octets(p, gyl_view_sub(rdata, from, rdata.len));
}

void gyl_dns_pack_rr(struct gyl_dns_pack *p, const uint8_t *owner, uint16_t type, uint32_t ttl,
	struct gyl_view rdata)
{
	uint8_t *head = p->wire + p->wire_len;

	gyl_set_u16(head, 0xc00c);
	gyl_set_u16(head + 2, type);
	gyl_set_u16(head + 4, GYL_DNS_CLASS_IN);
	gyl_set_u32(head + 6, ttl);
	p->wire_len += GYL_DNS_PACK_HEAD;
	put_rdata(p, owner, type, rdata);
	gyl_set_u16(head + 10, (uint16_t)(p->wire + p->wire_len - head - GYL_DNS_PACK_HEAD));
}

/* Rdata with pointers: each of them stands at a patch, and is a suffix of the owner. */
static struct gyl_view expand(const struct gyl_dns_node *owner, const struct gyl_dns_rrset *s,
	size_t at, size_t end, uint8_t *buf)
{
	const struct gyl_dns_patch *patch = gyl_dns_rrset_patch(s);
	const uint8_t *wire = gyl_dns_rrset_wire(s);
	size_t len = 0;

	for (unsigned i = 0; i < s->patch_cnt; i++) {
		size_t suffix_len = patch[i].suffix_len;

		if (patch[i].at < at || patch[i].at >= end)
			continue;
		memcpy(buf + len, wire + at, patch[i].at - at);
		len += patch[i].at - at;
		memcpy(buf + len, owner->name + owner->name_len - suffix_len, suffix_len);
		len += suffix_len;
		at = (size_t)patch[i].at + 2;
	}
	memcpy(buf + len, wire + at, end - at);
	return gyl_view(buf, len + end - at);
}

bool gyl_dns_unpack(const struct gyl_dns_node *owner, const struct gyl_dns_rrset *s, size_t *at,
	uint8_t *buf, struct gyl_dns_unpacked *ret_rr)
{
	const uint8_t *rr = gyl_dns_rrset_wire(s) + *at;
	size_t from = *at + GYL_DNS_PACK_HEAD, name_at[GYL_DNS_PACK_NAMES], end;

	if (*at == (size_t)s->wire_len + s->sig_len)
		return false;
	end = from + gyl_get_u16(rr + 10);
	ret_rr->type = gyl_get_u16(rr + 2);
	ret_rr->ttl = gyl_get_u32(rr + 6);
	ret_rr->rdata = gyl_view(rr + GYL_DNS_PACK_HEAD, end - from);
	packable(ret_rr->type, (const uint8_t *)"", name_at);
	if (name_at[0] != SIZE_MAX)
		ret_rr->rdata = expand(owner, s, from, end, buf);
	*at = end;
	return true;
}

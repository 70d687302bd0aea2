/* SPDX-License-Identifier: ISC */

/* Reservations and drained subnets that were set while the server runs, put on top of a layout. */

#include "services/dhcpd/layout_own.h"
#include "services/dhcpd/live.h"
#include "services/dhcpd/name.h"

/* Is the client, the address or the name reserved already, by the file or before? */
static bool is_taken(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_live_host *v)
{
	struct gyl_view name = gyl_view(v->name, v->name_len);

	for (uint32_t i = 0; i < y->cnt.host_cnt; i++) {
		const struct gyl_dhcpd_host_conf *cf = y->host[i].cf;

		if ((cf->has_mac && memcmp(cf->mac, v->mac, 6) == 0) ||
			(v->address != 0 && cf->address == v->address) ||
			(name.len != 0 &&
				gyl__dhcpd_name_eq(gyl_flat_view(y->flat, cf->hostname), name)))
			return true;
	}
	return false;
}

/* Behind the block: its form, and its name. */
static void put(struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_live_host *v, uint32_t subnet)
{
	struct gyl_dhcpd_host_conf *cf =
		(struct gyl_dhcpd_host_conf *)(void *)(y->block + y->live_at);

	memset(cf, 0, sizeof *cf);
	cf->address = v->address;
	cf->has_mac = true;
	memcpy(cf->mac, v->mac, 6);
	cf->hostname.off = y->live_at + (uint32_t)sizeof *cf;
	cf->hostname.cnt = v->name_len;
	memcpy(y->block + cf->hostname.off, v->name, v->name_len);
	y->live_at = (cf->hostname.off + v->name_len + 7) & ~7u;
	y->live_room--;
	y->host[y->cnt.host_cnt++] =
		(struct gyl_dhcpd_host){.cf = cf, .subnet = subnet, .live = true};
}

static bool has_room(const struct gyl_dhcpd_layout *y)
{
	return y->live_room != 0 &&
	       y->live_at + sizeof(struct gyl_dhcpd_host_conf) + GYL_DHCPD_NAME_MAX + 8 <=
		       y->cap.block_len;
}

static uint32_t subnet_of(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_live_host *v)
{
	return v->address == 0 ? GYL_DHCPD_NO_SUBNET : gyl__dhcpd_layout_subnet(y, v->address);
}

enum gyl_dhcpd_progress gyl__dhcpd_build_live(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (; y->live != NULL && b->at < y->live->host_cnt; b->at++) {
		const struct gyl_dhcpd_live_host *v = &y->live->host[b->at];
		uint32_t subnet = subnet_of(y, v);

		if (!gyl__dhcpd_slice_take(b->slice, 1 + y->cnt.host_cnt / 4))
			return GYL_DHCPD_MORE;
		y->live_hidden[b->at] = v->gone ||
					(v->address != 0 && subnet == GYL_DHCPD_NO_SUBNET) ||
					!has_room(y) || is_taken(y, v);
		if (!y->live_hidden[b->at])
			put(y, v, subnet);
	}
	return GYL_DHCPD_DONE;
}

bool gyl__dhcpd_layout_live_add(
	struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_live_host *v, uint32_t *ret_host)
{
	if (!has_room(y))
		return false;
	put(y, v, subnet_of(y, v));
	*ret_host = y->cnt.host_cnt - 1;
	gyl__dhcpd_layout_hash_host(y, *ret_host);
	return true;
}

/* What is taken back stays as an entry of nobody's; the next layout has its room again. */
bool gyl__dhcpd_layout_live_remove(struct gyl_dhcpd_layout *y, const uint8_t mac[6])
{
	struct gyl_dhcpd_host_conf *cf;

	for (uint32_t i = y->cnt.host_cnt; i != 0 && y->host[i - 1].live; i--) {
		cf = (struct gyl_dhcpd_host_conf *)(uintptr_t)y->host[i - 1].cf;
		if (!cf->has_mac || memcmp(cf->mac, mac, 6) != 0)
			continue;
		gyl__dhcpd_layout_unhash_host(y, i - 1);
		memset(cf, 0, sizeof *cf);
		return true;
	}
	return false;
}

/* ---- an address beside the pools ---- */

/* How many ranges begin at ip or before. */
static uint32_t ranges_upto(const struct gyl_dhcpd_layout *y, uint32_t ip)
{
	uint32_t low = 0, high = y->cnt.range_cnt;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (y->range[mid].first <= ip)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* A range came as number `at`, of this subnet or of another one. */
static void range_came(struct gyl_dhcpd_subnet *s, uint32_t at, bool own)
{
	uint32_t end = s->range_first + s->range_cnt;

	if (s->range_cnt == 0 && own) {
		s->range_first = s->fresh_range = at;
		s->range_cnt = 1;
	}
	if (end == s->range_first)
		return;
	if (own && at <= s->range_first) {
		s->range_first = at;
		s->range_cnt = end + 1 - at;
	} else if (own && at >= end) {
		s->range_cnt = at + 1 - s->range_first;
	} else if (at <= s->range_first) {
		s->range_first++;
	} else if (at < end) {
		s->range_cnt++;
	}
	s->fresh_range += s->fresh_range >= at;
}

/* Number `at` went. The first of a subnet may be another's then: whoever looks sees whose it is. */
static void range_went(struct gyl_dhcpd_subnet *s, uint32_t at)
{
	if (at < s->range_first)
		s->range_first--;
	else if (at < s->range_first + s->range_cnt)
		s->range_cnt--;
	s->fresh_range -= s->fresh_range > at;
}

bool gyl__dhcpd_layout_range_add(struct gyl_dhcpd_layout *y, uint32_t ip)
{
	uint32_t at = ranges_upto(y, ip), own = gyl__dhcpd_layout_subnet(y, ip);

	if (own == GYL_DHCPD_NO_SUBNET || (at != 0 && y->range[at - 1].last >= ip) ||
		y->cnt.range_cnt == y->cap.range_cnt || y->cnt.address_cnt == y->cap.address_cnt)
		return false;
	memmove(&y->range[at + 1], &y->range[at], (y->cnt.range_cnt - at) * sizeof *y->range);
	y->slot_of[y->cnt.address_cnt] = 0;
	y->range[at] = (struct gyl_dhcpd_range){
		.first = ip, .last = ip, .base = y->cnt.address_cnt++, .subnet = own};
	y->cnt.range_cnt++;
	for (uint32_t i = 0; i < y->cnt.subnet_cnt; i++)
		range_came(&y->subnet[i], at, i == own);
	return true;
}

/* Its place in slot_of[] stays empty up to the next layout, unless it was the last. */
void gyl__dhcpd_layout_range_remove(struct gyl_dhcpd_layout *y, uint32_t ip)
{
	uint32_t at = ranges_upto(y, ip) - 1;

	y->cnt.address_cnt -= y->range[at].base + 1 == y->cnt.address_cnt;
	y->cnt.range_cnt--;
	memmove(&y->range[at], &y->range[at + 1], (y->cnt.range_cnt - at) * sizeof *y->range);
	for (uint32_t i = 0; i < y->cnt.subnet_cnt; i++)
		range_went(&y->subnet[i], at);
}

enum gyl_dhcpd_progress gyl__dhcpd_build_drain(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (uint32_t i = 0; y->live != NULL && i < y->cnt.subnet_cnt; i++) {
		const struct gyl_dhcpd_live_drain *v =
			gyl__dhcpd_live_drain(y->live, &y->subnet[i]);

		if (v != NULL)
			y->subnet[i].drain = v->on;
	}
	gyl__dhcpd_slice_take(b->slice, y->cnt.subnet_cnt);
	return GYL_DHCPD_DONE;
}

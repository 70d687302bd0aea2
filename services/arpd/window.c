/* SPDX-License-Identifier: ISC */
#include "services/arpd/window.h"

#include <gyl/eth.h>
#include <gyl/time.h>

enum {
	STATION_BITS = 10, /* of buckets */
	ASKED_BITS = 11
};

_Static_assert((GYL_ARPD_WAYS << STATION_BITS) == GYL_ARPD_STATION_MAX, "places of stations");
_Static_assert((GYL_ARPD_WAYS << ASKED_BITS) == GYL_ARPD_ASKED_MAX, "places of questions");

void gyl_arpd_windows_init(struct gyl_arpd_windows *w, const uint64_t seed[2])
{
	memset(w, 0, sizeof *w);
	w->mul = (seed[0] ^ seed[1] << 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	w->add = seed[1];
	w->window = 1;
}

static uint64_t mix(const struct gyl_arpd_windows *w, uint64_t key, unsigned bits)
{
	return (key * w->mul + w->add) >> (64 - bits);
}

/* ---- stations ---- */

static void turn(struct gyl_arpd_windows *w, uint64_t now_ns)
{
	w->window++;
	w->until_ns = gyl_time_add(now_ns, GYL_ARPD_WINDOW_NS);
}

/* Of an earlier window, or of the fewest frames. */
static bool says_less(const struct gyl_arpd_windows *w, const struct gyl_arpd_station *a,
	const struct gyl_arpd_station *b)
{
	bool a_now = a->window == w->window, b_now = b->window == w->window;

	return a_now != b_now ? !a_now : a->frame_cnt < b->frame_cnt;
}

static void begin_station(const struct gyl_arpd_windows *w, struct gyl_arpd_station *s)
{
	s->window = w->window;
	s->frame_cnt = s->announce_cnt = s->sweep_cnt = 0;
	s->unasked_cnt = s->probe_cnt = 0;
}

struct gyl_arpd_station *gyl_arpd_window_station(
	struct gyl_arpd_windows *w, uint64_t now_ns, uint16_t vlan, const uint8_t mac[6])
{
	uint64_t key =
		(uint64_t)gyl_get_u32(mac + 2) << 32 | (uint64_t)gyl_get_u16(mac) << 16 | vlan;
	struct gyl_arpd_station *s = &w->station[GYL_ARPD_WAYS * mix(w, key, STATION_BITS)], *least;

	if (now_ns >= w->until_ns)
		turn(w, now_ns);
	least = s;
	for (int i = 0; i < GYL_ARPD_WAYS; i++, s++) {
		if (gyl_eth_mac_eq(s->mac, mac) && s->vlan == vlan) {
			if (s->window != w->window)
				begin_station(w, s);
			return s;
		}
		if (says_less(w, s, least))
			least = s;
	}
	memcpy(least->mac, mac, sizeof least->mac);
	least->vlan = vlan;
	begin_station(w, least);
	return least;
}

/* ---- questions ---- */

static uint32_t ms(uint64_t now_ns)
{
	return (uint32_t)(now_ns / GYL_NS_PER_MS);
}

static bool is_recent(const struct gyl_arpd_asked *a, uint32_t now_ms)
{
	return a->cnt != 0 && now_ms - a->last_ms < GYL_ARPD_ANSWER_MS;
}

/* The place of an address, and in *ret_least the one that makes room for it. NULL: it has none. */
static struct gyl_arpd_asked *find(struct gyl_arpd_windows *w, uint32_t now_ms, uint16_t vlan,
	uint32_t ip, struct gyl_arpd_asked **ret_least)
{
	uint64_t key = (uint64_t)vlan << 32 | ip;
	struct gyl_arpd_asked *a = &w->asked[GYL_ARPD_WAYS * mix(w, key, ASKED_BITS)], *least = a;

	for (int i = 0; i < GYL_ARPD_WAYS; i++, a++) {
		if (a->ip == ip && a->vlan == vlan && a->cnt != 0)
			return a;
		if (a->cnt == 0 ||
			(least->cnt != 0 && now_ms - a->last_ms > now_ms - least->last_ms))
			least = a;
	}
	*ret_least = least;
	return NULL;
}

unsigned gyl_arpd_window_ask(
	struct gyl_arpd_windows *w, uint64_t now_ns, uint16_t vlan, uint32_t ip)
{
	uint32_t now_ms = ms(now_ns);
	struct gyl_arpd_asked *least, *a = find(w, now_ms, vlan, ip, &least);

	if (a == NULL) {
		a = least;
		if (is_recent(a, now_ms))
			w->blind_ns = gyl_time_add(now_ns, GYL_ARPD_ANSWER_MS * GYL_NS_PER_MS);
		*a = (struct gyl_arpd_asked){.ip = ip, .vlan = vlan};
	}
	if (now_ms - a->last_ms >= GYL_ARPD_WINDOW_NS / GYL_NS_PER_MS)
		a->cnt = 0;
	a->last_ms = now_ms;
	if (a->cnt < UINT16_MAX)
		a->cnt++;
	return a->cnt;
}

bool gyl_arpd_window_answer(struct gyl_arpd_windows *w, uint64_t now_ns, uint16_t vlan, uint32_t ip)
{
	uint32_t now_ms = ms(now_ns);
	struct gyl_arpd_asked *least, *a = find(w, now_ms, vlan, ip, &least);
	bool asked = a != NULL && is_recent(a, now_ms);

	if (a != NULL)
		a->cnt = 1; /* other answers to the same question may follow */
	return asked || now_ns < w->blind_ns;
}

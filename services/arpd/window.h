/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_WINDOW_H
#define GYL_SERVICES_ARPD_WINDOW_H

/*
 * Short memories of a fixed size: what a station did in the present window, and what was asked a
 * moment ago. Four places a bucket; the one that says least makes room, so that a station which
 * floods is not pushed out by those it invents. Pure.
 */

#include <gyl/base.h>

enum {
	GYL_ARPD_STATION_MAX = 4096, /* places for stations */
	GYL_ARPD_ASKED_MAX = 8192,   /* places for addresses that were asked for */
	GYL_ARPD_WAYS = 4
};

/* By hardware address; counts of the present window. */
struct gyl_arpd_station {
	uint8_t mac[6];
	uint16_t vlan;
	uint32_t window;
	uint32_t frame_cnt, announce_cnt, sweep_cnt;
	uint32_t unasked_cnt, probe_cnt;
};

/* By address. Times in ms of the monotonic clock, low 32 bits. */
struct gyl_arpd_asked {
	uint32_t ip;
	uint16_t vlan;
	uint16_t cnt; /* questions since the last answer; 0: free */
	uint32_t last_ms;
};

struct gyl_arpd_windows {
	struct gyl_arpd_station station[GYL_ARPD_STATION_MAX];
	struct gyl_arpd_asked asked[GYL_ARPD_ASKED_MAX];
	uint64_t mul, add;
	uint32_t window;   /* number of the present one, from 1 */
	uint64_t until_ns; /* its end */
	uint64_t blind_ns; /* what was asked may have been forgotten, until then */
};

#define GYL_ARPD_WINDOW_NS (UINT64_C(10) * 1000000000)
/* An answer comes within this of its question. */
#define GYL_ARPD_ANSWER_MS 5000u

void gyl_arpd_windows_init(struct gyl_arpd_windows *w, const uint64_t seed[2]);

/* The place of a station, its counts those of the present window. Never NULL. */
struct gyl_arpd_station *gyl_arpd_window_station(
	struct gyl_arpd_windows *w, uint64_t now_ns, uint16_t vlan, const uint8_t mac[6]);

/* Somebody asks for an address. How often that was since the last answer, or since long. */
unsigned gyl_arpd_window_ask(
	struct gyl_arpd_windows *w, uint64_t now_ns, uint16_t vlan, uint32_t ip);

/* Somebody answers: was it asked for? True as well when that may have been forgotten. */
bool gyl_arpd_window_answer(
	struct gyl_arpd_windows *w, uint64_t now_ns, uint16_t vlan, uint32_t ip);

#endif

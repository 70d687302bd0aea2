/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_BENCH_CORPUS_SYSLOG_H
#define GYL_TESTS_BENCH_CORPUS_SYSLOG_H

/*
 * The log of an event's network: a day's messages of 64 devices (access points, switches, a router
 * and its services) about 4,000 stations, whose addresses, names and ports are what makes such a
 * log hard to pack. The same seed gives the same log on any machine.
 */

#include <stddef.h>
#include <stdint.h>

enum {
	CORPUS_LINE_MAX = 512,
	CORPUS_DEVICES = 64,
	CORPUS_STATIONS = 4000
};

struct corpus {
	uint64_t rnd;
	uint64_t cnt, at; /* messages in all, and so far */
	uint64_t wall_ns; /* when the last one was received */
	uint32_t from;    /* and its sender */
	uint16_t aid[CORPUS_DEVICES];
};

/* A word that stands in two messages of the corpus, after a third and two thirds of it. */
#define CORPUS_RARE "zaphod42"

void corpus_init(struct corpus *c, uint64_t cnt, uint64_t seed);

/* The next message, as a device sends it: its length, 0 at the end. */
size_t corpus_next(struct corpus *c, char line[CORPUS_LINE_MAX]);

/* The text of a station's hardware address. */
void corpus_mac(unsigned station, char ret_text[18]);

#endif

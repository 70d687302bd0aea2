/* SPDX-License-Identifier: ISC */

/*
 * IPv4 reassembly: a piece that is kept, with and without others to push out, and datagrams of two,
 * three and sixteen pieces of an Ethernet; "-m": what memory pieces of all lengths take.
 */

#include <gyl/ipv4.h>
#include <stdio.h>
#include <stdlib.h>

#include "libnet/src/reass_pool.h"
#include "tests/bench/bench.h"

enum {
	PIECE_LEN = 1480
};

static _Alignas(64) uint8_t mem[GYL__REASS_MEM_LEN];
static uint8_t payload[65536];
static const struct gyl__reass_from from = {.mac = {2, 0, 0, 0, 0, 5}};

static struct gyl__reass *fresh(void)
{
	struct gyl__reass_conf cf = gyl__reass_defaults(4711);
	struct gyl__reass *r = gyl__reass_init(mem, &cf);

	if (r == NULL)
		abort();
	return r;
}

static struct gyl_ipv4 cut(uint64_t n, size_t off, size_t len, bool more)
{
	struct gyl_ipv4 ip = {.src = 0x0a000005 + (uint32_t)(n % 64),
		.dst = 0x0a000001,
		.proto = GYL_IPV4_UDP,
		.ttl = 64,
		.id = (uint16_t)(n / 64),
		.flags = more ? GYL_IPV4_MF : 0,
		.frag_off = (uint16_t)off};

	ip.payload = gyl_view(payload, len);
	return ip;
}

static enum gyl__reass_verdict input(struct gyl__reass *r, const struct gyl_ipv4 *ip)
{
	struct gyl__reass_whole whole;

	return gyl__reass_input(r, 1, &from, ip, &whole);
}

/* First pieces of ever new datagrams: what came least recently has to go. */
static uint64_t insert_new(uint64_t n, size_t len)
{
	struct gyl__reass *r = fresh();
	uint64_t sum = 0;

	while (n-- > 0) {
		struct gyl_ipv4 ip = cut(n, 0, len, true);

		sum += input(r, &ip);
	}
	return sum + gyl__reass_stat(r)->page_cnt;
}

static uint64_t insert_new_small(uint64_t n)
{
	return insert_new(n, 8);
}

static uint64_t insert_new_ethernet(uint64_t n)
{
	return insert_new(n, PIECE_LEN);
}

static uint64_t poisoned(uint64_t n)
{
	struct gyl__reass *r = fresh();
	struct gyl_ipv4 ip = cut(0, 0, PIECE_LEN, true);
	uint64_t sum = 0;

	input(r, &ip);
	while (n-- > 0)
		sum += input(r, &ip);
	return sum;
}

static uint64_t datagram(uint64_t n, size_t cnt)
{
	struct gyl__reass *r = fresh();
	uint64_t sum = 0;

	while (n-- > 0) {
		for (size_t i = 0; i < cnt; i++) {
			struct gyl_ipv4 ip = cut(n, i * PIECE_LEN, PIECE_LEN, i + 1 < cnt);

			sum += input(r, &ip);
		}
	}
	if (gyl__reass_stat(r)->entry_cnt != 0)
		abort();
	return sum;
}

static uint64_t datagram_2(uint64_t n)
{
	return datagram(n, 2);
}

static uint64_t datagram_3(uint64_t n)
{
	return datagram(n, 3);
}

static uint64_t datagram_16(uint64_t n)
{
	return datagram(n, 16);
}

/* The floor under all of them: a copy in, a copy out. */
static uint64_t copy_16(uint64_t n)
{
	static uint8_t in[16 * PIECE_LEN], out[16 * PIECE_LEN];
	uint64_t sum = 0;

	while (n-- > 0) {
		for (size_t i = 0; i < 16; i++) {
			memcpy(in + i * PIECE_LEN, payload + n % 64, PIECE_LEN);
			__asm__ volatile("" ::: "memory");
		}
		memcpy(out, in, sizeof(out));
		sum += out[n % sizeof(out)];
	}
	return sum;
}

/* Datagrams of one piece, and of sixteen that leave holes, until the first has to go. */
static void memory_row(size_t len, size_t cnt)
{
	struct gyl__reass *r = fresh();
	const struct gyl__reass_stat *st = gyl__reass_stat(r);
	size_t pieces = 0, octets;

	for (uint32_t n = 0; st->evict_cnt == 0; n++)
		for (size_t i = 0; i < cnt && st->evict_cnt == 0; i++) {
			struct gyl_ipv4 ip = cut(n, i * 2 * len, len, true);

			input(r, &ip);
			pieces++;
		}
	octets = (pieces - 1) * len;
	printf("| %zu | %zu | %zu | %zu | %zu |\n", len, cnt, pieces - 1, octets,
		sizeof(mem) / (pieces - 1));
}

static int memory_table(void)
{
	static const size_t len[] = {8, 64, 256, 576, PIECE_LEN};
	struct gyl__reass *r = fresh();

	printf("%zu entries of %zu octets, %zu pages of %u, %zu octets for the result\n\n",
		(size_t)r->entry_cnt, r->stride, (size_t)r->page_cnt, GYL__REASS_PAGE_LEN,
		r->out_len);
	puts("| octets a piece | pieces a datagram | kept in 256 KiB | octets of payload | memory a "
	     "piece |\n| ---: | ---: | ---: | ---: | ---: |");
	for (size_t i = 0; i < sizeof(len) / sizeof(len[0]); i++) {
		memory_row(len[i], 1);
		memory_row(len[i], 8);
	}
	return 0;
}

static const struct bench_task task[] = {
	{"reassembly, first piece of 8 octets, another one goes", 1,
		{{"guyline", insert_new_small}}},
	{"reassembly, first piece of 1480 octets, another one goes", 1,
		{{"guyline", insert_new_ethernet}}},
	{"reassembly, a piece of a poisoned datagram", 1, {{"guyline", poisoned}}},
	{"reassembly, a piece of 1480, datagrams of 2", 2, {{"guyline", datagram_2}}},
	{"reassembly, a piece of 1480, datagrams of 3", 3, {{"guyline", datagram_3}}},
	{"reassembly, a piece of 1480, datagrams of 16", 16,
		{{"guyline", datagram_16}, {"copied in and out", copy_16}}},
};

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "-m") == 0)
		return memory_table();
	return bench_main(argc, argv, task, sizeof task / sizeof task[0]);
}

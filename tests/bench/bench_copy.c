/* SPDX-License-Identifier: ISC */

/*
 * A large zone that is copied, and copied from: time of the processor, memory, and the longest turn
 * of the core, in which nobody else is served. The primary and the secondary are memory.
 *
 *   bench_copy [NAMES] [shuffled]
 */

#include <gyl/rng.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/dns/core_own.h"
#include "tests/bench/turns.h"
#include "tests/support/outbox.h"

enum {
	IN_MESSAGE = 450, /* records */
	STEP_NS = 50000
};

struct block {
	struct gyl_flat flat;
	struct gyl_flat_section section;
	struct gyl_dns_conf conf;
	struct gyl_dns_conf_zone zone;
	struct gyl_dns_conf_peer primary;
	struct gyl_ref transfer;
	uint8_t name[16];
	char anybody[16];
};

static const uint8_t z_test[] = "\001z\004test";

struct bench {
	struct outbox b;
	struct gyl_dns *d;
	struct gyl_rng rng;
	struct block f;
	uint32_t cnt;
	bool shuffled;
	uint32_t flow;
	uint8_t query[600];
	size_t query_len;
	uint8_t msg[70000];
	struct turns turns;
};

static uint32_t off_in(const struct bench *m, const void *p)
{
	return (uint32_t)((const uint8_t *)p - (const uint8_t *)&m->f);
}

static void configure(struct bench *m)
{
	struct block *f = &m->f;

	f->flat.magic = GYL_FLAT_MAGIC;
	f->flat.version = GYL_FLAT_VERSION;
	f->flat.len = sizeof *f;
	f->flat.section = (struct gyl_ref){off_in(m, &f->section), 1};
	memcpy(f->section.name, "dns", 3);
	f->section.root = (struct gyl_ref){off_in(m, &f->conf), 1};
	f->conf.lease_cnt = 16;
	f->conf.udp_size = 1232;
	f->conf.tcp_cnt = 16;
	f->conf.tcp_idle_ns = 10 * GYL_NS_PER_S;
	f->conf.zone_space = 1 << 30;
	memcpy(f->name, "\001z\004test", 8);
	memcpy(f->anybody, "0.0.0.0/0", 9);
	f->transfer = (struct gyl_ref){off_in(m, f->anybody), 9};
	f->zone.name = (struct gyl_ref){off_in(m, f->name), 8};
	f->zone.primary = (struct gyl_ref){off_in(m, &f->primary), 1};
	f->zone.transfer = (struct gyl_ref){off_in(m, &f->transfer), 1};
	f->primary.address.ip = 0xc0000201;
	f->conf.zones = (struct gyl_ref){off_in(m, &f->zone), 1};
	f->flat.checksum = gyl_flat_checksum(&f->flat);
}

static void begin(struct bench *m)
{
	struct gyl_dns_init init = {.flat = &m->f.flat, .cf = &m->f.conf, .seed = {1, 2}};
	void *mem;

	configure(m);
	mem = aligned_alloc(16, (gyl_dns_need(&m->f.conf) + 15) & ~(size_t)15);
	if (mem == NULL)
		exit(1);
	gyl_rng_init(&m->rng, GYL_RNG_CHACHA20, 0, 0);
	gyl_rng_reseed(&m->rng, "bench", 5);
	init.rng = &m->rng;
	m->d = gyl_dns_init(mem, &init);
}

/* What the core wants of its primary. */
static void look(struct bench *m)
{
	for (uint32_t i = 0; i < m->b.out.op_cnt; i++)
		if (m->b.out.op[i].op == GYL_FLOW_OPEN_TCP)
			m->flow = m->b.out.op[i].flow;
	for (uint32_t i = 0; i < m->b.out.send_cnt; i++)
		if (m->b.out.send[i].flow == m->flow && m->b.out.send[i].len != 0) {
			m->query_len = m->b.out.send[i].len;
			memcpy(m->query, m->b.out.send[i].p, m->query_len);
		}
}

static void go_on(struct bench *m)
{
	m->b.now.mono_ns += STEP_NS;
	m->b.now.wall_ns += STEP_NS;
}

static bool give(struct bench *m, struct gyl_in *in)
{
	uint64_t since_ns;
	size_t taken;

	go_on(m);
	since_ns = cpu_ns();
	taken = outbox_input(&m->b, &gyl_dns_core, m->d, in, 1);
	turned(&m->turns, since_ns);
	look(m);
	return taken != 0;
}

static void tick(struct bench *m)
{
	uint64_t since_ns;

	go_on(m);
	since_ns = cpu_ns();
	outbox_tick(&m->b, &gyl_dns_core, m->d);
	turned(&m->turns, since_ns);
	look(m);
}

static void tell(struct bench *m, uint8_t kind, size_t len)
{
	struct gyl_in in = {.kind = kind, .port = GYL_PORT_OPENED, .flow = m->flow};

	in.data = gyl_view(m->msg, len);
	do {
		outbox_rest(&in);
	} while (!give(m, &in) || in.again);
}

/* ---- the primary ---- */

static void soa(struct gyl_dns_writer *w, uint32_t serial)
{
	uint8_t rdata[22] = {0};

	gyl_set_u32(rdata + 2, serial);
	gyl_set_u32(rdata + 6, 3600);
	gyl_set_u32(rdata + 10, 600);
	gyl_set_u32(rdata + 14, 86400);
	gyl_dns_put_rr(w, GYL_DNS_ANSWER, z_test, GYL_DNS_TYPE_SOA, GYL_DNS_CLASS_IN, 60,
		gyl_view(rdata, sizeof rdata));
}

static void host(struct gyl_dns_writer *w, uint32_t i, uint32_t ip)
{
	uint8_t name[20] = {9, 'h'}, rdata[4];

	for (unsigned k = 0; k < 8; k++, i /= 10)
		name[9 - k] = (uint8_t)('0' + i % 10);
	memcpy(name + 10, z_test, sizeof z_test);
	gyl_set_u32(rdata, ip);
	gyl_dns_put_rr(
		w, GYL_DNS_ANSWER, name, GYL_DNS_TYPE_A, GYL_DNS_CLASS_IN, 60, gyl_view(rdata, 4));
}

static void message(struct bench *m, struct gyl_dns_writer *w, bool first)
{
	gyl_dns_begin(w, m->msg + 2, 65535, gyl_get_u16(m->query + 2), GYL_DNS_QR | GYL_DNS_AA, 0);
	if (first)
		gyl_dns_put_question(w, z_test,
			gyl_get_u16(m->query + 2 + GYL_DNS_HEADER_LEN + sizeof z_test),
			GYL_DNS_CLASS_IN);
}

static void send_message(struct bench *m, struct gyl_dns_writer *w)
{
	size_t len = 0;

	(void)gyl_dns_end(w, &len);
	gyl_set_u16(m->msg, (uint16_t)len);
	tell(m, GYL_IN_BYTES, len + 2);
}

/* The core is asked until it asks. */
static void await(struct bench *m)
{
	m->flow = 0;
	m->query_len = 0;
	for (unsigned i = 0; i < 100000 && m->flow == 0; i++)
		tick(m);
	tell(m, GYL_IN_OPENED, 0);
}

static void settle(struct bench *m, uint32_t serial)
{
	tell(m, GYL_IN_CLOSED, 0);
	for (unsigned i = 0; i < 1000000; i++) {
		tick(m);
		if (m->d->copy[0].take.z != NULL &&
			gyl_dns_live_serial(m->d->copy[0].take.z) == serial && !m->d->zones_tidy &&
			!m->d->copy[0].keeping)
			return;
	}
	fprintf(stderr, "the copy has not come\n");
	exit(1);
}

static uint32_t place(const struct bench *m, uint32_t i)
{
	return m->shuffled ? (uint32_t)((uint64_t)i * 2654435761u % m->cnt) : i;
}

static void whole(struct bench *m, uint32_t serial)
{
	struct gyl_dns_writer w;

	await(m);
	message(m, &w, true);
	soa(&w, serial);
	for (uint32_t i = 0; i < m->cnt; i++) {
		host(&w, place(m, i), 0xc0000201 + i);
		if (i % IN_MESSAGE == IN_MESSAGE - 1) {
			send_message(m, &w);
			message(m, &w, false);
		}
	}
	soa(&w, serial);
	send_message(m, &w);
	settle(m, serial);
}

/* A tenth of all addresses changes. The primary is asked twice. */
static void changes(struct bench *m, uint32_t serial)
{
	struct gyl_dns_writer w;
	uint32_t cnt = m->cnt / 10;

	m->d->copy[0].at_ns = 0;
	await(m);
	for (int turn = 0; turn < 2; turn++) {
		message(m, &w, true);
		soa(&w, serial);
		soa(&w, serial - 1);
		for (uint32_t i = 0; i < 2 * cnt && m->flow != 0; i++) {
			if (i == cnt)
				soa(&w, serial);
			host(&w, i % cnt * 10, i < cnt ? 0xc0000201 + i % cnt * 10 : i);
			if (i % IN_MESSAGE != IN_MESSAGE - 1)
				continue;
			send_message(m, &w);
			message(m, &w, false);
			if (turn == 0)
				break;
		}
		if (turn == 0) {
			tell(m, GYL_IN_CLOSED, 0);
			await(m);
		}
	}
	soa(&w, serial);
	send_message(m, &w);
	settle(m, serial);
}

/* ---- the secondary ---- */

static void out(struct bench *m)
{
	struct gyl_in in = {.kind = GYL_IN_OPENED,
		.flow = 0x80000001,
		.role = GYL_DNS_TCP,
		.room = 69632,
		.peer = {.ip = 0x0a000001}};
	uint8_t query[64] = {0, 25, 0, 1, 0, 0, 0, 1};

	(void)give(m, &in);
	memcpy(query + 14, z_test, sizeof z_test);
	gyl_set_u16(query + 14 + sizeof z_test, GYL_DNS_TYPE_AXFR);
	gyl_set_u16(query + 16 + sizeof z_test, GYL_DNS_CLASS_IN);
	gyl_set_u16(query, (uint16_t)(16 + sizeof z_test));
	in.kind = GYL_IN_BYTES;
	in.data = gyl_view(query, 18 + sizeof z_test);
	while (in.used == 0) {
		in.room = 69632;
		(void)give(m, &in);
	}
}

static void row(struct bench *m, const char *what, void (*fn)(struct bench *m, uint32_t serial),
	uint32_t serial)
{
	m->turns = (struct turns){0};
	if (fn == NULL)
		out(m);
	else
		fn(m, serial);
	printf("%-28s %8.3f s  longest turn %6.3f ms, of %llu turns %llu over 2 ms; %5.1f MiB\n",
		what, (double)m->turns.all_ns / 1e9, (double)m->turns.longest_ns / 1e6,
		(unsigned long long)m->turns.cnt, (unsigned long long)m->turns.late,
		(double)(m->d->lives.heap.cap - gyl__dns_heap_room(&m->d->lives.heap)) / 1048576);
}

int main(int argc, char **argv)
{
	static struct bench m;

	m.cnt = argc > 1 ? (uint32_t)atoi(argv[1]) : 100000;
	m.shuffled = argc > 2;
	outbox_open(&m.b);
	m.b.store_full = true;
	begin(&m);
	printf("%u names%s\n", m.cnt, m.shuffled ? ", in no order" : "");
	row(&m, "AXFR in", whole, 1);
	row(&m, "AXFR out", NULL, 0);
	row(&m, "IXFR in, a tenth", changes, 2);
	m.d->copy[0].at_ns = 0;
	m.d->copy[0].all = true;
	row(&m, "AXFR in, again", whole, 3);
	return 0;
}

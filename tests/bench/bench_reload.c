/* SPDX-License-Identifier: ISC */

/*
 * A new file of a large zone that changes by UPDATE: time of the processor until it is served, and
 * the longest turn of the core, in which nobody else is served.
 *
 *   bench_reload [NAMES]
 */

#include <gyl/time.h>
#include <stdlib.h>

#include "services/dns/bundle.h"
#include "services/dns/core_own.h"
#include "tests/bench/turns.h"
#include "tests/unit/dns/rig.h"

struct bench {
	struct outbox b;
	struct gyl_dns *d;
	struct {
		struct block block;
		struct gyl_dns_conf_zone zone;
		struct gyl_dns_conf_grant grant;
		uint8_t name[GYL_DNS_NAME_MAX + 1];
	} f;
	uint32_t cnt;
	char *text;
	size_t text_cap;
	struct turns turns;
};

/* Every so many-th name has another address than in generation 0. fixed: the zone cannot change. */
static struct gyl_view bundle(struct bench *m, uint32_t serial, uint32_t each, bool fixed)
{
	static const struct zone_text none = {"other.", "@ 60 SOA . . 1 0 0 0 60\n@ 60 NS ns\n"};
	const struct zone_text zone = {"z.test.", m->text};
	struct gyl_dns_part_entry e[2];
	struct gyl_dns_bundle_end end = {2, GYL_DNS_BUNDLE_MAGIC};
	size_t len = (size_t)snprintf(m->text, m->text_cap,
		"$TTL 60\n@ SOA ns root %u 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n", serial);
	struct gyl_view image[2];
	uint8_t *p;

	for (uint32_t i = 0; i < m->cnt; i++)
		len += (size_t)snprintf(m->text + len, m->text_cap - len, "h%08u A 10.%u.%u.%u\n",
			i, each != 0 && i % each == 0 ? 99 : i >> 16, i >> 8 & 255, i & 255);
	image[0] = image_of(&none, 1, NULL, 0);
	image[1] = image_of(&zone, 1, NULL, 0);
	if (fixed)
		return image[1];
	p = aligned_alloc(16, image[0].len + image[1].len + 4096);
	if (p == NULL || image[0].p == NULL || image[1].p == NULL)
		abort();
	e[0] = (struct gyl_dns_part_entry){GYL_DNS_PART_IMAGE, 0, (uint32_t)image[0].len, 0};
	memcpy(p, image[0].p, image[0].len);
	len = (image[0].len + 7) & ~(size_t)7;
	e[1] = (struct gyl_dns_part_entry){
		GYL_DNS_PART_ZONE, (uint32_t)len, (uint32_t)image[1].len, 0};
	memcpy(p + len, image[1].p, image[1].len);
	len = (len + image[1].len + 7) & ~(size_t)7;
	memcpy(p + len, e, sizeof e);
	memcpy(p + len + sizeof e, &end, sizeof end);
	for (unsigned i = 0; i < 2; i++)
		gyl_build_unmap(image[i]);
	return gyl_view(p, len + sizeof e + sizeof end);
}

static void begin(struct bench *m, struct gyl_view data)
{
	struct gyl_dns_init init = {
		.flat = &m->f.block.flat, .cf = &m->f.block.conf, .seed = {1, 2}, .data = data};
	struct gyl_view image;

	make_block(&m->f.block, "", 60 * GYL_NS_PER_S);
	m->f.block.conf.zone_space = 1u << 30;
	m->f.zone.name = (struct gyl_ref){(uint32_t)((uint8_t *)m->f.name - (uint8_t *)&m->f),
		(uint32_t)name_of("z.test.", m->f.name)};
	m->f.block.conf.zones =
		(struct gyl_ref){(uint32_t)((uint8_t *)&m->f.zone - (uint8_t *)&m->f), 1};
	(void)gyl_dns_bundle_find(data, GYL_DNS_PART_IMAGE, 0, &image);
	init.image = gyl_dns_image_open(image);
	m->d = gyl_dns_init(aligned_alloc(16, (gyl_dns_need(init.cf) + 15) & ~(size_t)15), &init);
	outbox_tick(&m->b, &gyl_dns_core, m->d);
}

static void tick(struct bench *m)
{
	uint64_t at = cpu_ns();

	m->b.now.mono_ns += 50000;
	outbox_tick(&m->b, &gyl_dns_core, m->d);
	turned(&m->turns, at);
	m->b.out.durable = m->b.seq;
}

static void reload(struct bench *m, const char *what, struct gyl_view data)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("dns"), .data = data};
	uint64_t at;

	m->turns = (struct turns){0};
	at = cpu_ns();
	outbox_input(&m->b, &gyl_dns_core, m->d, &in, 1);
	turned(&m->turns, at);
	while (gyl__dns_load_busy(m->d) || m->d->zones_tidy)
		tick(m);
	printf("%-34s %8.3f s  longest turn %6.3f ms, of %llu turns %llu over 2 ms; %5.1f MiB\n",
		what, (double)m->turns.all_ns / 1e9, (double)m->turns.longest_ns / 1e6,
		(unsigned long long)m->turns.cnt, (unsigned long long)m->turns.late,
		(double)(m->d->lives.heap.cap - gyl__dns_heap_room(&m->d->lives.heap)) / 1048576);
}

int main(int argc, char **argv)
{
	static struct bench m;

	m.cnt = argc > 1 ? (uint32_t)atoi(argv[1]) : 100000;
	m.text_cap = (size_t)m.cnt * 40 + 1000;
	m.text = malloc(m.text_cap);
	outbox_open(&m.b);
	begin(&m, bundle(&m, 1, 0, false));
	printf("%u names\n", m.cnt);
	reload(&m, "nothing has changed", bundle(&m, 1, 0, false));
	reload(&m, "a later serial", bundle(&m, 2, 0, false));
	reload(&m, "some hundred names", bundle(&m, 3, m.cnt / 400, false));
	reload(&m, "a hundredth", bundle(&m, 4, 100, false));
	reload(&m, "all names", bundle(&m, 5, 1, false));
	reload(&m, "all names, the serial is older", bundle(&m, 1, 0, false));
	reload(&m, "a zone that cannot change", bundle(&m, 1, 0, true));
	reload(&m, "one that can, again", bundle(&m, 1, 0, false));
	return 0;
}

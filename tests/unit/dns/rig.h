/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DNS_RIG_H
#define GYL_TESTS_DNS_RIG_H

/* The core with two zones, its configuration and a world around it (tests/support/outbox.h). */

#include <gyl/time.h>

#include "conf/schema.h"
#include "services/dns/core.h"
#include "tests/support/outbox.h"
#include "tests/unit/dns/ask.h"

static const struct zone_text zones[] = {
	{"lab.",
		"$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns.other.\n* A 192.0.2.1\nfixed A 192.0.2.2\n"
		"to CNAME laptop\nsub NS ns.other.\n"},
	{"1.0.10.in-addr.arpa.", "$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns.other.\n"
				 "7 PTR fixed.lab.\n* PTR wild.lab.\n"},
};

/* A flat block with the section's texts behind it; its parts begin at multiples of eight. */
struct block {
	_Alignas(8) struct gyl_flat flat;
	_Alignas(8) struct gyl_flat_section section;
	_Alignas(8) struct gyl_dns_conf conf;
	_Alignas(8) uint8_t domain[256];
	_Alignas(8) struct gyl_conf_prefix net;
};

struct rig {
	struct outbox b;
	struct gyl_dns *d;
	void *mem;
	struct block block;
	struct world *w; /* makes queries, shows answers */
};

static inline void make_block(struct block *f, const char *domain, uint64_t lease_ttl_ns)
{
	memset(f, 0, sizeof *f);
	f->flat.magic = GYL_FLAT_MAGIC;
	f->flat.version = GYL_FLAT_VERSION;
	f->flat.len = sizeof *f;
	f->flat.section = (struct gyl_ref){offsetof(struct block, section), 1};
	memcpy(f->section.name, "dns", 3);
	f->section.root = (struct gyl_ref){offsetof(struct block, conf), 1};
	f->conf.lease_ttl_ns = lease_ttl_ns;
	f->conf.lease_cnt = 16;
	f->conf.port = 53;
	f->conf.udp_size = 1232;
	f->conf.tcp_cnt = 128;
	f->conf.tcp_idle_ns = 10 * GYL_NS_PER_S;
	f->conf.lease_domain.off = offsetof(struct block, domain);
	f->conf.lease_domain.cnt = domain[0] == '\0' ? 0 : (uint32_t)name_of(domain, f->domain);
	f->flat.checksum = gyl_flat_checksum(&f->flat);
}

static inline struct rig *rig_open(const char *domain)
{
	struct rig *r = calloc(1, sizeof *r);
	struct gyl_dns_init init = {.net = {{0x0a4d0000, 22}}, .net_cnt = 1, .seed = {1, 2}};

	assert_non_null(r);
	outbox_open(&r->b);
	make_block(&r->block, domain, 60 * GYL_NS_PER_S);
	r->w = world_open(zones, 2);
	r->mem = aligned_alloc(16, (gyl_dns_need(&r->block.conf) + 15) & ~(size_t)15);
	assert_non_null(r->mem);
	init.flat = &r->block.flat;
	init.cf = &r->block.conf;
	init.image = r->w->data.image;
	r->d = gyl_dns_init(r->mem, &init);
	return r;
}

static inline void rig_close(struct rig *r)
{
	outbox_close(&r->b);
	world_close(r->w);
	free(r->mem);
	free(r);
}

static const char *ask_core(struct rig *r, const char *qname, const char *qtype)
{
	static const struct gyl_peer peer = {.ip = 0x0a4d0009, .port = 5353};
	struct gyl_view answer;

	outbox_dgram(&r->b, &gyl_dns_core, r->d, GYL_DNS_UDP, &peer, r->w->query,
		make_query(r->w, qname, qtype));
	assert_int_equal(r->b.out.send_cnt, 1);
	assert_int_equal(r->b.send[0].to.ip, peer.ip);
	assert_int_equal(r->b.send[0].to.port, peer.port);
	answer = outbox_sent(&r->b, 0);
	memcpy(r->w->msg, answer.p, answer.len);
	r->w->len = answer.len;
	show_answer(r->w);
	return r->w->text;
}

static inline void core_row(struct rig *r, const char *qname, const char *qtype, const char *want)
{
	const char *got = ask_core(r, qname, qtype);

	if (strcmp(got, want) != 0)
		fail_msg("%s %s\n  got  %s\n  want %s", qname, qtype, got, want);
}

static inline void give_event(struct rig *r, const struct gyl_event *e)
{
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = e};

	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
}

static inline void after(struct rig *r, uint64_t ns)
{
	outbox_advance(&r->b, &gyl_dns_core, r->d, ns);
}

#endif

/* SPDX-License-Identifier: ISC */

/* The core as the runner drives it: listeners, leases, events, reload. */

#include <gyl/time.h>

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

/* A flat block with the section's texts behind it. */
struct block {
	struct gyl_flat flat;
	struct gyl_flat_section section;
	struct gyl_dns_conf conf;
	uint8_t domain[256];
};

struct rig {
	struct outbox b;
	struct gyl_dns *d;
	void *mem;
	struct block block;
	struct world *w; /* makes queries, shows answers */
};

static void make_block(struct block *f, const char *domain, uint64_t lease_ttl_ns)
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

static struct rig *rig_open(const char *domain)
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

static void rig_close(struct rig *r)
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

static void core_row(struct rig *r, const char *qname, const char *qtype, const char *want)
{
	const char *got = ask_core(r, qname, qtype);

	if (strcmp(got, want) != 0)
		fail_msg("%s %s\n  got  %s\n  want %s", qname, qtype, got, want);
}

static void give_event(struct rig *r, const struct gyl_event *e)
{
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = e};

	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
}

struct lease {
	uint32_t ip;
	uint8_t mac;
	const char *name, *domain, *state;
	uint64_t left_s;
};

static void lease(struct rig *r, struct lease l)
{
	uint8_t mac[6] = {2, 0, 0, 0, 0, l.mac};
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DHCPD_LEASE);
	gyl_event_ip(&e, "ip", l.ip);
	gyl_event_mac(&e, "mac", mac);
	if (l.name != NULL)
		gyl_event_str(&e, "name", gyl_view_str(l.name));
	if (l.domain != NULL)
		gyl_event_str(&e, "domain", gyl_view_str(l.domain));
	gyl_event_str(&e, "state", gyl_view_str(l.state));
	gyl_event_u64(&e, "expiry", r->b.now.wall_ns + l.left_s * GYL_NS_PER_S);
	give_event(r, &e);
}

static void after(struct rig *r, uint64_t ns)
{
	outbox_advance(&r->b, &gyl_dns_core, r->d, ns);
}

#define LAPTOP                                               \
	(struct lease)                                       \
	{                                                    \
		0x0a000105, 5, "Laptop", NULL, "leased", 600 \
	}

static void a_lease_has_a_name_at_once_and_until_it_ends(void **state)
{
	struct rig *r = rig_open("lab.");

	(void)state;
	core_row(r, "laptop.lab.", "A",
		"NOERROR AA; an laptop.lab. 300 A 192.0.2.1"); /* the wildcard */
	lease(r, LAPTOP);
	assert_non_null(outbox_event(&r->b, GYL_EV_DNS_NAME));
	core_row(r, "LAPTOP.lab.", "A", "NOERROR AA; an LAPTOP.lab. 60 A 10.0.1.5");
	core_row(r, "laptop.lab.", "AAAA", "NOERROR AA; ns SOA lab. 60");
	core_row(r, "laptop.lab.", "ANY", "NOERROR AA; an laptop.lab. 60 A 10.0.1.5");
	core_row(r, "5.1.0.10.in-addr.arpa.", "PTR",
		"NOERROR AA; an 5.1.0.10.in-addr.arpa. 60 PTR laptop.lab.");
	core_row(r, "5.1.0.10.in-addr.arpa.", "A", "NOERROR AA; ns SOA 1.0.10.in-addr.arpa. 60");
	/* it exists: no wildcard at it nor below it, the others have theirs as before */
	core_row(r, "x.laptop.lab.", "A", "NXDOMAIN AA; ns SOA lab. 60");
	core_row(r, "x.5.1.0.10.in-addr.arpa.", "PTR",
		"NXDOMAIN AA; ns SOA 1.0.10.in-addr.arpa. 60");
	core_row(r, "other.lab.", "A", "NOERROR AA; an other.lab. 300 A 192.0.2.1");
	/* chains lead to it */
	core_row(r, "to.lab.", "A",
		"NOERROR AA; an to.lab. 300 CNAME laptop.lab.; an laptop.lab. 60 A 10.0.1.5");
	/* the TTL does not outlast the lease */
	after(r, 590 * GYL_NS_PER_S);
	core_row(r, "laptop.lab.", "A", "NOERROR AA; an laptop.lab. 10 A 10.0.1.5");
	after(r, 10 * GYL_NS_PER_S);
	assert_non_null(outbox_event(&r->b, GYL_EV_DNS_NAME));
	core_row(r, "laptop.lab.", "A", "NOERROR AA; an laptop.lab. 300 A 192.0.2.1");
	core_row(r, "5.1.0.10.in-addr.arpa.", "PTR",
		"NOERROR AA; an 5.1.0.10.in-addr.arpa. 300 PTR wild.lab.");
	rig_close(r);
}

static void a_lease_ends_early_moves_and_is_renewed(void **state)
{
	struct rig *r = rig_open("lab.");

	(void)state;
	lease(r, LAPTOP);
	after(r, 500 * GYL_NS_PER_S);
	lease(r, (struct lease){0x0a000105, 5, "laptop", NULL, "renewed", 600});
	assert_null(outbox_event(&r->b, GYL_EV_DNS_NAME)); /* nothing new but its end */
	after(r, 500 * GYL_NS_PER_S);
	core_row(r, "laptop.lab.", "A", "NOERROR AA; an laptop.lab. 60 A 10.0.1.5");
	/* the host gets another address: its name comes along */
	lease(r, (struct lease){0x0a000106, 5, "laptop", NULL, "leased", 600});
	core_row(r, "laptop.lab.", "A", "NOERROR AA; an laptop.lab. 60 A 10.0.1.6");
	core_row(r, "5.1.0.10.in-addr.arpa.", "PTR",
		"NOERROR AA; an 5.1.0.10.in-addr.arpa. 300 PTR wild.lab.");
	/* another name at the same address */
	lease(r, (struct lease){0x0a000106, 5, "tower", NULL, "renewed", 600});
	core_row(r, "laptop.lab.", "A", "NOERROR AA; an laptop.lab. 300 A 192.0.2.1");
	core_row(r, "tower.lab.", "A", "NOERROR AA; an tower.lab. 60 A 10.0.1.6");
	/* no name any more */
	lease(r, (struct lease){0x0a000106, 5, NULL, NULL, "renewed", 600});
	core_row(r, "tower.lab.", "A", "NOERROR AA; an tower.lab. 300 A 192.0.2.1");
	lease(r, LAPTOP);
	lease(r, (struct lease){0x0a000105, 5, "laptop", NULL, "released", 0});
	core_row(r, "laptop.lab.", "A", "NOERROR AA; an laptop.lab. 300 A 192.0.2.1");
	assert_true(gyl_dns_core.deadline_ns(r->d) == UINT64_MAX ||
		    gyl_dns_core.deadline_ns(r->d) == 0);
	rig_close(r);
}

static void a_lease_takes_nobodys_name(void **state)
{
	static const char *const bad[] = {"", "-a", "a-", "a_b", "a b", "*", ".lab", "a\001",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	struct rig *r = rig_open("lab.");
	struct gyl_dns_stat st;

	(void)state;
	/* what the zone file says stands, at the name and at the cut */
	lease(r, (struct lease){0x0a000107, 7, "fixed", NULL, "leased", 600});
	core_row(r, "fixed.lab.", "A", "NOERROR AA; an fixed.lab. 300 A 192.0.2.2");
	core_row(r, "7.1.0.10.in-addr.arpa.", "PTR",
		"NOERROR AA; an 7.1.0.10.in-addr.arpa. 300 PTR fixed.lab.");
	lease(r, (struct lease){0x0a000108, 8, "sub", NULL, "leased", 600});
	core_row(r, "sub.lab.", "A", "NOERROR; ns sub.lab. 300 NS ns.other.");
	/* the first host has it */
	lease(r, LAPTOP);
	lease(r, (struct lease){0x0a000109, 9, "laptop", NULL, "leased", 600});
	core_row(r, "laptop.lab.", "A", "NOERROR AA; an laptop.lab. 60 A 10.0.1.5");
	core_row(r, "9.1.0.10.in-addr.arpa.", "PTR",
		"NOERROR AA; an 9.1.0.10.in-addr.arpa. 300 PTR wild.lab.");
	gyl_dns_stat(r->d, &st);
	assert_int_equal(st.lease_cnt, 3);
	for (size_t i = 0; i < TEST_CNT(bad); i++)
		lease(r, (struct lease){0x0a000110, 1, bad[i], NULL, "leased", 600});
	lease(r, (struct lease){0x0a000110, 1, "a", "*.lab", "leased", 600});
	lease(r, (struct lease){0x0a000110, 1, "a", "a..b", "leased", 600});
	gyl_dns_stat(r->d, &st);
	assert_int_equal(st.lease_cnt, 3);
	/* a lease that is over when it is told of */
	lease(r, (struct lease){0x0a000110, 1, "late", NULL, "leased", 0});
	gyl_dns_stat(r->d, &st);
	assert_int_equal(st.lease_cnt, 3);
	/* a client that tells its whole name is taken at its first label */
	lease(r, (struct lease){0x0a000111, 2, "box.example.org", NULL, "leased", 600});
	core_row(r, "box.lab.", "A", "NOERROR AA; an box.lab. 60 A 10.0.1.17");
	rig_close(r);
}

static void zones_that_leases_make(void **state)
{
	struct rig *r = rig_open("lan.");

	(void)state;
	/* the configured domain is there without a zone file, and without leases (RFC 6303) */
	core_row(r, "lan.", "SOA",
		"NOERROR AA; an lan. 10 SOA lan. nobody.invalid. 0 3600 1200 604800 10");
	core_row(r, "lan.", "NS", "NOERROR AA; an lan. 60 NS lan.");
	core_row(r, "lan.", "A", "NOERROR AA; ns SOA lan. 10");
	core_row(r, "x.lan.", "A", "NXDOMAIN AA; ns SOA lan. 10");
	core_row(r, "x.wan.", "A", "REFUSED");
	/* 10.77.0.0/22: the reverse names of four /24 */
	core_row(r, "1.3.77.10.in-addr.arpa.", "PTR",
		"NXDOMAIN AA; ns SOA 3.77.10.in-addr.arpa. 10");
	core_row(r, "1.4.77.10.in-addr.arpa.", "PTR", "REFUSED");
	core_row(r, "77.10.in-addr.arpa.", "NS", "REFUSED");
	lease(r, (struct lease){0x0a4d0305, 5, "laptop", NULL, "leased", 600});
	core_row(r, "laptop.lan.", "A", "NOERROR AA; an laptop.lan. 60 A 10.77.3.5");
	core_row(r, "laptop.lan.", "TXT", "NOERROR AA; ns SOA lan. 10");
	core_row(r, "5.3.77.10.in-addr.arpa.", "PTR",
		"NOERROR AA; an 5.3.77.10.in-addr.arpa. 60 PTR laptop.lan.");
	core_row(r, "05.3.77.10.in-addr.arpa.", "PTR",
		"NXDOMAIN AA; ns SOA 3.77.10.in-addr.arpa. 10");
	core_row(r, "6.3.77.10.in-addr.arpa.", "PTR",
		"NXDOMAIN AA; ns SOA 3.77.10.in-addr.arpa. 10");
	core_row(r, "3.77.10.in-addr.arpa.", "PTR", "NOERROR AA; ns SOA 3.77.10.in-addr.arpa. 10");
	/* the domain that comes with the lease */
	lease(r, (struct lease){0x0a4d0306, 6, "phone", "a.guest", "leased", 600});
	core_row(r, "phone.a.guest.", "A", "NOERROR AA; an phone.a.guest. 60 A 10.77.3.6");
	core_row(r, "b.a.guest.", "A", "NXDOMAIN AA; ns SOA a.guest. 10");
	core_row(r, "guest.", "A", "REFUSED");
	rig_close(r);
}

static void empty_names_above_a_leases_domain_hide_the_wildcard(void **state)
{
	struct rig *r = rig_open("lab.");

	(void)state;
	core_row(r, "floor.lab.", "A", "NOERROR AA; an floor.lab. 300 A 192.0.2.1");
	lease(r, (struct lease){0x0a000105, 5, "laptop", "first.floor.lab", "leased", 600});
	core_row(r, "laptop.first.floor.lab.", "A",
		"NOERROR AA; an laptop.first.floor.lab. 60 A 10.0.1.5");
	core_row(r, "first.floor.lab.", "A", "NOERROR AA; ns SOA lab. 60");
	core_row(r, "floor.lab.", "A", "NOERROR AA; ns SOA lab. 60");
	core_row(r, "x.floor.lab.", "A", "NXDOMAIN AA; ns SOA lab. 60");
	core_row(r, "x.lab.", "A", "NOERROR AA; an x.lab. 300 A 192.0.2.1");
	/* and no longer than the last host of the domain is there */
	lease(r, (struct lease){0x0a000106, 6, "tower", "lab", "leased", 600});
	lease(r, (struct lease){0x0a000105, 5, "laptop", "first.floor.lab", "expired", 0});
	core_row(r, "floor.lab.", "A", "NOERROR AA; an floor.lab. 300 A 192.0.2.1");
	rig_close(r);
}

static void a_full_table_is_told_and_keeps_what_it_has(void **state)
{
	struct rig *r = rig_open("lan.");
	struct gyl_dns_stat st;
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 17; i++) {
		(void)snprintf(name, sizeof name, "h%u", i);
		lease(r, (struct lease){0x0a4d0001 + (i * 5) % 17, (uint8_t)i, name, NULL, "leased",
				 600 - i});
	}
	assert_non_null(outbox_event(&r->b, GYL_EV_BASE_NOTE));
	gyl_dns_stat(r->d, &st);
	assert_int_equal(st.lease_cnt, 16);
	core_row(r, "h16.lan.", "A", "NXDOMAIN AA; ns SOA lan. 10");
	core_row(r, "h15.lan.", "A", "NOERROR AA; an h15.lan. 60 A 10.77.0.8");
	/* they end one after the other, the last to come first */
	for (unsigned i = 16; i-- != 0;) {
		(void)snprintf(name, sizeof name, "h%u.lan.", i);
		assert_memory_equal(ask_core(r, name, "A"), "NOERROR", 7);
		after(r, (i == 15 ? 585 : 1) * GYL_NS_PER_S);
		assert_memory_equal(ask_core(r, name, "A"), "NXDOMAIN", 8);
		gyl_dns_stat(r->d, &st);
		assert_int_equal(st.lease_cnt, i);
	}
	rig_close(r);
}

static void snapshot_and_start(void **state)
{
	struct rig *r = rig_open("lan.");
	const struct gyl_event *ask_event;
	struct gyl_event e;
	struct gyl_view source;
	unsigned names = 0;
	char name[16];

	(void)state;
	assert_true(gyl_dns_core.deadline_ns(r->d) == 0);
	after(r, 0);
	/* dhcpd is asked once for what it has, and the zones are told */
	ask_event = outbox_event(&r->b, GYL_EV_BASE_SNAPSHOT);
	assert_non_null(ask_event);
	assert_true(gyl_event_get_str(ask_event, "source", &source));
	assert_true(gyl_view_eq(source, gyl_view_str("dhcpd")));
	assert_non_null(outbox_event(&r->b, GYL_EV_DNS_ZONE));
	assert_true(gyl_dns_core.deadline_ns(r->d) == UINT64_MAX);
	for (unsigned i = 0; i < 10; i++) {
		(void)snprintf(name, sizeof name, "h%u", i);
		lease(r, (struct lease){0x0a4d0001 + i, (uint8_t)i, name, NULL, "leased", 600});
	}
	gyl_event_init(&e, GYL_EV_BASE_SNAPSHOT);
	gyl_event_str(&e, "source", gyl_view_str("dns"));
	gyl_event_u64(&e, "epoch", 7);
	give_event(r, &e);
	after(r, 0);
	assert_int_equal(r->b.event[0].e.kind, GYL_EV_BASE_BEGIN);
	assert_int_equal(r->b.event[r->b.event_cnt - 1].e.kind, GYL_EV_BASE_END);
	for (unsigned i = 0; i < r->b.event_cnt; i++)
		names += r->b.event[i].e.kind == GYL_EV_DNS_NAME;
	assert_int_equal(names, 10);
	rig_close(r);
}

static void give_data(struct rig *r, const char *key, struct gyl_view data)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str(key), .data = data};

	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
}

static void reload_swaps_zones_and_keeps_names(void **state)
{
	static const struct zone_text zone = {
		"lab.", "$TTL 9\n@ SOA . . 2 0 0 0 5\n@ NS ns.other.\nnew A 192.0.2.7\n"};
	struct rig *r = rig_open("lab.");
	struct gyl_view image = image_of(&zone, 1, NULL, 0);
	struct block block;

	(void)state;
	lease(r, LAPTOP);
	after(r, 0);
	give_data(r, "dns", image);
	core_row(r, "new.lab.", "A", "NOERROR AA; an new.lab. 9 A 192.0.2.7");
	core_row(r, "other.lab.", "A", "NXDOMAIN AA; ns SOA lab. 5");
	core_row(r, "laptop.lab.", "A", "NOERROR AA; an laptop.lab. 60 A 10.0.1.5");
	after(r, 0);
	assert_non_null(outbox_event(&r->b, GYL_EV_DNS_ZONE));
	make_block(&block, "lab.", 20 * GYL_NS_PER_S);
	give_data(r, "conf", gyl_view(&block, sizeof block));
	core_row(r, "laptop.lab.", "A", "NOERROR AA; an laptop.lab. 20 A 10.0.1.5");
	gyl_build_unmap(image);
	rig_close(r);
}

/* --- TCP, RFC 7766 --- */

static struct gyl_in stream_in(enum gyl_in_kind kind, uint32_t flow)
{
	return (struct gyl_in){
		.kind = (uint8_t)kind, .flow = flow, .role = GYL_DNS_TCP, .room = 65536};
}

static void open_stream_of(struct rig *r, uint32_t flow, uint32_t ip)
{
	struct gyl_in in = stream_in(GYL_IN_OPENED, flow);

	in.peer.ip = ip;
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
}

static void open_stream(struct rig *r, uint32_t flow)
{
	open_stream_of(r, flow, 0x0a4d0009);
}

/* Gives octets of a stream; how many were used. */
static uint32_t put_bytes(struct rig *r, uint32_t flow, const uint8_t *p, size_t len, uint32_t room)
{
	struct gyl_in in = stream_in(GYL_IN_BYTES, flow);

	in.data = gyl_view(p, len);
	in.room = room;
	outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
	return in.used;
}

static size_t framed(struct rig *r, uint8_t *p, const char *qname)
{
	size_t len = make_query(r->w, qname, "A");

	gyl_set_u16(p, (uint16_t)len);
	memcpy(p + 2, r->w->query, len);
	return len + 2;
}

static void streams_carry_queries_one_after_the_other(void **state)
{
	struct rig *r = rig_open("lab.");
	struct gyl_in last;
	uint8_t in[256];
	size_t one, two;

	(void)state;
	one = framed(r, in, "fixed.lab.");
	two = one + framed(r, in + one, "other.lab.");
	open_stream(r, 1);
	for (size_t len = 0; len < one; len++) {
		assert_int_equal(put_bytes(r, 1, in, len, 65536), 0);
		assert_int_equal(r->b.out.send_cnt, 0);
	}
	assert_int_equal(put_bytes(r, 1, in, two, 65536), two);
	assert_int_equal(r->b.out.send_cnt, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct gyl_view s = outbox_sent(&r->b, i);

		assert_int_equal(r->b.send[i].flow, 1);
		assert_int_equal(gyl_get_u16(s.p), s.len - 2);
		memcpy(r->w->msg, s.p + 2, s.len - 2);
		r->w->len = s.len - 2;
		show_answer(r->w);
		assert_string_equal(
			r->w->text, i == 0 ? "NOERROR AA; an fixed.lab. 300 A 192.0.2.2"
					   : "NOERROR AA; an other.lab. 300 A 192.0.2.1");
	}
	/* the end comes with octets that nobody has answered yet */
	open_stream(r, 2);
	last = stream_in(GYL_IN_EOF, 2);
	last.data = gyl_view(in, two - 1);
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &last, 1), 1);
	assert_int_equal(r->b.out.send_cnt, 1);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].op, GYL_FLOW_CLOSE);
	/* no room in the stream for the second answer: its query waits */
	assert_int_equal(put_bytes(r, 1, in, two, 60), one);
	assert_int_equal(r->b.out.send_cnt, 1);
	assert_int_equal(put_bytes(r, 1, in, two, 10), 0);
	/* what is no query closes the stream */
	gyl_set_u16(in + 4, 0x8000);
	assert_int_equal(put_bytes(r, 1, in, two, 65536), two);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].op, GYL_FLOW_CLOSE);
	rig_close(r);
}

/* A client that pipelines more than there are slots, and then falls silent: every query is
 * answered, once and in order, without another octet from it. */
static void pipelined_queries_wait_for_slots_only(void **state)
{
	enum {
		CNT = 150
	};
	static uint8_t octets[CNT * 64];
	struct rig *r = rig_open("lab.");
	struct gyl_in in = stream_in(GYL_IN_BYTES, 1);
	uint32_t room = 65536;
	size_t len = 0, taken;
	unsigned got = 0;

	(void)state;
	for (unsigned i = 0; i < CNT; i++) {
		size_t at = len;

		len += framed(r, octets + at, i % 2 ? "fixed.lab." : "other.lab.");
		gyl_set_u16(octets + at + 2, (uint16_t)(0x4000 + i));
	}
	open_stream(r, 1);
	in.data = gyl_view(octets, len);
	do {
		taken = outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
		assert_int_not_equal(r->b.out.send_cnt, 0);
		for (unsigned i = 0; i < r->b.out.send_cnt; i++) {
			struct gyl_view s = outbox_sent(&r->b, i);

			assert_int_equal(gyl_get_u16(s.p), s.len - 2);
			assert_int_equal(gyl_get_u16(s.p + 2), 0x4000 + got++);
			room -= (uint32_t)s.len;
		}
		/* offered again before the host has sent: what is left of the room is known */
		assert_int_equal(in.room, room);
	} while (taken == 0);
	assert_int_equal(got, CNT);
	assert_int_equal(in.used, len);
	rig_close(r);
}

/* With the client's end it is the same, and the end waits for the last answer. */
static void the_end_waits_for_the_answers(void **state)
{
	struct rig *r = rig_open("lab.");
	struct gyl_in in = stream_in(GYL_IN_EOF, 1);
	uint8_t octets[256];
	size_t one = framed(r, octets, "fixed.lab."), two;

	(void)state;
	two = one + framed(r, octets + one, "other.lab.");
	open_stream(r, 1);
	in.data = gyl_view(octets, two);
	in.room = 60; /* for one of them, and nobody knows whether the host will be rid of it at
			 once */
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 0);
	assert_int_equal(r->b.out.send_cnt, 1);
	assert_int_equal(in.used, one);
	in.data = gyl_view(octets + one, two - one);
	in.used = 0;
	in.room = 10; /* it was not: this waits until it is */
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	assert_int_equal(r->b.out.send_cnt, 0);
	assert_int_equal(r->b.out.op_cnt, 0);
	in.room = 65536;
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	assert_int_equal(r->b.out.send_cnt, 1);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].op, GYL_FLOW_CLOSE);
	rig_close(r);
}

static void idle_streams_are_closed(void **state)
{
	struct rig *r = rig_open("lab.");
	uint8_t in[256];
	size_t len = framed(r, in, "fixed.lab.");

	(void)state;
	after(r, 0);
	open_stream(r, 1);
	open_stream(r, 2);
	after(r, 9 * GYL_NS_PER_S);
	assert_int_equal(put_bytes(r, 2, in, len, 65536), len);
	after(r, GYL_NS_PER_S);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].flow, 1);
	/* its last octets may still come */
	assert_int_equal(put_bytes(r, 1, in, len, 65536), len);
	assert_int_equal(r->b.out.send_cnt, 0);
	/* an octet now and then is no query */
	assert_int_equal(put_bytes(r, 2, in, 1, 65536), 0);
	after(r, 9 * GYL_NS_PER_S);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_true(gyl_dns_core.deadline_ns(r->d) == UINT64_MAX);
	/* one too many: the one idle the longest goes */
	for (uint32_t i = 0; i < 129; i++) {
		open_stream_of(r, 100 + i, 0x0a4d0100 + i);
		after(r, 1);
	}
	open_stream(r, 500);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].flow, 101);
	rig_close(r);
}

/* One address has a quarter of the places; what it opens past them costs it its own. */
static void an_address_has_its_share_of_streams(void **state)
{
	struct rig *r = rig_open("lab.");

	(void)state;
	after(r, 0);
	open_stream_of(r, 1, 0x0a4d0001); /* the one idle the longest, of somebody else */
	after(r, 1);
	for (uint32_t i = 0; i < 32; i++) {
		open_stream(r, 100 + i);
		assert_int_equal(r->b.out.op_cnt, 0);
		after(r, 1);
	}
	open_stream(r, 200);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].flow, 100);
	open_stream_of(r, 2, 0x0a4d0001);
	assert_int_equal(r->b.out.op_cnt, 0);
	rig_close(r);
}

static void unreadable_queries_are_told_now_and_then(void **state)
{
	static const uint8_t bad[12] = {0, 1, 1, 0, 0, 2};
	static const struct gyl_peer peer = {.ip = 0x0a4d0009, .port = 5353};
	struct rig *r = rig_open("lab.");

	(void)state;
	outbox_dgram(&r->b, &gyl_dns_core, r->d, GYL_DNS_UDP, &peer, bad, sizeof bad);
	assert_non_null(outbox_event(&r->b, GYL_EV_DNS_BAD));
	outbox_dgram(&r->b, &gyl_dns_core, r->d, GYL_DNS_UDP, &peer, bad, sizeof bad);
	assert_null(outbox_event(&r->b, GYL_EV_DNS_BAD));
	assert_int_equal(r->b.out.send_cnt, 1);
	rig_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lease_has_a_name_at_once_and_until_it_ends),
		cmocka_unit_test(a_lease_ends_early_moves_and_is_renewed),
		cmocka_unit_test(a_lease_takes_nobodys_name),
		cmocka_unit_test(zones_that_leases_make),
		cmocka_unit_test(empty_names_above_a_leases_domain_hide_the_wildcard),
		cmocka_unit_test(a_full_table_is_told_and_keeps_what_it_has),
		cmocka_unit_test(snapshot_and_start),
		cmocka_unit_test(reload_swaps_zones_and_keeps_names),
		cmocka_unit_test(streams_carry_queries_one_after_the_other),
		cmocka_unit_test(pipelined_queries_wait_for_slots_only),
		cmocka_unit_test(the_end_waits_for_the_answers),
		cmocka_unit_test(idle_streams_are_closed),
		cmocka_unit_test(an_address_has_its_share_of_streams),
		cmocka_unit_test(unreadable_queries_are_told_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

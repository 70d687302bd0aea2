/* SPDX-License-Identifier: ISC */

/* The core as the runner drives it: listeners, leases, events, reload. */

#include "tests/unit/dns/rig.h"

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
	after(r, 2 * GYL_NS_PER_S);
	assert_true(gyl_dns_core.deadline_ns(r->d) == UINT64_MAX);
	rig_close(r);
}

static unsigned serial_of(struct rig *r, const char *zone)
{
	const char *text = ask_core(r, zone, "SOA"), *at = strstr(text, " SOA ");
	unsigned serial = 0;

	assert_non_null(at);
	assert_int_equal(sscanf(at, " SOA %*s %*s %u", &serial), 1);
	return serial;
}

/* Secondaries hear of names of leases by the serial: a step for all that came in a second. */
static void serials_move_with_leases_once_a_second(void **state)
{
	struct rig *r = rig_open("lab.");

	(void)state;
	assert_int_equal(serial_of(r, "lab."), 1);
	lease(r, LAPTOP);
	after(r, GYL_NS_PER_S);
	assert_int_equal(serial_of(r, "lab."), 2);
	assert_int_equal(serial_of(r, "1.0.10.in-addr.arpa."), 2);
	lease(r, (struct lease){0x0a000106, 6, "tower", NULL, "leased", 600});
	lease(r, (struct lease){0x0a000107, 7, "fixed", NULL, "leased", 600}); /* hidden */
	lease(r, (struct lease){0x0a000109, 9, "phone", NULL, "leased", 600});
	after(r, GYL_NS_PER_S);
	assert_int_equal(serial_of(r, "lab."), 3);
	after(r, 5 * GYL_NS_PER_S);
	assert_int_equal(serial_of(r, "lab."), 3);
	/* a renewal is nothing new, an end is */
	lease(r, (struct lease){0x0a000106, 6, "tower", NULL, "renewed", 900});
	after(r, 5 * GYL_NS_PER_S);
	assert_int_equal(serial_of(r, "lab."), 3);
	after(r, 600 * GYL_NS_PER_S); /* the laptop's, and a second later the phone's */
	assert_int_equal(serial_of(r, "lab."), 5);
	rig_close(r);
}

static void give_edge(struct rig *r, enum gyl_event_kind kind)
{
	struct gyl_event e;

	gyl_event_init(&e, kind);
	gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	give_event(r, &e);
}

static size_t try_query(struct rig *r)
{
	struct gyl_in in = {.kind = GYL_IN_DGRAM,
		.role = GYL_DNS_UDP,
		.data = {r->w->query, make_query(r->w, "laptop.lab.", "A")}};

	return outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
}

/* A start anew: serials go on, and nobody hears that a leased name is not there. */
static void a_restart_waits_for_the_leases(void **state)
{
	struct rig *r = rig_open("lab."), *again = rig_open("lab.");
	unsigned told;

	(void)state;
	lease(r, LAPTOP);
	after(r, 2 * GYL_NS_PER_S);
	told = serial_of(r, "lab.");
	assert_int_equal(told, 2);
	memcpy(again->b.record, r->b.record, r->b.record_cnt * sizeof *r->b.record);
	again->b.record_cnt = r->b.record_cnt;
	outbox_restore(&again->b, &gyl_dns_core, again->d);
	assert_int_equal(try_query(again), 0);
	outbox_tick(&again->b, &gyl_dns_core, again->d);
	assert_int_equal(try_query(again), 0);
	give_edge(again, GYL_EV_BASE_BEGIN);
	assert_int_equal(try_query(again), 0);
	lease(again, LAPTOP);
	give_edge(again, GYL_EV_BASE_END);
	core_row(again, "laptop.lab.", "A", "NOERROR AA; an laptop.lab. 60 A 10.0.1.5");
	assert_true(serial_of(again, "lab.") > told);
	rig_close(again);
	rig_close(r);
}

/* Nobody there who would tell: a second, and then answers as they are. */
static void a_restart_does_not_wait_for_ever(void **state)
{
	struct rig *r = rig_open("lab.");
	struct gyl_in in = {.kind = GYL_IN_RECORD,
		.key = gyl_view_str("dns/leased"),
		.data = gyl_view_str("1")};

	(void)state;
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	outbox_tick(&r->b, &gyl_dns_core, r->d);
	assert_int_equal(try_query(r), 0);
	after(r, GYL_NS_PER_S);
	assert_int_equal(try_query(r), 1);
	rig_close(r);
}

static void a_lease_takes_nobodys_name(void **state)
{
	static const char *const bad[] = {"", "-a", "a-", "a_b", "a b", "*", ".lab", "a\001",
		"caf\303\251", "\377", "xn--\303\251", "wpad", "WPAD", "Wpad.lab", "isatap",
		"localhost", "LocalHost.lab",
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
	/* the longest label, and one that only begins as a trusted name */
	lease(r, (struct lease){0x0a000112, 3,
			 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL,
			 "leased", 600});
	core_row(r, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.lab.", "TXT",
		"NOERROR AA; ns SOA lab. 60");
	lease(r, (struct lease){0x0a000113, 4, "wpad2", NULL, "leased", 600});
	core_row(r, "wpad2.lab.", "A", "NOERROR AA; an wpad2.lab. 60 A 10.0.1.19");
	core_row(r, "wpad.lab.", "A", "NOERROR AA; an wpad.lab. 300 A 192.0.2.1");
	rig_close(r);
}

/* Who has a name keeps it; when it is free, the next who wants it gets it with its next word. An
 * address that another client has now is called as that one. */
static void names_and_addresses_go_from_hand_to_hand(void **state)
{
	struct rig *r = rig_open("lan.");

	(void)state;
	lease(r, (struct lease){0x0a4d0005, 5, "pc", NULL, "leased", 600});
	lease(r, (struct lease){0x0a4d0006, 6, "pc", NULL, "leased", 600});
	core_row(r, "pc.lan.", "A", "NOERROR AA; an pc.lan. 60 A 10.77.0.5");
	core_row(r, "6.0.77.10.in-addr.arpa.", "PTR",
		"NXDOMAIN AA; ns SOA 0.77.10.in-addr.arpa. 10");
	lease(r, (struct lease){0x0a4d0005, 5, "pc", NULL, "released", 0});
	core_row(r, "pc.lan.", "A", "NXDOMAIN AA; ns SOA lan. 10");
	lease(r, (struct lease){0x0a4d0006, 6, "pc", NULL, "renewed", 600});
	core_row(r, "pc.lan.", "A", "NOERROR AA; an pc.lan. 60 A 10.77.0.6");
	core_row(r, "6.0.77.10.in-addr.arpa.", "PTR",
		"NOERROR AA; an 6.0.77.10.in-addr.arpa. 60 PTR pc.lan.");
	/* the address goes to another client, without a word about the end of the first */
	lease(r, (struct lease){0x0a4d0006, 7, "phone", NULL, "leased", 600});
	core_row(r, "pc.lan.", "A", "NXDOMAIN AA; ns SOA lan. 10");
	core_row(r, "6.0.77.10.in-addr.arpa.", "PTR",
		"NOERROR AA; an 6.0.77.10.in-addr.arpa. 60 PTR phone.lan.");
	/* and to one without a name, or with one that is not taken */
	lease(r, (struct lease){0x0a4d0006, 8, "wpad", NULL, "leased", 600});
	core_row(r, "phone.lan.", "A", "NXDOMAIN AA; ns SOA lan. 10");
	core_row(r, "6.0.77.10.in-addr.arpa.", "PTR",
		"NXDOMAIN AA; ns SOA 0.77.10.in-addr.arpa. 10");
	/* a client is renamed, and moves with its name */
	lease(r, (struct lease){0x0a4d0007, 9, "old", NULL, "leased", 600});
	lease(r, (struct lease){0x0a4d0007, 9, "new", NULL, "renewed", 600});
	core_row(r, "old.lan.", "A", "NXDOMAIN AA; ns SOA lan. 10");
	lease(r, (struct lease){0x0a4d0008, 9, "new", NULL, "leased", 600});
	core_row(r, "new.lan.", "A", "NOERROR AA; an new.lan. 60 A 10.77.0.8");
	core_row(r, "7.0.77.10.in-addr.arpa.", "PTR",
		"NXDOMAIN AA; ns SOA 0.77.10.in-addr.arpa. 10");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lease_has_a_name_at_once_and_until_it_ends),
		cmocka_unit_test(a_lease_ends_early_moves_and_is_renewed),
		cmocka_unit_test(serials_move_with_leases_once_a_second),
		cmocka_unit_test(a_restart_waits_for_the_leases),
		cmocka_unit_test(a_restart_does_not_wait_for_ever),
		cmocka_unit_test(a_lease_takes_nobodys_name),
		cmocka_unit_test(names_and_addresses_go_from_hand_to_hand),
		cmocka_unit_test(zones_that_leases_make),
		cmocka_unit_test(empty_names_above_a_leases_domain_hide_the_wildcard),
		cmocka_unit_test(a_full_table_is_told_and_keeps_what_it_has),
		cmocka_unit_test(snapshot_and_start),
		cmocka_unit_test(reload_swaps_zones_and_keeps_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */

/*
 * The rules of DHCP over a cable: dhcpd-rules.sh sets it up.
 *
 *   dhcp_rules list                                the rules, as services/dhcpd/docs/rules.md
 *   dhcp_rules conf KIND HOST DEVICE STATE SOCKET  a configuration, KIND usual or quiet
 *   dhcp_rules run KIND IFACE [PCAP]               the rules for such a server
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/net/dhcp/cable.h"

enum {
	WANTED_MS = 5000, /* an answer comes at once, but a machine may be busy */
	SENTINEL_MS = 5000,
	LATE_MS = 15, /* an ACK waits for its record, what comes after it does not */
	START_MS = 15000
};

struct bench {
	struct cable c;
	struct dhcp_lab t;
	struct dhcp_frame sentinel;
	uint32_t sentinel_xid;
};

static enum dhcp_plan_kind kind_of(const char *text)
{
	return strcmp(text, "quiet") == 0 ? DHCP_PLAN_QUIET : DHCP_PLAN_USUAL;
}

/* ---- list ---- */

static void list(void)
{
	unsigned cnt = 0;

	for (unsigned i = 0; i < dhcp_theme_cnt; i++)
		cnt += dhcp_themes[i]->cnt;
	printf("# What the DHCP server does, rule by rule\n\n"
	       "Made by `dhcp_rules list` from the tests themselves (`tests/support/dhcp_case_*.c`). "
	       "Each runs in memory\n(`dhcpd_test_rules`) and over a cable on both hosts "
	       "(`tests/net/dhcpd-rules.sh`; rules marked * in memory\nalone, hours pass in them). "
	       "All answers are held against `tests/support/dhcp_always.c` besides.\n"
	       "%u rules.\n",
		cnt);
	for (unsigned i = 0; i < dhcp_theme_cnt; i++) {
		printf("\n## %s\n\n| rule | where | test |\n| --- | --- | --- |\n",
			dhcp_themes[i]->name);
		for (unsigned k = 0; k < dhcp_themes[i]->cnt; k++) {
			const struct dhcp_case *c = &dhcp_themes[i]->rule[k];

			printf("| %s | %s | `%s`%s |\n", c->rule, c->section, c->name,
				c->virtual_time ? " *" : "");
		}
	}
}

/* ---- run ---- */

/* A message that is always answered, and at once: what came before it has been dealt with then. */
static void make_sentinel(struct bench *b)
{
	static const uint8_t mac[6] = {2, 0x5e, 0, 0, 0, 1};
	struct dhcp_frame *f = &b->sentinel;
	struct gyl_dhcp_hdr h = {.op = GYL_DHCP_BOOTREQUEST,
		.htype = 1,
		.hlen = 6,
		.xid = ++b->sentinel_xid,
		.ciaddr = LAB_NET + 0x7fff};
	struct gyl_dhcp_writer w;

	memcpy(h.chaddr, mac, 6);
	memcpy(f->src_mac, mac, 6);
	f->src_ip = h.ciaddr;
	f->dst_ip = LAB_US;
	f->src_port = 68;
	f->dst_port = 67;
	gyl_dhcp_begin(&w, f->p, sizeof f->p, &h);
	gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, GYL_DHCP_INFORM);
	gyl_dhcp_end(&w, GYL_DHCP_LEN_MIN, &f->len);
}

static void lab_begin(void *arg, enum dhcp_plan_kind kind)
{
	struct bench *b = arg;
	struct dhcp_frame f;

	(void)kind;
	while (cable_receive(&b->c, 0, &f))
		;
}

static void lab_send(void *arg, const struct dhcp_frame *f)
{
	cable_send(&((struct bench *)arg)->c, f);
}

static uint32_t xid_of(const struct dhcp_frame *f)
{
	return f->len >= 8 ? gyl_get_u32(f->p + 4) : 0;
}

static bool receive_xid(
	struct bench *b, uint32_t xid, uint32_t or_xid, int wait_ms, struct dhcp_frame *ret_f)
{
	while (cable_receive(&b->c, wait_ms, ret_f))
		if (xid_of(ret_f) == xid || xid_of(ret_f) == or_xid)
			return true;
	return false;
}

static bool lab_receive(void *arg, uint32_t xid, bool wanted, struct dhcp_frame *ret_f)
{
	struct bench *b = arg;

	if (wanted)
		return receive_xid(b, xid, xid, WANTED_MS, ret_f);
	make_sentinel(b);
	cable_send(&b->c, &b->sentinel);
	if (!receive_xid(b, xid, b->sentinel_xid, SENTINEL_MS, ret_f)) {
		fprintf(stderr, "the server does not answer any more\n");
		exit(1);
	}
	return xid_of(ret_f) == xid || receive_xid(b, xid, xid, LATE_MS, ret_f);
}

/* Other judges are shown what they can judge: an echo may be as odd as what it repeats, and
 * sub-options of later RFCs are not known to all. */
static bool is_plain(const struct dhcp_lab *t)
{
	struct gyl_dhcp_relay relay;
	struct gyl_view v;

	if (!dhcp_has(t, GYL_DHCP_OPT_RELAY))
		return true;
	return gyl_dhcp_find(&t->a, GYL_DHCP_OPT_RELAY, &v) &&
	       gyl_dhcp_relay_decode(v, &relay).err == GYL_OK && !relay.source_port &&
	       !relay.vss_control && relay.circuit_id.len != 0;
}

static void lab_looked(void *arg, const struct dhcp_lab *t)
{
	if (t->a.cookie && is_plain(t))
		cable_keep(&((struct bench *)arg)->c);
}

static void lab_report(void *arg, const char *rule, const char *what)
{
	(void)arg;
	printf("%s: %s\n", rule, what);
}

static int run(enum dhcp_plan_kind kind, const char *iface, const char *pcap)
{
	static const struct dhcp_lab_ops ops = {.begin = lab_begin,
		.send = lab_send,
		.receive = lab_receive,
		.looked = lab_looked,
		.report = lab_report};
	struct bench *b = calloc(1, sizeof *b);
	unsigned failed = 0, done = 0;

	if (b == NULL || !cable_open(&b->c, iface, pcap, START_MS)) {
		fprintf(stderr, "%s: %s\n", iface, strerror(errno));
		return 1;
	}
	b->t.ops = &ops;
	b->t.arg = b;
	b->t.xid = 0x10000000;
	b->sentinel_xid = 0x20000000;
	for (unsigned i = 0; i < dhcp_theme_cnt; i++)
		failed += dhcp_lab_run(&b->t, dhcp_themes[i], kind, false, &done);
	cable_close(&b->c);
	free(b);
	printf("%u rules, %u failed\n", done, failed);
	return failed != 0 || done == 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		list();
		return 0;
	}
	if (argc == 7 && strcmp(argv[1], "conf") == 0) {
		dhcp_plan_json(stdout, kind_of(argv[2]), argv[3], argv[4], argv[5], argv[6]);
		return 0;
	}
	if (argc >= 4 && strcmp(argv[1], "run") == 0)
		return run(kind_of(argv[2]), argv[3], argc > 4 ? argv[4] : NULL);
	fprintf(stderr,
		"usage: %s list | conf KIND HOST DEVICE STATE SOCKET | run KIND IFACE [PCAP]\n",
		argv[0]);
	return 64;
}

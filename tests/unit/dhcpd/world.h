/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DHCPD_WORLD_H
#define GYL_TESTS_DHCPD_WORLD_H

/*
 * A DHCP server in a world of its own. A plan is the configuration, made into a flat block by hand,
 * so that these tests need no JSON. ask() sends one message and decodes what comes back.
 *
 * Unless the plan says otherwise: we are 10.0.0.1/24, the pool is 10.0.0.10 to 10.0.0.19, and
 * 10.1.0.0/24 with 10.1.0.10 to 10.1.0.19 is behind a relay 10.1.0.1.
 */

#include <gyl/dhcp_opt.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/dhcpd/core.h"
#include "tests/support/outbox.h"

#define IP(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

enum {
	US = 0x0a000001,
	POOL = 0x0a00000a, /* its first address */
	FAR_POOL = 0x0a01000a,
	RELAY = 0x0a010001,
	PLAN_LEN = 1 << 16,
	PLAN_MANY = 128
};

struct plan_option {
	uint8_t code;
	const void *p;
	uint32_t len;
};

struct plan_boot {
	uint32_t next;
	const char *file, *server;
};

struct plan_host {
	uint8_t mac[6];
	uint32_t address;
	const char *name;
};

/* All that a reservation can say; octets in hexadecimal. */
struct plan_reserved {
	struct plan_host host; /* a MAC of zeros: none */
	const char *id, *circuit;
	struct plan_option option[2];
	struct plan_boot boot;
};

struct plan_subnet {
	uint32_t ip, len;
	struct gyl_conf_range pool[3];
	const char *shared;
	struct plan_option option[4];
	struct plan_reserved host[4];
	struct plan_boot boot;
	struct gyl_dhcpd_subnet_conf cf; /* what else there is */
};

/* Octets in hexadecimal, arch ends with UINT16_MAX, or is all zeros. */
struct plan_class {
	const char *name, *vendor_class, *user_class, *circuit_id, *remote_id, *mac;
	uint16_t arch[3];
	struct plan_option match[2], option[4];
	struct gyl_conf_range pool[3];
	struct plan_boot boot;
	struct gyl_dhcpd_class_conf cf; /* what else there is */
};

struct plan {
	struct gyl_dhcpd_conf cf;
	struct gyl_conf_range pool[3], far_pool[3];
	struct plan_host host[4];         /* at the top */
	struct plan_reserved reserved[4]; /* and more of them */
	struct plan_option option[8], far_option[4];
	struct plan_subnet subnet[4]; /* besides the far one */
	struct plan_class class[4];
	struct plan_boot boot;
	struct gyl_dhcpd_iface iface[4]; /* instead of ours */
	bool dns, no_far;
	uint32_t many;             /* more subnets, 10.64.0.0/24 and on, all on one link */
	uint32_t many_size;        /* addresses of each */
	uint8_t prefix;            /* of both networks; 0: 24 */
	struct gyl_dhcpd_size cap; /* address_cnt 0: the usual */
};

/* ---- the flat block ---- */

struct arena {
	uint8_t *p;
	uint32_t len;
};

static inline struct gyl_ref arena_put(
	struct arena *a, const void *item, uint32_t item_len, uint32_t cnt)
{
	struct gyl_ref r = {a->len, cnt};

	assert_true(a->len + item_len * cnt + 8 <= PLAN_LEN);
	if (item_len * cnt != 0)
		memcpy(a->p + a->len, item, (size_t)item_len * cnt);
	a->len = (a->len + item_len * cnt + 7) & ~7u;
	return r;
}

static inline struct gyl_ref arena_str(struct arena *a, const char *s)
{
	struct gyl_ref r =
		arena_put(a, s == NULL ? "" : s, 1, s == NULL ? 1 : (uint32_t)strlen(s) + 1);

	r.cnt--;
	return r;
}

static inline struct gyl_ref arena_ranges(struct arena *a, const struct gyl_conf_range *r)
{
	uint32_t n = 0;

	while (n < 3 && r[n].first != 0)
		n++;
	return arena_put(a, r, sizeof *r, n);
}

static inline struct gyl_ref arena_options(
	struct arena *a, const struct plan_option *o, uint32_t max)
{
	struct gyl_conf_entry e[8];
	uint32_t n = 0;

	memset(e, 0, sizeof e);
	for (; n < max && o[n].code != 0; n++) {
		e[n].octet = arena_put(a, o[n].p, 1, o[n].len);
		e[n].code = o[n].code;
	}
	return arena_put(a, e, sizeof *e, n);
}

static inline struct gyl_ref arena_hex(struct arena *a, const char *hex)
{
	uint8_t buf[300];

	return arena_put(a, buf, 1, hex == NULL ? 0 : (uint32_t)hex_bytes(hex, buf, sizeof buf));
}

static inline struct gyl_dhcpd_boot_conf arena_boot(struct arena *a, const struct plan_boot *b)
{
	return (struct gyl_dhcpd_boot_conf){
		b->next, arena_str(a, b->file), arena_str(a, b->server)};
}

static inline bool plan_has_mac(const struct plan_host *h)
{
	static const uint8_t none[6];

	return memcmp(h->mac, none, 6) != 0;
}

static inline struct gyl_dhcpd_host_conf arena_host(struct arena *a, const struct plan_reserved *h)
{
	struct gyl_dhcpd_host_conf c = {.address = h->host.address,
		.has_mac = plan_has_mac(&h->host),
		.hostname = arena_str(a, h->host.name),
		.client_id = arena_hex(a, h->id),
		.circuit_id = arena_hex(a, h->circuit),
		.options = arena_options(a, h->option, 2),
		.boot = arena_boot(a, &h->boot)};

	memcpy(c.mac, h->host.mac, 6);
	return c;
}

/* host may be NULL; both are of four, those that say of whom they are count. */
static inline struct gyl_ref arena_hosts(
	struct arena *a, const struct plan_host *host, const struct plan_reserved *more)
{
	struct gyl_dhcpd_host_conf c[8];
	uint32_t n = 0;

	for (unsigned i = 0; host != NULL && i < 4 && plan_has_mac(&host[i]); i++)
		c[n++] = arena_host(a, &(struct plan_reserved){.host = host[i]});
	for (unsigned i = 0; i < 4; i++)
		if (plan_has_mac(&more[i].host) || more[i].id != NULL || more[i].circuit != NULL)
			c[n++] = arena_host(a, &more[i]);
	return arena_put(a, c, sizeof *c, n);
}

static inline struct gyl_dhcpd_subnet_conf arena_subnet(
	struct arena *a, const struct plan_subnet *s)
{
	struct gyl_dhcpd_subnet_conf c = s->cf;

	c.subnet = (struct gyl_conf_prefix){s->ip, s->len};
	c.pool = arena_ranges(a, s->pool);
	c.shared = arena_str(a, s->shared);
	c.options = arena_options(a, s->option, 4);
	c.hosts = arena_hosts(a, NULL, s->host);
	c.boot = arena_boot(a, &s->boot);
	return c;
}

static inline struct gyl_ref arena_subnets(struct arena *a, const struct plan *plan)
{
	struct gyl_dhcpd_subnet_conf c[5 + PLAN_MANY];
	uint32_t n = 0;

	if (!plan->no_far) {
		c[n] = (struct gyl_dhcpd_subnet_conf){
			.subnet = {IP(10, 1, 0, 0), plan->prefix != 0 ? plan->prefix : 24}};
		c[n].pool = arena_ranges(a, plan->far_pool);
		c[n++].options = arena_options(a, plan->far_option, 4);
	}
	for (unsigned i = 0; i < 4 && plan->subnet[i].ip != 0; i++)
		c[n++] = arena_subnet(a, &plan->subnet[i]);
	for (unsigned i = 0; i < plan->many; i++) {
		uint32_t ip = IP(10, 64, i, 0);
		struct plan_subnet s = {.ip = ip,
			.len = 24,
			.shared = "many",
			.pool = {{ip + 10, ip + 9 + plan->many_size}}};

		c[n++] = arena_subnet(a, &s);
	}
	return arena_put(a, c, sizeof *c, n);
}

static inline struct gyl_ref arena_classes(struct arena *a, const struct plan_class *k)
{
	struct gyl_dhcpd_class_conf c[4];
	uint32_t n = 0;

	for (; n < 4 && k[n].name != NULL; n++) {
		uint32_t arch_cnt = 0;

		while (arch_cnt < 3 && (arch_cnt != 0 || k[n].arch[0] != 0 || k[n].arch[1] != 0) &&
			k[n].arch[arch_cnt] != UINT16_MAX)
			arch_cnt++;
		c[n] = k[n].cf;
		c[n].name = arena_str(a, k[n].name);
		c[n].vendor_class = arena_hex(a, k[n].vendor_class);
		c[n].user_class = arena_hex(a, k[n].user_class);
		c[n].circuit_id = arena_hex(a, k[n].circuit_id);
		c[n].remote_id = arena_hex(a, k[n].remote_id);
		c[n].mac = arena_hex(a, k[n].mac);
		c[n].arch = arena_put(a, k[n].arch, sizeof k[n].arch[0], arch_cnt);
		c[n].match = arena_options(a, k[n].match, 2);
		c[n].options = arena_options(a, k[n].option, 4);
		c[n].pool = arena_ranges(a, k[n].pool);
		c[n].boot = arena_boot(a, &k[n].boot);
	}
	return arena_put(a, c, sizeof *c, n);
}

static inline void arena_section(
	struct arena *a, struct gyl_flat_section *s, const char *name, const void *root, size_t len)
{
	memcpy(s->name, name, strlen(name));
	s->root = arena_put(a, root, (uint32_t)len, 1);
}

/* The block is at mem, PLAN_LEN octets aligned to 8. */
static inline const struct gyl_flat *plan_make(const struct plan *plan, void *mem)
{
	struct arena a = {mem, sizeof(struct gyl_flat)};
	struct gyl_dhcpd_conf cf = plan->cf;
	struct gyl_flat_section sections[2];
	struct gyl_flat *f = mem;
	uint64_t nothing = 0;

	memset(mem, 0, PLAN_LEN);
	memset(sections, 0, sizeof sections);
	cf.pool = arena_ranges(&a, plan->pool);
	cf.options = arena_options(&a, plan->option, 8);
	cf.hosts = arena_hosts(&a, plan->host, plan->reserved);
	cf.domain = arena_str(&a, "event.example");
	cf.subnets = arena_subnets(&a, plan);
	cf.classes = arena_classes(&a, plan->class);
	cf.boot = arena_boot(&a, &plan->boot);
	arena_section(&a, &sections[0], "dhcpd", &cf, sizeof cf);
	arena_section(&a, &sections[1], "dns", &nothing, sizeof nothing);
	f->section = arena_put(&a, sections, sizeof *sections, plan->dns ? 2 : 1);
	f->magic = GYL_FLAT_MAGIC;
	f->version = GYL_FLAT_VERSION;
	f->len = a.len;
	f->checksum = gyl_flat_checksum(f);
	return f;
}

static inline struct plan plan_usual(void)
{
	struct plan p;

	memset(&p, 0, sizeof p);
	p.cf.port = 67;
	p.cf.authoritative = true;
	p.cf.lease_ns = GYL_NS_PER_HOUR;
	p.cf.min_ns = GYL_NS_PER_MIN;
	p.cf.offer_ns = GYL_NS_PER_MIN;
	p.cf.decline_ns = 10 * GYL_NS_PER_MIN;
	p.cf.client_leases = 8;
	p.cf.client_offers = 4;
	p.cf.client_declines = 3;
	p.cf.share_relay = 50;
	p.cf.share_circuit = 50;
	p.pool[0] = (struct gyl_conf_range){POOL, POOL + 9};
	p.far_pool[0] = (struct gyl_conf_range){FAR_POOL, FAR_POOL + 9};
	return p;
}

/* ---- the world ---- */

struct world {
	struct outbox b;
	struct gyl_dhcpd *d;
	void *mem, *flat;
	size_t mem_len;
	bool mem_is_zero; /* the next start takes the same memory once more */
	struct plan plan;
	struct gyl_dhcp_msg m; /* the last answer */
	uint8_t answer[1500];
	struct gyl_peer to;
	uint64_t after;
	uint8_t port;
};

static inline void world_memory(struct world *w, size_t len)
{
	if (w->mem_is_zero && w->mem_len == len) {
		w->mem_is_zero = false;
		return;
	}
	free(w->mem);
	w->mem = calloc(1, len);
	w->mem_len = len;
	assert_non_null(w->mem);
}

static inline bool world_try(struct world *w, char *why, size_t why_cap)
{
	struct gyl_dhcpd_env env = {.flat = plan_make(&w->plan, w->flat),
		.iface = {{.ip = US, .prefix = w->plan.prefix != 0 ? w->plan.prefix : 24}},
		.iface_cnt = 1,
		.seed = {1, 2},
		.cap = {1024, 8, 64, 16, PLAN_LEN}};
	struct gyl_writer text;

	if (w->plan.iface[0].prefix != 0) {
		env.iface_cnt = 0;
		while (env.iface_cnt < 4 && w->plan.iface[env.iface_cnt].prefix != 0) {
			env.iface[env.iface_cnt] = w->plan.iface[env.iface_cnt];
			env.iface_cnt++;
		}
	}
	if (w->plan.cap.address_cnt != 0)
		env.cap = w->plan.cap;
	world_memory(w, gyl_dhcpd_need(&env.cap));
	gyl_writer_init(&text, why, why_cap - 1);
	w->d = gyl_dhcpd_init(w->mem, &env, &text);
	why[text.len] = '\0';
	return w->d != NULL;
}

/* A server by the plan, that knows nothing: also a restart, before outbox_restore(). */
static inline void world_start(struct world *w)
{
	char why[200];

	if (!world_try(w, why, sizeof why))
		fail_msg("%s", why);
}

static inline int world_open(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	w->flat = aligned_alloc(16, PLAN_LEN);
	assert_non_null(w->flat);
	outbox_open(&w->b);
	w->plan = plan_usual();
	world_start(w);
	*state = w;
	return 0;
}

static inline int world_close(void **state)
{
	struct world *w = *state;

	outbox_close(&w->b);
	free(w->mem);
	free(w->flat);
	free(w);
	return 0;
}

static inline void world_reload(struct world *w)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("conf")};
	const struct gyl_flat *f = plan_make(&w->plan, w->flat);

	in.data = gyl_view(f, f->len);
	assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1), 1);
	memset(w->flat, 0xee, PLAN_LEN); /* the core must not need it any more */
}

static inline void world_pass(struct world *w, uint64_t ns)
{
	outbox_advance(&w->b, &gyl_dhcpd_core, w->d, ns);
}

/* ---- messages ---- */

struct ask {
	uint8_t type;   /* 0: BOOTP */
	uint8_t client; /* last octet of its MAC 02:00:00:00:00:xx */
	uint32_t xid;   /* 0: the client's own number */
	uint32_t ciaddr, want, server, lease, giaddr;
	uint16_t flags, max_size;
	const char *id;    /* option 61, hexadecimal */
	const char *name;  /* option 12 */
	const char *list;  /* option 55, hexadecimal */
	const char *more;  /* whole options, hexadecimal */
	const char *relay; /* value of option 82, hexadecimal */
	const uint8_t *mac;
	bool unicast;  /* sent to our address */
	uint32_t from; /* source address, when it is not ciaddr or giaddr */
	uint8_t iface;
	const uint8_t *source; /* of the frame; NULL: mac */
	uint8_t hlen_is_0, op;
};

static inline void put_hex(struct gyl_dhcp_writer *m, uint8_t code, const char *hex)
{
	uint8_t buf[600];

	if (hex != NULL)
		gyl_dhcp_put(m, code, gyl_view(buf, hex_bytes(hex, buf, sizeof buf)));
}

static inline void put_more(struct gyl_dhcp_writer *m, const char *hex)
{
	uint8_t buf[600];
	size_t len = hex == NULL ? 0 : hex_bytes(hex, buf, sizeof buf);

	for (size_t i = 0; i < len; i += 2u + buf[i + 1])
		gyl_dhcp_put(m, buf[i], gyl_view(buf + i + 2, buf[i + 1]));
}

static inline size_t ask_build(const struct ask *q, uint8_t *buf, size_t cap)
{
	struct gyl_dhcp_hdr h = {.op = q->op != 0 ? q->op : GYL_DHCP_BOOTREQUEST,
		.htype = 1,
		.hlen = q->hlen_is_0 ? 0 : 6,
		.xid = q->xid != 0 ? q->xid : 0x1000u + q->client,
		.flags = q->flags,
		.ciaddr = q->ciaddr,
		.giaddr = q->giaddr,
		.chaddr = {2, 0, 0, 0, 0, q->client}};
	struct gyl_dhcp_writer m;
	uint8_t relay[600];
	size_t len;

	if (q->mac != NULL)
		memcpy(h.chaddr, q->mac, 6);
	gyl_dhcp_begin(&m, buf, cap, &h);
	if (q->type != 0)
		gyl_dhcp_put_u8(&m, GYL_DHCP_OPT_TYPE, q->type);
	if (q->want != 0)
		gyl_dhcp_put_u32(&m, GYL_DHCP_OPT_REQUESTED_IP, q->want);
	if (q->server != 0)
		gyl_dhcp_put_u32(&m, GYL_DHCP_OPT_SERVER_ID, q->server);
	if (q->lease != 0)
		gyl_dhcp_put_u32(&m, GYL_DHCP_OPT_LEASE_TIME, q->lease);
	if (q->max_size != 0)
		gyl_dhcp_put_u16(&m, GYL_DHCP_OPT_MAX_SIZE, q->max_size);
	if (q->name != NULL)
		gyl_dhcp_put_str(&m, GYL_DHCP_OPT_HOST_NAME, q->name);
	put_hex(&m, GYL_DHCP_OPT_CLIENT_ID, q->id);
	put_hex(&m, GYL_DHCP_OPT_REQUEST_LIST, q->list);
	put_more(&m, q->more);
	if (q->relay != NULL)
		gyl_dhcp_put_relay(&m, gyl_view(relay, hex_bytes(q->relay, relay, sizeof relay)));
	assert_int_equal(gyl_dhcp_end(&m, GYL_DHCP_LEN_MIN, &len).err, GYL_OK);
	return len;
}

static inline struct gyl_peer ask_peer(const struct ask *q)
{
	struct gyl_peer p = {.ip = q->giaddr != 0 ? q->giaddr : q->ciaddr,
		.local_ip = q->giaddr != 0 || q->unicast ? US : UINT32_MAX,
		.port = q->giaddr != 0 ? 67 : 68,
		.local_port = 67,
		.iface = q->iface,
		.has_mac = 1,
		.mac = {2, 0, 0, 0, 0, q->client}};

	if (q->mac != NULL)
		memcpy(p.mac, q->mac, 6);
	if (q->source != NULL)
		memcpy(p.mac, q->source, 6);
	if (q->giaddr != 0)
		p.mac[5] = 0xfe;
	if (q->from != 0)
		p.ip = q->from;
	return p;
}

/* True when there was an answer; it is in w->m then. */
static inline bool ask(struct world *w, struct ask q)
{
	uint8_t buf[1500];
	size_t len = ask_build(&q, buf, sizeof buf);
	struct gyl_peer p = ask_peer(&q);
	struct gyl_view v;

	outbox_dgram(&w->b, &gyl_dhcpd_core, w->d, GYL_DHCPD_LINK, &p, buf, len);
	assert_true(w->b.out.send_cnt <= 1);
	memset(&w->m, 0, sizeof w->m);
	if (w->b.out.send_cnt == 0 || w->b.send[0].port != 0) /* an ARP probe is no answer */
		return false;
	v = outbox_sent(&w->b, 0);
	assert_true(v.len <= sizeof w->answer);
	memcpy(w->answer, v.p, v.len);
	/* An echo may be as odd as what it repeats; nothing else may. */
	assert_true(gyl_dhcp_decode(gyl_view(w->answer, v.len), &w->m).err <=
		    (q.relay == NULL ? GYL_OK : GYL_LENIENT));
	w->to = w->b.send[0].to;
	w->after = w->b.send[0].after;
	assert_int_equal(w->m.hdr.op, GYL_DHCP_BOOTREPLY);
	assert_int_equal(w->m.hdr.xid, q.xid != 0 ? q.xid : 0x1000u + q.client);
	return true;
}

static inline uint32_t opt_u32(const struct world *w, uint8_t code)
{
	uint32_t v = 0;

	gyl_dhcp_find_u32(&w->m, code, &v);
	return v;
}

static inline bool has_opt(const struct world *w, uint8_t code)
{
	struct gyl_view v;

	return gyl_dhcp_find(&w->m, code, &v);
}

static inline void expect_opt(const struct world *w, uint8_t code, const char *hex)
{
	uint8_t buf[600];
	size_t len = hex_bytes(hex, buf, sizeof buf);
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o = {0};

	gyl_dhcp_cursor_init(&c, &w->m);
	while (o.code != code && gyl_dhcp_cursor_next(&c, &o))
		;
	assert_int_equal(o.code, code);
	assert_int_equal(o.val.len, len);
	if (len != 0)
		assert_memory_equal(o.val.p, buf, len);
}

static inline uint32_t offered(struct world *w, struct ask q)
{
	q.type = GYL_DHCP_DISCOVER;
	if (!ask(w, q))
		return 0;
	assert_int_equal(w->m.type, GYL_DHCP_OFFER);
	return w->m.hdr.yiaddr;
}

/* DISCOVER to ACK; the address, 0 when there was none. */
static inline uint32_t get_lease(struct world *w, struct ask q)
{
	uint32_t ip = offered(w, q);

	if (ip == 0)
		return 0;
	q.type = GYL_DHCP_REQUEST;
	q.want = ip;
	q.server = US;
	assert_true(ask(w, q));
	assert_int_equal(w->m.type, GYL_DHCP_ACK);
	assert_int_equal(w->m.hdr.yiaddr, ip);
	return ip;
}

/* What a REQUEST is answered with: its type, 0 for silence. */
static inline unsigned request(struct world *w, struct ask q)
{
	q.type = GYL_DHCP_REQUEST;
	return ask(w, q) ? w->m.type : 0;
}

static inline bool has_event(const struct world *w, enum gyl_event_kind kind)
{
	return outbox_event(&w->b, kind) != NULL;
}

/* A string field of the last event of a kind. */
static inline const char *event_str(
	const struct world *w, enum gyl_event_kind kind, const char *field)
{
	const struct gyl_event *e = outbox_event(&w->b, kind);
	static char text[400];
	struct gyl_view v;

	if (e == NULL || !gyl_event_get_str(e, field, &v))
		return "";
	memcpy(text, v.p, v.len);
	text[v.len] = '\0';
	return text;
}

static inline unsigned state_of(const struct world *w, uint32_t ip)
{
	const struct gyl_dhcpd_lease *l = gyl_dhcpd_lease_at(w->d, ip);

	return l == NULL ? GYL_DHCPD_FREE : l->state;
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, world_open, world_close)

#endif

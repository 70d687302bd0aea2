/* SPDX-License-Identifier: ISC */

/*
 * The core against a model: RFC 1034 4.3.2 as it is written there, label by label from the top,
 * over a plain list of records. Zones are made at random from few labels, so that wildcards, cuts,
 * DNAMEs, empty non-terminals, chains, loops and names of leases meet in every combination. Beside
 * them holes in the zones, and hosts files, in the zones and outside.
 */

#include "services/dns/conf.h"
#include "tests/unit/dns/policy_world.h"

enum {
	RR_MAX = 64,
	LEASE_MAX = 6,
	HOLE_MAX = 3,
	HOST_MAX = 8,
	HOLE_GROUP = 5, /* the first hole's */
	ZONES = 1200,
	QUERIES = 150
};

struct rr {
	uint8_t owner[GYL_DNS_NAME_MAX], rdata[300];
	size_t rdata_len;
	uint16_t type;
	unsigned zone;
	uint32_t ttl;
	bool from_hosts;
};

struct hole {
	uint8_t name[GYL_DNS_NAME_MAX];
	unsigned zone, action;
};

/* A line of the hosts file. */
struct host {
	uint8_t name[GYL_DNS_NAME_MAX];
	uint32_t ip;
};

struct model {
	struct rr rr[RR_MAX];
	unsigned rr_cnt;
	uint8_t apex[2][GYL_DNS_NAME_MAX];
	unsigned zone_cnt;
	uint8_t lease[LEASE_MAX][GYL_DNS_NAME_MAX];
	uint32_t lease_ip[LEASE_MAX];
	unsigned lease_cnt;
	struct hole hole[HOLE_MAX];
	unsigned hole_cnt;
	struct host host[HOST_MAX];
	unsigned host_cnt;
	uint32_t serial;                          /* of zones that are made up */
	const struct rr *used[GYL_DNS_CHAIN_MAX]; /* DNAMEs that are in the answer */
	unsigned used_cnt;
	struct gyl_writer out;
	char body[7000], text[8192];
};

static uint64_t seed = 1;

static unsigned draw(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return n == 0 ? 0 : (unsigned)(seed >> 33) % n;
}

/* --- the model --- */

static bool same(const uint8_t *a, const uint8_t *b)
{
	return gyl_dns_name_eq(a, b);
}

static const struct rr *first(
	const struct model *m, unsigned zone, const uint8_t *name, uint16_t type)
{
	for (unsigned i = 0; i < m->rr_cnt; i++)
		if (m->rr[i].zone == zone && m->rr[i].type == type && same(m->rr[i].owner, name))
			return &m->rr[i];
	return NULL;
}

static bool has_data(const struct model *m, unsigned zone, const uint8_t *name)
{
	for (unsigned i = 0; i < m->rr_cnt; i++)
		if (m->rr[i].zone == zone && same(m->rr[i].owner, name))
			return true;
	return false;
}

/* RFC 4592 2.2.2: a name exists when it, or a name below it, owns something. */
static bool exists(const struct model *m, unsigned zone, const uint8_t *name)
{
	for (unsigned i = 0; i < m->rr_cnt; i++)
		if (m->rr[i].zone == zone && gyl_dns_name_is_under(m->rr[i].owner, name))
			return true;
	for (unsigned i = 0; i < m->lease_cnt; i++)
		if (gyl_dns_name_is_under(m->lease[i], name))
			return true;
	return false;
}

static void show(struct model *m, const char *section, const uint8_t *owner, const struct rr *r,
	uint16_t type)
{
	struct gyl_view rdata = gyl_view(r->rdata, r->rdata_len);
	struct gyl_dns_rr one = gyl_dns_rr_alone(type, GYL_DNS_CLASS_IN, rdata);

	gyl_text_str(&m->out, section);
	gyl_dns_name_print(&m->out, owner);
	gyl_text_char(&m->out, ' ');
	gyl_text_u64(&m->out, r->ttl != 0 ? r->ttl : 3600);
	gyl_text_char(&m->out, ' ');
	gyl_dns_type_print(&m->out, type);
	gyl_text_char(&m->out, ' ');
	gyl_dns_rdata_print(&m->out, rdata, &one);
}

static void show_all(struct model *m, const char *section, unsigned zone, const uint8_t *node,
	const uint8_t *owner, uint16_t type)
{
	for (unsigned i = 0; i < m->rr_cnt; i++)
		if (m->rr[i].zone == zone && m->rr[i].type == type && same(m->rr[i].owner, node))
			show(m, section, owner, &m->rr[i], type);
}

static void show_soa(struct model *m, unsigned zone)
{
	gyl_text_str(&m->out, "; ns SOA ");
	gyl_dns_name_print(&m->out, m->apex[zone]);
	gyl_text_str(&m->out, " 300");
}

enum step {
	DONE,
	NXDOMAIN,
	YXDOMAIN,
	NEXT,
	REFUSED,
	FORWARD /* m->out is what is asked for, and of whom */
};

static enum step forward(struct model *m, unsigned group, const uint8_t *name)
{
	m->out.len = 0;
	gyl_text_str(&m->out, "forward ");
	gyl_text_u64(&m->out, group);
	gyl_text_char(&m->out, ' ');
	gyl_dns_name_print(&m->out, name);
	return FORWARD;
}

/* What node owns answers for name: 3a and 3c of the algorithm. */
static enum step data(
	struct model *m, unsigned zone, const uint8_t *node, uint8_t *name, uint16_t qtype)
{
	uint16_t type = qtype;

	if (qtype == GYL_DNS_TYPE_ANY) {
		type = UINT16_MAX;
		for (unsigned i = 0; i < m->rr_cnt; i++)
			if (m->rr[i].zone == zone && same(m->rr[i].owner, node) &&
				m->rr[i].type < type)
				type = m->rr[i].type;
	}
	if (first(m, zone, node, type) != NULL) {
		show_all(m, "; an ", zone, node, name, type);
		return DONE;
	}
	if (first(m, zone, node, GYL_DNS_TYPE_CNAME) == NULL) {
		show_soa(m, zone);
		return DONE;
	}
	show_all(m, "; an ", zone, node, name, GYL_DNS_TYPE_CNAME);
	memcpy(name, first(m, zone, node, GYL_DNS_TYPE_CNAME)->rdata, GYL_DNS_NAME_MAX);
	return NEXT;
}

static enum step redirect(
	struct model *m, unsigned zone, const uint8_t *node, uint8_t *name, uint16_t qtype)
{
	const struct rr *dname = first(m, zone, node, GYL_DNS_TYPE_DNAME);
	struct rr cname = {.type = GYL_DNS_TYPE_CNAME};
	bool again = false;
	size_t head = gyl_dns_name_len(name) - gyl_dns_name_len(node);

	for (unsigned i = 0; i < m->used_cnt; i++)
		again |= m->used[i] == dname;
	if (!again)
		show(m, "; an ", node, dname, GYL_DNS_TYPE_DNAME);
	m->used[m->used_cnt++] = dname;
	if (gyl_failed(
		    gyl_dns_name_concat(name, head, dname->rdata, cname.rdata, &cname.rdata_len)))
		return YXDOMAIN;
	show(m, "; an ", name, &cname, GYL_DNS_TYPE_CNAME);
	memcpy(name, cname.rdata, cname.rdata_len);
	return qtype == GYL_DNS_TYPE_CNAME || qtype == GYL_DNS_TYPE_ANY ? DONE : NEXT;
}

static enum step leased(struct model *m, unsigned zone, const uint8_t *name, uint16_t qtype)
{
	for (unsigned i = 0; i < m->lease_cnt; i++)
		if (same(m->lease[i], name)) {
			struct rr a = {.rdata_len = 4};

			gyl_set_u32(a.rdata, m->lease_ip[i]);
			if (qtype != GYL_DNS_TYPE_A && qtype != GYL_DNS_TYPE_ANY)
				break;
			show(m, "; an ", name, &a, GYL_DNS_TYPE_A);
			return DONE;
		}
	show_soa(m, zone);
	return DONE;
}

/* The topmost hole that the name lies in. */
static const struct hole *hole_over(const struct model *m, unsigned zone, const uint8_t *name)
{
	const struct hole *top = NULL;

	for (unsigned i = 0; i < m->hole_cnt; i++)
		if (m->hole[i].zone == zone && gyl_dns_name_is_under(name, m->hole[i].name) &&
			(top == NULL || gyl_dns_name_is_under(top->name, m->hole[i].name)))
			top = &m->hole[i];
	return top;
}

static bool hole_below(const struct model *m, unsigned zone, const uint8_t *name)
{
	for (unsigned i = 0; i < m->hole_cnt; i++)
		if (m->hole[i].zone == zone && gyl_dns_name_is_under(m->hole[i].name, name))
			return true;
	return false;
}

static enum step in_hole(struct model *m, const struct hole *h, const uint8_t *name, uint16_t qtype)
{
	if (h->action == GYL_DNS_HOLE_FORWARD)
		return forward(m, HOLE_GROUP + (unsigned)(h - m->hole), name);
	if (h->action == GYL_DNS_HOLE_REFUSE)
		return REFUSED;
	return leased(m, h->zone, name, qtype);
}

/* Step 3: match down, label by label. */
static enum step match(struct model *m, unsigned zone, uint8_t *name, uint16_t qtype, bool *aa)
{
	uint8_t off[GYL_DNS_LABEL_CNT_MAX], wild[GYL_DNS_NAME_MAX];
	unsigned cnt = gyl_dns_name_labels(name, off);
	unsigned left = cnt - gyl_dns_name_label_cnt(m->apex[zone]);
	const uint8_t *cur = m->apex[zone];

	for (;;) {
		bool at_end = left == 0;

		if (cur != m->apex[zone] && first(m, zone, cur, GYL_DNS_TYPE_NS) != NULL &&
			!(at_end && qtype == GYL_DNS_TYPE_DS)) {
			*aa = false;
			show_all(m, "; ns ", zone, cur, cur, GYL_DNS_TYPE_NS);
			return DONE;
		}
		if (hole_over(m, zone, cur) != NULL)
			return in_hole(m, hole_over(m, zone, cur), name, qtype);
		if (at_end)
			break;
		if (first(m, zone, cur, GYL_DNS_TYPE_DNAME) != NULL)
			return redirect(m, zone, cur, name, qtype);
		if (!exists(m, zone, name + off[left - 1]))
			break;
		cur = name + off[--left];
	}
	if (left == 0)
		return has_data(m, zone, name) ? data(m, zone, name, name, qtype)
					       : leased(m, zone, name, qtype);
	if (hole_over(m, zone, name) != NULL)
		return in_hole(m, hole_over(m, zone, name), name, qtype);
	gyl_dns_name_concat((const uint8_t *)"\001*", 2, cur, wild, NULL);
	if (exists(m, zone, wild))
		return data(m, zone, wild, name, qtype);
	show_soa(m, zone);
	return hole_below(m, zone, name) ? DONE : NXDOMAIN;
}

/* --- names of hosts that are in no zone --- */

static void show_made_soa(struct model *m, const uint8_t *top)
{
	gyl_text_str(&m->out, "; ns SOA ");
	gyl_dns_name_print(&m->out, top);
	gyl_text_str(&m->out, " 10");
}

/* The addresses that the file has for node, given to name. False: none. */
static bool show_hosts(struct model *m, const uint8_t *node, const uint8_t *name, uint16_t qtype,
	const uint8_t *top)
{
	bool any = false, wanted = qtype == GYL_DNS_TYPE_A || qtype == GYL_DNS_TYPE_ANY;

	for (unsigned i = 0; i < m->host_cnt; i++) {
		struct rr a = {.rdata_len = 4, .ttl = 60};
		bool again = false;

		if (!same(m->host[i].name, node))
			continue;
		any = true;
		for (unsigned j = 0; j < i; j++)
			again |= same(m->host[j].name, node) && m->host[j].ip == m->host[i].ip;
		gyl_set_u32(a.rdata, m->host[i].ip);
		if (wanted && !again)
			show(m, "; an ", name, &a, GYL_DNS_TYPE_A);
	}
	if (any && !wanted)
		show_made_soa(m, top);
	return any;
}

static bool host_exists(const struct model *m, const uint8_t *name)
{
	for (unsigned i = 0; i < m->host_cnt; i++)
		if (gyl_dns_name_is_under(m->host[i].name, name))
			return true;
	return false;
}

static bool has_wildcard(const struct model *m, const uint8_t *name)
{
	uint8_t wild[GYL_DNS_NAME_MAX];

	return !gyl_failed(gyl_dns_name_concat((const uint8_t *)"\001*", 2, name, wild, NULL)) &&
	       host_exists(m, wild);
}

/* The name at or above, nearest to the root, that has a wildcard; NULL: there is none. */
static const uint8_t *top_of(const struct model *m, const uint8_t *name)
{
	const uint8_t *top = NULL;

	for (; *name != 0; name = gyl_dns_name_parent(name))
		if (has_wildcard(m, name))
			top = name;
	return top;
}

static void show_top(struct model *m, const uint8_t *top, uint16_t qtype)
{
	struct rr ns = {.rdata_len = gyl_dns_name_len(top)};

	memcpy(ns.rdata, top, ns.rdata_len);
	if (qtype == GYL_DNS_TYPE_NS) {
		show(m, "; an ", top, &ns, GYL_DNS_TYPE_NS);
	} else if (qtype == GYL_DNS_TYPE_SOA || qtype == GYL_DNS_TYPE_ANY) {
		gyl_text_str(&m->out, "; an ");
		gyl_dns_name_print(&m->out, top);
		gyl_text_str(&m->out, " 10 SOA ");
		gyl_dns_name_print(&m->out, top);
		gyl_text_str(&m->out, " nobody.invalid. ");
		gyl_text_u64(&m->out, m->serial);
		gyl_text_str(&m->out, " 3600 1200 604800 10");
	} else {
		show_made_soa(m, top);
	}
}

static enum step match_hosts(struct model *m, const uint8_t *name, uint16_t qtype)
{
	const uint8_t *top = top_of(m, name), *encloser = name;
	uint8_t wild[GYL_DNS_NAME_MAX];

	if (show_hosts(m, name, name, qtype, top == NULL ? name : top))
		return DONE;
	if (top == NULL)
		return forward(m, 0, name);
	if (same(name, top)) {
		show_top(m, top, qtype);
		return DONE;
	}
	while (!host_exists(m, encloser))
		encloser = gyl_dns_name_parent(encloser);
	gyl_dns_name_concat((const uint8_t *)"\001*", 2, encloser, wild, NULL);
	if (encloser != name && host_exists(m, wild)) {
		/* the wildcard itself may be there for the sake of names below it only */
		if (!show_hosts(m, wild, name, qtype, top))
			show_made_soa(m, top);
		return DONE;
	}
	show_made_soa(m, top);
	return encloser == name ? DONE : NXDOMAIN;
}

/* Step 2: the nearest zone above; for DS of an apex the one above that. */
static int choose(const struct model *m, const uint8_t *name, uint16_t qtype)
{
	if (m->zone_cnt == 2 && gyl_dns_name_is_under(name, m->apex[1]) &&
		!(qtype == GYL_DNS_TYPE_DS && same(name, m->apex[1])))
		return 1;
	return gyl_dns_name_is_under(name, m->apex[0]) ? 0 : -1;
}

static const char *ask_model(struct model *m, const uint8_t *qname, uint16_t qtype)
{
	uint8_t been[GYL_DNS_CHAIN_MAX + 1][GYL_DNS_NAME_MAX], name[GYL_DNS_NAME_MAX];
	enum step step = NEXT;
	bool aa = true, first_aa = true, loop = false;
	int zone = 0;

	memcpy(name, qname, gyl_dns_name_len(qname));
	m->used_cnt = 0;
	gyl_writer_init(&m->out, m->body, sizeof m->body - 1);
	for (unsigned hop = 0; step == NEXT && hop < GYL_DNS_CHAIN_MAX && !loop; hop++) {
		zone = choose(m, name, qtype);
		memcpy(been[hop], name, sizeof name);
		step = zone < 0 ? match_hosts(m, name, qtype)
				: match(m, (unsigned)zone, name, qtype, &aa);
		if (hop == 0 && step == REFUSED)
			return "REFUSED";
		if (hop == 0)
			first_aa = aa;
		for (unsigned i = 0; i <= hop && step == NEXT; i++)
			loop |= same(been[i], name);
	}
	assert_true(gyl_writer_ok(&m->out));
	tabs_to_spaces(&m->out, 0);
	m->body[m->out.len] = '\0';
	if (step == FORWARD)
		return m->body;
	(void)snprintf(m->text, sizeof m->text, "%s%s%s",
		step == NXDOMAIN   ? "NXDOMAIN"
		: step == YXDOMAIN ? "YXDOMAIN"
				   : "NOERROR",
		first_aa ? " AA" : "", m->body);
	return m->text;
}

/* --- zones at random --- */

static void random_name(uint8_t name[GYL_DNS_NAME_MAX], const uint8_t *apex)
{
	static const char *const label[] = {"\001a", "\001b", "\001c", "\001*", "\002ab"};
	uint8_t tail[GYL_DNS_NAME_MAX];

	memcpy(name, apex, gyl_dns_name_len(apex));
	for (unsigned cnt = draw(5); cnt != 0; cnt--) {
		const char *l = label[draw(5)];

		memcpy(tail, name, gyl_dns_name_len(name));
		gyl_dns_name_concat((const uint8_t *)l, strlen(l), tail, name, NULL);
	}
}

static void random_target(const struct model *m, uint8_t name[GYL_DNS_NAME_MAX])
{
	static const uint8_t elsewhere[] = "\001x\007outside", hosts[] = "\001h";

	if (draw(8) == 0)
		random_name(name, hosts);
	else if (draw(12) == 0)
		memcpy(name, elsewhere, sizeof elsewhere);
	else
		random_name(name, m->apex[draw(m->zone_cnt)]);
}

static bool allowed(const struct model *m, const struct rr *r)
{
	bool wild = gyl_dns_name_is_wildcard(r->owner), apex = same(r->owner, m->apex[r->zone]);

	for (unsigned i = 0; i < m->rr_cnt; i++) {
		const struct rr *o = &m->rr[i];
		bool single = r->type == GYL_DNS_TYPE_CNAME || o->type == GYL_DNS_TYPE_CNAME ||
			      (r->type == GYL_DNS_TYPE_DNAME && o->type == GYL_DNS_TYPE_DNAME);

		if (o->zone != r->zone || !same(o->owner, r->owner))
			continue;
		if (single || (o->type == r->type && o->rdata_len == r->rdata_len &&
				      memcmp(o->rdata, r->rdata, r->rdata_len) == 0))
			return false;
	}
	return !(apex && (r->type == GYL_DNS_TYPE_CNAME || r->type == GYL_DNS_TYPE_DS)) &&
	       !(wild && r->type == GYL_DNS_TYPE_DS && r->zone == 1);
}

static void add(struct model *m, struct rr *r)
{
	if (m->rr_cnt < RR_MAX && allowed(m, r))
		m->rr[m->rr_cnt++] = *r;
}

static void random_rr(struct model *m)
{
	static const uint16_t type[] = {GYL_DNS_TYPE_A, GYL_DNS_TYPE_A, GYL_DNS_TYPE_TXT,
		GYL_DNS_TYPE_TXT, GYL_DNS_TYPE_MX, GYL_DNS_TYPE_CNAME, GYL_DNS_TYPE_CNAME,
		GYL_DNS_TYPE_CNAME, GYL_DNS_TYPE_NS, GYL_DNS_TYPE_DNAME, GYL_DNS_TYPE_DS};
	static const uint8_t ds[] = {
		0, 1, 8, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0};
	struct rr r = {.type = type[draw(TEST_CNT(type))], .zone = draw(m->zone_cnt)};

	random_name(r.owner, m->apex[r.zone]);
	if (r.type == GYL_DNS_TYPE_A) {
		gyl_set_u32(r.rdata, 0xc0000200u + draw(4));
		r.rdata_len = 4;
	} else if (r.type == GYL_DNS_TYPE_TXT) {
		r.rdata[0] = 1;
		r.rdata[1] = (uint8_t)('a' + draw(3));
		r.rdata_len = 2;
	} else if (r.type == GYL_DNS_TYPE_DS) {
		memcpy(r.rdata, ds, sizeof ds);
		r.rdata_len = sizeof ds;
	} else {
		size_t at = r.type == GYL_DNS_TYPE_MX ? 2 : 0;

		random_target(m, r.rdata + at);
		r.rdata_len = at + gyl_dns_name_len(r.rdata + at);
	}
	/* the compiler finds data below the apex of another zone served, and shadows it; so does
	 * choose() */
	add(m, &r);
}

static void add_apex(struct model *m, unsigned zone)
{
	struct rr soa = {.type = GYL_DNS_TYPE_SOA, .zone = zone},
		  ns = {.type = GYL_DNS_TYPE_NS, .zone = zone};

	memcpy(soa.owner, m->apex[zone], GYL_DNS_NAME_MAX);
	gyl_set_u32(soa.rdata + 2, 1);
	gyl_set_u32(soa.rdata + 18, 300);
	soa.rdata_len = 22;
	add(m, &soa);
	memcpy(ns.owner, m->apex[zone], GYL_DNS_NAME_MAX);
	ns.rdata_len = name_of("ns.outside.", ns.rdata);
	add(m, &ns);
	if (zone == 1) { /* the zone above delegates it */
		ns.zone = 0;
		add(m, &ns);
	}
}

static void print_zone(const struct model *m, unsigned zone, char *text, size_t cap)
{
	struct gyl_writer w;

	gyl_writer_init(&w, text, cap - 1);
	gyl_text_str(&w, "$TTL 3600\n");
	for (unsigned i = 0; i < m->rr_cnt; i++) {
		const struct rr *r = &m->rr[i];
		struct gyl_view rdata = gyl_view(r->rdata, r->rdata_len);
		struct gyl_dns_rr one = gyl_dns_rr_alone(r->type, GYL_DNS_CLASS_IN, rdata);

		if (r->zone != zone)
			continue;
		gyl_dns_name_print(&w, r->owner);
		gyl_text_char(&w, ' ');
		gyl_dns_type_print(&w, r->type);
		gyl_text_char(&w, ' ');
		gyl_dns_rdata_print(&w, rdata, &one);
		gyl_text_char(&w, '\n');
	}
	assert_true(gyl_writer_ok(&w));
	text[w.len] = '\0';
}

/* A domain of leases that is cut off is a zone of its own: test_proof.c. */
static bool cut_off(const struct model *m, const uint8_t *domain)
{
	for (unsigned i = 0; i < m->rr_cnt; i++)
		if (m->rr[i].type == GYL_DNS_TYPE_NS &&
			gyl_dns_name_is_under(domain, m->rr[i].owner) &&
			!same(m->rr[i].owner, m->apex[0]) &&
			!(m->zone_cnt == 2 && same(m->rr[i].owner, m->apex[1])))
			return true;
	return false;
}

static void add_leases(struct model *m, struct world *w)
{
	uint8_t domain[GYL_DNS_NAME_MAX], label[] = "\001a";

	for (unsigned i = draw(LEASE_MAX); i != 0; i--) {
		struct gyl_dns_lease l = {.ip = 0x0a000001 + i, .expiry_ns = UINT64_MAX}, old;
		int number;
		size_t len;

		random_name(domain, m->apex[0]);
		if (memchr(domain, '*', gyl_dns_name_len(domain)) != NULL)
			continue; /* dhcpd's domains have none, see core_lease.c */
		if (cut_off(m, domain))
			continue;
		label[1] = (uint8_t)('a' + draw(4));
		number = gyl_dns_overlay_domain(&w->overlay, domain);
		assert_true(number >= 0);
		gyl_dns_name_concat(label, 2, domain, l.name, &len);
		l.name_len = (uint8_t)len;
		l.domain = (uint8_t)number;
		l.mac[5] = (uint8_t)i;
		if (gyl_dns_overlay_set(&w->overlay, &l, &old) != GYL_DNS_LEASE_NEW)
			continue;
		memcpy(m->lease[m->lease_cnt], l.name, sizeof l.name);
		m->lease_ip[m->lease_cnt++] = l.ip;
	}
}

/* Would the compiler take it? Nothing may be hidden by it, and nothing may rule above it. */
static bool is_hole(const struct model *m, const struct hole *h)
{
	if (same(h->name, m->apex[h->zone]) ||
		memchr(h->name, '*', gyl_dns_name_len(h->name)) != NULL)
		return false;
	if (h->zone == 0 && m->zone_cnt == 2 && gyl_dns_name_is_under(h->name, m->apex[1]))
		return false;
	for (unsigned i = 0; i < m->rr_cnt; i++) {
		const struct rr *r = &m->rr[i];
		bool rules = (r->type == GYL_DNS_TYPE_NS && !same(r->owner, m->apex[r->zone])) ||
			     r->type == GYL_DNS_TYPE_DNAME;

		if (r->zone == h->zone &&
			(gyl_dns_name_is_under(r->owner, h->name) ||
				(rules && gyl_dns_name_is_under(h->name, r->owner))))
			return false;
	}
	return hole_over(m, h->zone, h->name) == NULL && !hole_below(m, h->zone, h->name);
}

static void random_holes(struct model *m)
{
	for (unsigned i = draw(4 * HOLE_MAX); i != 0 && m->hole_cnt < HOLE_MAX; i--) {
		struct hole h = {.zone = draw(m->zone_cnt), .action = 1 + draw(3)};

		random_name(h.name, m->apex[h.zone]);
		if (is_hole(m, &h))
			m->hole[m->hole_cnt++] = h;
	}
}

/* In a zone a host is a record, when the zone has none of the name. */
static void add_host(struct model *m, const struct host *h)
{
	struct rr a = {.type = GYL_DNS_TYPE_A, .rdata_len = 4, .ttl = 60, .from_hosts = true};
	int zone = choose(m, h->name, GYL_DNS_TYPE_A);

	m->host[m->host_cnt++] = *h;
	if (zone < 0)
		return;
	a.zone = (unsigned)zone;
	memcpy(a.owner, h->name, sizeof a.owner);
	gyl_set_u32(a.rdata, h->ip);
	for (unsigned i = 0; i < m->rr_cnt; i++)
		if (m->rr[i].zone == a.zone && same(m->rr[i].owner, a.owner) &&
			!m->rr[i].from_hosts)
			return;
	add(m, &a);
}

static void random_hosts(struct model *m)
{
	static const uint8_t outside[] = "\001h";

	for (unsigned i = draw(2 * HOST_MAX); i != 0 && m->host_cnt < HOST_MAX; i--) {
		struct host h = {.ip = 0xcb007100u + draw(3)};
		int zone;

		random_name(h.name, draw(3) == 0 ? m->apex[draw(m->zone_cnt)] : outside);
		zone = choose(m, h.name, GYL_DNS_TYPE_A);
		/* a host in a hole is refused */
		if (zone < 0 || hole_over(m, (unsigned)zone, h.name) == NULL)
			add_host(m, &h);
	}
}

/* What random_zones() has made, for the compiler. */
static const struct model *making;

static void fill(struct gyl_dns_compile *c)
{
	const struct model *m = making;
	char text[4096];
	struct gyl_writer w;

	for (unsigned i = 0; i < m->hole_cnt; i++)
		gyl_dns_compile_hole(c, m->apex[m->hole[i].zone], m->hole[i].name,
			m->hole[i].action, HOLE_GROUP + i);
	gyl_writer_init(&w, text, sizeof text);
	for (unsigned i = 0; i < m->host_cnt; i++) {
		gyl_text_ipv4(&w, m->host[i].ip);
		gyl_text_char(&w, ' ');
		gyl_dns_name_print(&w, m->host[i].name);
		gyl_text_char(&w, '\n');
	}
	assert_true(gyl_writer_ok(&w));
	gyl_dns_compile_hosts_text(c, "hosts", gyl_writer_view(&w));
	name_is(c, GYL_DNS_TABLE_ROUTE, ".", GYL_DNS_ROUTE_GROUP);
}

static struct world *random_zones(struct model *m)
{
	static char text[2][16384];
	struct zone_text zone[2] = {{"z.", text[0]}, {"b.z.", text[1]}};
	struct world *w;
	unsigned zone_cnt;

	memset(m, 0, sizeof *m);
	m->zone_cnt = zone_cnt = draw(2) == 0 ? 1 : 2;
	name_of("z.", m->apex[0]);
	name_of("b.z.", m->apex[1]);
	for (unsigned i = 0; i < m->zone_cnt; i++)
		add_apex(m, i);
	for (unsigned i = 4 + draw(30); i != 0; i--)
		random_rr(m);
	for (unsigned i = 0; i < m->zone_cnt; i++)
		print_zone(m, i, text[i], sizeof text[i]);
	random_holes(m);
	random_hosts(m);
	making = m;
	image_more = fill;
	w = world_open(zone, zone_cnt);
	with_cache(w);
	w->policy.lease_ttl_s = 3600;
	w->tcp = true; /* nothing is cut */
	add_leases(m, w);
	m->serial = w->overlay.serial;
	return w;
}

static void compare(struct model *m, struct world *w)
{
	static const uint8_t outside[] = "\001h";
	static const char *const qtypes[] = {
		"A", "TXT", "MX", "CNAME", "NS", "DNAME", "DS", "ANY", "SOA", "AAAA"};
	const char *qtype = qtypes[draw(TEST_CNT(qtypes))], *want;
	uint8_t qname[GYL_DNS_NAME_MAX];
	char text[GYL_DNS_NAME_TEXT_MAX], zone[16384], *extra;
	struct gyl_writer t;
	uint16_t type;

	random_name(qname, draw(4) == 0 ? outside : m->apex[draw(m->zone_cnt)]);
	gyl_writer_init(&t, text, sizeof text - 1);
	gyl_dns_name_print(&t, qname);
	text[t.len] = '\0';
	gyl_dns_type_parse(gyl_view_str(qtype), &type);
	ask_or_forward(w, text, qtype);
	extra = strstr(w->text, "; ar ");
	if (extra != NULL)
		*extra = '\0';
	want = ask_model(m, qname, type);
	if (strcmp(w->text, want) == 0)
		return;
	for (unsigned i = 0; i < m->zone_cnt; i++) {
		print_zone(m, i, zone, sizeof zone);
		print_message("%s", zone);
	}
	for (unsigned i = 0; i < m->hole_cnt; i++) {
		gyl_writer_init(&t, zone, sizeof zone - 1);
		gyl_dns_name_print(&t, m->hole[i].name);
		print_message("hole %u %.*s\n", m->hole[i].action, (int)t.len, zone);
	}
	for (unsigned i = 0; i < m->host_cnt; i++) {
		gyl_writer_init(&t, zone, sizeof zone - 1);
		gyl_dns_name_print(&t, m->host[i].name);
		print_message("host %08x %.*s\n", m->host[i].ip, (int)t.len, zone);
	}
	for (unsigned i = 0; i < m->lease_cnt; i++) {
		gyl_writer_init(&t, zone, sizeof zone - 1);
		gyl_dns_name_print(&t, m->lease[i]);
		print_message("lease %.*s\n", (int)t.len, zone);
	}
	fail_msg("%s %s\n  got   %s\n  model %s", text, qtype, w->text, want);
}

static void random_zones_answer_as_the_model_does(void **state)
{
	static struct model m;

	(void)state;
	for (unsigned i = 0; i < ZONES; i++) {
		struct world *w = random_zones(&m);

		for (unsigned j = 0; j < QUERIES; j++)
			compare(&m, w);
		world_close(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_zones_answer_as_the_model_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */

/*
 * The core against a model: RFC 1034 4.3.2 as it is written there, label by label from the top,
 * over a plain list of records. Zones are made at random from few labels, so that wildcards, cuts,
 * DNAMEs, empty non-terminals, chains, loops and names of leases meet in every combination.
 */

#include "tests/unit/dns/ask.h"

enum {
	RR_MAX = 64,
	LEASE_MAX = 6,
	ZONES = 600,
	QUERIES = 150
};

struct rr {
	uint8_t owner[GYL_DNS_NAME_MAX], rdata[300];
	size_t rdata_len;
	uint16_t type;
	unsigned zone;
};

struct model {
	struct rr rr[RR_MAX];
	unsigned rr_cnt;
	uint8_t apex[2][GYL_DNS_NAME_MAX];
	unsigned zone_cnt;
	uint8_t lease[LEASE_MAX][GYL_DNS_NAME_MAX];
	uint32_t lease_ip[LEASE_MAX];
	unsigned lease_cnt;
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
	gyl_text_str(&m->out, " 3600 ");
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
	NEXT
};

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
	gyl_dns_name_concat((const uint8_t *)"\001*", 2, cur, wild, NULL);
	if (exists(m, zone, wild))
		return data(m, zone, wild, name, qtype);
	show_soa(m, zone);
	return NXDOMAIN;
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
		if (zone < 0 && hop == 0)
			return "REFUSED";
		if (zone < 0)
			break;
		memcpy(been[hop], name, sizeof name);
		step = match(m, (unsigned)zone, name, qtype, &aa);
		if (hop == 0)
			first_aa = aa;
		for (unsigned i = 0; i <= hop && step == NEXT; i++)
			loop |= same(been[i], name);
	}
	assert_true(gyl_writer_ok(&m->out));
	tabs_to_spaces(&m->out, 0);
	m->body[m->out.len] = '\0';
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
	static const uint8_t elsewhere[] = "\001x\007outside";

	if (draw(12) == 0)
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
			!same(m->rr[i].owner, m->apex[0]) && !same(m->rr[i].owner, m->apex[1]))
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

static struct world *random_zones(struct model *m)
{
	static char text[2][16384];
	struct zone_text zone[2] = {{"z.", text[0]}, {"b.z.", text[1]}};
	struct world *w;

	memset(m, 0, sizeof *m);
	m->zone_cnt = 1 + draw(2);
	name_of("z.", m->apex[0]);
	name_of("b.z.", m->apex[1]);
	for (unsigned i = 0; i < m->zone_cnt; i++)
		add_apex(m, i);
	for (unsigned i = 4 + draw(30); i != 0; i--)
		random_rr(m);
	for (unsigned i = 0; i < m->zone_cnt; i++)
		print_zone(m, i, text[i], sizeof text[i]);
	w = world_open(zone, m->zone_cnt);
	w->policy.lease_ttl_s = 3600;
	w->tcp = true; /* nothing is cut */
	add_leases(m, w);
	return w;
}

static void compare(struct model *m, struct world *w)
{
	static const char *const qtypes[] = {
		"A", "TXT", "MX", "CNAME", "NS", "DNAME", "DS", "ANY", "SOA", "AAAA"};
	const char *qtype = qtypes[draw(TEST_CNT(qtypes))], *want;
	uint8_t qname[GYL_DNS_NAME_MAX];
	char text[GYL_DNS_NAME_TEXT_MAX], zone[16384], *extra;
	struct gyl_writer t;
	uint16_t type;

	random_name(qname, m->apex[draw(m->zone_cnt)]);
	gyl_writer_init(&t, text, sizeof text - 1);
	gyl_dns_name_print(&t, qname);
	text[t.len] = '\0';
	gyl_dns_type_parse(gyl_view_str(qtype), &type);
	ask(w, text, qtype);
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

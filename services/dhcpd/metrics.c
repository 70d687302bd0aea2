/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/metrics.h"

#include "services/dhcpd/standby.h"

/*
 * Every counter of the core, by name. Rows of one family stand together; with several rows a family
 * has a label that tells them apart. GYL_DHCPD_SILENCE is told by reason, below.
 */
static const struct row {
	enum gyl_dhcpd_count count;
	const char *family, *help;
	const char *label, *val;
} rows[] = {
	{GYL_DHCPD_IN, "guyline_dhcpd_received_total", "Datagrams that came, readable or not.",
		NULL, NULL},
	{GYL_DHCPD_IN_BAD, "guyline_dhcpd_unreadable_total",
		"Datagrams that are no DHCP or BOOTP message.", NULL, NULL},
	{GYL_DHCPD_IN_LENIENT, "guyline_dhcpd_lenient_total",
		"Messages with an option that had to be passed over.", NULL, NULL},
	{GYL_DHCPD_OUT_OFFER, "guyline_dhcpd_replies_total", "Replies by type.", "type", "offer"},
	{GYL_DHCPD_OUT_ACK, "guyline_dhcpd_replies_total", "Replies by type.", "type", "ack"},
	{GYL_DHCPD_OUT_NAK, "guyline_dhcpd_replies_total", "Replies by type.", "type", "nak"},
	{GYL_DHCPD_OUT_BOOTP, "guyline_dhcpd_replies_total", "Replies by type.", "type", "bootp"},
	{GYL_DHCPD_OUT_QUERY, "guyline_dhcpd_replies_total", "Replies by type.", "type",
		"leasequery"},
	{GYL_DHCPD_FULL, "guyline_dhcpd_pool_exhausted_total",
		"Messages that asked for an address when none was free.", NULL, NULL},
	{GYL_DHCPD_UNSTORED, "guyline_dhcpd_store_full_total",
		"Leases that were not given because the store had no room.", NULL, NULL},
	{GYL_DHCPD_LIMITED_LEASES, "guyline_dhcpd_limited_leases_total",
		"Addresses refused to devices that hold client_leases.", NULL, NULL},
	{GYL_DHCPD_LIMITED_OFFERS, "guyline_dhcpd_limited_offers_total",
		"Offers that replaced another one to the same device.", NULL, NULL},
	{GYL_DHCPD_LIMITED_DECLINES, "guyline_dhcpd_limited_declines_total",
		"Declines of devices that declined client_declines addresses already.", NULL, NULL},
	{GYL_DHCPD_LIMITED_SHARE, "guyline_dhcpd_limited_share_total",
		"Addresses refused because a circuit, bridge or relay holds its share.", NULL,
		NULL},
	{GYL_DHCPD_OUT_PROBE, "guyline_dhcpd_probes_total", "ARP probes for free addresses.", NULL,
		NULL},
	{GYL_DHCPD_SQUATTED, "guyline_dhcpd_squatted_total",
		"Addresses of pools found in use by somebody who did not get them here.", NULL,
		NULL},
	{GYL_DHCPD_SQUEEZED, "guyline_dhcpd_squeezed_total",
		"Pending offers and declined addresses given to another client.", NULL, NULL},
	{GYL_DHCPD_V6_ONLY, "guyline_dhcpd_ipv6_only_offers_total",
		"Offers to clients that can do without IPv4 (RFC 8925): no address was kept.", NULL,
		NULL},
};

static const char *const type_names[GYL_DHCPD_TYPE_OTHER + 1] = {"bootp", "discover", "offer",
	"request", "decline", "ack", "nak", "release", "inform", "forcerenew", "leasequery",
	"leaseunassigned", "leaseunknown", "leaseactive", "bulkleasequery", "leasequerydone",
	"other"};

const char *gyl_dhcpd_type_text(unsigned type)
{
	return type_names[type < GYL_DHCPD_TYPE_OTHER ? type : GYL_DHCPD_TYPE_OTHER];
}

bool gyl_dhcpd_metrics_has(enum gyl_dhcpd_count count)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].count == count)
			return true;
	return count == GYL_DHCPD_SILENCE;
}

static void put_counts(const struct gyl_dhcpd_stat *st, struct gyl_metrics *m)
{
	const char *family = "";

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *r = &rows[i];
		struct gyl_metrics_label label = {
			r->label, gyl_view_str(r->val == NULL ? "" : r->val)};

		if (!gyl_view_eq(gyl_view_str(r->family), gyl_view_str(family)))
			gyl_metrics_family(m, r->family, GYL_METRICS_COUNTER, r->help);
		family = r->family;
		gyl_metrics_u64(m, &label, r->label != NULL, st->count[r->count]);
	}
}

static void put_types(const struct gyl_dhcpd_stat *st, struct gyl_metrics *m)
{
	gyl_metrics_family(m, "guyline_dhcpd_messages_total", GYL_METRICS_COUNTER,
		"Messages of clients and relays by type.");
	for (unsigned i = 0; i <= GYL_DHCPD_TYPE_OTHER; i++) {
		struct gyl_metrics_label label = {"type", gyl_view_str(type_names[i])};

		gyl_metrics_u64(m, &label, 1, st->type[i]);
	}
}

static void put_silence(const struct gyl_dhcpd *d, struct gyl_metrics *m)
{
	const struct gyl_dhcpd_silence *s;

	gyl_metrics_family(m, "guyline_dhcpd_silence_total", GYL_METRICS_COUNTER,
		"Messages that got no answer, by reason.");
	for (uint32_t i = 0; (s = gyl_dhcpd_silence(d, i)) != NULL; i++) {
		struct gyl_metrics_label label = {"reason", gyl_view_str(s->reason)};

		gyl_metrics_u64(m, &label, 1, s->cnt);
	}
}

/* ---- pools ---- */

enum {
	SUBNET_TEXT = 24
};

struct pool_labels {
	struct gyl_metrics_label label[3];
	size_t cnt;
	uint8_t text[SUBNET_TEXT];
};

static void pool_labels(struct pool_labels *x, const struct gyl_dhcpd_pool_stat *p)
{
	struct gyl_writer w;

	gyl_writer_init(&w, x->text, sizeof x->text);
	gyl_text_ipv4(&w, p->ip);
	gyl_text_char(&w, '/');
	gyl_text_u64(&w, gyl_conf_mask_len(p->mask));
	x->label[0] = (struct gyl_metrics_label){"subnet", gyl_writer_view(&w)};
	x->cnt = 1;
	if (p->class.len != 0)
		x->label[x->cnt++] = (struct gyl_metrics_label){"class", p->class};
}

static void put_states(const struct gyl_dhcpd_pool_stat *p, struct gyl_metrics *m)
{
	const struct {
		const char *name;
		uint32_t cnt;
	} state[] = {{"free", p->free}, {"offered", p->offered}, {"leased", p->leased},
		{"declined", p->declined}, {"reserved", p->reserved}};
	struct pool_labels x;

	pool_labels(&x, p);
	for (size_t i = 0; i < sizeof state / sizeof state[0]; i++) {
		x.label[x.cnt] = (struct gyl_metrics_label){"state", gyl_view_str(state[i].name)};
		gyl_metrics_u64(m, x.label, x.cnt + 1, state[i].cnt);
	}
}

static void put_size(const struct gyl_dhcpd_pool_stat *p, struct gyl_metrics *m)
{
	struct pool_labels x;

	pool_labels(&x, p);
	gyl_metrics_u64(m, x.label, x.cnt, p->size);
}

static void put_full(const struct gyl_dhcpd_pool_stat *p, struct gyl_metrics *m)
{
	struct pool_labels x;

	pool_labels(&x, p);
	if (p->full_in_s == UINT32_MAX)
		gyl_metrics_inf(m, x.label, x.cnt);
	else
		gyl_metrics_u64(m, x.label, x.cnt, p->full_in_s);
}

static void put_pools(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_metrics *m)
{
	static const struct {
		const char *family, *help;
		void (*put)(const struct gyl_dhcpd_pool_stat *p, struct gyl_metrics *m);
	} families[] = {
		{"guyline_dhcpd_pool_addresses", "Addresses of a subnet's pools by state.",
			put_states},
		{"guyline_dhcpd_pool_size", "Addresses of a subnet's pools.", put_size},
		{"guyline_dhcpd_pool_full_seconds",
			"When a subnet's pools are full if it goes on as in the last minutes; "
			"+Inf: they do not fill.",
			put_full},
	};
	struct gyl_dhcpd_pool_stat p;

	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
		gyl_metrics_family(m, families[i].family, GYL_METRICS_GAUGE, families[i].help);
		for (uint32_t n = 0; gyl_dhcpd_pool_stat(d, mono_ns, n, &p); n++)
			families[i].put(&p, m);
	}
}

void gyl_dhcpd_metrics(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_metrics *m)
{
	struct gyl_dhcpd_stat st;

	gyl_dhcpd_stat(d, &st);
	put_types(&st, m);
	put_counts(&st, m);
	put_silence(d, m);
	gyl_metrics_gauge(m, "guyline_dhcpd_leases", "Addresses that are leased.", st.lease_cnt);
	gyl_metrics_gauge(m, "guyline_dhcpd_known_addresses",
		"Addresses of which anything is known, former leases among them.", st.slot_cnt);
	put_pools(d, mono_ns, m);
	gyl__dhcpd_standby_metrics(d, mono_ns, m);
}

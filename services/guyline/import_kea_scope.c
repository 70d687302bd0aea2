/* SPDX-License-Identifier: ISC */

/* Kea's configuration: what stands where. */

#include <gyl/text.h>

#include "services/guyline/import_kea.h"

/* ---- reservations ---- */

static void read_mac(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	uint8_t mac[6];

	if (!gyl__kea_text(r, n))
		return;
	if (gyl_failed(gyl_parse_mac(n->text, mac)))
		gyl__kea_left(r, n, "expected a MAC address");
	else
		gyl__import_set(
			r->i, s->obj, to, gyl__import_text(r->i, gyl__import_at(n), n->text));
}

/* Octets in hexadecimal, or text in single quotes. */
static void read_octets(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	uint8_t buf[256];
	struct gyl_writer w;
	struct gyl_view v = n->text;

	if (!gyl__kea_text(r, n))
		return;
	gyl_writer_init(&w, buf, sizeof buf);
	if (v.len >= 2 && v.p[0] == '\'' && v.p[v.len - 1] == '\'')
		gyl_put_view(&w, gyl_view_sub(v, 1, v.len - 2));
	else if (!gyl__import_hex(v, &w))
		gyl_writer_fail(&w, GYL_E_SYNTAX);
	if (!gyl_writer_ok(&w) || w.len == 0)
		gyl__kea_left(r, n, "expected octets in hexadecimal or text in single quotes");
	else
		gyl__import_set(r->i, s->obj, to,
			gyl__import_octets(r->i, gyl__import_at(n), gyl_writer_view(&w)));
}

static void read_hostname(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	const uint8_t *dot;

	if (!gyl__kea_text(r, n) || n->text.len == 0)
		return;
	dot = memchr(n->text.p, '.', n->text.len);
	if (dot != NULL)
		gyl__import_but(r->i, gyl__kea_at(n), n->text,
			"its first label is the name, the domain is that of the subnet");
	gyl__import_set(r->i, s->obj, to,
		gyl__import_text(r->i, gyl__import_at(n),
			gyl_view_sub(n->text, 0,
				dot == NULL ? n->text.len : (size_t)(dot - n->text.p))));
}

static const struct gyl_kea_key host_keys[] = {
	{"hw-address", read_mac, "mac"},
	{"client-id", read_octets, "client_id"},
	{"circuit-id", read_octets, "circuit_id"},
	{"ip-address", gyl__kea_ip, "address"},
	{"hostname", read_hostname, "hostname"},
	{"next-server", gyl__kea_ip, "next_server"},
	{"server-hostname", gyl__kea_string, "server_name"},
	{"boot-file-name", gyl__kea_string, "boot_file"},
	{"option-data", gyl__kea_options, NULL},
	{"user-context", NULL, NULL},
	{"comment", NULL, NULL},
	{NULL, NULL, NULL},
};

static void read_hosts(
	struct gyl_kea *r, struct gyl_kea_scope *up, const struct gyl_conf_node *n, const char *to)
{
	(void)to;
	if (!gyl__kea_is(r, n, GYL_CONF_IS_LIST))
		return;
	for (const struct gyl_conf_node *at = n->first; at != NULL; at = at->next) {
		struct gyl_kea_scope *s = gyl__kea_scope(r, up, gyl__import_at(at));

		s->unasked = true;
		gyl__kea_keys(r, s, at, host_keys);
		gyl__kea_encapsulate(r, s);
		gyl_conf_node_add(r->i->hosts, s->obj);
	}
}

/* ---- pools and subnets ---- */

static void read_class_name(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)to;
	if (gyl__kea_text(r, n))
		s->class_name = gyl_conf_copy(r->i->c, n->text);
}

/* Kea 3 has a list of them, any of which will do. */
static void read_class_names(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	if (n->kind == GYL_CONF_IS_LIST && n->cnt == 1) {
		read_class_name(r, s, n->first, to);
	} else {
		gyl__kea_left(r, n, "a pool is everybody's or of one class; this one is left out");
		s->out = true;
	}
}

static void read_range(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	uint32_t first, last, len;

	(void)to;
	if (!gyl__kea_text(r, n))
		return;
	if (gyl__import_prefix(n->text, &first, &len))
		last = first | ~gyl_conf_mask(len);
	else if (!gyl__import_range(n->text, &first, &last)) {
		gyl__kea_left(r, n, "expected a range of addresses");
		return;
	}
	gyl__import_range_add(r->i, s->ranges, gyl__import_at(n), first, last);
}

static const struct gyl_kea_key pool_keys[] = {
	{"pool", read_range, NULL},
	{"client-class", read_class_name, NULL},
	{"client-classes", read_class_names, NULL},
	{"option-data", gyl__kea_options, NULL},
	{"pool-id", NULL, NULL},
	{"id", NULL, NULL},
	{"user-context", NULL, NULL},
	{"comment", NULL, NULL},
	{NULL, NULL, NULL},
};

static bool has_open_pool(const struct gyl_conf_node *pools)
{
	const struct gyl_conf_node *n = pools->first;

	while (n != NULL && (gyl__import_get(n, "client-class") != NULL ||
				    gyl__import_get(n, "client-classes") != NULL))
		n = n->next;
	return n != NULL;
}

/* A subnet that is for a class alone has pools for the class alone. */
static void read_pools(struct gyl_kea *r, struct gyl_kea_scope *subnet,
	const struct gyl_conf_node *n, const char *to)
{
	(void)to;
	if (!gyl__kea_is(r, n, GYL_CONF_IS_LIST))
		return;
	for (const struct gyl_conf_node *at = n->first; at != NULL; at = at->next) {
		struct gyl_kea_scope *s = gyl__kea_scope(r, subnet, gyl__import_at(at));
		struct gyl_import_pool p = {
			.subnet = subnet->obj, .obj = s->obj, .at = gyl__import_at(at)};

		s->ranges = p.ranges = gyl__import_node(r->i, GYL_CONF_IS_LIST, p.at);
		gyl__kea_keys(r, s, at, pool_keys);
		gyl__kea_encapsulate(r, s);
		p.class_name = s->class_name.len != 0 ? s->class_name : subnet->class_name;
		if (s->out || subnet->out)
			continue;
		gyl__import_pool_add(r->i, &p);
		if (s->class_name.len != 0 && subnet->class_name.len == 0 && has_open_pool(n))
			gyl__import_but(r->i, p.at, s->class_name,
				"members get this pool before the others; for Kea all of theirs are alike");
	}
}

static void read_prefix(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	uint32_t ip, len;

	if (!gyl__kea_text(r, n))
		return;
	if (!gyl__import_prefix(n->text, &ip, &len)) {
		gyl__kea_left(r, n, "expected a network");
		return;
	}
	gyl__import_set(r->i, s->obj, to,
		gyl__import_text(r->i, gyl__import_at(n),
			gyl__import_printf(r->i, "%u.%u.%u.%u/%u", (unsigned)(ip >> 24),
				(unsigned)(ip >> 16 & 255), (unsigned)(ip >> 8 & 255),
				(unsigned)(ip & 255), (unsigned)len)));
}

/* Relays inside the subnet are found by their address anyway. */
static void read_relay(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	const struct gyl_conf_node *list = gyl__import_get(n, "ip-addresses"), *one;
	const struct gyl_conf_node *subnet =
		n->parent == NULL ? NULL : gyl__import_get(n->parent, "subnet");
	uint32_t net = 0, len = 0, ip = 0;
	bool inside = subnet != NULL && gyl__import_prefix(subnet->text, &net, &len);

	(void)s;
	(void)to;
	for (one = list == NULL ? NULL : list->first; one != NULL; one = one->next)
		inside = inside && !gyl_failed(gyl_parse_ipv4(one->text, &ip)) &&
			 (ip & gyl_conf_mask(len)) == net;
	one = gyl__import_get(n, "ip-address");
	if (one != NULL)
		inside = inside && !gyl_failed(gyl_parse_ipv4(one->text, &ip)) &&
			 (ip & gyl_conf_mask(len)) == net;
	if (!inside)
		gyl__kea_left(r, n, "a relay is found by its own address in the subnet only");
}

/* The text "" is none. */
static void read_interface(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	(void)to;
	if (gyl__kea_text(r, n) && n->text.len != 0)
		gyl__kea_left(r, n,
			"a subnet is found by the addresses of interfaces and relays, never by name");
}

/* Whether reservations of the whole service count somewhere is the same everywhere here. */
static void read_global(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	(void)to;
	if (n->kind == GYL_CONF_IS_BOOL)
		r->has_global = r->has_global || gyl_view_eq(n->text, gyl_view_str("true"));
	else
		gyl__kea_left(r, n, "expected true or false");
}

static const char in_subnet[] = "reservations of a subnet always count here";

/* Before the pools, wherever they stand. */
static const struct gyl_kea_key subnet_keys[] = {
	{"subnet", read_prefix, "subnet"},
	{"client-class", read_class_name, NULL},
	{"client-classes", read_class_names, NULL},
	{"valid-lifetime", gyl__kea_seconds, "lease_time"},
	{"max-valid-lifetime", gyl__kea_seconds, "max_lease_time"},
	{"next-server", gyl__kea_ip, "next_server"},
	{"server-hostname", gyl__kea_string, "server_name"},
	{"boot-file-name", gyl__kea_string, "boot_file"},
	{"match-client-id", gyl__kea_match_id, "ignore_client_id"},
	{"option-data", gyl__kea_options, NULL},
	{"authoritative", gyl__kea_bool, "authoritative"},
	{"renew-timer", gyl__kea_time_left, NULL},
	{"rebind-timer", gyl__kea_time_left, NULL},
	{"relay", read_relay, NULL},
	{"pools", NULL, NULL},
	{"reservations", NULL, NULL},
	{"subnet4", NULL, NULL},
	{"name", NULL, NULL},
	{"id", NULL, NULL},
	{"interface", read_interface, NULL},
	{"reservation-mode", gyl__kea_mode, NULL},
	{"reservations-global", read_global, NULL},
	{"reservations-in-subnet", gyl__kea_always, in_subnet},
	{"reservations-out-of-pool", gyl__kea_moot, NULL},
	{"calculate-tee-times", gyl__kea_moot, NULL},
	{"store-extended-info", gyl__kea_moot, NULL},
	{"user-context", NULL, NULL},
	{"comment", NULL, NULL},
	{NULL, NULL, NULL},
};

/* A lease time without a maximum beside it is what everybody gets. */
static void bound_time(struct gyl_kea *r, struct gyl_kea_scope *s)
{
	const struct gyl_conf_node *time = gyl__import_get(s->obj, "lease_time");

	if (time != NULL && gyl__import_get(s->obj, "max_lease_time") == NULL)
		gyl__import_set(r->i, s->obj, "max_lease_time", gyl__import_copy(r->i, time));
}

/* Authority is the whole service's here. */
static void lift_authority(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n)
{
	struct gyl_conf_node *own = gyl__import_get(s->obj, "authoritative");
	const struct gyl_conf_node *all = gyl__import_get(r->i->dhcpd, "authoritative");

	if (own == NULL)
		return;
	gyl__import_drop(s->obj, own);
	if (all == NULL || !gyl_view_eq(all->text, own->text))
		gyl__kea_left(r, gyl__import_get(n, "authoritative"),
			"for some subnets only; here it is for all or none");
}

static void read_subnet(struct gyl_kea *r, struct gyl_kea_scope *up, const struct gyl_conf_node *n,
	struct gyl_view shared)
{
	struct gyl_kea_scope *s = gyl__kea_scope(r, up, gyl__import_at(n));
	const struct gyl_conf_node *pools = gyl__import_get(n, "pools"),
				   *hosts = gyl__import_get(n, "reservations");

	gyl__kea_keys(r, s, n, subnet_keys);
	if (gyl__import_get(s->obj, "subnet") == NULL) {
		gyl__import_left(r->i, gyl__import_at(n), gyl_view_str("subnet4"), "no subnet");
		return;
	}
	if (s->class_name.len == 0 && up->up != NULL)
		s->class_name = up->class_name;
	bound_time(r, s);
	gyl__kea_encapsulate(r, s);
	lift_authority(r, s, n);
	if (shared.len != 0) {
		gyl__import_inherit(r->i, s->obj, up->obj);
		gyl__import_set(
			r->i, s->obj, "shared", gyl__import_text(r->i, gyl__import_at(n), shared));
	}
	gyl_conf_node_add(r->i->subnets, s->obj);
	if (pools != NULL)
		read_pools(r, s, pools, NULL);
	if (hosts != NULL)
		read_hosts(r, s, hosts, NULL);
}

static void read_subnets(struct gyl_kea *r, struct gyl_kea_scope *up, const struct gyl_conf_node *n,
	struct gyl_view shared)
{
	if (!gyl__kea_is(r, n, GYL_CONF_IS_LIST))
		return;
	for (const struct gyl_conf_node *at = n->first; at != NULL; at = at->next)
		if (at->kind == GYL_CONF_IS_OBJECT)
			read_subnet(r, up, at, shared);
		else
			gyl__import_left(
				r->i, gyl__import_at(at), n->key, "expected objects in the list");
}

static void read_shared(
	struct gyl_kea *r, struct gyl_kea_scope *up, const struct gyl_conf_node *n, const char *to)
{
	(void)to;
	if (!gyl__kea_is(r, n, GYL_CONF_IS_LIST))
		return;
	for (const struct gyl_conf_node *at = n->first; at != NULL; at = at->next) {
		struct gyl_kea_scope *s = gyl__kea_scope(r, up, gyl__import_at(at));
		const struct gyl_conf_node *name = gyl__import_get(at, "name"),
					   *list = gyl__import_get(at, "subnet4"),
					   *hosts = gyl__import_get(at, "reservations");

		gyl__kea_keys(r, s, at, subnet_keys);
		bound_time(r, s);
		gyl__kea_encapsulate(r, s);
		lift_authority(r, s, at);
		if (list != NULL)
			read_subnets(r, s, list,
				name != NULL && name->text.len != 0 ? name->text
								    : gyl_view_str("shared"));
		if (hosts != NULL)
			read_hosts(r, s, hosts, NULL);
	}
}

static void read_list(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)to;
	read_subnets(r, s, n, gyl_view_str(""));
}

/* ---- the service ---- */

static void read_elsewhere(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	gyl__kea_left(r, n, to);
}

static const struct gyl_kea_key first_keys[] = {
	{"authoritative", gyl__kea_bool, "authoritative"},
	{"valid-lifetime", gyl__kea_seconds, "lease_time"},
	{"min-valid-lifetime", gyl__kea_seconds, "min_lease_time"},
	{"max-valid-lifetime", gyl__kea_seconds, "max_lease_time"},
	{"decline-probation-period", gyl__kea_seconds, "decline_time"},
	{"offer-lifetime", gyl__kea_seconds, "offer_time"},
	{"next-server", gyl__kea_ip, "next_server"},
	{"server-hostname", gyl__kea_string, "server_name"},
	{"boot-file-name", gyl__kea_string, "boot_file"},
	{"match-client-id", gyl__kea_match_id, "ignore_client_id"},
	{"option-data", gyl__kea_options, NULL},
	{"interfaces-config", gyl__kea_interfaces, NULL},
	{"renew-timer", gyl__kea_time_left, NULL},
	{"rebind-timer", gyl__kea_time_left, NULL},
	{"lease-database", read_elsewhere,
		"leases are in Guyline's own store; see guyline import --leases"},
	{"loggers", read_elsewhere, "see \"log\" at the top"},
	{"control-socket", read_elsewhere, "see \"control\" at the top"},
	{"hooks-libraries", read_elsewhere, "there are no hooks"},
	{"client-classes", NULL, NULL},
	{"subnet4", NULL, NULL},
	{"shared-networks", NULL, NULL},
	{"reservations", NULL, NULL},
	{"option-def", NULL, NULL},
	{"echo-client-id", gyl__kea_always,
		"the client identifier is always given back (RFC 6842)"},
	{"host-reservation-identifiers", gyl__kea_identifiers, NULL},
	{"reservation-mode", gyl__kea_mode, NULL},
	{"reservations-global", read_global, NULL},
	{"reservations-in-subnet", gyl__kea_always, in_subnet},
	{"reservations-out-of-pool", gyl__kea_moot, NULL},
	{"reservations-lookup-first", gyl__kea_never, "classes do not look at reservations here"},
	{"ddns-send-updates", gyl__kea_never, "no DNS updates are sent"},
	{"expired-leases-processing", read_elsewhere,
		"an address stays its last client's until somebody needs it"},
	{"calculate-tee-times", gyl__kea_moot, NULL},
	{"store-extended-info", gyl__kea_moot, NULL},
	{"multi-threading", gyl__kea_moot, NULL},
	{"dhcp-queue-control", gyl__kea_moot, NULL},
	{"parked-packet-limit", gyl__kea_moot, NULL},
	{"sanity-checks", gyl__kea_moot, NULL},
	{"server-tag", gyl__kea_moot, NULL},
	{"statistic-default-sample-age", gyl__kea_moot, NULL},
	{"statistic-default-sample-count", gyl__kea_moot, NULL},
	{"user-context", NULL, NULL},
	{"comment", NULL, NULL},
	{NULL, NULL, NULL},
};

/* Kea looks at them only where it is told to. */
static void tell_global(struct gyl_kea *r, const struct gyl_conf_node *n)
{
	if (n != NULL && n->cnt != 0 && !r->has_global)
		gyl__import_but(r->i, gyl__kea_at(n), n->key,
			"for Kea they do not count without \"reservations-global\", here they do");
}

/* Classes come before those who are for them. */
void gyl__kea_global(struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *dhcp4)
{
	static const struct {
		const char *name;
		gyl_kea_read *read;
	} later[] = {{"client-classes", gyl__kea_classes}, {"shared-networks", read_shared},
		{"subnet4", read_list}, {"reservations", read_hosts}};
	const struct gyl_conf_node *authority;

	gyl__kea_keys(r, s, dhcp4, first_keys);
	authority = gyl__import_get(s->obj, "authoritative");
	if (authority != NULL)
		gyl__import_set(
			r->i, r->i->dhcpd, "authoritative", gyl__import_copy(r->i, authority));
	for (size_t k = 0; k < sizeof later / sizeof later[0]; k++) {
		const struct gyl_conf_node *n = gyl__import_get(dhcp4, later[k].name);

		if (n != NULL)
			later[k].read(r, s, n, NULL);
	}
	tell_global(r, gyl__import_get(dhcp4, "reservations"));
}

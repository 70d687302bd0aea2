/* SPDX-License-Identifier: ISC */

/* ISC's dhcpd.conf: statements of a line. */

#include <gyl/text.h>

#include "services/guyline/import_isc.h"

typedef bool reader(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key);

static bool read_time(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	uint64_t v;
	bool forever = gyl__import_lex_is(&r->lex, "infinite") || gyl__import_lex_is(&r->lex, "-1");

	if (!forever && (r->lex.tok.kind != GYL_IMPORT_WORD ||
				gyl_failed(gyl_parse_u64(r->lex.tok.text, UINT32_MAX, &v))))
		return gyl__import_lex_expected(&r->lex, "a number of seconds");
	if (forever)
		v = UINT32_MAX;
	gyl__import_lex_next(&r->lex);
	if (s->kind == GYL_ISC_HOST || (s->kind == GYL_ISC_CLASS && key[0] == 'm') ||
		(s->kind != GYL_ISC_FILE && key[1] == 'i'))
		return gyl__isc_leave(
			r, &start, "times belong to subnets here, or to the whole service");
	/* In a group of hosts it would be a time of hosts, in one of subnets a time of these. */
	gyl__import_set(r->i, s->obj, key, gyl__import_seconds(r->i, start.at, v));
	return gyl__isc_semicolon(r);
}

static bool read_authoritative(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	bool negated = key[0] == '!';

	(void)start;
	if (negated && !gyl__import_lex_take(&r->lex, "authoritative"))
		return gyl__import_lex_expected(&r->lex, "'authoritative'");
	s->authoritative = negated ? -1 : 1;
	return gyl__isc_semicolon(r);
}

static bool read_range(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	struct gyl_import_place at;
	uint32_t ip[2];
	unsigned cnt = 0;

	(void)key;
	if (gyl__import_lex_is(&r->lex, "dynamic-bootp")) {
		gyl__import_but(r->i, r->lex.tok.at, r->lex.tok.text,
			"clients of BOOTP get the addresses of reservations only; others get these");
		gyl__import_lex_next(&r->lex);
	}
	at = r->lex.tok.at;
	while (cnt < 2 && r->lex.tok.kind == GYL_IMPORT_WORD) {
		if (gyl_failed(gyl_parse_ipv4(r->lex.tok.text, &ip[cnt])))
			return gyl__import_lex_expected(&r->lex, "an IPv4 address");
		cnt++;
		gyl__import_lex_next(&r->lex);
	}
	if (cnt == 0)
		return gyl__import_lex_expected(&r->lex, "an IPv4 address");
	if (cnt == 1)
		ip[1] = ip[0];
	if (ip[0] > ip[1]) { /* ISC swaps them */
		uint32_t low = ip[1];

		ip[1] = ip[0];
		ip[0] = low;
	}
	if ((s->kind & (GYL_ISC_SUBNET | GYL_ISC_POOL | GYL_ISC_SHARED)) == 0)
		return gyl__isc_leave(r, &start, "cannot stand here");
	gyl__import_range_add(r->i, s->ranges, at, ip[0], ip[1]);
	return gyl__isc_semicolon(r);
}

static bool read_hardware(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	uint8_t buf[32];
	struct gyl_writer w;

	(void)key;
	if (s->kind != GYL_ISC_HOST)
		return gyl__isc_leave(r, &start, "cannot stand here");
	if (!gyl__import_lex_take(&r->lex, "ethernet"))
		return gyl__isc_leave(r, &start, "reservations by hardware know Ethernet only");
	gyl_writer_init(&w, buf, sizeof buf);
	if (r->lex.tok.kind != GYL_IMPORT_WORD || !gyl__import_hex(r->lex.tok.text, &w) ||
		w.len != 6)
		return gyl__import_lex_expected(&r->lex, "a MAC address");
	gyl__import_set(r->i, s->obj, "mac",
		gyl__import_text(r->i, r->lex.tok.at,
			gyl__import_printf(r->i, "%02x:%02x:%02x:%02x:%02x:%02x", buf[0], buf[1],
				buf[2], buf[3], buf[4], buf[5])));
	gyl__import_lex_next(&r->lex);
	return gyl__isc_semicolon(r);
}

static bool read_address(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	(void)key;
	if (s->kind != GYL_ISC_HOST)
		return gyl__isc_leave(r, &start, "cannot stand here");
	do {
		uint32_t ip;

		if (r->lex.tok.kind != GYL_IMPORT_WORD)
			return gyl__import_lex_expected(&r->lex, "an IPv4 address");
		if (gyl_failed(gyl_parse_ipv4(r->lex.tok.text, &ip)))
			gyl__import_left(r->i, r->lex.tok.at, r->lex.tok.text,
				"names are not looked up: write its address");
		else
			gyl_conf_node_add(s->address, gyl__import_ip(r->i, r->lex.tok.at, ip));
		gyl__import_lex_next(&r->lex);
	} while (gyl__import_lex_take(&r->lex, ","));
	return gyl__isc_semicolon(r);
}

static bool read_next_server(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	uint32_t ip;

	if (r->lex.tok.kind != GYL_IMPORT_WORD)
		return gyl__import_lex_expected(&r->lex, "an IPv4 address");
	if (gyl_failed(gyl_parse_ipv4(r->lex.tok.text, &ip)))
		return gyl__isc_leave(r, &start, "names are not looked up: write its address");
	gyl__import_set(r->i, s->obj, key, gyl__import_ip(r->i, r->lex.tok.at, ip));
	gyl__import_lex_next(&r->lex);
	return gyl__isc_semicolon(r);
}

static bool read_string(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	if (r->lex.tok.kind != GYL_IMPORT_STRING)
		return gyl__import_lex_expected(&r->lex, "a string in double quotes");
	if (r->lex.tok.text.len != 0)
		gyl__import_set(
			r->i, s->obj, key, gyl__import_text(r->i, r->lex.tok.at, r->lex.tok.text));
	else if (s->kind != GYL_ISC_FILE)
		gyl__import_left(r->i, start.at, start.text,
			"an empty one does not switch off here what counts for all");
	gyl__import_lex_next(&r->lex);
	return gyl__isc_semicolon(r);
}

static bool read_ddns_hostname(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	if (s->kind != GYL_ISC_HOST || r->lex.tok.kind != GYL_IMPORT_STRING)
		return gyl__isc_leave(r, &start, "names are given to hosts only");
	return read_string(r, s, start, key);
}

static bool is_on(const struct gyl_isc *r)
{
	return gyl__import_lex_is(&r->lex, "on") || gyl__import_lex_is(&r->lex, "true");
}

static bool read_ignore_id(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	bool on = is_on(r);

	if ((s->kind & (GYL_ISC_FILE | GYL_ISC_SHARED | GYL_ISC_SUBNET)) == 0)
		return gyl__isc_leave(r, &start, "for subnets or the whole service only");
	gyl__import_set(r->i, s->obj, key, gyl__import_bool(r->i, start.at, on));
	gyl__import_lex_next(&r->lex);
	return gyl__isc_semicolon(r);
}

/* ISC asks by ICMP, Guyline by ARP; either may be told not to. */
static bool read_ping(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	bool on = is_on(r);

	if (s->kind != GYL_ISC_FILE)
		return gyl__isc_leave(r, &start, "for the whole service only");
	gyl__import_set(r->i, s->obj, key, gyl__import_bool(r->i, start.at, on));
	gyl__import_lex_next(&r->lex);
	return gyl__isc_semicolon(r);
}

/* What is so here anyway, whatever it says or when it says that. */
static bool read_nothing(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	(void)s;
	if (key != NULL && !gyl__import_lex_is(&r->lex, key))
		return gyl__isc_leave(r, &start, "there is nothing like it here");
	return gyl__import_lex_skip(&r->lex);
}

static bool read_moot(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	(void)s;
	(void)key;
	gyl__import_moot(r->i, start.at, start.text);
	return gyl__import_lex_skip(&r->lex);
}

/* Without it ISC does not tell hosts the names that they have in the file; see name_host(). */
static bool read_decl_names(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	(void)s;
	(void)start;
	(void)key;
	r->names_told = r->names_told || is_on(r);
	return gyl__import_lex_skip(&r->lex);
}

static bool read_vendor_space(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	(void)start;
	(void)key;
	if (r->lex.tok.kind != GYL_IMPORT_WORD)
		return gyl__import_lex_expected(&r->lex, "the name of an option space");
	s->vendor_space = r->lex.tok.text;
	gyl__import_lex_next(&r->lex);
	return gyl__isc_semicolon(r);
}

/* `allow members of "x"` of a pool; of the rest only what is so here anyway is passed over. */
static bool read_permit(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	bool allow = key[0] == '+';

	if (gyl__import_lex_take(&r->lex, "members")) {
		if (!gyl__import_lex_take(&r->lex, "of") ||
			(r->lex.tok.kind != GYL_IMPORT_STRING &&
				r->lex.tok.kind != GYL_IMPORT_WORD))
			return gyl__import_lex_expected(&r->lex, "'of' and the name of a class");
		if (allow && s->kind == GYL_ISC_POOL && s->member_of.len == 0) {
			s->member_of = r->lex.tok.text;
			gyl__import_lex_next(&r->lex);
			return gyl__isc_semicolon(r);
		}
		if (!allow && s->kind == GYL_ISC_POOL && s->denied.len == 0) {
			s->denied = r->lex.tok.text;
			s->denied_at = start.at;
			gyl__import_lex_next(&r->lex);
			return gyl__isc_semicolon(r);
		}
		s->restricted = true;
		return gyl__isc_leave(
			r, &start, "a pool is everybody's or of one class; this one is left out");
	}
	if (allow && (gyl__import_lex_is(&r->lex, "booting") ||
			     gyl__import_lex_is(&r->lex, "unknown-clients") ||
			     gyl__import_lex_is(&r->lex, "unknown") ||
			     gyl__import_lex_is(&r->lex, "bootp") ||
			     gyl__import_lex_is(&r->lex, "leasequery") ||
			     gyl__import_lex_is(&r->lex, "declines") ||
			     gyl__import_lex_is(&r->lex, "all"))) {
		/* In a pool, `allow unknown-clients` shuts the known ones out. */
		if (s->kind != GYL_ISC_POOL || gyl__import_lex_is(&r->lex, "all"))
			return gyl__import_lex_skip(&r->lex);
	}
	/* BOOTP in a pool is `dynamic bootp clients`, who get nothing from pools. */
	if (!allow && (gyl__import_lex_is(&r->lex, "client-updates") ||
			      gyl__import_lex_is(&r->lex, "dynamic") ||
			      (gyl__import_lex_is(&r->lex, "bootp") && s->kind == GYL_ISC_POOL)))
		return gyl__import_lex_skip(&r->lex);
	if (!allow && gyl__import_lex_is(&r->lex, "bootp"))
		return gyl__isc_leave(r, &start, "clients of BOOTP get their reservations here");
	if (s->kind == GYL_ISC_POOL) {
		s->restricted = true;
		return gyl__isc_leave(
			r, &start, "a pool is everybody's or of one class; this one is left out");
	}
	return gyl__isc_leave(r, &start, "there is nothing like it here");
}

static bool read_option(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	(void)key;
	return gyl__isc_option(r, s, start);
}

static bool read_match(
	struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start, const char *key)
{
	(void)key;
	if (s->kind != GYL_ISC_CLASS)
		return gyl__isc_leave(r, &start, "cannot stand here");
	return gyl__isc_match(r, s, start);
}

static const struct {
	const char *word;
	reader *read;
	const char *key;
} words[] = {
	{"option", read_option, NULL},
	{"range", read_range, NULL},
	{"default-lease-time", read_time, "lease_time"},
	{"max-lease-time", read_time, "max_lease_time"},
	{"min-lease-time", read_time, "min_lease_time"},
	{"authoritative", read_authoritative, "+"},
	{"not", read_authoritative, "!"},
	{"hardware", read_hardware, NULL},
	{"fixed-address", read_address, NULL},
	{"next-server", read_next_server, "next_server"},
	{"filename", read_string, "boot_file"},
	{"server-name", read_string, "server_name"},
	{"ddns-hostname", read_ddns_hostname, "hostname"},
	{"vendor-option-space", read_vendor_space, NULL},
	{"ignore-client-uids", read_ignore_id, "ignore_client_id"},
	{"ping-check", read_ping, "probe"},
	{"allow", read_permit, "+"},
	{"deny", read_permit, "-"},
	{"ignore", read_permit, "-"},
	{"match", read_match, NULL},
	/* So it is here, too. */
	{"ddns-update-style", read_nothing, "none"},
	{"ddns-updates", read_nothing, "off"},
	{"one-lease-per-client", read_nothing, "on"},
	{"use-host-decl-names", read_decl_names, NULL},
	{"get-lease-hostnames", read_nothing, "off"},
	{"stash-agent-options", read_nothing, "true"},
	{"always-reply-rfc1048", read_nothing, "true"},
	{"echo-client-id", read_nothing, "true"},
	{"always-broadcast", read_nothing, "off"},
	{"boot-unknown-clients", read_nothing, "true"},
	{"lease-file-name", read_moot, NULL},
	{"pid-file-name", read_moot, NULL},
	{"db-time-format", read_moot, NULL},
	{"delayed-ack", read_moot, NULL},
	{"max-ack-delay", read_moot, NULL},
	{"dhcp-cache-threshold", read_moot, NULL},
	{"update-static-leases", read_moot, NULL},
	{"ping-timeout", read_moot, NULL},
};

bool gyl__isc_word(struct gyl_isc *r, struct gyl_isc_scope *s, bool *ret_known)
{
	struct gyl_import_token start = r->lex.tok;

	for (size_t n = 0; n < sizeof words / sizeof words[0]; n++) {
		if (!gyl__import_lex_is(&r->lex, words[n].word))
			continue;
		*ret_known = true;
		gyl__import_lex_next(&r->lex);
		return words[n].read(r, s, start, words[n].key);
	}
	return true;
}

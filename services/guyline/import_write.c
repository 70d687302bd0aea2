/* SPDX-License-Identifier: ISC */

/* Leases as other servers keep them: `guyline leases --export FORMAT`. */

#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/guyline/import_lease.h"
#include "services/guyline/import_own.h"

enum {
	LINE_MAX_LEN = 4096,
	SUBNET_MAX = 1024
};

struct out {
	FILE *f;
	uint64_t now_s;
	struct gyl_writer w; /* of the lease that is being written */
	uint8_t line[LINE_MAX_LEN];
	struct gyl_view subnet[SUBNET_MAX]; /* Kea's numbers of them, from 1 */
	size_t subnet_cnt;
};

typedef void writer(struct out *o, const struct gyl_lease *l);

static void put_octets(struct gyl_writer *w, struct gyl_view v, char between)
{
	for (size_t n = 0; n < v.len; n++) {
		if (n != 0)
			gyl_text_char(w, between);
		gyl_text_hex_u64(w, v.p[n], 2);
	}
}

static void put_str(struct out *o, const char *s)
{
	gyl_text_str(&o->w, s);
}

/* An hour before the end, when it is not known or makes no sense. */
static uint64_t start_of(const struct gyl_lease *l)
{
	if (l->end_s == UINT64_MAX || (l->start_s != 0 && l->start_s <= l->end_s))
		return l->start_s;
	return l->end_s < 3600 ? 0 : l->end_s - 3600;
}

/* ---- ISC ---- */

/* "4 2026/11/19 09:15:02" */
static void isc_time(struct out *o, const char *word, uint64_t s)
{
	struct gyl_civil c;

	put_str(o, word);
	if (s == UINT64_MAX) {
		put_str(o, " never;\n");
		return;
	}
	gyl_time_civil((int64_t)s, &c);
	gyl_text_char(&o->w, ' ');
	gyl_text_u64(&o->w, c.wday);
	gyl_text_char(&o->w, ' ');
	gyl_text_u64_pad(&o->w, (uint64_t)c.year, 4);
	gyl_text_char(&o->w, '/');
	gyl_text_u64_pad(&o->w, c.month, 2);
	gyl_text_char(&o->w, '/');
	gyl_text_u64_pad(&o->w, c.day, 2);
	gyl_text_char(&o->w, ' ');
	gyl_text_u64_pad(&o->w, c.hour, 2);
	gyl_text_char(&o->w, ':');
	gyl_text_u64_pad(&o->w, c.minute, 2);
	gyl_text_char(&o->w, ':');
	gyl_text_u64_pad(&o->w, c.second, 2);
	put_str(o, ";\n");
}

/* Octets that are no plain text as three octal digits. */
static void isc_string(struct out *o, const char *word, struct gyl_view v)
{
	put_str(o, word);
	put_str(o, " \"");
	for (size_t n = 0; n < v.len; n++) {
		if (v.p[n] >= ' ' && v.p[n] <= '~' && v.p[n] != '"' && v.p[n] != '\\') {
			gyl_text_char(&o->w, (char)v.p[n]);
			continue;
		}
		gyl_text_char(&o->w, '\\');
		gyl_text_u64(&o->w, v.p[n] >> 6);
		gyl_text_u64(&o->w, v.p[n] >> 3 & 7);
		gyl_text_u64(&o->w, v.p[n] & 7);
	}
	put_str(o, "\";\n");
}

static void write_isc(struct out *o, const struct gyl_lease *l)
{
	put_str(o, "lease ");
	gyl_text_ipv4(&o->w, l->ip);
	put_str(o, " {\n");
	isc_time(o, "  starts", start_of(l));
	isc_time(o, "  ends", l->end_s);
	put_str(o, l->declined   ? "  binding state abandoned;\n"
		   : l->released ? "  binding state free;\n"
				 : "  binding state active;\n  next binding state free;\n");
	if (l->has_mac) {
		put_str(o, "  hardware ethernet ");
		gyl_text_mac(&o->w, l->mac);
		put_str(o, ";\n");
	}
	if (l->id.len != 0)
		isc_string(o, "  uid", l->id);
	if (l->name.len != 0)
		isc_string(o, "  client-hostname", l->name);
	put_str(o, "}\n");
}

/* ---- Kea ---- */

/* The number that the subnet has in this file; 0 when it is not known. */
static size_t subnet_number(struct out *o, struct gyl_view subnet)
{
	size_t n = 0;

	if (subnet.len == 0)
		return 0;
	while (n < o->subnet_cnt && !gyl_view_eq(o->subnet[n], subnet))
		n++;
	if (n == o->subnet_cnt && n < SUBNET_MAX)
		o->subnet[o->subnet_cnt++] = subnet;
	return n + 1;
}

/* Of what Kea takes for a length; 0 would be a removal. */
static uint64_t length_of(const struct gyl_lease *l)
{
	uint64_t s = l->end_s == UINT64_MAX ? UINT32_MAX : l->end_s - start_of(l);

	return s > UINT32_MAX ? UINT32_MAX : s == 0 ? 1 : s;
}

static void write_kea(struct out *o, const struct gyl_lease *l)
{
	struct gyl_writer *w = &o->w;

	gyl_text_ipv4(w, l->ip);
	gyl_text_char(w, ',');
	if (l->has_mac)
		gyl_text_mac(w, l->mac);
	gyl_text_char(w, ',');
	put_octets(w, l->id, ':');
	gyl_text_char(w, ',');
	gyl_text_u64(w, length_of(l));
	gyl_text_char(w, ',');
	/* Kea, too, adds the longest time there is, which means no end. */
	gyl_text_u64(w, l->end_s == UINT64_MAX ? o->now_s + UINT32_MAX : l->end_s);
	gyl_text_char(w, ',');
	gyl_text_u64(w, subnet_number(o, l->subnet));
	put_str(o, ",0,0,");
	gyl_put_view(w, l->name);
	put_str(o, l->declined ? ",1,\n" : l->released ? ",2,\n" : ",0,\n");
}

/* ---- dnsmasq ---- */

/* Only what lives is in its file, and by MAC. */
static void write_dnsmasq(struct out *o, const struct gyl_lease *l)
{
	if (l->declined || l->released || !l->has_mac || l->end_s <= o->now_s)
		return;
	gyl_text_u64(&o->w, l->end_s == UINT64_MAX ? 0 : l->end_s);
	gyl_text_char(&o->w, ' ');
	gyl_text_mac(&o->w, l->mac);
	gyl_text_char(&o->w, ' ');
	gyl_text_ipv4(&o->w, l->ip);
	gyl_text_char(&o->w, ' ');
	if (l->name.len != 0)
		gyl_put_view(&o->w, l->name);
	else
		gyl_text_char(&o->w, '*');
	gyl_text_char(&o->w, ' ');
	if (l->id.len != 0)
		put_octets(&o->w, l->id, ':');
	else
		gyl_text_char(&o->w, '*');
	gyl_text_char(&o->w, '\n');
}

/* ---- our own ---- */

static void put_time(struct gyl_writer *w, uint64_t s)
{
	if (s == UINT64_MAX)
		gyl_text_str(w, "infinite");
	else if (s != 0)
		gyl_time_print_rfc3339(w, gyl_time_from_s(s), 0);
}

static const char *state_of(const struct gyl_lease *l)
{
	return l->declined ? "declined" : l->released ? "released" : "leased";
}

static void json_text(struct gyl_json *j, const char *key, struct gyl_writer *text)
{
	if (text->len != 0)
		gyl_json_str(j, key, gyl_writer_view(text));
	text->len = 0;
}

static void write_json(struct out *o, const struct gyl_lease *l)
{
	uint8_t buf[2 * 255];
	struct gyl_writer t;
	struct gyl_json j;

	gyl_writer_init(&t, buf, sizeof buf);
	gyl_json_init(&j, &o->w);
	gyl_json_obj(&j, NULL);
	gyl_text_ipv4(&t, l->ip);
	json_text(&j, "ip", &t);
	gyl_json_cstr(&j, "state", state_of(l));
	if (l->has_mac)
		gyl_text_mac(&t, l->mac);
	json_text(&j, "mac", &t);
	gyl_text_hex(&t, l->id);
	json_text(&j, "id", &t);
	if (l->name.len != 0)
		gyl_json_str(&j, "name", l->name);
	put_time(&t, l->start_s);
	json_text(&j, "start", &t);
	put_time(&t, l->end_s);
	json_text(&j, "end", &t);
	if (l->giaddr != 0)
		gyl_text_ipv4(&t, l->giaddr);
	json_text(&j, "relay", &t);
	gyl_text_hex(&t, l->option82);
	json_text(&j, "option82", &t);
	if (l->subnet.len != 0)
		gyl_json_str(&j, "subnet", l->subnet);
	gyl_json_end(&j);
	gyl_text_char(&o->w, '\n');
}

static void write_csv(struct out *o, const struct gyl_lease *l)
{
	gyl_text_ipv4(&o->w, l->ip);
	gyl_text_char(&o->w, ',');
	put_str(o, state_of(l));
	gyl_text_char(&o->w, ',');
	if (l->has_mac)
		gyl_text_mac(&o->w, l->mac);
	gyl_text_char(&o->w, ',');
	gyl_text_hex(&o->w, l->id);
	gyl_text_char(&o->w, ',');
	gyl_put_view(&o->w, l->name);
	gyl_text_char(&o->w, ',');
	put_time(&o->w, l->start_s);
	gyl_text_char(&o->w, ',');
	put_time(&o->w, l->end_s);
	gyl_text_char(&o->w, ',');
	gyl_put_view(&o->w, l->subnet);
	gyl_text_char(&o->w, ',');
	if (l->giaddr != 0)
		gyl_text_ipv4(&o->w, l->giaddr);
	gyl_text_char(&o->w, ',');
	gyl_text_hex(&o->w, l->option82);
	gyl_text_char(&o->w, '\n');
}

/* ---- all of them ---- */

static const struct {
	const char *title;
	writer *write;
} kinds[] = {
	[GYL_LEASE_ISC] = {"# leases of Guyline\nauthoring-byte-order little-endian;\n\n",
		write_isc},
	[GYL_LEASE_KEA] = {"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,"
			   "fqdn_rev,hostname,state,user_context\n",
		write_kea},
	[GYL_LEASE_DNSMASQ] = {"", write_dnsmasq},
	[GYL_LEASE_JSON] = {"", write_json},
	[GYL_LEASE_CSV] = {"address,state,mac,client_id,name,start,end,subnet,relay,option82\n",
		write_csv},
};

/* A name with a comma or a blank in it would be two fields. Ours have none; others' might. */
static bool is_plain(struct gyl_view name)
{
	for (size_t n = 0; n < name.len; n++)
		if (name.p[n] <= ' ' || name.p[n] > '~' || name.p[n] == ',')
			return false;
	return true;
}

bool gyl_leases_write(struct gyl_leases *l, enum gyl_lease_form form, uint64_t now_s, FILE *out)
{
	struct out *o = gyl_conf_alloc(l->i->c, sizeof *o);

	o->f = out;
	o->now_s = now_s;
	fputs(kinds[form].title, out);
	gyl_leases_sort(l);
	for (size_t n = 0; n < l->cnt; n++) {
		struct gyl_lease lease = *l->sorted[n];

		if (!is_plain(lease.name))
			lease.name.len = 0;
		gyl_writer_init(&o->w, o->line, sizeof o->line);
		kinds[form].write(o, &lease);
		if (gyl_writer_ok(&o->w))
			fwrite(o->line, 1, o->w.len, out);
	}
	return !ferror(out) && fflush(out) == 0;
}

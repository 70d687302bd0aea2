/* SPDX-License-Identifier: ISC */

/* `guyline leases --export FORMAT`: what a daemon tells of its leases, as a file of another server.
 */

#include "services/guyline/export.h"

#include <gyl/text.h>
#include <gyl/time.h>
#include <sysexits.h>
#include <time.h>

#include "services/guyline/import_lease.h"
#include "services/guyline/import_own.h"

static uint64_t seconds(const struct gyl_ask_row *row, const char *member)
{
	const char *text = gyl_ask_text(row, member);
	uint64_t ns = 0;

	if (text != NULL)
		(void)gyl_time_parse_rfc3339(gyl_view_str(text), &ns);
	return ns / GYL_NS_PER_S;
}

static void read_octets(struct gyl_import *i, const char *text, struct gyl_view *ret)
{
	struct gyl_view v = gyl_view_str(text);
	struct gyl_writer w;

	gyl_writer_init(&w, gyl_conf_alloc(i->c, v.len + 1), v.len + 1);
	if (gyl__import_hex(v, &w)) /* of a long identifier only a digest is known */
		*ret = gyl_writer_view(&w);
}

static bool row(void *arg, const struct gyl_ask_row *r, FILE *out)
{
	struct gyl_leases *l = arg;
	struct gyl_lease lease = {0};
	const char *ip = gyl_ask_text(r, "ip"), *mac = gyl_ask_text(r, "mac"),
		   *id = gyl_ask_text(r, "id"), *name = gyl_ask_text(r, "name"),
		   *state = gyl_ask_text(r, "state"), *subnet = gyl_ask_text(r, "subnet"),
		   *relay = gyl_ask_text(r, "relay"), *option82 = gyl_ask_text(r, "option82");

	(void)out;
	if (ip == NULL || state == NULL ||
		gyl_failed(gyl_parse_ipv4(gyl_view_str(ip), &lease.ip)) ||
		strcmp(state, "offered") == 0)
		return true;
	lease.has_mac = mac != NULL && !gyl_failed(gyl_parse_mac(gyl_view_str(mac), lease.mac));
	if (id != NULL)
		read_octets(l->i, id, &lease.id);
	if (option82 != NULL)
		read_octets(l->i, option82, &lease.option82);
	if (relay != NULL)
		(void)gyl_parse_ipv4(gyl_view_str(relay), &lease.giaddr);
	lease.name = gyl_view_str(name == NULL ? "" : name);
	lease.subnet = gyl_view_str(subnet == NULL ? "" : subnet);
	lease.declined = strcmp(state, "declined") == 0;
	lease.released = strcmp(state, "released") == 0;
	lease.start_s = seconds(r, "since");
	lease.end_s = seconds(r, "expiry");
	/* Events cut the fraction of a second; no lease ends sooner than told. */
	lease.end_s++;
	gyl_leases_put(l, &lease);
	return true;
}

int gyl_leases_export(
	const struct gyl_tool *t, const struct gyl_tool_request *q, const char *format)
{
	enum gyl_lease_form form;
	struct gyl_import *i;
	struct gyl_leases l;
	struct gyl_ask a = {.row = row, .arg = &l};
	int status;

	if (!gyl_lease_form(format, &form)) {
		fprintf(stderr, "guyline: formats are isc, kea, dnsmasq, json and csv\n");
		return EX_USAGE;
	}
	i = gyl_import_new();
	gyl_leases_init(&l, i);
	status = gyl_tool_ask(t, "dhcpd", q, &a);
	if (status == 0 && !gyl_leases_write(&l, form, (uint64_t)time(NULL), stdout)) {
		fprintf(stderr, "guyline: standard output cannot be written\n");
		status = EX_IOERR;
	}
	gyl_leases_free(&l);
	gyl_import_free(i);
	return status;
}

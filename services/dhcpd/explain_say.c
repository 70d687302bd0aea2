/* SPDX-License-Identifier: ISC */

/* Decisions as sentences, for people, and as JSON, for tools. */

#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/state.h"
#include "services/dhcpd/steer.h"

/* What a reason means to who has to do something about it. */
static const char *hint(const char *reason)
{
	static const struct {
		const char *reason, *hint;
	} hints[] = {
		{"no subnet is configured for where it comes from",
			"Look at the port's VLAN or at the relay's address, or configure that subnet."},
		{"no address is free",
			"guyline pools shows how full the subnet is; shorter leases or another pool help."},
		{"the client is not known here",
			"Another server may know it; if there is none, it starts anew by itself within minutes."},
		{"the address is not of this network",
			"It came from another network with its old address and starts anew at once."},
		{"the address is not the client's", "It starts anew at once."},
		{"the address is not available",
			"Somebody else has it by now, or it is of no pool; the client starts anew at once."},
		{"another address is reserved for the client",
			"It starts anew at once and gets the reserved one."},
		{"it chose another server",
			"If that server is not yours, somebody runs one of his own: guyline hosts finds it."},
		{"it says of nobody that it is from",
			"It has neither a hardware address nor a client identifier: its software is broken."},
		{"the device holds as many leases as it may",
			"One network card asks for many addresses: a machine with others inside, or somebody who empties the pool. client_leases says how many it may have."},
		{"the circuit or bridge holds its share of the pool",
			"Behind one port of a relay, or one bridge, so many have addresses; circuit_share says how many may."},
		{"the relay holds its share of the pool",
			"Behind one relay so many have addresses; relay_share says how many may."},
		{"giaddr can be no relay's",
			"A relay has a wrong address in it, or somebody forges messages."},
		{"it asks for no address",
			"Its software is broken; turn its network off and on again."},
		{"BOOTP is answered for reserved addresses alone",
			"guyline dhcp reserve gives it an address."},
		{"the store is full: who has a lease keeps it, newcomers wait until leases end",
			"df on the state directory tells whether the disk is; shorter leases end sooner."},
	};

	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
		if (gyl_view_eq(gyl_view_str(hints[i].reason), gyl_view_str(reason)))
			return hints[i].hint;
	return NULL;
}

static const char *type_name(uint8_t type)
{
	const char *name = gyl_dhcp_type_name(type);

	return type == 0 ? "BOOTP" : name == NULL ? "message" : name;
}

static const char *message_name(const struct gyl_dhcpd_decision *n)
{
	return (n->flags & GYL_DHCPD_UNREADABLE) != 0 ? "message" : type_name(n->type);
}

static void print_from(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_decision *n, struct gyl_writer *w)
{
	if (n->giaddr != 0) {
		gyl_text_str(w, " by the relay ");
		gyl_text_ipv4(w, n->giaddr);
	} else if (n->iface < d->iface_cnt && d->iface[n->iface].ip != 0) {
		gyl_text_str(w, " on the link of ");
		gyl_text_ipv4(w, d->iface[n->iface].ip);
	} else {
		gyl_text_str(w, " on interface ");
		gyl_text_u64(w, n->iface);
	}
	if (n->vlan != 0) {
		gyl_text_str(w, ", VLAN ");
		gyl_text_u64(w, n->vlan);
	}
}

static void print_answer(const struct gyl_dhcpd_decision *n, struct gyl_writer *w)
{
	if ((n->flags & GYL_DHCPD_UNREADABLE) != 0) {
		gyl_text_str(w, ": could not be read, because ");
	} else if ((n->flags & GYL_DHCPD_ANSWERED) == 0) {
		gyl_text_str(w, ": not answered, because ");
	} else if (n->reply == GYL_DHCP_NAK) {
		gyl_text_str(w, ": refused (NAK), because ");
	} else {
		gyl_text_str(w, n->reply == GYL_DHCP_OFFER ? ": offered " : ": given ");
		if (n->ip != 0)
			gyl_text_ipv4(w, n->ip);
		else
			gyl_text_str(w, "what it asked for");
		gyl_text_str(w, ", ");
	}
}

void gyl__dhcpd_explain_print(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_decision *n, struct gyl_writer *w)
{
	const char *more = hint(n->reason);

	gyl_text_str(w, message_name(n));
	if (n->asked != 0 && (n->asked != n->ip || n->reply == GYL_DHCP_NAK)) {
		gyl_text_str(w, " for ");
		gyl_text_ipv4(w, n->asked);
	}
	print_from(d, n, w);
	print_answer(n, w);
	gyl_text_str(w, n->reason);
	gyl_text_char(w, '.');
	if (n->again != 0) {
		gyl_text_str(w, " The same ");
		gyl_text_u64(w, n->again);
		gyl_text_str(w, n->again == 1 ? " time before." : " times before.");
	}
	if (more != NULL && (n->flags & GYL_DHCPD_UNREADABLE) == 0) {
		gyl_text_char(w, ' ');
		gyl_text_str(w, more);
	}
}

static void json_time(struct gyl_json *j, const char *key, uint64_t wall_ns)
{
	uint8_t buf[40];
	struct gyl_writer t;

	gyl_writer_init(&t, buf, sizeof buf);
	gyl_time_print_rfc3339(&t, wall_ns, 3);
	gyl_json_str(j, key, gyl_writer_view(&t));
}

static void json_who(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_decision *n, struct gyl_json *j)
{
	uint8_t buf[24];
	struct gyl_writer w;

	if ((n->flags & GYL_DHCPD_HAS_MAC) != 0)
		gyl_json_mac(j, "mac", n->mac);
	gyl_json_u64(j, "xid", n->xid);
	if (n->giaddr != 0)
		gyl_json_ipv4(j, "relay", n->giaddr);
	else if (n->iface < d->iface_cnt)
		gyl_json_ipv4(j, "link", d->iface[n->iface].ip);
	if (n->vlan != 0)
		gyl_json_u64(j, "vlan", n->vlan);
	if (n->prefix <= 32) {
		gyl_writer_init(&w, buf, sizeof buf);
		gyl_text_ipv4(&w, n->subnet);
		gyl_text_char(&w, '/');
		gyl_text_u64(&w, n->prefix);
		gyl_json_str(j, "subnet", gyl_writer_view(&w));
	}
	if (n->asked != 0)
		gyl_json_ipv4(j, "asked", n->asked);
}

static void json_classes(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_decision *n, struct gyl_json *j)
{
	const struct gyl_dhcpd_layout *y = d->layout;

	if (n->class_bits == 0)
		return;
	gyl_json_arr(j, "classes");
	for (uint32_t i = 0; i < y->class_cnt; i++)
		if ((n->class_bits >> i & 1) != 0)
			gyl_json_str(j, NULL, gyl_flat_view(y->flat, y->class[i].cf->name));
	gyl_json_end(j);
}

void gyl__dhcpd_explain_json(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_decision *n, struct gyl_writer *w)
{
	uint8_t buf[700];
	struct gyl_writer sentence;
	struct gyl_json j;

	gyl_json_init(&j, w);
	gyl_json_obj(&j, NULL);
	gyl_json_cstr(&j, "what", "decision");
	json_time(&j, "time", n->wall_ns);
	gyl_json_cstr(&j, "message", message_name(n));
	json_who(d, n, &j);
	if ((n->flags & GYL_DHCPD_ANSWERED) != 0)
		gyl_json_cstr(&j, "reply", type_name(n->reply));
	if (n->ip != 0)
		gyl_json_ipv4(&j, "ip", n->ip);
	gyl_json_cstr(&j, "reason", n->reason);
	if ((n->flags & GYL_DHCPD_RESERVED) != 0)
		gyl_json_bool(&j, "reserved", true);
	json_classes(d, n, &j);
	if (n->again != 0)
		gyl_json_u64(&j, "again", n->again);
	gyl_writer_init(&sentence, buf, sizeof buf);
	gyl__dhcpd_explain_print(d, n, &sentence);
	gyl_json_str(&j, "sentence", gyl_writer_view(&sentence));
	gyl_json_end(&j);
	gyl_text_char(w, '\n');
}

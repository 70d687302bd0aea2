/* SPDX-License-Identifier: ISC */

/*
 * The interfaces: those of the list, or the one that the short keys describe. Both ways end in the
 * same checks, each error at the key that was written.
 */

#include <stdarg.h>
#include <stdio.h>

#include "conf/top.h"

#include "conf/node.h"

enum {
	PATH_LEN = 48
};

/* An interface under check, and where it is written. */
struct it {
	const struct gyl_flat *f;
	struct gyl_conf_check *ck;
	struct gyl_top_iface i;
	const struct gyl_conf_prefix *addr;
	uint32_t number;
	bool listed;
};

__attribute__((format(printf, 3, 4))) static void fail(
	const struct it *it, const char *key, const char *fmt, ...)
{
	char path[PATH_LEN], text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (it->listed)
		snprintf(path, sizeof path, "interfaces.%u%s%s", (unsigned)it->number,
			key[0] == '\0' ? "" : ".", key);
	else
		snprintf(path, sizeof path, "%s", key);
	gyl_conf_fail(it->ck, path, "%s", text);
}

static const struct gyl_top_iface *listed(
	const struct gyl_flat *f, const struct gyl_top_conf *top, uint32_t i)
{
	return (const struct gyl_top_iface *)gyl_flat_at(f, top->interfaces) + i;
}

/* ---- names ---- */

/*
 * The name of a device text is what its last stage opens: "guyline0" of
 * "pcap:/tmp/x,tap:guyline0,peer=10.77.0.2/24". Options have a '=' before any ':'.
 */
static struct gyl_view device_name(struct gyl_view text)
{
	struct gyl_view name = text;
	size_t start = 0;

	for (size_t i = 0; i <= text.len; i++) {
		struct gyl_view part;
		size_t at;

		if (i != text.len && text.p[i] != ',')
			continue;
		part = gyl_view_sub(text, start, i - start);
		start = i + 1;
		for (at = 0; at < part.len && part.p[at] != ':' && part.p[at] != '=';)
			at++;
		if (at < part.len && part.p[at] == ':')
			name = gyl_view_sub(part, at + 1, part.len);
	}
	return name;
}

struct gyl_view gyl_top_iface_name(
	const struct gyl_flat *f, const struct gyl_top_conf *top, uint32_t i)
{
	if (top->interfaces.cnt != 0)
		return i < top->interfaces.cnt ? gyl_flat_view(f, listed(f, top, i)->name)
					       : gyl_view(NULL, 0);
	if (i != 0)
		return gyl_view(NULL, 0);
	if (top->device.cnt == 0)
		return top->host == GYL_TOP_STACK ? gyl_view_str(GYL_TOP_DEVICE_NAME)
						  : gyl_view(NULL, 0);
	return device_name(gyl_flat_view(f, top->device));
}

static uint64_t find(const struct gyl_flat *f, const struct gyl_top_conf *top, struct gyl_view name)
{
	for (uint32_t i = 0; i < GYL_TOP_IFACE_MAX; i++) {
		struct gyl_view have = gyl_top_iface_name(f, top, i);

		if (have.len != 0 && gyl_view_eq(have, name))
			return UINT64_C(1) << i;
	}
	return 0;
}

uint64_t gyl_top_iface_mask(
	const struct gyl_flat *f, const struct gyl_top_conf *top, struct gyl_ref names)
{
	const struct gyl_ref *name = gyl_flat_at(f, names);
	uint64_t mask = 0;

	for (uint32_t i = 0; i < names.cnt; i++)
		mask |= find(f, top, gyl_flat_view(f, name[i]));
	return mask;
}

/* All names there are, for an error. */
static void put_names(const struct gyl_flat *f, const struct gyl_top_conf *top, char text[300])
{
	size_t len = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < GYL_TOP_IFACE_MAX; i++) {
		struct gyl_view v = gyl_top_iface_name(f, top, i);

		if (v.len == 0)
			break;
		len += (size_t)snprintf(text + len, 300 - len, "%s\"%.*s\"", i == 0 ? "" : ", ",
			(int)v.len, (const char *)v.p);
		if (len >= 300)
			break;
	}
}

void gyl_top_iface_check(const struct gyl_flat *f, struct gyl_ref names, struct gyl_conf_check *ck)
{
	const struct gyl_top_conf *top = gyl_conf_check_top(ck);
	const struct gyl_ref *name = gyl_flat_at(f, names);
	char path[PATH_LEN], all[300];

	if (top == NULL)
		return;
	put_names(f, top, all);
	for (uint32_t i = 0; i < names.cnt; i++) {
		if (find(f, top, gyl_flat_view(f, name[i])) != 0)
			continue;
		snprintf(path, sizeof path, "interfaces.%u", (unsigned)i);
		if (all[0] == '\0')
			gyl_conf_fail(ck, path,
				"no interface has a name: list them in \"interfaces\" at the top");
		else
			gyl_conf_fail(ck, path, "expected the name of an interface: %s", all);
	}
}

/* ---- networks ---- */

static bool in_network(struct gyl_conf_prefix net, uint32_t ip)
{
	return ((net.ip ^ ip) & gyl_conf_mask(net.len)) == 0;
}

/* Of so many addresses the one whose network ip lies in, NULL: none. */
static const struct gyl_conf_prefix *network_of(
	const struct gyl_conf_prefix *addr, uint32_t cnt, uint32_t ip)
{
	for (uint32_t k = 0; k < cnt; k++)
		if (in_network(addr[k], ip))
			return &addr[k];
	return NULL;
}

const struct gyl_conf_prefix *gyl_top_iface_net(
	const struct gyl_flat *f, const struct gyl_top_conf *top, uint64_t mask, uint32_t ip)
{
	const struct gyl_conf_prefix *net = NULL;

	if (top->interfaces.cnt == 0)
		return top->address.len == 0 ? NULL : network_of(&top->address, 1, ip);
	for (uint32_t i = 0; i < top->interfaces.cnt && net == NULL; i++)
		if (mask == 0 || (mask >> i & 1) != 0)
			net = network_of(gyl_flat_at(f, listed(f, top, i)->address),
				listed(f, top, i)->address.cnt, ip);
	return net;
}

bool gyl_top_iface_has(
	const struct gyl_flat *f, const struct gyl_top_conf *top, uint64_t mask, uint32_t ip)
{
	return top->host == GYL_TOP_KERNEL || gyl_top_iface_net(f, top, mask, ip) != NULL;
}

/* ---- checks of one ---- */

static const char *address_path(const struct it *it, uint32_t k, char path[PATH_LEN])
{
	if (it->listed)
		snprintf(path, PATH_LEN, "address.%u", (unsigned)k);
	else
		snprintf(path, PATH_LEN, "address");
	return path;
}

static void check_addresses(const struct it *it)
{
	char path[PATH_LEN];

	if (it->i.address.cnt > GYL_TOP_ADDR_MAX)
		fail(it, "address", "expected at most %d", GYL_TOP_ADDR_MAX);
	for (uint32_t k = 0; k < it->i.address.cnt; k++) {
		struct gyl_conf_prefix a = it->addr[k];
		uint32_t host = a.ip & ~gyl_conf_mask(a.len);

		if (a.len < 31 && (host == 0 || host == ~gyl_conf_mask(a.len)))
			fail(it, address_path(it, k, path),
				"expected the address of a host, got that of the whole network");
	}
}

static void check_gateway(const struct it *it)
{
	if (it->i.gateway == 0 || it->i.address.cnt == 0)
		return;
	for (uint32_t k = 0; k < it->i.address.cnt; k++)
		if (in_network(it->addr[k], it->i.gateway))
			return;
	fail(it, "gateway", "expected an address in the network of \"address\"");
}

static void check_one(const struct it *it, uint8_t host)
{
	if (host == GYL_TOP_STACK && it->i.address.cnt == 0)
		fail(it, it->listed ? "" : "address",
			"missing: host \"stack\" needs an address such as \"10.77.0.1/24\"");
	check_addresses(it);
	check_gateway(it);
	if (it->i.has_mac && (it->i.mac[0] & 1) != 0)
		fail(it, "mac", "expected the address of one host, got a multicast address");
	if (host == GYL_TOP_KERNEL && it->i.vlan != 0)
		fail(it, "vlan",
			"for host \"kernel\" name the VLAN's own interface, such as eth0.%u, as "
			"\"device\"",
			(unsigned)it->i.vlan);
}

/* ---- checks of several ---- */

static bool same_text(const struct gyl_flat *f, struct gyl_ref a, struct gyl_ref b)
{
	return gyl_view_eq(gyl_flat_view(f, a), gyl_flat_view(f, b));
}

static void check_apart(const struct it *it, const struct it *other)
{
	const struct gyl_conf_prefix *a = it->addr, *b = other->addr;
	char path[PATH_LEN];

	if (same_text(it->f, it->i.name, other->i.name))
		fail(it, "name", "interfaces.%u has it already", (unsigned)other->number);
	if (same_text(it->f, it->i.device, other->i.device) && it->i.vlan == other->i.vlan)
		fail(it, it->i.vlan != 0 ? "vlan" : "device",
			"interfaces.%u is the same VLAN of the same device",
			(unsigned)other->number);
	if (it->i.has_mac && other->i.has_mac && same_text(it->f, it->i.device, other->i.device) &&
		memcmp(it->i.mac, other->i.mac, sizeof it->i.mac) != 0)
		fail(it, "mac", "interfaces.%u has another one on the same device",
			(unsigned)other->number);
	for (uint32_t k = 0; k < it->i.address.cnt; k++)
		for (uint32_t n = 0; n < other->i.address.cnt; n++)
			if (in_network(a[k].len < b[n].len ? a[k] : b[n],
				    a[k].len < b[n].len ? b[n].ip : a[k].ip))
				fail(it, address_path(it, k, path),
					"overlaps a network of interfaces.%u",
					(unsigned)other->number);
}

static struct it item(const struct gyl_flat *f, const struct gyl_top_conf *top,
	struct gyl_conf_check *ck, uint32_t i)
{
	struct it it = {.f = f, .ck = ck, .number = i, .listed = true, .i = *listed(f, top, i)};

	it.addr = gyl_flat_at(f, it.i.address);
	return it;
}

static void check_devices(
	const struct gyl_flat *f, const struct gyl_top_conf *top, struct gyl_conf_check *ck)
{
	uint32_t cnt = 0;

	for (uint32_t i = 0; i < top->interfaces.cnt; i++) {
		bool is_new = true;

		for (uint32_t j = 0; j < i; j++)
			is_new = is_new && !same_text(f, listed(f, top, i)->device,
						   listed(f, top, j)->device);
		cnt += is_new;
	}
	if (cnt > GYL_TOP_DEVICE_MAX)
		gyl_conf_fail(ck, "interfaces", "expected at most %d different devices",
			GYL_TOP_DEVICE_MAX);
}

/* The short keys describe the only interface: beside a list they would describe none. */
static void check_short(const struct gyl_top_conf *top, struct gyl_conf_check *ck)
{
	const struct {
		const char *key;
		bool given;
	} keys[] = {{"device", top->device.cnt != 0}, {"address", top->address.ip != 0},
		{"gateway", top->gateway != 0}, {"mac", top->has_mac}, {"probe", top->has_probe}};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (keys[i].given)
			gyl_conf_fail(ck, keys[i].key,
				"say it inside \"interfaces\": beside the list it would mean nothing");
}

static void check_list(
	const struct gyl_flat *f, const struct gyl_top_conf *top, struct gyl_conf_check *ck)
{
	if (top->interfaces.cnt > GYL_TOP_IFACE_MAX) {
		gyl_conf_fail(ck, "interfaces", "expected at most %d", GYL_TOP_IFACE_MAX);
		return;
	}
	check_short(top, ck);
	check_devices(f, top, ck);
	for (uint32_t i = 0; i < top->interfaces.cnt; i++) {
		struct it it = item(f, top, ck, i);

		check_one(&it, top->host);
		for (uint32_t j = 0; j < i; j++) {
			struct it other = item(f, top, ck, j);

			check_apart(&it, &other);
		}
	}
}

void gyl__top_ifaces_check(
	const struct gyl_flat *f, const struct gyl_top_conf *top, struct gyl_conf_check *ck)
{
	struct it it = {.f = f, .ck = ck, .addr = &top->address};

	if (top->interfaces.cnt != 0) {
		check_list(f, top, ck);
		return;
	}
	it.i.address.cnt = top->address.ip != 0;
	it.i.gateway = top->gateway;
	it.i.has_mac = top->has_mac;
	memcpy(it.i.mac, top->mac, sizeof it.i.mac);
	check_one(&it, top->host);
}

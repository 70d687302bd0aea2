/* SPDX-License-Identifier: ISC */

/*
 * dnsmasq.conf: options and boot files, and the tags that say for whom. A tag that a range sets
 * stands for a subnet, one of a host for a reservation, one of dhcp-vendorclass and its kin for a
 * class. Lines with tags wait until all these are read.
 */

#include <gyl/dhcp_opt.h>
#include <gyl/text.h>

#include "services/guyline/import_dnsmasq.h"
#include "services/guyline/import_option.h"

enum {
	TAG_MAX = 20000, /* each line for a tag looks at all of them */
	VALUE_MAX = 4096,
	ENCAPSULATED = 43,
	RELAY_CODE = 256
};

static bool is(struct gyl_view v, const char *text)
{
	return gyl_view_eq(v, gyl_view_str(text));
}

/* ---- tags ---- */

void gyl__dnsmasq_tag_set(struct gyl_dnsmasq *r, struct gyl_view name, struct gyl_conf_node *owner)
{
	struct gyl_dnsmasq_tag *t = gyl_conf_alloc(r->i->c, sizeof *t);

	if (r->tag_cnt++ > TAG_MAX) {
		gyl__import_bad(r->i, gyl__import_at(owner), "too many tags");
		return;
	}
	t->name = name;
	t->owner = owner;
	t->sub = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, gyl__import_at(owner));
	t->next = r->tag;
	r->tag = t;
}

void gyl__dnsmasq_tag_lost(struct gyl_dnsmasq *r, struct gyl_view name)
{
	struct gyl_dnsmasq_tag *t = gyl_conf_alloc(r->i->c, sizeof *t);

	t->name = name;
	t->lost = true;
	t->next = r->tag;
	r->tag = t;
}

void gyl__dnsmasq_finish_tags(struct gyl_dnsmasq *r)
{
	for (struct gyl_dnsmasq_tag *t = r->tag; t != NULL; t = t->next)
		if (t->sub != NULL && t->sub->cnt != 0)
			gyl__import_encapsulate(
				r->i, t->owner, t->sub, gyl_view_str("vendor"), ENCAPSULATED);
	gyl__import_encapsulate(r->i, r->i->dhcpd, r->sub, gyl_view_str("vendor"), ENCAPSULATED);
}

/* ---- values of options ---- */

struct option {
	struct gyl_view tag, vendor; /* vendor: sub-options for those whose class begins so */
	size_t tag_cnt;
	bool negated, is_v6, is_encap;
	const struct gyl_import_def *def;
	size_t value; /* the first word of it */
};

static const struct gyl_import_def *sub_def(struct gyl_dnsmasq *r, struct gyl_view code)
{
	struct gyl_import_def def = {.space = gyl_view_str("vendor"), .types = "X"};
	const struct gyl_import_def *have = gyl__import_def_find(r->i, def.space, code);
	uint64_t v;

	if (have != NULL || gyl_failed(gyl_parse_u64(code, 254, &v)))
		return have;
	def.code = (uint32_t)v;
	def.name = code;
	gyl__import_def_add(r->i, &def);
	return gyl__import_def_find(r->i, def.space, code);
}

/* What stands before the value. False: it cannot be. */
static bool read_head(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, struct option *o)
{
	struct gyl_view tag;
	size_t n = 0;

	for (; n < l->cnt; n++) {
		struct gyl_view w = l->word[n];

		if (gyl__dnsmasq_tag(w, &tag)) {
			o->tag = tag;
			o->tag_cnt++;
		} else if (is(gyl_view_sub(w, 0, 7), "vendor:")) {
			o->vendor = gyl_view_sub(w, 7, w.len);
			o->is_encap = true;
		} else {
			break;
		}
	}
	if (n == l->cnt)
		return false;
	tag = l->word[n];
	o->is_v6 = is(gyl_view_sub(tag, 0, 8), "option6:");
	if (is(gyl_view_sub(tag, 0, 7), "option:"))
		tag = gyl_view_sub(tag, 7, tag.len);
	o->value = n + 1;
	o->def = o->is_encap ? sub_def(r, tag)
			     : gyl__import_def_find(r->i, gyl_view_str("dhcp"), tag);
	return o->def != NULL || o->is_v6;
}

/* "1i", "2s", "3b": a number of four, two or one octets. */
static bool put_sized(struct gyl_view w, struct gyl_writer *out)
{
	uint8_t unit = w.len < 2 ? 0 : w.p[w.len - 1];
	uint64_t v, max = unit == 'i' ? UINT32_MAX : unit == 's' ? UINT16_MAX : UINT8_MAX;

	if ((unit != 'i' && unit != 's' && unit != 'b') ||
		gyl_failed(gyl_parse_u64(gyl_view_sub(w, 0, w.len - 1), max, &v)))
		return false;
	if (unit == 'i')
		gyl_put_u32(out, (uint32_t)v);
	else if (unit == 's')
		gyl_put_u16(out, (uint16_t)v);
	else
		gyl_put_u8(out, (uint8_t)v);
	return true;
}

/* Octets of one word whose type nobody has said: an address, a number, hexadecimal, or text. */
static bool put_untyped(struct gyl_view w, struct gyl_writer *out)
{
	uint32_t ip;
	uint64_t v;

	if (put_sized(w, out))
		return gyl_writer_ok(out);
	if (!gyl_failed(gyl_parse_ipv4(w, &ip))) {
		gyl_put_u32(out, ip);
	} else if (!gyl_failed(gyl_parse_u64(w, UINT32_MAX, &v))) {
		if (v > 0xffff)
			gyl_put_u32(out, (uint32_t)v);
		else if (v > 0xff)
			gyl_put_u16(out, (uint16_t)v);
		else
			gyl_put_u8(out, (uint8_t)v);
	} else if (w.len == 0 || memchr(w.p, ':', w.len) == NULL) {
		gyl_put_view(out, w);
	} else {
		struct gyl_writer hex = *out;

		if (gyl__import_hex(w, &hex))
			*out = hex;
		else
			gyl_put_view(out, w);
	}
	return gyl_writer_ok(out);
}

static bool encode(const struct gyl_dnsmasq_line *l, const struct option *o, struct gyl_writer *w,
	const char **ret_why)
{
	struct gyl_import_atom atom[GYL_DNSMASQ_WORD_MAX];
	size_t cnt = 0;
	bool untyped = strcmp(o->def->types, "X") == 0;

	for (size_t n = o->value; n < l->cnt; n++) {
		if (untyped && !put_untyped(l->word[n], w))
			return false;
		atom[cnt++] = (struct gyl_import_atom){.text = l->word[n]};
	}
	if (untyped)
		return w->len != 0;
	if (strcmp(o->def->types, "t") == 0 && cnt > 1) { /* commas are text */
		for (size_t n = 0; n < cnt; n++) {
			if (n != 0)
				gyl_put_u8(w, ',');
			gyl_put_view(w, atom[n].text);
		}
		return gyl_writer_ok(w);
	}
	return gyl__import_encode(o->def, atom, cnt, w, ret_why);
}

/* 0.0.0.0 stands for the address of the machine that dnsmasq runs on. */
static bool is_own_address(const struct gyl_dnsmasq_line *l, const struct option *o)
{
	for (size_t n = o->value; n < l->cnt; n++)
		if (is(l->word[n], "0.0.0.0") && o->def->types[0] == 'I')
			return true;
	return false;
}

/* ---- to whom ---- */

static const char anywhere[] =
	"dnsmasq looks for it anywhere in the text, a class at its beginning";

/* A class of its own for the sub-options of a vendor. */
static struct gyl_conf_node *vendor_class(
	struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, struct gyl_view vendor)
{
	struct gyl_conf_node *cl = gyl__import_class(r->i, vendor);

	if (cl != NULL)
		return cl;
	gyl__import_but(r->i, l->at, l->key, "%s", anywhere);
	cl = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, l->at);
	gyl__import_set(r->i, cl, "name", gyl__import_text(r->i, l->at, vendor));
	gyl__import_set(r->i, cl, "vendor_class", gyl__import_octets(r->i, l->at, vendor));
	gyl_conf_node_add(r->i->classes, cl);
	gyl__dnsmasq_tag_set(r,
		gyl__import_printf(r->i, "\x01%.*s", (int)vendor.len, (const char *)vendor.p), cl);
	return cl;
}

static void give(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, const struct option *o,
	struct gyl_conf_node *owner, struct gyl_conf_node *sub)
{
	uint8_t buf[VALUE_MAX];
	const char *why = "this value cannot be read";
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	if (!encode(l, o, &w, &why))
		gyl__dnsmasq_left(r, l, why);
	else
		gyl__import_option(r->i, owner, sub, o->def, gyl_writer_view(&w), l->at, l->key);
}

static struct gyl_conf_node *sub_of(struct gyl_dnsmasq *r, const struct gyl_conf_node *owner)
{
	for (struct gyl_dnsmasq_tag *t = r->tag; t != NULL; t = t->next)
		if (t->owner == owner)
			return t->sub;
	return r->sub;
}

static void apply_option(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	struct option o = {0};
	bool found = false;

	read_head(r, l, &o);
	for (struct gyl_dnsmasq_tag *t = r->tag; t != NULL; t = t->next) {
		if (!gyl_view_eq(t->name, o.tag))
			continue;
		if (t->lost)
			gyl__dnsmasq_left(r, l, "for a tag that is not in the result");
		else
			give(r, l, &o, t->owner, t->sub);
		found = true;
	}
	if (!found)
		gyl__dnsmasq_left(r, l, "for a tag that nothing here sets");
}

void gyl__dnsmasq_option(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	struct option o = {0};
	struct gyl_conf_node *owner = r->i->dhcpd;

	if (!read_head(r, l, &o)) {
		gyl__dnsmasq_left(r, l, "an option that is not known here");
	} else if (o.is_v6) {
		gyl__dnsmasq_left(r, l, "DHCPv6 is not for dhcpd");
	} else if (o.tag_cnt > 1 || (o.tag.len != 0 && o.tag.p[0] == '!')) {
		gyl__dnsmasq_left(r, l, "for several tags, or for those without one");
	} else if (o.value >= l->cnt && o.def->types[0] != '-') {
		/* Switches off what dnsmasq tells by itself, and Guyline does not. */
		if (o.def->code != GYL_DHCP_OPT_ROUTERS && o.def->code != GYL_DHCP_OPT_DNS_SERVERS)
			gyl__dnsmasq_left(r, l, "an option without a value");
		r->no_router =
			r->no_router || (o.def->code == GYL_DHCP_OPT_ROUTERS && o.tag_cnt == 0);
		r->no_resolver = r->no_resolver ||
				 (o.def->code == GYL_DHCP_OPT_DNS_SERVERS && o.tag_cnt == 0);
	} else if (is_own_address(l, &o)) {
		gyl__dnsmasq_left(r, l, "0.0.0.0 stands for an address that is not in the file");
	} else if (o.tag_cnt == 1) {
		gyl__dnsmasq_later(r, l, apply_option);
	} else {
		if (o.vendor.len != 0)
			owner = vendor_class(r, l, o.vendor);
		give(r, l, &o, owner, o.vendor.len != 0 ? sub_of(r, owner) : r->sub);
	}
}

/* ---- dhcp-boot ---- */

static void give_boot(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, size_t from,
	struct gyl_conf_node *owner)
{
	uint32_t ip;

	if (l->word[from].len != 0)
		gyl__import_set(
			r->i, owner, "boot_file", gyl__import_text(r->i, l->at, l->word[from]));
	if (from + 1 < l->cnt && l->word[from + 1].len != 0)
		gyl__import_set(r->i, owner, "server_name",
			gyl__import_text(r->i, l->at, l->word[from + 1]));
	if (l->word[from].len != 0 && (from + 2 >= l->cnt || l->word[from + 2].len == 0))
		gyl__import_but(r->i, l->at, l->key,
			"dnsmasq tells its own address as the server, which is not in the file: add next_server");
	if (from + 2 < l->cnt && l->word[from + 2].len != 0) {
		if (gyl_failed(gyl_parse_ipv4(l->word[from + 2], &ip)))
			gyl__dnsmasq_left(r, l, "names are not looked up: write its address");
		else
			gyl__import_set(
				r->i, owner, "next_server", gyl__import_ip(r->i, l->at, ip));
	}
}

/* For whom a tag is not set: the service, when the class of the tag has a boot file of its own,
 * which counts before. */
static void apply_boot_else(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	struct gyl_view tag;

	gyl__dnsmasq_tag(l->word[0], &tag);
	tag = gyl_view_sub(tag, 1, tag.len);
	for (struct gyl_dnsmasq_tag *t = r->tag; t != NULL; t = t->next) {
		if (t->lost || !gyl_view_eq(t->name, tag) ||
			gyl__import_get(t->owner, "boot_file") == NULL)
			continue;
		give_boot(r, l, 1, r->i->dhcpd);
		return;
	}
	gyl__dnsmasq_left(r, l, "for those without a tag");
}

static void apply_boot(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	struct gyl_view tag;
	bool found = false;

	gyl__dnsmasq_tag(l->word[0], &tag);
	for (struct gyl_dnsmasq_tag *t = r->tag; t != NULL; t = t->next) {
		if (!gyl_view_eq(t->name, tag) || t->lost)
			continue;
		give_boot(r, l, 1, t->owner);
		found = true;
	}
	if (!found)
		gyl__dnsmasq_left(r, l, "for a tag that nothing here sets");
}

/* Lines for those without a tag wait for the others once more. */
static void again_later(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	gyl__dnsmasq_later(r, l, apply_boot_else);
}

void gyl__dnsmasq_boot(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	struct gyl_view tag, more;

	if (!gyl__dnsmasq_tag(l->word[0], &tag))
		give_boot(r, l, 0, r->i->dhcpd);
	else if (l->cnt < 2 || gyl__dnsmasq_tag(l->word[1], &more))
		gyl__dnsmasq_left(r, l, "for several tags");
	else
		gyl__dnsmasq_later(
			r, l, tag.len != 0 && tag.p[0] == '!' ? again_later : apply_boot);
}

/* ---- dhcp-vendorclass, dhcp-userclass, dhcp-mac, dhcp-match, dhcp-circuitid ---- */

/* NULL, or why not. */
static const char *mac_condition(
	struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, struct gyl_conf_node *cl)
{
	uint8_t buf[8];
	struct gyl_writer w;
	struct gyl_view v = l->word[1];
	const char *why = "expected a MAC address, with * behind";

	gyl_writer_init(&w, buf, 6);
	while (v.len >= 2 && is(gyl_view_sub(v, v.len - 2, 2), ":*"))
		v.len -= 2;
	if (!gyl__import_hex(v, &w) || w.len == 0)
		return why;
	return gyl__import_match_value(r->i, cl, 0, true, gyl_writer_view(&w), l->at, &why) ? NULL
											    : why;
}

static const char *option_condition(
	struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, struct gyl_conf_node *cl)
{
	struct option o = {.value = 2};
	struct gyl_view name = l->word[1];
	uint8_t buf[VALUE_MAX];
	const char *why = "this value cannot be read";
	struct gyl_writer w;

	if (is(gyl_view_sub(name, 0, 7), "option:"))
		name = gyl_view_sub(name, 7, name.len);
	o.def = gyl__import_def_find(r->i, gyl_view_str("dhcp"), name);
	if (o.def == NULL)
		return "an option that is not known here";
	if (l->cnt < 3)
		return o.def->code == 175 ? "that an option is there at all is no condition here; "
					    "iPXE also says \"user_class\": \"iPXE\""
					  : "that an option is there at all is no condition here";
	gyl_writer_init(&w, buf, sizeof buf);
	if (!encode(l, &o, &w, &why))
		return why;
	return gyl__import_match_value(r->i, cl, o.def->code, o.def->types[0] == 't',
		       gyl_writer_view(&w), l->at, &why)
		       ? NULL
		       : why;
}

static const char *text_condition(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l,
	struct gyl_conf_node *cl, unsigned code)
{
	uint8_t buf[256];
	const char *why;
	struct gyl_writer w;

	if (l->cnt > 2)
		return "enterprise numbers are not for DHCPv4";
	gyl_writer_init(&w, buf, sizeof buf);
	if (code < RELAY_CODE || memchr(l->word[1].p, ':', l->word[1].len) == NULL ||
		!gyl__import_hex(l->word[1], &w)) {
		gyl_writer_init(&w, buf, sizeof buf);
		gyl_put_view(&w, l->word[1]);
	}
	return gyl_writer_ok(&w) && w.len != 0 &&
			       gyl__import_match_value(
				       r->i, cl, code, true, gyl_writer_view(&w), l->at, &why)
		       ? NULL
		       : "this value cannot be read";
}

static const char *condition(
	struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, struct gyl_conf_node *cl)
{
	if (is(l->key, "dhcp-vendorclass"))
		return text_condition(r, l, cl, GYL_DHCP_OPT_VENDOR_CLASS);
	if (is(l->key, "dhcp-userclass"))
		return text_condition(r, l, cl, GYL_DHCP_OPT_USER_CLASS);
	if (is(l->key, "dhcp-circuitid"))
		return text_condition(r, l, cl, RELAY_CODE + GYL_DHCP_RELAY_CIRCUIT_ID);
	if (is(l->key, "dhcp-remoteid"))
		return text_condition(r, l, cl, RELAY_CODE + GYL_DHCP_RELAY_REMOTE_ID);
	if (is(l->key, "dhcp-mac"))
		return mac_condition(r, l, cl);
	return option_condition(r, l, cl);
}

/* Architectures that set the same tag are one class; of other conditions each makes its own, and
 * the tag stands for all of them. */
static bool joins(struct gyl_dnsmasq *r, struct gyl_view tag, const struct gyl_conf_node *cl)
{
	const struct gyl_conf_node *arch = gyl__import_get(cl, "arch");

	for (struct gyl_dnsmasq_tag *t = r->tag; t != NULL && arch != NULL; t = t->next) {
		struct gyl_conf_node *have = t->lost || !gyl_view_eq(t->name, tag)
						     ? NULL
						     : gyl__import_get(t->owner, "arch");

		if (have == NULL)
			continue;
		gyl_conf_node_add(have, gyl__import_copy(r->i, arch->first));
		return true;
	}
	return false;
}

/* What dnsmasq compares otherwise: texts anywhere in them, and what relays say as a whole. */
static void tell_part(
	struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, const struct gyl_conf_node *cl)
{
	if (gyl__import_get(cl, "vendor_class") != NULL ||
		gyl__import_get(cl, "user_class") != NULL)
		gyl__import_but(r->i, l->at, l->key, "%s", anywhere);
	else if (gyl__import_get(cl, "circuit_id") != NULL ||
		 gyl__import_get(cl, "remote_id") != NULL)
		gyl__import_but(r->i, l->at, l->key,
			"dnsmasq compares all that the relay says, a class its beginning");
}

void gyl__dnsmasq_class(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	struct gyl_conf_node *cl = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, l->at);
	struct gyl_view tag, name;
	const char *why;

	if (l->cnt < 2 || !gyl__dnsmasq_set(l->word[0], &tag)) {
		gyl__dnsmasq_left(r, l, "expected set:TAG and a value");
		return;
	}
	why = condition(r, l, cl);
	if (why != NULL) {
		gyl__dnsmasq_left(r, l, why);
		gyl__dnsmasq_tag_lost(r, tag);
		return;
	}
	tell_part(r, l, cl);
	if (joins(r, tag, cl))
		return;
	name = tag;
	for (unsigned n = 2; gyl__import_class(r->i, name) != NULL && n < 100; n++)
		name = gyl__import_printf(r->i, "%.*s-%u", (int)tag.len, (const char *)tag.p, n);
	gyl__import_set(r->i, cl, "name", gyl__import_text(r->i, l->at, name));
	gyl_conf_node_add(r->i->classes, cl);
	gyl__dnsmasq_tag_set(r, tag, cl);
}

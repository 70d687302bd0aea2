/* SPDX-License-Identifier: ISC */
#include <gyl/dhcp_opt.h>
#include <gyl/dhcp_print.h>
#include <gyl/text.h>

/* The octets of chaddr that are in use, colons between them. */
static void print_chaddr(const struct gyl_dhcp_hdr *h, struct gyl_writer *w)
{
	for (unsigned i = 0; i < h->hlen && i < sizeof h->chaddr; i++) {
		if (i != 0)
			gyl_text_char(w, ':');
		gyl_text_hex_u64(w, h->chaddr[i], 2);
	}
}

static void print_type(uint8_t type, struct gyl_writer *w)
{
	const char *name = gyl_dhcp_type_name(type);

	if (name != NULL) {
		gyl_text_str(w, name);
	} else {
		gyl_text_str(w, "type ");
		gyl_text_u64(w, type);
	}
}

static void print_head(const struct gyl_dhcp_msg *m, struct gyl_writer *w)
{
	const struct gyl_dhcp_hdr *h = &m->hdr;

	print_type(m->type, w);
	gyl_text_str(w, h->op == GYL_DHCP_BOOTREPLY ? " reply xid " : " request xid ");
	gyl_text_hex_u64(w, h->xid, 8);
	gyl_text_str(w, " htype ");
	gyl_text_u64(w, h->htype);
	gyl_text_str(w, " chaddr ");
	print_chaddr(h, w);
	gyl_text_str(w, " hops ");
	gyl_text_u64(w, h->hops);
	gyl_text_str(w, " secs ");
	gyl_text_u64(w, h->secs);
	gyl_text_str(w, " flags ");
	gyl_text_hex_u64(w, h->flags, 4);
	gyl_text_char(w, '\n');
}

static void print_address(struct gyl_writer *w, const char *name, uint32_t ip)
{
	gyl_text_str(w, name);
	gyl_text_ipv4(w, ip);
}

static void print_field(struct gyl_writer *w, const char *name, struct gyl_view v)
{
	if (v.len == 0)
		return;
	gyl_text_str(w, name);
	gyl_text_safe(w, v);
	gyl_text_char(w, '\n');
}

/* Does the option stand in the message more than once? Then a value that is none may be a piece of
 * one. */
static bool is_repeated(const struct gyl_dhcp_msg *msg, uint8_t code)
{
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;
	unsigned cnt = 0;

	for (gyl_dhcp_cursor_init(&c, msg); gyl_dhcp_cursor_next(&c, &o);)
		cnt += o.code == code;
	return cnt > 1;
}

static void print_option(
	const struct gyl_dhcp_msg *msg, const struct gyl_dhcp_opt *o, struct gyl_writer *w)
{
	const char *name = gyl_dhcp_opt_get(o->code).name;

	gyl_text_char(w, '@');
	gyl_text_u64(w, o->off);
	gyl_text_char(w, ' ');
	gyl_text_u64(w, o->code);
	gyl_text_char(w, ' ');
	gyl_text_str(w, name == NULL ? "unknown" : name);
	if (gyl_failed(gyl_dhcp_opt_check(o->code, o->val)))
		gyl_text_str(w, is_repeated(msg, o->code) ? " (piece)" : " (bad)");
	if (o->val.len != 0) {
		gyl_text_char(w, ' ');
		gyl_dhcp_opt_print(w, o->code, o->val);
	}
	gyl_text_char(w, '\n');
}

void gyl_dhcp_print(struct gyl_writer *w, const struct gyl_dhcp_msg *msg)
{
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;

	print_head(msg, w);
	print_address(w, "ciaddr ", msg->hdr.ciaddr);
	print_address(w, " yiaddr ", msg->hdr.yiaddr);
	print_address(w, " siaddr ", msg->hdr.siaddr);
	print_address(w, " giaddr ", msg->hdr.giaddr);
	gyl_text_char(w, '\n');
	print_field(w, "sname ", msg->sname);
	print_field(w, "file ", msg->file);
	for (gyl_dhcp_cursor_init(&c, msg); gyl_dhcp_cursor_next(&c, &o);)
		print_option(msg, &o, w);
}

static void json_hdr(const struct gyl_dhcp_hdr *h, struct gyl_json *j)
{
	uint8_t text[3 * sizeof h->chaddr];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	print_chaddr(h, &w);
	gyl_json_u64(j, "op", h->op);
	gyl_json_u64(j, "htype", h->htype);
	gyl_json_u64(j, "hops", h->hops);
	gyl_json_u64(j, "xid", h->xid);
	gyl_json_u64(j, "secs", h->secs);
	gyl_json_u64(j, "flags", h->flags);
	gyl_json_ipv4(j, "ciaddr", h->ciaddr);
	gyl_json_ipv4(j, "yiaddr", h->yiaddr);
	gyl_json_ipv4(j, "siaddr", h->siaddr);
	gyl_json_ipv4(j, "giaddr", h->giaddr);
	gyl_json_str(j, "chaddr", gyl_writer_view(&w));
}

static void json_option(const struct gyl_dhcp_opt *o, struct gyl_json *j)
{
	const char *name = gyl_dhcp_opt_get(o->code).name;

	gyl_json_obj(j, NULL);
	gyl_json_u64(j, "off", o->off);
	gyl_json_u64(j, "code", o->code);
	if (name != NULL)
		gyl_json_cstr(j, "name", name);
	gyl_dhcp_opt_json(j, "value", o->code, o->val);
	gyl_json_end(j);
}

void gyl_dhcp_json(struct gyl_json *j, const char *key, const struct gyl_dhcp_msg *msg)
{
	const char *type = gyl_dhcp_type_name(msg->type);
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;

	gyl_json_obj(j, key);
	if (type != NULL)
		gyl_json_cstr(j, "type", type);
	else
		gyl_json_u64(j, "type", msg->type);
	json_hdr(&msg->hdr, j);
	if (msg->sname.len != 0)
		gyl_json_str(j, "sname", msg->sname);
	if (msg->file.len != 0)
		gyl_json_str(j, "file", msg->file);
	gyl_json_u64(j, "overload", msg->overload);
	gyl_json_arr(j, "options");
	for (gyl_dhcp_cursor_init(&c, msg); gyl_dhcp_cursor_next(&c, &o);)
		json_option(&o, j);
	gyl_json_end(j);
	gyl_json_end(j);
}

/* SPDX-License-Identifier: ISC */
#include "tests/support/dhcp_lab.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEX_MAX = 700
};

void dhcp_fail(struct dhcp_lab *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(t->what, sizeof t->what, format, ap);
	va_end(ap);
	longjmp(t->out, 1);
}

void dhcp_eq(struct dhcp_lab *t, uint64_t is, uint64_t wanted, const char *text)
{
	if (is != wanted)
		dhcp_fail(t, "%s is %#llx, not %#llx", text, (unsigned long long)is,
			(unsigned long long)wanted);
}

/* ---- making a message ---- */

static size_t from_hex(struct dhcp_lab *t, const char *hex, uint8_t *buf, size_t cap)
{
	size_t len = 0;

	for (; *hex != '\0'; hex++) {
		char two[3] = {hex[0], hex[1], '\0'}, *end;

		if (*hex == ' ')
			continue;
		if (len == cap)
			dhcp_fail(t, "the rule's octets are too many");
		buf[len++] = (uint8_t)strtoul(two, &end, 16);
		if (end != two + 2)
			dhcp_fail(t, "the rule's octets are not hexadecimal: %s", hex);
		hex++;
	}
	return len;
}

static struct gyl_dhcp_hdr header(const struct dhcp_lab *t, const struct dhcp_ask *q)
{
	struct gyl_dhcp_hdr h = {.op = q->op != 0 ? q->op : GYL_DHCP_BOOTREQUEST,
		.htype = q->htype != 0 ? q->htype : 1,
		.hlen = q->no_hw ? 0 : 6,
		.hops = q->hops,
		.xid = t->xid,
		.secs = q->secs,
		.flags = q->flags,
		.ciaddr = q->ciaddr,
		.giaddr = q->giaddr};

	if (!q->no_hw)
		memcpy(h.chaddr, t->sent.src_mac, 6);
	if (!q->no_hw && q->mac != NULL)
		memcpy(h.chaddr, q->mac, 6);
	else if (!q->no_hw)
		memcpy(h.chaddr,
			((uint8_t[]){
				2, 0x10, (uint8_t)(t->serial >> 8), (uint8_t)t->serial, 0, q->who}),
			6);
	return h;
}

static void put_hex(struct dhcp_lab *t, struct gyl_dhcp_writer *w, uint8_t code, const char *hex)
{
	uint8_t buf[HEX_MAX];

	if (hex != NULL)
		gyl_dhcp_put(w, code, gyl_view(buf, from_hex(t, hex, buf, sizeof buf)));
}

static void put_u32(struct gyl_dhcp_writer *w, uint8_t code, uint32_t v)
{
	if (v != 0)
		gyl_dhcp_put_u32(w, code, v);
}

static void put_options(struct dhcp_lab *t, struct gyl_dhcp_writer *w, const struct dhcp_ask *q)
{
	uint8_t buf[HEX_MAX];
	size_t len = q->more == NULL ? 0 : from_hex(t, q->more, buf, sizeof buf);

	if (q->type != 0)
		gyl_dhcp_put_u8(w, GYL_DHCP_OPT_TYPE, q->type);
	put_u32(w, GYL_DHCP_OPT_REQUESTED_IP, q->want);
	put_u32(w, GYL_DHCP_OPT_SERVER_ID, q->server);
	put_u32(w, GYL_DHCP_OPT_LEASE_TIME, q->lease);
	if (q->max_size != 0)
		gyl_dhcp_put_u16(w, GYL_DHCP_OPT_MAX_SIZE, q->max_size);
	if (q->name != NULL)
		gyl_dhcp_put_str(w, GYL_DHCP_OPT_HOST_NAME, q->name);
	put_hex(t, w, GYL_DHCP_OPT_CLIENT_ID, q->id);
	put_hex(t, w, GYL_DHCP_OPT_REQUEST_LIST, q->list);
	for (size_t i = 0; i < len; i += 2u + buf[i + 1])
		gyl_dhcp_put(w, buf[i], gyl_view(buf + i + 2, buf[i + 1]));
}

static void build(struct dhcp_lab *t, const struct dhcp_ask *q)
{
	struct gyl_dhcp_hdr h = header(t, q);
	struct gyl_dhcp_writer w;
	struct dhcp_frame *f = &t->sent;
	uint8_t relay[HEX_MAX];

	memset(f->p, 0, sizeof f->p);
	gyl_dhcp_begin(&w, f->p, sizeof f->p, &h);
	if (q->options == NULL)
		put_options(t, &w, q);
	if (q->options == NULL && q->relay != NULL)
		gyl_dhcp_put_relay(&w, gyl_view(relay, from_hex(t, q->relay, relay, sizeof relay)));
	if (gyl_failed(gyl_dhcp_end(&w, GYL_DHCP_LEN_MIN, &f->len)))
		dhcp_fail(t, "the rule's message is too long");
	if (q->options != NULL)
		f->len =
			GYL_DHCP_OPTS_OFF + from_hex(t, q->options, f->p + GYL_DHCP_OPTS_OFF, 1000);
	if (q->sname != NULL)
		from_hex(t, q->sname, f->p + 44, 64);
	if (q->file != NULL)
		from_hex(t, q->file, f->p + 108, 128);
	if (q->no_cookie)
		memset(f->p + GYL_DHCP_HDR_LEN, 0, f->len - GYL_DHCP_HDR_LEN);
	if (q->bend_at != 0)
		f->p[q->bend_at] = q->bend_to;
	if (q->cut != 0)
		f->len = q->cut;
}

static void address(struct dhcp_lab *t, const struct dhcp_ask *q)
{
	static const uint8_t relay_mac[6] = {2, 0xfe, 0, 0, 0, 0xfe};
	struct dhcp_frame *f = &t->sent;
	bool direct = q->giaddr != 0 || q->unicast;
	uint32_t from = q->giaddr != 0 ? q->giaddr : q->ciaddr;

	f->src_ip = q->from != 0 ? q->from : from;
	if (q->nowhere)
		f->src_ip = 0;
	f->dst_ip = direct ? (uint32_t)LAB_US : UINT32_MAX;
	f->src_port = q->giaddr != 0 ? 67 : 68;
	if (q->port != 0)
		f->src_port = q->port;
	f->dst_port = 67;
	memset(f->dst_mac, 0xff, 6); /* the driver knows ours */
	if (q->giaddr != 0 || q->no_hw)
		memcpy(f->src_mac, relay_mac, 6);
	else
		memcpy(f->src_mac, f->p + 28, 6);
}

/* ---- asking ---- */

static bool ask(struct dhcp_lab *t, const struct dhcp_ask *q, bool wanted)
{
	if (!q->again)
		t->xid++;
	t->asked = q;
	build(t, q);
	address(t, q);
	t->ops->send(t->arg, &t->sent);
	memset(&t->a, 0, sizeof t->a);
	if (!t->ops->receive(t->arg, t->xid, wanted, &t->got))
		return false;
	if (gyl_failed(gyl_dhcp_decode(gyl_view(t->sent.p, t->sent.len), &t->q)))
		dhcp_fail(t, "an unreadable message is answered");
	if (t->got.fault != NULL)
		dhcp_fail(t, "%s", t->got.fault);
	dhcp_always(t);
	if (t->ops->looked != NULL)
		t->ops->looked(t->arg, t);
	return true;
}

bool dhcp_asked(struct dhcp_lab *t, struct dhcp_ask q)
{
	return ask(t, &q, false);
}

void dhcp_answered(struct dhcp_lab *t, struct dhcp_ask q)
{
	if (!ask(t, &q, true))
		dhcp_fail(t, "no answer to %s", gyl_dhcp_type_name(q.type));
}

void dhcp_silent(struct dhcp_lab *t, struct dhcp_ask q)
{
	if (ask(t, &q, false))
		dhcp_fail(t, "%s is answered with %s", gyl_dhcp_type_name(q.type),
			gyl_dhcp_type_name(t->a.type));
}

void dhcp_request(struct dhcp_lab *t, struct dhcp_ask q, uint8_t type)
{
	q.type = GYL_DHCP_REQUEST;
	if (type == 0) {
		dhcp_silent(t, q);
		return;
	}
	dhcp_answered(t, q);
	if (t->a.type != type)
		dhcp_fail(t, "the REQUEST is answered with %s, not %s",
			gyl_dhcp_type_name(t->a.type), gyl_dhcp_type_name(type));
}

uint32_t dhcp_offered(struct dhcp_lab *t, struct dhcp_ask q)
{
	q.type = GYL_DHCP_DISCOVER;
	dhcp_answered(t, q);
	DHCP_EQ(t, t->a.type, GYL_DHCP_OFFER);
	return t->a.hdr.yiaddr;
}

uint32_t dhcp_lease(struct dhcp_lab *t, struct dhcp_ask q)
{
	uint32_t ip = dhcp_offered(t, q);

	q.want = ip;
	q.server = dhcp_opt_u32(t, GYL_DHCP_OPT_SERVER_ID);
	dhcp_request(t, q, GYL_DHCP_ACK);
	DHCP_EQ(t, t->a.hdr.yiaddr, ip);
	return ip;
}

void dhcp_pass(struct dhcp_lab *t, unsigned s)
{
	t->ops->pass(t->arg, (uint64_t)s * UINT64_C(1000000000));
}

/* ---- looking ---- */

uint32_t dhcp_opt_u32(const struct dhcp_lab *t, uint8_t code)
{
	uint32_t v = 0;

	gyl_dhcp_find_u32(&t->a, code, &v);
	return v;
}

bool dhcp_has(const struct dhcp_lab *t, uint8_t code)
{
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;

	for (gyl_dhcp_cursor_init(&c, &t->a); gyl_dhcp_cursor_next(&c, &o);)
		if (o.code == code)
			return true;
	return false;
}

static void octets_are(struct dhcp_lab *t, uint8_t code, struct gyl_view wanted)
{
	uint8_t is[HEX_MAX];
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;
	size_t len = 0;

	if (!dhcp_has(t, code))
		dhcp_fail(t, "option %u is not there", code);
	for (gyl_dhcp_cursor_init(&c, &t->a); gyl_dhcp_cursor_next(&c, &o);) {
		if (o.code != code || o.val.len == 0 || len + o.val.len > sizeof is)
			continue;
		memcpy(is + len, o.val.p, o.val.len);
		len += o.val.len;
	}
	if (!gyl_view_eq(gyl_view(is, len), wanted))
		dhcp_fail(t, "option %u has another value", code);
}

void dhcp_opt_is(struct dhcp_lab *t, uint8_t code, const char *hex)
{
	uint8_t wanted[HEX_MAX];

	octets_are(t, code, gyl_view(wanted, from_hex(t, hex, wanted, sizeof wanted)));
}

void dhcp_opt_is_text(struct dhcp_lab *t, uint8_t code, const char *text)
{
	octets_are(t, code, gyl_view_str(text));
}

static bool is_usual(uint8_t code)
{
	static const uint8_t usual[] = {GYL_DHCP_OPT_TYPE, GYL_DHCP_OPT_SERVER_ID,
		GYL_DHCP_OPT_LEASE_TIME, GYL_DHCP_OPT_RENEWAL_TIME, GYL_DHCP_OPT_REBINDING_TIME,
		GYL_DHCP_OPT_CLIENT_ID, GYL_DHCP_OPT_RELAY, GYL_DHCP_OPT_OVERLOAD};

	return memchr(usual, code, sizeof usual) != NULL;
}

void dhcp_codes_are(struct dhcp_lab *t, const char *codes)
{
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;
	char is[HEX_MAX] = "";
	size_t at = 0;

	for (gyl_dhcp_cursor_init(&c, &t->a); gyl_dhcp_cursor_next(&c, &o);)
		if (!is_usual(o.code))
			at += (size_t)snprintf(
				is + at, sizeof is - at, "%s%u", at == 0 ? "" : " ", o.code);
	if (strcmp(is, codes) != 0)
		dhcp_fail(t, "the options are \"%s\", not \"%s\"", is, codes);
}

/* ---- running ---- */

static bool holds(struct dhcp_lab *t, const struct dhcp_case *c)
{
	t->serial++;
	t->ops->begin(t->arg, c->kind);
	if (setjmp(t->out) != 0)
		return false;
	c->run(t);
	return true;
}

unsigned dhcp_lab_run(struct dhcp_lab *t, const struct dhcp_theme *theme, enum dhcp_plan_kind kind,
	bool has_time, unsigned *ret_done)
{
	unsigned failed = 0;

	for (unsigned i = 0; i < theme->cnt; i++) {
		const struct dhcp_case *c = &theme->rule[i];

		if (c->kind != kind || (c->virtual_time && !has_time))
			continue;
		++*ret_done;
		if (holds(t, c))
			continue;
		failed++;
		t->ops->report(t->arg, c->name, t->what);
	}
	return failed;
}

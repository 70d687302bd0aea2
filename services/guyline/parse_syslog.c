/* SPDX-License-Identifier: ISC */

/*
 * `guyline parse syslog`: lines as the collector would store them. A line that is a JSON object
 * with `raw` or `raw_hex` is a message in wrapping, such as a stored record or a sample: what is in
 * it is read, at the time of its `recv`. All others are messages.
 */

#include <gyl/syslog.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <time.h>

#include "conf/tree.h"
#include "services/guyline/parse_own.h"
#include "services/syslogd/record.h"

static uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

static void put_json(struct gyl__parse *p, const struct gyl_syslog *m,
	const struct gyl_syslog_ctx *ctx, struct gyl_view from)
{
	struct gyl_writer t;
	char recv[40];

	gyl_writer_init(&t, recv, sizeof recv);
	gyl_time_print_rfc3339(&t, ctx->recv_ns, 6);
	gyl_syslogd_record(&p->w,
		&(struct gyl_syslogd_head){
			.seq = ++p->seq, .recv = gyl_writer_view(&t), .from = from},
		m);
}

static void put(struct gyl__parse *p, struct gyl_view data, struct gyl_syslog_ctx *ctx,
	struct gyl_view from)
{
	struct gyl_syslog m;

	ctx->zone_s = p->zone_s;
	gyl_syslog_decode(data, ctx, &m);
	if (p->text) {
		gyl_syslog_print(&p->w, &m);
		gyl_put_u8(&p->w, '\n');
	} else {
		put_json(p, &m, ctx, from);
	}
	gyl__parse_put(p);
}

/* A message of `len` octets, of which `data` is the beginning: cut as the collector does. */
static void put_cut(
	struct gyl__parse *p, struct gyl_view data, size_t len, struct gyl_syslog_ctx *ctx)
{
	if (len > GYL_SYSLOG_LEN_MAX) {
		data = gyl_view_sub(data, 0, GYL_SYSLOG_LEN_MAX);
		ctx->flags = GYL_SYSLOG_CUT;
		ctx->orig_len = len;
	}
	put(p, data, ctx, p->from);
}

static const struct gyl_conf_node *string_of(const struct gyl_conf_node *obj, const char *key)
{
	const struct gyl_conf_node *n = gyl_conf_node_member(obj, gyl_view_str(key));

	return n != NULL && n->kind == GYL_CONF_IS_STRING ? n : NULL;
}

static bool recv_of(
	struct gyl__parse *p, const struct gyl_conf_node *obj, struct gyl_syslog_ctx *ctx)
{
	const struct gyl_conf_node *n = string_of(obj, "recv");
	struct gyl_fault f;

	if (n == NULL)
		return true;
	f = gyl_time_parse_rfc3339(n->text, &ctx->recv_ns);
	if (gyl_failed(f))
		gyl__parse_complain(p, NULL, "\"recv\" is no time", f);
	return !gyl_failed(f);
}

static bool data_of(struct gyl__parse *p, struct gyl_conf *c, const struct gyl_conf_node *raw,
	bool hex, struct gyl_view *ret)
{
	size_t len, cap = raw->text.len / 2 + 1;
	uint8_t *buf;
	struct gyl_fault f;

	*ret = raw->text;
	if (!hex)
		return true;
	buf = gyl_conf_alloc(c, cap);
	f = gyl_parse_hex(raw->text, buf, cap, &len);
	if (gyl_failed(f))
		gyl__parse_complain(p, NULL, "\"raw_hex\" is no hexadecimal text", f);
	*ret = gyl_view(buf, gyl_failed(f) ? 0 : len);
	return !gyl_failed(f);
}

/* False: the line is no such object. */
static bool wrapped(struct gyl__parse *p, struct gyl_view line, struct gyl_syslog_ctx *ctx)
{
	struct gyl_conf *c = gyl_conf_new();
	const struct gyl_conf_node *obj = gyl_conf_node_data(c, gyl_conf_copy(c, line));
	const struct gyl_conf_node *raw = NULL, *hex = NULL;
	struct gyl_view data;

	if (obj != NULL && obj->kind == GYL_CONF_IS_OBJECT) {
		raw = string_of(obj, "raw");
		hex = raw == NULL ? string_of(obj, "raw_hex") : NULL;
	}
	if ((raw != NULL || hex != NULL) && recv_of(p, obj, ctx) &&
		data_of(p, c, raw != NULL ? raw : hex, raw == NULL, &data))
		put_cut(p, data, data.len, ctx);
	gyl_conf_free(c);
	return raw != NULL || hex != NULL;
}

void gyl__parse_syslog_line(struct gyl__parse *p, struct gyl_view line, size_t len)
{
	struct gyl_syslog_ctx ctx = {.recv_ns = p->recv_ns != 0 ? p->recv_ns : clock_ns()};

	if (line.len == 0 || line.p[0] != '{' || line.len != len || !wrapped(p, line, &ctx))
		put_cut(p, line, len, &ctx);
}

void gyl__parse_syslog_message(
	struct gyl__parse *p, const struct gyl__parse_where *at, struct gyl_view data)
{
	struct gyl_syslog_ctx ctx = {.recv_ns = at->wall_ns};
	struct gyl_writer w;
	char from[16];

	gyl_writer_init(&w, from, sizeof from);
	gyl_text_ipv4(&w, at->src_ip);
	put(p, data, &ctx, gyl_writer_view(&w));
}

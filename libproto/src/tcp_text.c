/* SPDX-License-Identifier: ISC */
#include <gyl/tcp.h>
#include <gyl/text.h>

/* Text and JSON of gyl/tcp.h. */

static const struct {
	uint16_t bit;
	char name[4];
} flag_names[] = {
	{GYL_TCP_SYN, "SYN"},
	{GYL_TCP_FIN, "FIN"},
	{GYL_TCP_RST, "RST"},
	{GYL_TCP_PSH, "PSH"},
	{GYL_TCP_ACK, "ACK"},
	{GYL_TCP_URG, "URG"},
	{GYL_TCP_ECE, "ECE"},
	{GYL_TCP_CWR, "CWR"},
	{GYL_TCP_AE, "AE"},
	{GYL_TCP_RESERVED, "RSV"},
};

enum {
	FLAG_CNT = sizeof flag_names / sizeof flag_names[0]
};

static void number(struct gyl_writer *w, const char *name, uint64_t v)
{
	gyl_text_str(w, name);
	gyl_text_u64(w, v);
}

static void flags_print(struct gyl_writer *w, uint16_t flags)
{
	for (size_t i = 0; i < FLAG_CNT; i++) {
		if (!(flags & flag_names[i].bit))
			continue;
		gyl_text_char(w, ' ');
		gyl_text_str(w, flag_names[i].name);
	}
}

static bool is_known(uint8_t kind)
{
	return kind <= GYL_TCP_OPT_SACK || kind == GYL_TCP_OPT_TIMESTAMPS;
}

static void known_print(struct gyl_writer *w, const struct gyl_tcp_known *known)
{
	if (known->has_mss)
		number(w, " mss ", known->mss);
	if (known->has_wscale)
		number(w, " wscale ", known->wscale);
	if (known->sack_permitted)
		gyl_text_str(w, " sack-permitted");
	if (known->has_timestamps) {
		number(w, " ts ", known->ts_val);
		number(w, "/", known->ts_ecr);
	}
	for (uint8_t i = 0; i < known->sack_cnt; i++) {
		number(w, " sack ", known->sack[i].left);
		number(w, "-", known->sack[i].right);
	}
}

static void options_print(struct gyl_writer *w, struct gyl_view options)
{
	struct gyl_tcp_known known;
	struct gyl_tcp_cursor cur;
	struct gyl_tcp_opt opt;

	gyl_tcp_known_get(options, &known);
	known_print(w, &known);
	gyl_tcp_cursor_init(&cur, options);
	while (gyl_tcp_cursor_next(&cur, &opt)) {
		if (is_known(opt.kind))
			continue;
		number(w, " option ", opt.kind);
		gyl_text_char(w, ' ');
		gyl_text_hex(w, opt.val);
	}
}

void gyl_tcp_print(struct gyl_writer *w, const struct gyl_tcp *t)
{
	size_t start = w->len;

	number(w, "port ", t->src_port);
	number(w, " > ", t->dst_port);
	flags_print(w, t->flags);
	number(w, " seq ", t->seq);
	number(w, " ack ", t->ack);
	number(w, " win ", t->window);
	if (t->flags & GYL_TCP_URG)
		number(w, " urgent ", t->urgent);
	options_print(w, t->options);
	number(w, " ", t->payload.len);
	gyl_text_str(w, " octets");
	if (!gyl_writer_ok(w))
		w->len = start;
}

static void options_json(struct gyl_json *j, struct gyl_view options)
{
	struct gyl_tcp_cursor cur;
	struct gyl_tcp_opt opt;

	gyl_json_arr(j, "options");
	gyl_tcp_cursor_init(&cur, options);
	while (gyl_tcp_cursor_next(&cur, &opt)) {
		gyl_json_obj(j, NULL);
		gyl_json_u64(j, "kind", opt.kind);
		gyl_json_hex(j, "val", opt.val);
		gyl_json_end(j);
	}
	gyl_json_end(j);
}

void gyl_tcp_json(struct gyl_json *j, const char *key, const struct gyl_tcp *t)
{
	gyl_json_obj(j, key);
	gyl_json_u64(j, "src_port", t->src_port);
	gyl_json_u64(j, "dst_port", t->dst_port);
	gyl_json_u64(j, "seq", t->seq);
	gyl_json_u64(j, "ack", t->ack);
	gyl_json_arr(j, "flags");
	for (size_t i = 0; i < FLAG_CNT; i++)
		if (t->flags & flag_names[i].bit)
			gyl_json_cstr(j, NULL, flag_names[i].name);
	gyl_json_end(j);
	gyl_json_u64(j, "window", t->window);
	gyl_json_u64(j, "urgent", t->urgent);
	options_json(j, t->options);
	gyl_json_u64(j, "len", t->payload.len);
	gyl_json_end(j);
}

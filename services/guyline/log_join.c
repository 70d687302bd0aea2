/* SPDX-License-Identifier: ISC */

/* The addresses in a record, and who they were at its time. */

#include <gyl/json.h>
#include <gyl/text.h>

#include "services/guyline/log_names.h"

enum {
	ADDRESS_MAX = 8 /* of one record */
};

/* What all sources know together. */
struct who {
	bool by_mac, has_ip, has_mac;
	uint32_t ip;
	uint8_t mac[6];
	const char *name;
};

static bool find_who(const struct gyl__log_names *n, uint64_t wall_ns, struct who *w)
{
	struct gyl__span at = {.from_ns = wall_ns, .ip = w->ip};
	bool known = false;

	memcpy(at.mac, w->mac, sizeof at.mac);
	for (at.source = 0; at.source < GYL__SPAN_SOURCE_CNT; at.source++) {
		const struct gyl__span *s = gyl__log_names_find(n, &at, w->by_mac);

		if (s == NULL)
			continue;
		known = true;
		if (w->name == NULL && s->name[0] != '\0')
			w->name = s->name;
		if (w->by_mac && !w->has_ip) {
			w->has_ip = true;
			w->ip = s->ip;
		} else if (!w->by_mac && !w->has_mac && s->has_mac) {
			w->has_mac = true;
			memcpy(w->mac, s->mac, sizeof w->mac);
		}
	}
	return known && (w->name != NULL || (w->by_mac ? w->has_ip : w->has_mac));
}

struct found {
	const struct gyl__log_names *n;
	uint64_t wall_ns;
	unsigned cnt;
	struct {
		struct gyl_view text; /* as it stands */
		struct who who;
	} at[ADDRESS_MAX];
};

static void note(struct found *a, const struct gyl_syslogd_token *tok)
{
	struct who w = {.by_mac = false};

	w.by_mac = !gyl_failed(gyl_parse_mac(tok->norm, w.mac));
	if (!w.by_mac && gyl_failed(gyl_parse_ipv4(tok->norm, &w.ip)))
		return;
	for (unsigned i = 0; i < a->cnt; i++)
		if (a->at[i].who.by_mac == w.by_mac &&
			(w.by_mac ? memcmp(a->at[i].who.mac, w.mac, 6) == 0
				  : a->at[i].who.ip == w.ip))
			return;
	if (a->cnt < ADDRESS_MAX && find_who(a->n, a->wall_ns, &w)) {
		a->at[a->cnt].text = tok->text;
		a->at[a->cnt++].who = w;
	}
}

static void put_address(struct gyl_writer *w, const struct who *who, bool mac)
{
	if (mac)
		gyl_text_mac(w, who->mac);
	else
		gyl_text_ipv4(w, who->ip);
}

static void put_text(const struct found *a, struct gyl_writer *w)
{
	for (unsigned i = 0; i < a->cnt; i++) {
		const struct who *who = &a->at[i].who;

		gyl_text_str(w, i == 0 ? " {" : ", ");
		put_address(w, who, who->by_mac);
		gyl_text_str(w, " =");
		if (who->name != NULL) {
			gyl_text_char(w, ' ');
			gyl_text_safe(w, gyl_view_str(who->name));
		}
		if (who->by_mac ? who->has_ip : who->has_mac) {
			gyl_text_char(w, ' ');
			put_address(w, who, !who->by_mac);
		}
	}
	gyl_text_char(w, '}');
}

static void put_json(const struct found *a, struct gyl_writer *w)
{
	struct gyl_json j;

	gyl_text_str(w, ",\"names\":");
	gyl_json_init(&j, w);
	gyl_json_obj(&j, NULL);
	for (unsigned i = 0; i < a->cnt; i++) {
		const struct who *who = &a->at[i].who;

		gyl_json_obj_named(&j, a->at[i].text);
		if (who->name != NULL)
			gyl_json_cstr(&j, "name", who->name);
		if (who->by_mac && who->has_ip)
			gyl_json_ipv4(&j, "ip", who->ip);
		if (!who->by_mac && who->has_mac)
			gyl_json_mac(&j, "mac", who->mac);
		gyl_json_end(&j);
	}
	gyl_json_end(&j);
}

void gyl__log_names_put(struct gyl__log_names *n, const struct gyl_syslogd_fields *f, bool json,
	struct gyl_writer *w, uint8_t *scratch)
{
	struct found a = {.n = n, .wall_ns = gyl_syslogd_time(f, GYL_SYSLOGD_RECV)};
	size_t start = w->len;

	if (!n->sorted) /* one thread follows; when many search, it is */
		gyl__log_names_sort(n);
	for (unsigned i = 0; i < GYL_SYSLOGD_WORD_TEXTS; i++) {
		struct gyl_syslogd_tokens t;
		struct gyl_syslogd_token tok;
		bool is_json;
		struct gyl_view text =
			gyl_syslogd_word_text(f, i, scratch, GYL_SYSLOGD_QUERY_SCRATCH, &is_json);

		gyl_syslogd_tokens_init(&t, text, is_json);
		while (gyl_syslogd_tokens_step(&t, &tok))
			if (tok.norm.p != tok.text.p)
				note(&a, &tok);
	}
	if (a.cnt != 0 && json)
		put_json(&a, w);
	else if (a.cnt != 0)
		put_text(&a, w);
	if (!gyl_writer_ok(w))
		w->len = start;
}

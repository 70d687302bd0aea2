/* SPDX-License-Identifier: ISC */

/*
 * Who had which address when. The log itself has the events of leases, of hosts that the ARP watch
 * saw and of names in DNS; the daemons that run know what has not changed since before the log
 * begins. Each is a span of time, in which an address, a MAC and a name belong together; it ends
 * with the next one about the same address, or at its own end.
 */

#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdlib.h>
#include <string.h>

#include "services/guyline/log_own.h"

enum {
	SPAN_MAX = 500000, /* the newest are kept */
	NAME_MAX_LEN = 63,
	ADDRESS_MAX = 8 /* of one record */
};

/* Who says so: the first that knows is believed. */
enum source {
	LEASE,
	HOST,
	DNS,
	SOURCE_CNT
};

struct span {
	uint64_t from_ns, to_ns, seq;
	uint32_t ip;
	uint8_t source, has_mac;
	uint8_t mac[6];
	char name[NAME_MAX_LEN + 1];
};

struct gyl__log_names {
	struct span *span; /* by source, address and time */
	size_t *by_mac;    /* the same by source, MAC and time */
	size_t cnt, cap;
	bool sorted;
};

/* ---- order ---- */

static int order(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_ip(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	int d = order(x->source, y->source);

	d = d != 0 ? d : order(x->ip, y->ip);
	d = d != 0 ? d : order(x->from_ns, y->from_ns);
	return d != 0 ? d : order(x->seq, y->seq);
}

static int by_mac(const void *a, const void *b, void *span)
{
	const struct span *x = (const struct span *)span + *(const size_t *)a;
	const struct span *y = (const struct span *)span + *(const size_t *)b;
	int d = order(x->source, y->source);

	d = d != 0 ? d : memcmp(x->mac, y->mac, sizeof x->mac);
	d = d != 0 ? d : order(x->from_ns, y->from_ns);
	return d != 0 ? d : order(x->seq, y->seq);
}

static void sort(struct gyl__log_names *n)
{
	size_t *mac = realloc(n->by_mac, (n->cnt + 1) * sizeof *mac);

	qsort(n->span, n->cnt, sizeof *n->span, by_ip);
	if (mac == NULL)
		return;
	n->by_mac = mac;
	for (size_t i = 0; i < n->cnt; i++)
		mac[i] = i;
	qsort_r(mac, n->cnt, sizeof *mac, by_mac, n->span);
	n->sorted = true;
}

/* ---- what the log tells ---- */

/* The value of a parameter of ours, as it stands: ["ip","10.77.0.5"]. Inside of a value a quote has
 * a backslash in front, so this is found nowhere else. */
static struct gyl_view param(struct gyl_view sd, const char *name)
{
	char key[32];
	const uint8_t *p, *end;

	if (sd.p == NULL)
		return gyl_view(NULL, 0);
	snprintf(key, sizeof key, "[\"%s\",\"", name);
	p = memmem(sd.p, sd.len, key, strlen(key));
	if (p == NULL)
		return gyl_view(NULL, 0);
	p += strlen(key);
	end = memmem(p, (size_t)(sd.p + sd.len - p), "\"]", 2);
	return end == NULL ? gyl_view(NULL, 0) : gyl_view(p, (size_t)(end - p));
}

static void set_name(struct span *s, struct gyl_view name)
{
	size_t len = name.len < NAME_MAX_LEN ? name.len : NAME_MAX_LEN;

	if (len != 0)
		memcpy(s->name, name.p, len);
	s->name[len] = '\0';
}

static bool is_one_of(struct gyl_view v, const char *const *word)
{
	for (; *word != NULL; word++)
		if (gyl_view_eq(v, gyl_view_str(*word)))
			return true;
	return false;
}

static bool source_of(const struct gyl_syslogd_fields *f, uint8_t *ret)
{
	static const char *const kind[SOURCE_CNT] = {"dhcpd.lease", "arpd.host", "dns.name"};

	if (!gyl_view_eq(f->v[GYL_SYSLOGD_FROM], gyl_view_str("guyline")))
		return false;
	for (uint8_t i = 0; i < SOURCE_CNT; i++)
		if (gyl_view_eq(f->v[GYL_SYSLOGD_MSGID], gyl_view_str(kind[i]))) {
			*ret = i;
			return true;
		}
	return false;
}

static bool span_of(const struct gyl_syslogd_fields *f, struct span *s)
{
	static const char *const ended[] = {
		"released", "expired", "declined", "wiped", "gone", "removed", NULL};
	struct gyl_view sd = f->v[GYL_SYSLOGD_SD];

	memset(s, 0, sizeof *s);
	if (!source_of(f, &s->source) || gyl_failed(gyl_parse_ipv4(param(sd, "ip"), &s->ip)))
		return false;
	s->seq = gyl_syslogd_number(f, GYL_SYSLOGD_SEQ, 0);
	s->from_ns = gyl_syslogd_time(f, GYL_SYSLOGD_RECV);
	s->to_ns = UINT64_MAX;
	gyl_parse_u64(param(sd, "expiry"), UINT64_MAX, &s->to_ns);
	if (is_one_of(param(sd, "state"), ended))
		s->to_ns = 0;
	s->has_mac = !gyl_failed(gyl_parse_mac(param(sd, "mac"), s->mac));
	set_name(s, param(sd, "name"));
	return true;
}

static bool keep(struct gyl__log_names *n, const struct span *s)
{
	if (n->cnt == n->cap) {
		size_t cap = n->cap == 0 ? 256 : 2 * n->cap;
		struct span *p = realloc(n->span, cap * sizeof *p);

		if (p == NULL)
			return false;
		n->span = p;
		n->cap = cap;
	}
	n->span[n->cnt++] = *s;
	n->sorted = false;
	return n->cnt < SPAN_MAX;
}

static void put(void *arg, struct gyl_view line, const struct gyl_syslogd_fields *f,
	uint8_t *scratch, struct gyl__log_out *out)
{
	struct span s;
	uint8_t *p;

	(void)arg;
	(void)line;
	(void)scratch;
	if (!span_of(f, &s) || (p = gyl__log_room(out, sizeof s)) == NULL)
		return;
	memcpy(p, &s, sizeof s);
	out->len += sizeof s;
}

static bool take(void *arg, const struct gyl__log_out *out)
{
	struct span s;

	for (size_t at = 0; at + sizeof s <= out->len; at += sizeof s) {
		memcpy(&s, out->p + at, sizeof s);
		if (!keep(arg, &s))
			return false;
	}
	return true;
}

static void read_log(struct gyl__log_names *n, const struct gyl__log_ask *ask,
	const struct gyl_syslogd_reader *r)
{
	struct gyl__log_ask all = {.grep = NULL};
	struct gyl__log_scan s = {.ask = &all, .put = put, .take = take, .arg = n};

	s.newest_first = true; /* when there are too many, the newest are kept */
	gyl_syslogd_query_init(&s.q);
	s.q.until_ns = ask->q.until_ns;
	s.q.from = gyl_view_str("guyline");
	s.q.app = gyl_view_str("guyline-dhcpd,guyline-arpd,guyline-dns");
	gyl_syslogd_query_ready(&s.q);
	gyl__log_scan(&s, r);
	if (n->cnt >= SPAN_MAX)
		fprintf(stderr,
			"guyline: --names: there are more than %d events of leases and hosts; the oldest were left out\n",
			SPAN_MAX);
}

/* ---- what the daemons tell ---- */

struct rows {
	struct gyl__log_names *n;
	uint8_t source;
	const char *from, *to; /* members */
};

static uint64_t time_of(const struct gyl_ask_row *row, const char *member, uint64_t otherwise)
{
	const char *text = gyl_ask_text(row, member);

	if (text != NULL)
		gyl_time_parse_rfc3339(gyl_view_str(text), &otherwise);
	return otherwise;
}

static bool take_row(void *arg, const struct gyl_ask_row *row, FILE *out)
{
	const struct rows *r = arg;
	const char *ip = gyl_ask_text(row, "ip"), *mac = gyl_ask_text(row, "mac");
	const char *name = gyl_ask_text(row, "name");
	struct span s = {.source = r->source};

	(void)out;
	if (ip == NULL || gyl_failed(gyl_parse_ipv4(gyl_view_str(ip), &s.ip)))
		return true;
	s.from_ns = time_of(row, r->from, 0);
	s.to_ns = r->to == NULL ? UINT64_MAX : time_of(row, r->to, UINT64_MAX);
	s.has_mac = mac != NULL && !gyl_failed(gyl_parse_mac(gyl_view_str(mac), s.mac));
	set_name(&s, gyl_view_str(name == NULL ? "" : name));
	keep(r->n, &s);
	return true;
}

static void ask_daemon(struct gyl__log_names *n, const struct gyl_tool *t, const char *verb,
	const char *service, uint8_t source, const char *from, const char *to)
{
	struct rows rows = {.n = n, .source = source, .from = from, .to = to};
	struct gyl_ask a = {.row = take_row, .arg = &rows, .quiet = true};
	struct gyl_tool_request q;

	gyl_tool_begin(&q, verb);
	gyl_tool_ask(t, service, &q, &a);
}

struct gyl__log_names *gyl__log_names_open(const struct gyl_tool *t, const struct gyl__log_ask *ask,
	const struct gyl_syslogd_reader *r)
{
	struct gyl__log_names *n = calloc(1, sizeof *n);

	if (n == NULL)
		return NULL;
	read_log(n, ask, r);
	if (ask->dir == NULL) {
		ask_daemon(n, t, "dhcp.leases", "dhcpd", LEASE, "since", "expiry");
		ask_daemon(n, t, "arpd.hosts", "arpd", HOST, "first", NULL);
	}
	sort(n);
	return n;
}

void gyl__log_names_close(struct gyl__log_names *n)
{
	if (n == NULL)
		return;
	free(n->span);
	free(n->by_mac);
	free(n);
}

void gyl__log_names_see(struct gyl__log_names *n, const struct gyl_syslogd_fields *f)
{
	struct span s;

	if (n->cnt < SPAN_MAX && span_of(f, &s)) {
		keep(n, &s);
		sort(n);
	}
}

/* ---- looking up ---- */

/* How many of the array's first `cnt` are not behind what is looked for. */
static size_t upper(const struct gyl__log_names *n, const struct span *at, bool mac)
{
	size_t from = 0, to = mac && n->by_mac == NULL ? 0 : n->cnt;

	while (from < to) {
		size_t mid = from + (to - from) / 2;
		const struct span *s = &n->span[mac ? n->by_mac[mid] : mid];
		int d = order(s->source, at->source);

		if (d == 0)
			d = mac ? memcmp(s->mac, at->mac, sizeof s->mac) : order(s->ip, at->ip);
		if (d < 0 || (d == 0 && s->from_ns <= at->from_ns))
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* The span of a source that the moment at->from_ns lies in; NULL: none. */
static const struct span *lookup(const struct gyl__log_names *n, const struct span *at, bool mac)
{
	size_t i = upper(n, at, mac);
	const struct span *s = i == 0 ? NULL : &n->span[mac ? n->by_mac[i - 1] : i - 1];

	if (s == NULL || s->source != at->source || at->from_ns >= s->to_ns)
		return NULL;
	if (mac ? !s->has_mac || memcmp(s->mac, at->mac, sizeof s->mac) != 0 : s->ip != at->ip)
		return NULL;
	return s;
}

/* What all sources know together. */
struct who {
	bool by_mac, has_ip, has_mac;
	uint32_t ip;
	uint8_t mac[6];
	const char *name;
};

static bool find_who(const struct gyl__log_names *n, uint64_t wall_ns, struct who *w)
{
	struct span at = {.from_ns = wall_ns, .ip = w->ip};
	bool known = false;

	memcpy(at.mac, w->mac, sizeof at.mac);
	for (at.source = 0; at.source < SOURCE_CNT; at.source++) {
		const struct span *s = lookup(n, &at, w->by_mac);

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

/* ---- showing ---- */

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

void gyl__log_names_put(const struct gyl__log_names *n, const struct gyl_syslogd_fields *f,
	bool json, struct gyl_writer *w, uint8_t *scratch)
{
	struct found a = {.n = n, .wall_ns = gyl_syslogd_time(f, GYL_SYSLOGD_RECV)};
	size_t start = w->len;

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

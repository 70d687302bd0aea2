/* SPDX-License-Identifier: ISC */

/*
 * Who had which address when. The log itself has the events of leases, of hosts that the ARP watch
 * saw and of names in DNS; the daemons that run know what has not changed since before the log
 * begins. Each is a span of time, in which an address, a MAC and a name belong together; it ends
 * with the next one about the same address, or at its own end.
 */

#include <gyl/text.h>
#include <gyl/time.h>
#include <stdlib.h>
#include <string.h>

#include "services/guyline/log_names.h"

enum {
	SPAN_MAX = 500000 /* the newest are kept */
};

/* ---- order ---- */

static int order(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_ip(const void *a, const void *b)
{
	const struct gyl__span *x = a, *y = b;
	int d = order(x->source, y->source);

	d = d != 0 ? d : order(x->ip, y->ip);
	d = d != 0 ? d : order(x->from_ns, y->from_ns);
	return d != 0 ? d : order(x->seq, y->seq);
}

static int by_mac(const void *a, const void *b, void *span)
{
	const struct gyl__span *x = (const struct gyl__span *)span + *(const size_t *)a;
	const struct gyl__span *y = (const struct gyl__span *)span + *(const size_t *)b;
	int d = order(x->source, y->source);

	d = d != 0 ? d : memcmp(x->mac, y->mac, sizeof x->mac);
	d = d != 0 ? d : order(x->from_ns, y->from_ns);
	return d != 0 ? d : order(x->seq, y->seq);
}

void gyl__log_names_sort(struct gyl__log_names *n)
{
	size_t *mac = realloc(n->by_mac, (n->cnt + 1) * sizeof *mac);

	n->sorted = true;
	qsort(n->span, n->cnt, sizeof *n->span, by_ip);
	if (mac == NULL)
		free(n->by_mac);
	n->by_mac = mac;
	if (mac == NULL)
		return;
	for (size_t i = 0; i < n->cnt; i++)
		mac[i] = i;
	qsort_r(mac, n->cnt, sizeof *mac, by_mac, n->span);
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

static void set_name(struct gyl__span *s, struct gyl_view name)
{
	size_t len = name.len < GYL__SPAN_NAME_LEN ? name.len : GYL__SPAN_NAME_LEN;

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
	static const char *const kind[GYL__SPAN_SOURCE_CNT] = {
		"dhcpd.lease", "arpd.host", "dns.name"};

	if (!gyl_view_eq(f->v[GYL_SYSLOGD_FROM], gyl_view_str("guyline")))
		return false;
	for (unsigned i = 0; i < GYL__SPAN_SOURCE_CNT; i++)
		if (gyl_view_eq(f->v[GYL_SYSLOGD_MSGID], gyl_view_str(kind[i]))) {
			*ret = (uint8_t)i;
			return true;
		}
	return false;
}

static bool span_of(const struct gyl_syslogd_fields *f, struct gyl__span *s)
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

static bool keep(struct gyl__log_names *n, const struct gyl__span *s)
{
	if (n->cnt == n->cap) {
		size_t cap = n->cap == 0 ? 256 : 2 * n->cap;
		struct gyl__span *p = realloc(n->span, cap * sizeof *p);

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
	struct gyl__span s;
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
	struct gyl__span s;

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
	struct gyl__span s = {.source = r->source};

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
		ask_daemon(n, t, "dhcp.leases", "dhcpd", GYL__SPAN_LEASE, "since", "expiry");
		ask_daemon(n, t, "arpd.hosts", "arpd", GYL__SPAN_HOST, "first", NULL);
	}
	gyl__log_names_sort(n);
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
	struct gyl__span s;

	if (n->cnt < SPAN_MAX && span_of(f, &s))
		keep(n, &s);
}

/* ---- looking up ---- */

/* How many of the array's first `cnt` are not behind what is looked for. */
static size_t upper(const struct gyl__log_names *n, const struct gyl__span *at, bool mac)
{
	size_t from = 0, to = mac && n->by_mac == NULL ? 0 : n->cnt;

	while (from < to) {
		size_t mid = from + (to - from) / 2;
		const struct gyl__span *s = &n->span[mac ? n->by_mac[mid] : mid];
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

const struct gyl__span *gyl__log_names_find(
	const struct gyl__log_names *n, const struct gyl__span *at, bool mac)
{
	size_t i = upper(n, at, mac);
	const struct gyl__span *s = i == 0 ? NULL : &n->span[mac ? n->by_mac[i - 1] : i - 1];

	if (s == NULL || s->source != at->source || at->from_ns >= s->to_ns)
		return NULL;
	if (mac ? !s->has_mac || memcmp(s->mac, at->mac, sizeof s->mac) != 0 : s->ip != at->ip)
		return NULL;
	return s;
}

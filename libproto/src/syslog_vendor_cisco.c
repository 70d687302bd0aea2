/* SPDX-License-Identifier: ISC */

/*
 * Cisco: `seq: host: seq: *time: %FAC-SUB-SEV-MNEMONIC: text`, each part optional (IOS, IOS XE,
 * NX-OS, ASA, wireless controllers, small-business switches, IOS XR), and Meraki's lines.
 */

#include "libproto/src/syslog_impl.h"

static size_t run_len(const struct gyl__syslog_in *in, size_t at, bool (*is)(uint8_t c))
{
	size_t from = at;

	while (is(gyl__peek(in, at)))
		at++;
	return at - from;
}

static bool is_word(uint8_t c)
{
	return gyl__letter(c) || gyl__digit(c) || c == '_';
}

static bool is_mnemonic(uint8_t c)
{
	return is_word(c) || c == '-';
}

/* Severity of `-5-`; the letters are those of small-business switches. 8 when it is none. */
static uint8_t severity(uint8_t c)
{
	static const char letters[] = "XACEWNID";

	if (c >= '0' && c <= '7')
		return (uint8_t)(c - '0');
	for (uint8_t i = 1; i < 8; i++)
		if (c == (uint8_t)letters[i])
			return i;
	return 8;
}

static bool ends_mnemonic(const struct gyl__syslog_in *in, size_t at)
{
	return gyl__peek(in, at) == ':' ||
	       (gyl__peek(in, at) == ' ' && gyl__peek(in, at + 1) == ':');
}

/* `FAC-`, or `SUB-` where the severity comes only behind it: its length without the dash, 0 when
 * none. */
static size_t part_len(const struct gyl__syslog_in *in, size_t at)
{
	size_t len = run_len(in, at, is_word);

	return gyl__peek(in, at + len) == '-' ? len : 0;
}

static bool is_severity_part(const struct gyl__syslog_in *in, size_t at)
{
	return severity(gyl__peek(in, at)) < 8 && gyl__peek(in, at + 1) == '-';
}

static void take_mnemonic(struct gyl__syslog_in *in, const struct gyl_syslog_cisco *c, size_t end)
{
	struct gyl_syslog *m = in->m;
	struct gyl_syslog_cisco head = {.sev = 8};

	if (m->vendor == GYL_SYSLOG_X_CISCO)
		head = m->x.cisco;
	m->vendor = GYL_SYSLOG_X_CISCO;
	m->x.cisco = *c;
	m->x.cisco.seq = head.seq;
	m->x.cisco.count = head.count;
	m->x.cisco.uptime = head.uptime;
	m->app = gyl_view(in->p, end);
	in->p += end;
	gyl__skip_spaces(in);
	in->p++;
	if (gyl__peek(in, 0) == ' ')
		in->p++;
}

/* `%FAC[-SUB...]-SEV-MNEMONIC:`; wireless controllers also write `#` for `%`. */
bool gyl__syslog_cisco_mnemonic(struct gyl__syslog_in *in)
{
	struct gyl_syslog_cisco c = {.sev = 8};
	size_t at = 1, len, sub;

	if (gyl__peek(in, 0) != '%' && gyl__peek(in, 0) != '#')
		return false;
	len = part_len(in, at);
	if (len == 0)
		return false;
	c.fac = gyl_view(in->p + at, len);
	at += len + 1;
	sub = at;
	while (!is_severity_part(in, at)) {
		len = part_len(in, at);
		if (len == 0)
			return false;
		at += len + 1;
	}
	if (at != sub)
		c.sub = gyl_view(in->p + sub, at - sub - 1);
	c.sev = severity(in->p[at]);
	at += 2;
	len = run_len(in, at, is_mnemonic);
	if (len == 0 || !ends_mnemonic(in, at + len))
		return false;
	c.mnemonic = gyl_view(in->p + at, len);
	take_mnemonic(in, &c, at + len);
	return true;
}

/* `123: ` */
static bool take_seq(struct gyl__syslog_in *in, struct gyl_syslog_cisco *c)
{
	size_t len = run_len(in, 0, gyl__digit);

	if (len == 0 || len > 10 || gyl__peek(in, len) != ':' || gyl__peek(in, len + 1) != ' ')
		return false;
	/* the second of two is the sequence number, the first counts messages per collector */
	c->seq = gyl_view(in->p, len);
	if (c->count.p == NULL)
		c->count = c->seq;
	in->p += len + 1;
	gyl__skip_spaces(in);
	return true;
}

/* `origin: `, and the node of IOS XR (`RP/0/RSP0/CPU0:`), which is no host. */
static bool take_origin(struct gyl__syslog_in *in, struct gyl_view *ret_host)
{
	struct gyl_view word = gyl_view(in->p, gyl__word_len(in));
	const uint8_t *colon = memchr(word.p, ':', word.len);

	if (colon != NULL && memchr(word.p, '/', (size_t)(colon - word.p)) != NULL &&
		gyl__letter(word.p[0])) {
		in->p = colon + 1;
		return true;
	}
	if (word.len < 2 || word.p[word.len - 1] != ':')
		return false;
	word.len--;
	if (!gyl__syslog_is_name(word) && !gyl__syslog_is_ip6(word))
		return false;
	*ret_host = word;
	in->p += word.len + 1;
	gyl__skip_spaces(in);
	return true;
}

/* `*spamApTask5: `: the task of a wireless controller, not the clock mark. */
static bool take_task(struct gyl__syslog_in *in)
{
	size_t len = gyl__word_len(in);

	if (gyl__peek(in, 0) != '*' || len < 3 || in->p[len - 1] != ':' || gyl__digit(in->p[1]))
		return false;
	in->p += len;
	gyl__skip_spaces(in);
	return true;
}

static bool is_unit(uint8_t c)
{
	return c == 'y' || c == 'w' || c == 'd' || c == 'h' || c == 'm' || c == 's';
}

/* The clock mark counts only before a time: one of the day, or since the start. */
static size_t mark_len(const struct gyl__syslog_in *in)
{
	return gyl__peek(in, 0) == '*' || gyl__peek(in, 0) == '.';
}

static void note_mark(struct gyl__syslog_in *in, uint8_t mark)
{
	if (mark == '*')
		in->m->flags |= GYL_SYSLOG_CLOCK_UNSYNCED;
	if (mark == '.')
		in->m->flags |= GYL_SYSLOG_CLOCK_LOST;
}

/* `1d02h: ` or `00:05:12.123: `: time since the device started. */
static bool take_uptime(struct gyl__syslog_in *in, struct gyl_syslog_cisco *c)
{
	size_t mark = mark_len(in), at = mark, len;

	for (unsigned part = 0; part < 3; part++) {
		len = run_len(in, at, gyl__digit);
		if (len == 0)
			break;
		at += len;
		if (is_unit(gyl__peek(in, at)) || (gyl__peek(in, at) == ':' && part < 2))
			at++;
	}
	if (gyl__peek(in, at) == '.')
		at += 1 + run_len(in, at + 1, gyl__digit);
	if (at - mark < 4 || gyl__peek(in, at) != ':' || gyl__peek(in, at + 1) != ' ')
		return false;
	note_mark(in, *in->p);
	c->uptime = gyl_view(in->p + mark, at - mark);
	in->p += at + 1;
	return true;
}

static bool take_time(struct gyl__syslog_in *in)
{
	struct gyl__syslog_in rest = *in;

	rest.p += mark_len(in);
	if (!gyl__syslog_time_any(&rest))
		return false;
	note_mark(in, *in->p);
	*in = rest;
	return true;
}

static bool mnemonic_follows(const struct gyl__syslog_in *in)
{
	struct gyl__syslog_in rest = *in;
	struct gyl_syslog scratch;

	memset(&scratch, 0, sizeof scratch);
	rest.m = &scratch;
	gyl__skip_spaces(&rest);
	return gyl__syslog_cisco_mnemonic(&rest);
}

/* ` proc[123]: ` of IOS XR, before the mnemonic. */
static void take_process(struct gyl__syslog_in *in)
{
	struct gyl__syslog_in rest = *in;
	struct gyl_syslog scratch;

	memset(&scratch, 0, sizeof scratch);
	rest.m = &scratch;
	gyl__skip_spaces(&rest);
	if (!gyl__syslog_tag(&rest) || scratch.pid.p == NULL || !mnemonic_follows(&rest))
		return;
	in->m->pid = scratch.pid;
	in->p = rest.p;
}

/* Everything before the mnemonic; `c` and `ret_host` get what is there. False when it is somebody
 * else's. */
static bool take_header(
	struct gyl__syslog_in *in, struct gyl_syslog_cisco *c, struct gyl_view *ret_host)
{
	bool lead = gyl__peek(in, 0) == ':';

	if (lead) {
		in->p++;
		gyl__skip_spaces(in);
	}
	while (take_seq(in, c))
		;
	if (take_time(in))
		return true;
	if (!take_uptime(in, c)) {
		take_origin(in, ret_host);
		take_seq(in, c);
		take_task(in);
		if (take_time(in))
			return true;
		take_uptime(in, c);
	}
	/* a number and a colon begin many texts: without a time, the mnemonic is the proof */
	if (!mnemonic_follows(in))
		return false;
	in->m->flags |= GYL_SYSLOG_NO_TS;
	return lead || c->seq.p != NULL || c->uptime.p != NULL || ret_host->p != NULL;
}

/* A header that starts with Cisco's parts rather than with a time. */
bool gyl__syslog_cisco(struct gyl__syslog_in *in)
{
	struct gyl__syslog_in cur = *in;
	struct gyl_syslog_cisco c = {.sev = 8};
	struct gyl_view host = gyl_view(NULL, 0);

	if (!take_header(&cur, &c, &host))
		return false;
	in->m->host = host;
	if (c.seq.p != NULL || c.uptime.p != NULL) {
		in->m->vendor = GYL_SYSLOG_X_CISCO;
		in->m->x.cisco = c;
	}
	take_process(&cur);
	in->p = cur.p;
	return true;
}

/* `fw1: %ASA-...` behind a time: a name with a colon that is no tag. */
bool gyl__syslog_cisco_origin(struct gyl__syslog_in *in)
{
	struct gyl__syslog_in rest = *in;
	struct gyl_view host = gyl_view(NULL, 0);
	size_t len = gyl__word_len(in);

	if (len < 2 || in->p[len - 1] != ':' || !take_origin(&rest, &host) || host.p == NULL ||
		!mnemonic_follows(&rest))
		return false;
	in->m->host = host;
	in->p = rest.p;
	return gyl__syslog_cisco_mnemonic(in);
}

/* `Nov 21 13:00:00 10.0.0.2 ` is a relay's; what the device wrote follows. Its own time counts. */
void gyl__syslog_cisco_relayed(struct gyl__syslog_in *in)
{
	struct gyl__syslog_in rest = *in;
	uint8_t c = gyl__peek(in, 0);
	struct gyl_syslog inner;

	if (!gyl__digit(c) && mark_len(in) == 0 && c != ':' && gyl__peek(in, 3) != ' ')
		return;
	inner = *in->m;
	rest.m = &inner;
	if (!gyl__syslog_cisco(&rest) || !mnemonic_follows(&rest))
		return;
	inner.flags &= ~(uint32_t)GYL_SYSLOG_NO_TS; /* the relay's is there */
	if (inner.host.p == NULL)
		inner.host = in->m->host;
	*in->m = inner;
	in->p = rest.p;
	gyl__skip_spaces(in);
}

/* `1 1795266000.25 name type text`: VERSION and epoch seconds. */
bool gyl__syslog_meraki(struct gyl__syslog_in *in)
{
	struct gyl__syslog_in cur = *in;
	struct gyl_view host, type;

	if (gyl__peek(&cur, 0) == '1' && gyl__peek(&cur, 1) == ' ')
		cur.p += 2;
	if (!gyl__digit(gyl__peek(&cur, 0)) || !gyl__syslog_time_epoch(&cur))
		return false;
	in->p = cur.p + 1;
	host = gyl_view(in->p, gyl__word_len(in));
	if (host.len == gyl__left(in) || !gyl__syslog_is_name(host)) {
		in->m->flags |= GYL_SYSLOG_NO_HOST | GYL_SYSLOG_NO_TAG;
		return true;
	}
	in->m->host = host;
	in->p += host.len + 1;
	if (gyl__syslog_tag(in))
		return true;
	type = gyl_view(in->p, run_len(in, 0, is_mnemonic)); /* ids-alerts, flows */
	if (type.len == 0 || (gyl__peek(in, type.len) != ' ' && type.len != gyl__left(in))) {
		in->m->flags |= GYL_SYSLOG_NO_TAG;
		return true;
	}
	in->m->app = type;
	in->p += type.len < gyl__left(in) ? type.len + 1 : type.len;
	return true;
}

/* SPDX-License-Identifier: ISC */

/* RFC 3164 and its free interpretations: time, host, tag, text. */

#include "libproto/src/syslog_impl.h"

#include <gyl/text.h>

static bool is_alnum(uint8_t c)
{
	return gyl__letter(c) || gyl__digit(c);
}

bool gyl__syslog_is_name(struct gyl_view v)
{
	if (v.len == 0 || v.p[0] == '-' || v.p[0] == '.')
		return false;
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.p[i];

		if (!is_alnum(c) && c != '-' && c != '_' && (c != '.' || v.p[i - 1] == '.'))
			return false;
	}
	return true;
}

static bool tag_octet(uint8_t c)
{
	static const char others[] = "/.-_()%@+~#$*";

	return is_alnum(c) || (c != 0 && memchr(others, c, sizeof others - 1) != NULL);
}

/* IPv6 text loosely: hexadecimal groups, two colons at least, perhaps a dotted end and a zone. */
bool gyl__syslog_is_ip6(struct gyl_view v)
{
	unsigned colons = 0, group = 0;
	bool twice = false;

	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '%' && i > 2)
			break;
		if (v.p[i] == ':') {
			twice |= i > 0 && v.p[i - 1] == ':';
			group = 0;
			colons++;
		} else if (v.p[i] != '.' && (!gyl__hex(v.p[i]) || ++group > 4)) {
			return false;
		}
	}
	return colons <= 7 && (twice || colons == 7);
}

static bool is_mac(struct gyl_view v)
{
	uint8_t mac[6];

	return v.len >= 17 && gyl_parse_mac(gyl_view(v.p, 17), mac).err == GYL_OK &&
	       (v.len == 17 || !gyl__hex(v.p[17]));
}

/* After `tag:` without a space: a path, an address or a time is no tag. */
static bool tight_colon(const struct gyl__syslog_in *in, size_t tag_len, struct gyl_view word)
{
	return gyl__peek(in, tag_len + 1) != '/' && !is_mac(word) && !gyl__syslog_is_ip6(word);
}

/* `[pid]` with any text in it, and perhaps a colon; returns octets in all, 0 when it is no such
 * thing. */
static size_t bracket_len(const uint8_t *p, size_t len)
{
	const uint8_t *close = memchr(p, ']', len);
	size_t at;

	if (close == NULL)
		return 0;
	at = (size_t)(close - p) + 1;
	if (len - at >= 3 && p[at] == ' ' && p[at + 1] == ':' && p[at + 2] == ' ')
		return at + 2;
	if (at == len || p[at] == ' ')
		return at;
	return p[at] == ':' ? at + 1 : 0;
}

static bool has_letter(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (gyl__letter(p[i]))
			return true;
	return false;
}

static void take_tag(struct gyl__syslog_in *in, size_t tag_len, size_t len)
{
	in->m->app = gyl_view(in->p, tag_len);
	in->p += len;
	if (gyl__peek(in, 0) == ' ')
		in->p++;
}

/*
 * Tag: up to a colon or a bracket. A word that is followed by neither is text: taking it for a tag
 * would invent a program out of a sentence.
 */
bool gyl__syslog_tag(struct gyl__syslog_in *in)
{
	size_t len = 0, more;
	uint8_t stop;

	while (tag_octet(gyl__peek(in, len)))
		len++;
	stop = gyl__peek(in, len);
	if (len == 0)
		return false;
	if (stop == '[') {
		more = bracket_len(in->p + len, gyl__left(in) - len);
		if (more == 0)
			return false;
		in->m->pid = gyl__span(in->p + len + 1, memchr(in->p + len, ']', more));
		take_tag(in, len, len + more);
		return true;
	}
	/* `45: ` is a count of something, `13:00` a time */
	if (!has_letter(in->p, len))
		return false;
	if (stop == ' ' && gyl__peek(in, len + 1) == ':' && gyl__peek(in, len + 2) == ' ') {
		take_tag(in, len, len + 2);
		return true;
	}
	if (stop != ':')
		return false;
	if (gyl__left(in) > len + 1 && in->p[len + 1] != ' ' &&
		!tight_colon(in, len, gyl_view(in->p, gyl__word_len(in))))
		return false;
	take_tag(in, len, len + 1);
	return true;
}

/* The tag, or what stands in its place with some vendors. */
static bool any_tag(struct gyl__syslog_in *in)
{
	if (gyl__syslog_cisco_mnemonic(in) || gyl__syslog_repeat(in) || gyl__syslog_procurve(in) ||
		gyl__syslog_mikrotik(in))
		return true;
	if (!gyl__syslog_tag(in))
		return false;
	gyl__syslog_solaris(in);
	gyl__syslog_repeat(in);
	return true;
}

/* An address in brackets, or a name or address, followed by a space: its length, else 0. */
static size_t host_len(const struct gyl__syslog_in *in, struct gyl_view *ret_host)
{
	struct gyl_view word = gyl_view(in->p, gyl__word_len(in));
	struct gyl_view host = word;
	uint32_t ip;

	if (word.len == 0 || word.len == gyl__left(in))
		return 0;
	if (word.len > 2 && word.p[0] == '[' && word.p[word.len - 1] == ']') {
		host = gyl_view(word.p + 1, word.len - 2);
		if (gyl_failed(gyl_parse_ipv4(host, &ip)) && !gyl__syslog_is_ip6(host))
			return 0;
	} else if (!gyl__syslog_is_name(host) && !gyl__syslog_is_ip6(host)) {
		return 0;
	}
	*ret_host = host;
	return word.len;
}

/* `host : %ASA-...`: the colon belongs to nothing. `prog : text` is a tag. */
static bool colon_is_tag(const struct gyl__syslog_in *in, size_t at)
{
	struct gyl__syslog_in rest = *in;
	struct gyl_syslog scratch;

	if (gyl__peek(in, at + 1) != ':' || gyl__peek(in, at + 2) != ' ')
		return false;
	rest.p += at + 3;
	rest.m = &scratch;
	memset(&scratch, 0, sizeof scratch);
	return !gyl__syslog_cisco_mnemonic(&rest);
}

/* Does a tag follow on a word of len octets? */
static bool tag_behind(const struct gyl__syslog_in *in, size_t len)
{
	struct gyl__syslog_in rest = *in;
	struct gyl_syslog scratch;

	rest.p += len + 1;
	rest.m = &scratch;
	memset(&scratch, 0, sizeof scratch);
	return gyl__syslog_tag(&rest);
}

/*
 * A word that no host can be, with a tag behind it, stands in the host's place. It must never name
 * a host (a collector makes file names of hosts), but what follows is read as usual.
 */
static bool skip_bad_host(struct gyl__syslog_in *in)
{
	size_t len = gyl__word_len(in);

	if (len == 0 || len == gyl__left(in) || memchr(in->p, ':', len) != NULL ||
		memchr(in->p, '[', len) != NULL ||
		(memchr(in->p, '/', len) == NULL && in->p[0] != '.') || !tag_behind(in, len))
		return false;
	in->p += len + 1;
	in->m->flags |= GYL_SYSLOG_BAD_HOST;
	return true;
}

static bool read_host(struct gyl__syslog_in *in)
{
	size_t len;

	if (gyl__syslog_forwarded(in) || gyl__syslog_unifi_host(in) || gyl__syslog_aruba(in))
		return true;
	len = host_len(in, &in->m->host);
	if (len == 0 || colon_is_tag(in, len)) {
		in->m->host = gyl_view(NULL, 0);
		return false;
	}
	in->p += len + 1;
	if (gyl__peek(in, 0) == ':' && gyl__peek(in, 1) == ' ')
		in->p += 2;
	gyl__syslog_forwarded(in);
	gyl__word_note(in);
	if (!gyl__syslog_unifi_unit(in) && !gyl__syslog_unifi_host(in) && !gyl__syslog_aruba(in))
		gyl__syslog_cisco_relayed(in);
	return true;
}

/* `- prog: text`: the sender knows RFC 5424's word for no host. */
static void no_host(struct gyl__syslog_in *in)
{
	in->m->flags |= GYL_SYSLOG_NO_HOST;
	if (gyl__peek(in, 0) == '-' && gyl__peek(in, 1) == ' ' && tag_behind(in, 1))
		in->p += 2;
}

/* Behind the time. Several spaces are tolerated before host and tag, but are part of a text without
 * one. */
static void header(struct gyl__syslog_in *in)
{
	const uint8_t *text;

	gyl__skip_spaces(in);
	gyl__word_note(in);
	if (in->m->host.p == NULL) {
		if (gyl__syslog_cisco_mnemonic(in) || gyl__syslog_repeat(in)) {
			if (!(in->m->flags & GYL_SYSLOG_NO_TS))
				in->m->flags |= GYL_SYSLOG_NO_HOST;
			return;
		}
		if (gyl__syslog_cisco_origin(in))
			return;
		if (gyl__syslog_unifi_unit(in) || (!skip_bad_host(in) && !read_host(in)))
			no_host(in);
	}
	text = in->p;
	gyl__skip_spaces(in);
	if (any_tag(in))
		return;
	in->p = text;
	in->m->flags |= GYL_SYSLOG_NO_TAG;
}

/* No time at the front: a host only where a vendor's shape proves it, and a tag. */
static void headless(struct gyl__syslog_in *in)
{
	struct gyl__syslog_in rest = *in;
	struct gyl_view host;
	size_t len;

	in->m->flags |= GYL_SYSLOG_NO_TS;
	gyl__word_note(in);
	if (gyl__syslog_unifi_host(in) || gyl__syslog_unifi_unit(in)) {
		any_tag(in);
		return;
	}
	len = host_len(in, &host);
	if (len != 0) {
		rest.p += len + 1;
		if (gyl__peek(&rest, 0) == ':' && gyl__peek(&rest, 1) == ' ')
			rest.p += 2;
		if (gyl__syslog_unifi_unit(&rest) || gyl__syslog_cisco_mnemonic(&rest)) {
			in->m->host = host;
			in->p = rest.p;
			if (in->m->app.p != NULL)
				return;
		}
	}
	any_tag(in);
}

/* `1 ` before a BSD time: from senders that changed the number and not the format. */
static bool time_with_version(struct gyl__syslog_in *in)
{
	struct gyl__syslog_in rest = *in;

	if (gyl__peek(in, 0) != '1' || gyl__peek(in, 1) != ' ')
		return false;
	rest.p += 2;
	if (!gyl__syslog_time_any(&rest))
		return false;
	in->p = rest.p;
	in->m->flags |= GYL_SYSLOG_BAD_VERSION;
	return true;
}

void gyl__syslog_3164(struct gyl__syslog_in *in)
{
	if (!gyl__syslog_meraki(in)) {
		if (time_with_version(in) || gyl__syslog_time_any(in) || gyl__syslog_cisco(in))
			header(in);
		else
			headless(in);
	}
	in->m->msg = gyl__span(in->p, in->end);
}

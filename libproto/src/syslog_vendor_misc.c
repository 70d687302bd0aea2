/* SPDX-License-Identifier: ISC */

/* Small habits of others: MikroTik, ProCurve, Solaris, AIX, and the BSD syslogd's repetition line.
 */

#include "libproto/src/syslog_impl.h"

static bool is_level(struct gyl_view v)
{
	static const char *const names[] = {"debug", "info", "warning", "error", "critical"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (gyl_view_eq(v, gyl_view_str(names[i])))
			return true;
	return false;
}

/* RouterOS topics: `dhcp,info text`, lower-case words with commas, one of which is a level. */
bool gyl__syslog_mikrotik(struct gyl__syslog_in *in)
{
	size_t at = 0, word = 0, cnt = 0;
	bool level = false;
	uint8_t c = gyl__peek(in, 0);

	/* most texts are told apart by their first word: no topics without a comma */
	while ((c >= 'a' && c <= 'z') || c == '-' || gyl__digit(c))
		c = gyl__peek(in, ++at);
	if (c != ',')
		return false;
	at = 0;
	do {
		c = gyl__peek(in, at);
		if ((c >= 'a' && c <= 'z') || (at > word && (c == '-' || gyl__digit(c))))
			continue;
		if (at == word)
			return false;
		level |= is_level(gyl_view(in->p + word, at - word));
		cnt++;
		word = at + 1;
		if (c != ',')
			break;
	} while (at++ < 128);
	if (!level || cnt < 2 || (c != ' ' && c != ':'))
		return false;
	in->m->app = gyl_view(in->p, at);
	in->p += at;
	if (gyl__peek(in, 0) == ':')
		in->p++;
	if (gyl__peek(in, 0) == ' ')
		in->p++;
	return true;
}

/* `00076 ports:  text`: ProCurve's event number before the tag. */
bool gyl__syslog_procurve(struct gyl__syslog_in *in)
{
	struct gyl__syslog_in cur = *in;
	size_t at = 0;

	while (at < 6 && gyl__digit(gyl__peek(in, at)))
		at++;
	if (at != 5 || gyl__peek(in, 5) != ' ')
		return false;
	cur.p += 6;
	if (!gyl__letter(gyl__peek(&cur, 0)) || !gyl__syslog_tag(&cur))
		return false;
	in->m->msgid = gyl_view(in->p, 5);
	in->p = cur.p;
	return true;
}

static void skip(struct gyl__syslog_in *in, const char *word)
{
	if (gyl__starts(in, word))
		in->p += gyl_view_str(word).len;
}

/* `last message repeated 7 times` of BSD, `--- last ...` of macOS, `message repeated 7 times: [x]`
 * of rsyslog: stays as text, but is counted. */
bool gyl__syslog_repeat(struct gyl__syslog_in *in)
{
	static const char words[] = "message repeated ";
	struct gyl__syslog_in cur = *in;
	uint8_t c = gyl__peek(in, 0);
	uint32_t cnt = 0;
	size_t len = 0;

	if (c != 'l' && c != 'm' && c != '-')
		return false;
	skip(&cur, "--- ");
	skip(&cur, "last ");
	if (!gyl__starts(&cur, words))
		return false;
	cur.p += sizeof words - 1;
	for (; gyl__digit(gyl__peek(&cur, len)) && len < 9; len++)
		cnt = cnt * 10 + (uint32_t)(cur.p[len] - '0');
	cur.p += len;
	if (len == 0 || !gyl__starts(&cur, " time"))
		return false;
	in->m->repeat = cnt;
	in->m->flags |= GYL_SYSLOG_REPEAT;
	return true;
}

/* `Message forwarded from host: `, from AIX. */
bool gyl__syslog_forwarded(struct gyl__syslog_in *in)
{
	static const char words[] = "Message forwarded from ";
	struct gyl__syslog_in cur = *in;
	struct gyl_view word;

	if (!gyl__starts(in, words))
		return false;
	cur.p += sizeof words - 1;
	word = gyl_view(cur.p, gyl__word_len(&cur));
	if (word.len < 2 || word.p[word.len - 1] != ':')
		return false;
	word.len--;
	if (!gyl__syslog_is_name(word) && !gyl__syslog_is_ip6(word))
		return false;
	in->m->host = word;
	in->p = word.p + word.len + 1;
	gyl__skip_spaces(in);
	return true;
}

/* `[ID 702911 auth.info] text`: Solaris' message id. */
void gyl__syslog_solaris(struct gyl__syslog_in *in)
{
	const uint8_t *close;
	size_t at = 4;

	if (!gyl__starts(in, "[ID "))
		return;
	while (gyl__digit(gyl__peek(in, at)))
		at++;
	close = memchr(in->p, ']', gyl__left(in));
	if (at == 4 || gyl__peek(in, at) != ' ' || close == NULL || close - in->p > 64)
		return;
	in->m->msgid = gyl_view(in->p + 4, at - 4);
	in->p = close + 1;
	if (gyl__peek(in, 0) == ' ')
		in->p++;
}

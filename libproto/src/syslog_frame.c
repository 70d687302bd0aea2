/* SPDX-License-Identifier: ISC */

/* RFC 6587 and 5425: messages out of a byte stream, decided frame by frame. */

#include <gyl/syslog_frame.h>
#include <gyl/text.h>

/* A count is 1 to 6 digits: longer messages are nobody's, and 2026112113 is a date. */
#define COUNT_DIGITS 6

enum shape {
	SHAPE_LINE,
	SHAPE_COUNT,
	SHAPE_SHORT
};

struct head {
	size_t len;   /* octets of count and space */
	size_t count; /* of the message */
};

static bool is_digit(uint8_t c)
{
	return (uint8_t)(c - '0') < 10;
}

/* `83 <`: RFC 6587 3.4.1 wants count and space, and a syslog message begins with `<`. All else is a
 * line. */
static enum shape shape_of(struct gyl_view v, struct head *ret_h)
{
	struct head h = {0, 0};

	if (v.len == 0)
		return SHAPE_SHORT;
	if (!is_digit(v.p[0]) || v.p[0] == '0')
		return SHAPE_LINE;
	for (; h.len < v.len && is_digit(v.p[h.len]); h.len++) {
		if (h.len == COUNT_DIGITS)
			return SHAPE_LINE;
		h.count = h.count * 10 + (size_t)(v.p[h.len] - '0');
	}
	if (h.len == v.len)
		return SHAPE_SHORT;
	if (v.p[h.len++] != ' ')
		return SHAPE_LINE;
	if (h.len == v.len)
		return SHAPE_SHORT;
	if (v.p[h.len] != '<')
		return SHAPE_LINE;
	*ret_h = h;
	return SHAPE_COUNT;
}

/* A count that cannot be one but was meant so: `0 <`, `007 <`, `-5 <`, `12<`, `99999999999 <`. */
static bool is_bad_count(struct gyl_view v)
{
	size_t at = v.len != 0 && (v.p[0] == '-' || v.p[0] == '+') ? 1 : 0, from = at;

	while (at < v.len && is_digit(v.p[at]))
		at++;
	if (at == from)
		return false;
	if (at < v.len && v.p[at] == ' ')
		at++;
	return at < v.len && v.p[at] == '<';
}

void gyl_syslog_splitter_init(struct gyl_syslog_splitter *s, size_t max)
{
	memset(s, 0, sizeof *s);
	s->max = max;
}

/* What separates frames and is none: line ends after counted frames, blank lines, NUL before LF. */
static size_t blank_len(struct gyl_view v)
{
	size_t at = 0;

	while (at < v.len && (v.p[at] == '\n' || v.p[at] == '\r' || v.p[at] == 0))
		at++;
	return at;
}

/* First LF or NUL from `from` on; v.len when there is none. */
static size_t trailer_off(struct gyl_view v, size_t from)
{
	const uint8_t *lf, *nul;
	size_t len = v.len - from;

	if (len == 0)
		return v.len;
	lf = memchr(v.p + from, '\n', len);
	if (lf != NULL)
		len = (size_t)(lf - v.p) - from;
	nul = len == 0 ? NULL : memchr(v.p + from, 0, len);
	return nul != NULL ? (size_t)(nul - v.p) : from + len;
}

/*
 * Behind a counted frame a line means that the count was wrong. What is left of that message ends
 * where the next count begins: v.len when none is seen.
 */
static size_t next_count_off(struct gyl_view v)
{
	struct head h;

	for (size_t at = 1; at < v.len; at++)
		if (!is_digit(v.p[at - 1]) &&
			shape_of(gyl_view_sub(v, at, v.len), &h) == SHAPE_COUNT &&
			at + h.len + 1 < v.len && is_digit(v.p[at + h.len + 1]))
			return at;
	return v.len;
}

static void fill(struct gyl_syslog_frame *f, struct gyl_view msg, size_t orig_len,
	enum gyl_syslog_framing framing)
{
	f->msg = msg;
	f->orig_len = orig_len;
	f->flags = orig_len > msg.len ? GYL_SYSLOG_CUT : 0;
	f->framing = framing;
}

/* A counted frame: given when it is whole, or when as much of it is there as will be given. */
static bool split_count(struct gyl_syslog_splitter *s, struct gyl_view v, struct head h,
	struct gyl_syslog_frame *f, size_t *used)
{
	size_t want = h.count < s->max ? h.count : s->max;

	if (v.len - h.len < want)
		return false;
	fill(f, gyl_view_sub(v, h.len, want), h.count, GYL_SYSLOG_FRAME_COUNT);
	s->skip = h.count - want;
	s->counted = true;
	*used += h.len + want;
	return true;
}

/* A line without its end: once it is longer than a message may be, its first part is the message.
 */
static bool cut_line(
	struct gyl_syslog_splitter *s, struct gyl_view v, struct gyl_syslog_frame *f, size_t *used)
{
	/* the octet behind the maximum may be the CR of CR LF */
	if (v.len <= s->max || (v.len == s->max + 1 && v.p[s->max] == '\r')) {
		s->scanned = v.len;
		return false;
	}
	fill(f, gyl_view(v.p, s->max), v.len, GYL_SYSLOG_FRAME_LF);
	s->scanned = 0;
	s->counted = false;
	s->skip_line = true;
	s->cut_len = v.len;
	*used += v.len;
	return true;
}

static bool split_line(
	struct gyl_syslog_splitter *s, struct gyl_view v, struct gyl_syslog_frame *f, size_t *used)
{
	size_t end = trailer_off(v, s->scanned < v.len ? s->scanned : v.len), len = end;
	bool nul = end < v.len && v.p[end] == 0;

	if (s->counted) {
		/* not beyond the maximum: whether the line is cut first must not depend on the
		 * reads */
		size_t room = end < s->max ? end : s->max,
		       junk = next_count_off(gyl_view(v.p, room));

		if (junk != room) {
			s->counted = false;
			s->scanned = 0;
			*used += junk;
			fill(f, gyl_view(v.p, junk), junk, GYL_SYSLOG_FRAME_LF);
			return true;
		}
	}
	if (end == v.len)
		return cut_line(s, v, f, used);
	if (!nul && len > 0 && v.p[len - 1] == '\r')
		len--;
	/* of a line that is cut the trailer may not be known yet: it is LF whatever comes */
	fill(f, gyl_view(v.p, len < s->max ? len : s->max), len,
		nul && len <= s->max ? GYL_SYSLOG_FRAME_NUL : GYL_SYSLOG_FRAME_LF);
	s->scanned = 0;
	s->counted = false;
	*used += end + 1;
	return true;
}

/* Octets at the front that belong to something that was cut. True when all of it is gone. */
static bool drop_rest(struct gyl_syslog_splitter *s, struct gyl_view v, size_t *used)
{
	size_t end;

	if (s->skip != 0) {
		size_t n = s->skip < v.len ? (size_t)s->skip : v.len;

		s->skip -= n;
		*used += n;
		return s->skip == 0;
	}
	if (!s->skip_line)
		return true;
	end = trailer_off(v, 0);
	s->cut_len += end;
	*used += end;
	if (end == v.len)
		return false;
	s->skip_line = false;
	s->notes |= GYL_SYSLOG_NOTE_CUT_END;
	return true;
}

/* RFC 8446 5.1: a TLS record with a handshake is 22, 3, and the minor version. True when decided.
 */
static bool look_at_start(struct gyl_syslog_splitter *s, struct gyl_view v)
{
	if (s->begun)
		return true;
	if (v.len == 0 || (v.p[0] == 22 && v.len < 2))
		return false;
	s->begun = true;
	if (v.p[0] == 22 && v.p[1] == 3) {
		s->notes |= GYL_SYSLOG_NOTE_TLS;
		s->skip = UINT64_MAX;
	}
	return true;
}

bool gyl_syslog_split(struct gyl_syslog_splitter *s, struct gyl_view in,
	struct gyl_syslog_frame *ret_frame, size_t *ret_used)
{
	struct head h;
	enum shape shape;
	struct gyl_view v;

	*ret_used = 0;
	if (!look_at_start(s, in) || !drop_rest(s, in, ret_used))
		return false;
	*ret_used += blank_len(gyl_view_sub(in, *ret_used, in.len));
	v = gyl_view_sub(in, *ret_used, in.len);
	shape = s->scanned != 0 ? SHAPE_LINE : shape_of(v, &h);
	if (shape == SHAPE_SHORT)
		return false;
	if (shape == SHAPE_COUNT)
		return split_count(s, v, h, ret_frame, ret_used);
	if (!split_line(s, v, ret_frame, ret_used))
		return false;
	if (is_bad_count(ret_frame->msg))
		s->notes |= GYL_SYSLOG_NOTE_BAD_COUNT;
	return true;
}

bool gyl_syslog_split_end(
	struct gyl_syslog_splitter *s, struct gyl_view in, struct gyl_syslog_frame *ret_frame)
{
	struct head h = {0, 0};
	bool counted;

	if (s->skip_line)
		s->notes |= GYL_SYSLOG_NOTE_CUT_END;
	if (s->skip_line || s->skip != 0)
		return false;
	in = gyl_view_sub(in, blank_len(in), in.len);
	counted = s->scanned == 0 && shape_of(in, &h) == SHAPE_COUNT;
	in = gyl_view_sub(in, h.len, s->max);
	if (in.len == 0)
		return false;
	fill(ret_frame, in, in.len, counted ? GYL_SYSLOG_FRAME_COUNT : GYL_SYSLOG_FRAME_LF);
	if (counted) {
		ret_frame->orig_len = h.count;
		ret_frame->flags = GYL_SYSLOG_INCOMPLETE;
	}
	return true;
}

void gyl_syslog_frame_put(
	struct gyl_writer *w, enum gyl_syslog_framing framing, struct gyl_view msg)
{
	uint8_t trailer = framing == GYL_SYSLOG_FRAME_NUL ? 0 : '\n';
	size_t start = w->len;
	uint8_t *p;

	if (msg.len == 0 || msg.len > 999999)
		gyl_writer_fail(w, GYL_E_RANGE);
	if (framing == GYL_SYSLOG_FRAME_COUNT) {
		gyl_text_u64(w, msg.len);
		gyl_text_char(w, ' ');
		gyl_put_view(w, msg);
	} else if ((p = gyl_put_room(w, msg.len)) != NULL) {
		for (size_t i = 0; i < msg.len; i++)
			p[i] = msg.p[i] == trailer ? ' ' : msg.p[i];
		gyl_put_u8(w, trailer);
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}

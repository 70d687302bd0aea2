/* SPDX-License-Identifier: ISC */

/* Lines from standard input, read as a stream of RFC 6587, to JSON records. */

#include <gyl/syslog.h>
#include <gyl/syslog_frame.h>
#include <stdio.h>
#include <time.h>

static void show(const struct gyl_syslog_frame *frame)
{
	static char text[1 << 19];
	struct gyl_syslog_ctx ctx = {.recv_ns = (uint64_t)time(NULL) * 1000000000u};
	struct gyl_syslog m;
	struct gyl_writer w;
	struct gyl_json j;

	ctx.flags = frame->flags;
	ctx.orig_len = frame->orig_len;
	gyl_syslog_decode(frame->msg, &ctx, &m);
	gyl_writer_init(&w, text, sizeof text);
	gyl_json_init(&j, &w);
	gyl_syslog_json(&j, NULL, &m);
	if (gyl_writer_ok(&w))
		printf("%.*s\n", (int)w.len, text);
}

int main(void)
{
	static uint8_t buf[GYL_SYSLOG_LEN_MAX + 4096];
	struct gyl_syslog_splitter s;
	struct gyl_syslog_frame frame;
	size_t len = 0, got, at, used;

	gyl_syslog_splitter_init(&s, GYL_SYSLOG_LEN_MAX);
	while ((got = fread(buf + len, 1, sizeof buf - len, stdin)) != 0) {
		len += got;
		at = 0;
		while (gyl_syslog_split(&s, gyl_view(buf + at, len - at), &frame, &used)) {
			show(&frame);
			at += used;
		}
		at += used;
		len -= at;
		memmove(buf, buf + at, len);
	}
	if (gyl_syslog_split_end(&s, gyl_view(buf, len), &frame))
		show(&frame);
	return 0;
}

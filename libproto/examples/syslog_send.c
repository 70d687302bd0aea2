/* SPDX-License-Identifier: ISC */

/* Builds one RFC 5424 message with structured data, framed for a stream, on standard output. */

#include <gyl/syslog_frame.h>
#include <stdio.h>
#include <time.h>

int main(int argc, char **argv)
{
	struct gyl_syslog m = {.pri = 3 << 3 | 6, .has_ts = true}; /* daemon.info */
	uint8_t sd[256], msg[1024], out[1100];
	struct gyl_syslog_sd_writer s;
	struct gyl_writer w, framed;

	m.ts_s = time(NULL);
	m.host = gyl_view_str("gate.event.example");
	m.app = gyl_view_str("syslog_send");
	m.msg = gyl_view_str(argc > 1 ? argv[1] : "lease given");
	gyl_syslog_sd_begin(&s, sd, sizeof sd);
	gyl_syslog_sd_put_id(&s, "lease@32473");
	gyl_syslog_sd_put(&s, "mac", gyl_view_str("02:00:00:00:00:01"));
	gyl_syslog_sd_put_u64(&s, "seconds", 600);
	gyl_writer_init(&w, msg, sizeof msg);
	if (gyl_failed(gyl_syslog_sd_end(&s, &m.sd)) ||
		gyl_failed(gyl_syslog_encode_5424(&w, &m))) {
		fprintf(stderr, "syslog_send: %s\n", gyl_err_text(w.fault.err));
		return 1;
	}
	gyl_writer_init(&framed, out, sizeof out);
	gyl_syslog_frame_put(&framed, GYL_SYSLOG_FRAME_COUNT, gyl_writer_view(&w));
	fwrite(out, 1, framed.len, stdout);
	return 0;
}

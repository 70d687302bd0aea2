/* SPDX-License-Identifier: ISC */

/*
 * A program of somebody else: it has the system's syslog.h and OpenSSL's libcrypto beside our
 * codecs. Neither our header names nor our symbols may be in the way of theirs.
 */

#include <gyl/dhcp.h>
#include <gyl/dns.h>
#include <gyl/syslog.h>
#include <gyl/text.h>
#ifdef WITH_LIBCRYPTO
#	include <openssl/sha.h>
#endif
#include <stdio.h>
#include <string.h>
#include <syslog.h>

int main(void)
{
	static const char line[] = "<34>1 2003-10-11T22:14:15.003Z host app - ID47 - hello";
	struct gyl_syslog m;
	struct gyl_syslog_ctx ctx = {.recv_ns = 0};
	char out[256];
	struct gyl_writer w;

	gyl_syslog_decode(gyl_view_str(line), &ctx, &m);
	gyl_writer_init(&w, out, sizeof out);
	gyl_syslog_print(&w, &m);
	puts(gyl_text_cstr(&w));
	openlog("consumer", LOG_PID, LOG_USER);
	closelog();
#ifdef WITH_LIBCRYPTO
	{
		unsigned char digest[SHA256_DIGEST_LENGTH];

		SHA256((const unsigned char *)line, strlen(line), digest);
	}
#endif
	return strstr(out, "hello") == NULL;
}

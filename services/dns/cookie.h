/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_COOKIE_H
#define GYL_SERVICES_DNS_COOKIE_H

/*
 * DNS cookies (RFC 7873) as all servers make them (RFC 9018): who sends one back has our last
 * answer, so its address is not forged.
 *
 *   client cookie, 8 octets | version 1 | reserved, 3 | time, 4 | SipHash-2-4 of all that and the
 *   client's address, 8
 *
 * Nothing is remembered about clients: servers that share a secret know each other's cookies. Pure.
 */

#include <gyl/base.h>

enum {
	GYL_DNS_COOKIE_CLIENT_LEN = 8,
	GYL_DNS_COOKIE_LEN = 24, /* of the whole option, both halves */
	GYL_DNS_COOKIE_SECRET_LEN = 16,
	GYL_DNS_COOKIE_SECRET_MAX = 3
};

/* The first secret makes cookies, all are known: that is how one is replaced (RFC 9018 5). */
struct gyl_dns_cookies {
	uint64_t secret[GYL_DNS_COOKIE_SECRET_MAX][2];
	unsigned secret_cnt; /* 0: no cookies */
};

enum gyl_dns_cookie {
	GYL_DNS_COOKIE_NONE,   /* not sent */
	GYL_DNS_COOKIE_BROKEN, /* no lawful length (RFC 7873 5.2.2) */
	GYL_DNS_COOKIE_CLIENT, /* only a client cookie */
	GYL_DNS_COOKIE_BAD,    /* a server cookie that is not ours, or too old */
	GYL_DNS_COOKIE_KNOWN,  /* ours: the client's address is what it says */
	GYL_DNS_COOKIE_CNT
};

/* A secret of 16 octets as the two numbers of struct gyl_dns_cookies. */
void gyl_dns_cookie_secret(const uint8_t octet[GYL_DNS_COOKIE_SECRET_LEN], uint64_t ret_secret[2]);

/*
 * What a COOKIE option's value is worth, and the one to answer with: unless that is NONE or BROKEN,
 * GYL_DNS_COOKIE_LEN octets are written to ret_cookie. now_s: the wall clock; it may wrap. ip: the
 * client's address in network byte order, 4 octets or 16. Cost: one SipHash a secret.
 */
enum gyl_dns_cookie gyl_dns_cookie_check(const struct gyl_dns_cookies *c, uint32_t now_s,
	struct gyl_view ip, struct gyl_view val, uint8_t *ret_cookie);

#endif

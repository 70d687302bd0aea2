/* SPDX-License-Identifier: ISC */

/*
 * Is the other side who it should be? RFC 5425 5: by its fingerprint, then nobody else has to vouch
 * for it; or by a chain to a CA of ours and a name.
 */

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include <gyl/text.h>

#include "libnet/host/tls_int.h"

/* ---- fingerprints ---- */

static int hex_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool finger_head(struct gyl_view *text)
{
	static const char *const head[] = {"sha256:", "sha-256:"};

	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(head[i]), n = 0;

		while (n < len && n < text->len &&
			(text->p[n] | (text->p[n] >= 'A' && text->p[n] <= 'Z' ? 0x20 : 0)) ==
				(uint8_t)head[i][n])
			n++;
		if (n == len) {
			*text = gyl_view_sub(*text, len, text->len);
			return true;
		}
	}
	return false;
}

/* RFC 5425 4.2.2: pairs of hex digits, with or without a colon between. */
bool gyl__tls_finger_parse(struct gyl_view text, struct gyl__tls_finger *ret_finger)
{
	struct gyl__tls_finger f;
	size_t at = 0;

	if (!finger_head(&text))
		return false;
	for (size_t i = 0; i < sizeof(f.p); i++) {
		if (i != 0 && at < text.len && text.p[at] == ':')
			at++;
		if (text.len - at < 2 || hex_of(text.p[at]) < 0 || hex_of(text.p[at + 1]) < 0)
			return false;
		f.p[i] = (uint8_t)(hex_of(text.p[at]) << 4 | hex_of(text.p[at + 1]));
		at += 2;
	}
	if (at != text.len)
		return false;
	*ret_finger = f;
	return true;
}

static bool finger_of(const X509 *x, struct gyl__tls_finger *ret_finger)
{
	unsigned len = 0;

	return X509_digest(x, EVP_sha256(), ret_finger->p, &len) == 1 &&
	       len == sizeof(ret_finger->p);
}

static bool has_finger(const struct gyl_tls_ctx *ctx, const X509 *x)
{
	struct gyl__tls_finger f;

	if (ctx->finger_cnt == 0 || !finger_of(x, &f))
		return false;
	for (size_t i = 0; i < ctx->finger_cnt; i++)
		if (memcmp(f.p, ctx->finger[i].p, sizeof(f.p)) == 0)
			return true;
	return false;
}

/* ---- names ---- */

static bool has_name(const struct gyl_tls_ctx *ctx, X509 *x)
{
	for (size_t i = 0; i < ctx->name_cnt; i++)
		if (X509_check_host(
			    x, ctx->name[i], 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1 ||
			X509_check_ip_asc(x, ctx->name[i], 0) == 1)
			return true;
	return false;
}

/* Nobody said what it is called: it has to be the address. */
static bool has_address(X509 *x, uint32_t ip)
{
	uint8_t p[4] = {(uint8_t)(ip >> 24), (uint8_t)(ip >> 16), (uint8_t)(ip >> 8), (uint8_t)ip};

	return X509_check_ip(x, p, sizeof(p), 0) == 1;
}

static bool is_named(const struct gyl_tls_ctx *ctx, const struct gyl__tls_conn *c, X509 *x)
{
	if (ctx->name_cnt != 0)
		return has_name(ctx, x);
	return ctx->server || has_address(x, c->peer.ip);
}

/* ---- the judgement ---- */

static void refuse(struct gyl__tls_conn *c, X509 *x, const char *what)
{
	char name[GYL__TLS_NAME_LEN] = "";

	(void)X509_NAME_oneline(X509_get_subject_name(x), name, sizeof(name));
	(void)snprintf(c->why_text, sizeof(c->why_text), "%s (%s)", what, name);
}

int gyl__tls_judge(X509_STORE_CTX *store, void *arg)
{
	const struct gyl_tls_ctx *ctx = arg;
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct gyl__tls_conn *c = SSL_get_app_data(ssl);
	X509 *x = X509_STORE_CTX_get0_cert(store);

	if (has_finger(ctx, x)) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	if (!ctx->has_ca) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
		refuse(c, x, "its certificate has a fingerprint that nobody expects");
		return 0;
	}
	if (X509_verify_cert(store) != 1) {
		refuse(c, x, X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
		return 0;
	}
	if (is_named(ctx, c, x))
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
	refuse(c, x,
		ctx->server ? "its certificate is for nobody who is let in"
			    : "its certificate is for somebody else");
	return 0;
}

/* ---- what it is called ---- */

/* Printable, whole, and without an end in the middle. */
static bool take_name(const ASN1_STRING *s, char ret_name[GYL__TLS_NAME_LEN])
{
	const unsigned char *p = ASN1_STRING_get0_data(s);
	int len = ASN1_STRING_length(s);

	if (len <= 0 || len >= GYL__TLS_NAME_LEN)
		return false;
	for (int i = 0; i < len; i++)
		if (p[i] <= ' ' || p[i] > '~')
			return false;
	memcpy(ret_name, p, (size_t)len);
	ret_name[len] = '\0';
	return true;
}

static bool dns_name(X509 *x, char ret_name[GYL__TLS_NAME_LEN])
{
	GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; i < sk_GENERAL_NAME_num(all) && !found; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(all, i);

		found = name->type == GEN_DNS && take_name(name->d.dNSName, ret_name);
	}
	GENERAL_NAMES_free(all);
	return found;
}

static bool common_name(const X509 *x, char ret_name[GYL__TLS_NAME_LEN])
{
	const X509_NAME *subject = X509_get_subject_name(x);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	return at >= 0 &&
	       take_name(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), ret_name);
}

static void finger_name(const X509 *x, char ret_name[GYL__TLS_NAME_LEN])
{
	struct gyl__tls_finger f;
	size_t len = (size_t)snprintf(ret_name, GYL__TLS_NAME_LEN, "sha256:");

	if (!finger_of(x, &f))
		return;
	for (size_t i = 0; i < sizeof(f.p); i++)
		len += (size_t)snprintf(ret_name + len, GYL__TLS_NAME_LEN - len, "%02x", f.p[i]);
}

void gyl__tls_name(SSL *ssl, char ret_name[GYL__TLS_NAME_LEN])
{
	X509 *x = SSL_get0_peer_certificate(ssl);

	ret_name[0] = '\0';
	if (x != NULL && !dns_name(x, ret_name) && !common_name(x, ret_name))
		finger_name(x, ret_name);
}

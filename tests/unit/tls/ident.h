/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_TLS_IDENT_H
#define GYL_TESTS_TLS_IDENT_H

/* Certificates that a test makes for itself, so that none of them ever expires. */

#include "tests/support/port.h"
#include "tests/support/support.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "libnet/host/tls.h"

struct ident {
	EVP_PKEY *key;
	X509 *x;
	char cert_pem[4096], key_pem[2048];
	char finger[120]; /* "sha256:..." */
};

enum {
	DAY = 86400
};

static inline void ident_ext(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(ext);
	assert_int_equal(X509_add_ext(x, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

static inline void ident_pem(BIO *b, char *text, size_t cap)
{
	int len = BIO_read(b, text, (int)cap - 1);

	assert_true(len > 0 && len < (int)cap - 1);
	text[len] = '\0';
	BIO_free(b);
}

static inline void ident_finger(struct ident *id)
{
	uint8_t p[32];
	unsigned len;
	size_t at;

	assert_int_equal(X509_digest(id->x, EVP_sha256(), p, &len), 1);
	at = (size_t)snprintf(id->finger, sizeof(id->finger), "SHA256");
	for (unsigned i = 0; i < len; i++)
		at += (size_t)snprintf(id->finger + at, sizeof(id->finger) - at, ":%02X", p[i]);
}

/* by NULL: by itself. san NULL: none. A CA when san is "". Good from..to days from now. */
static inline void ident_make(struct ident *id, const char *cn, const char *san,
	const struct ident *by, int from_days, int to_days)
{
	static long serial;
	BIO *cert = BIO_new(BIO_s_mem()), *key = BIO_new(BIO_s_mem());
	X509_NAME *name;

	id->key = EVP_EC_gen("P-256");
	id->x = X509_new();
	assert_true(id->key != NULL && id->x != NULL);
	assert_int_equal(X509_set_version(id->x, 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(id->x), ++serial), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(id->x), (long)from_days * DAY));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(id->x), (long)to_days * DAY));
	name = X509_get_subject_name(id->x);
	assert_int_equal(X509_NAME_add_entry_by_txt(
				 name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0),
		1);
	assert_int_equal(
		X509_set_issuer_name(id->x, by == NULL ? name : X509_get_subject_name(by->x)), 1);
	assert_int_equal(X509_set_pubkey(id->x, id->key), 1);
	if (san != NULL && san[0] == '\0')
		ident_ext(id->x, NID_basic_constraints, "critical,CA:TRUE");
	else if (san != NULL)
		ident_ext(id->x, NID_subject_alt_name, san);
	assert_true(X509_sign(id->x, by == NULL ? id->key : by->key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(cert, id->x), 1);
	assert_int_equal(PEM_write_bio_PrivateKey(key, id->key, NULL, NULL, 0, NULL, NULL), 1);
	ident_pem(cert, id->cert_pem, sizeof(id->cert_pem));
	ident_pem(key, id->key_pem, sizeof(id->key_pem));
	ident_finger(id);
}

static inline void ident_free(struct ident *id)
{
	X509_free(id->x);
	EVP_PKEY_free(id->key);
}

/* id and ca may be NULL; one peer, or NULL. */
static inline struct gyl_tls_ctx *ctx_try(bool server, const struct ident *id,
	const struct ident *ca, const char *peer, struct gyl_tls_fault *f)
{
	struct gyl_view name = peer == NULL ? gyl_view(NULL, 0) : gyl_view_str(peer);
	struct gyl_tls_conf cf = {.peer = &name, .peer_cnt = peer != NULL};

	if (id != NULL) {
		cf.cert = gyl_view_str(id->cert_pem);
		cf.key = gyl_view_str(id->key_pem);
	}
	if (ca != NULL)
		cf.ca = gyl_view_str(ca->cert_pem);
	return gyl_tls_ctx_new(&cf, server, f);
}

static inline struct gyl_tls_ctx *ctx_of(
	bool server, const struct ident *id, const struct ident *ca, const char *peer)
{
	struct gyl_tls_fault f = {.text = ""};
	struct gyl_tls_ctx *ctx = ctx_try(server, id, ca, peer, &f);

	if (ctx == NULL)
		fail_msg("part %d: %s", (int)f.part, f.text);
	return ctx;
}

#endif

/* SPDX-License-Identifier: ISC */

/*
 * PEM text into what OpenSSL uses, or the first fault in it. The system's openssl.cnf and the
 * environment of a daemon decide nothing here: the library's own defaults count, from TLS 1.2 on.
 */

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "libnet/host/tls_int.h"

enum {
	CHAIN_MAX = 16,        /* certificates in a chain */
	CA_MAX = 512,          /* and of those who vouch for others */
	PEER_CHAIN_LEN = 32768 /* octets of the other side's chain */
};

static bool fault(struct gyl_tls_fault *f, enum gyl_tls_part part, const char *text)
{
	f->part = part;
	(void)snprintf(f->text, sizeof(f->text), "%s", text);
	ERR_clear_error();
	return false;
}

/* With what OpenSSL says about it. */
static bool fault_ssl(struct gyl_tls_fault *f, enum gyl_tls_part part, const char *text)
{
	const char *why = ERR_reason_error_string(ERR_peek_error());

	f->part = part;
	(void)snprintf(f->text, sizeof(f->text), "%s%s%s", text, why == NULL ? "" : ": ",
		why == NULL ? "" : why);
	ERR_clear_error();
	return false;
}

static BIO *reader(struct gyl_view pem)
{
	return BIO_new_mem_buf(pem.len == 0 ? "" : (const void *)pem.p,
		pem.len > INT32_MAX ? INT32_MAX : (int)pem.len);
}

/* The next certificate; NULL at the end, and with an error in the queue when there is one. */
static X509 *next_cert(BIO *b)
{
	X509 *x = PEM_read_bio_X509_AUX(b, NULL, NULL, NULL);
	unsigned long e = ERR_peek_last_error();

	if (x == NULL && ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE)
		ERR_clear_error();
	return x;
}

/* ---- our certificate ---- */

static int64_t seconds_of(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static bool check_times(struct gyl_tls_ctx *ctx, X509 *x, struct gyl_tls_fault *f)
{
	char text[96];
	struct tm tm = {0};

	ctx->until_s = seconds_of(X509_get0_notAfter(x));
	if (X509_cmp_current_time(X509_get0_notAfter(x)) >= 0)
		return true;
	(void)ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm);
	(void)strftime(text, sizeof(text), "the certificate has expired on %Y-%m-%d", &tm);
	return fault(f, GYL_TLS_CERT, text);
}

static bool use_chain(struct gyl_tls_ctx *ctx, BIO *b, struct gyl_tls_fault *f)
{
	X509 *x = next_cert(b);
	bool good = x != NULL && SSL_CTX_use_certificate(ctx->ssl, x) == 1;

	if (x == NULL && ERR_peek_error() == 0)
		return fault(f, GYL_TLS_CERT, "expected a certificate in PEM form");
	if (!good) {
		X509_free(x);
		return fault_ssl(f, GYL_TLS_CERT, "cannot use the certificate");
	}
	good = check_times(ctx, x, f);
	X509_free(x);
	for (int i = 0; good && (x = next_cert(b)) != NULL; i++) {
		good = i < CHAIN_MAX && SSL_CTX_add1_chain_cert(ctx->ssl, x) == 1;
		X509_free(x);
		if (!good)
			return fault_ssl(f, GYL_TLS_CERT, "cannot use its chain");
	}
	return good && (ERR_peek_error() == 0 || fault_ssl(f, GYL_TLS_CERT, "cannot read it"));
}

/* Nobody is asked for a passphrase. */
static int no_phrase(char *p, int cap, int writing, void *arg)
{
	(void)p;
	(void)cap;
	(void)writing;
	*(bool *)arg = true;
	return -1;
}

static bool use_key(struct gyl_tls_ctx *ctx, BIO *b, struct gyl_tls_fault *f)
{
	bool asked = false, good;
	EVP_PKEY *key = PEM_read_bio_PrivateKey(b, NULL, no_phrase, &asked);

	if (asked)
		return fault(
			f, GYL_TLS_KEY, "the key is encrypted: expected one without a passphrase");
	if (key == NULL)
		return fault(f, GYL_TLS_KEY, "expected a private key in PEM form");
	good = SSL_CTX_use_PrivateKey(ctx->ssl, key) == 1 &&
	       SSL_CTX_check_private_key(ctx->ssl) == 1;
	EVP_PKEY_free(key);
	return good || fault(f, GYL_TLS_KEY, "the key does not belong to the certificate");
}

static bool use_own(struct gyl_tls_ctx *ctx, const struct gyl_tls_conf *cf, struct gyl_tls_fault *f)
{
	BIO *cert, *key;
	bool good;

	if (cf->cert.len == 0 && cf->key.len == 0 && !ctx->server)
		return true;
	cert = reader(cf->cert);
	key = reader(cf->key);
	good = cert != NULL && key != NULL ? use_chain(ctx, cert, f) && use_key(ctx, key, f)
					   : fault(f, GYL_TLS_CERT, "no memory");
	BIO_free(cert);
	BIO_free(key);
	return good;
}

/* ---- the other side ---- */

static bool add_ca(struct gyl_tls_ctx *ctx, X509 *x)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx->ssl);

	return X509_STORE_add_cert(store, x) == 1 &&
	       (!ctx->server || SSL_CTX_add_client_CA(ctx->ssl, x) == 1);
}

static bool use_ca(struct gyl_tls_ctx *ctx, struct gyl_view pem, struct gyl_tls_fault *f)
{
	BIO *b = pem.len == 0 ? NULL : reader(pem);
	int cnt = 0;
	X509 *x;

	if (b == NULL)
		return pem.len == 0 || fault(f, GYL_TLS_CA, "no memory");
	while (cnt < CA_MAX && (x = next_cert(b)) != NULL) {
		cnt += add_ca(ctx, x);
		X509_free(x);
	}
	BIO_free(b);
	ctx->has_ca = cnt != 0;
	if (ERR_peek_error() != 0)
		return fault_ssl(f, GYL_TLS_CA, "cannot use the certificates");
	return cnt != 0 || fault(f, GYL_TLS_CA, "expected certificates in PEM form");
}

static bool add_peer(struct gyl_tls_ctx *ctx, struct gyl_view text, struct gyl_tls_fault *f)
{
	char why[sizeof(f->text)];

	if (gyl__tls_finger_parse(text, &ctx->finger[ctx->finger_cnt])) {
		ctx->finger_cnt++;
		return true;
	}
	if (text.len == 0 || text.len > 253 || memchr(text.p, ':', text.len) != NULL ||
		memchr(text.p, '*', text.len) != NULL) {
		(void)snprintf(why, sizeof(why),
			"\"%.*s\": expected a name such as \"ap1.example.com\" or \".example.com\", "
			"or \"sha256:\" and 64 hex digits",
			text.len > 40 ? 40 : (int)text.len, (const char *)text.p);
		return fault(f, GYL_TLS_PEER, why);
	}
	ctx->name[ctx->name_cnt] = strndup((const char *)text.p, text.len);
	return ctx->name[ctx->name_cnt++] != NULL || fault(f, GYL_TLS_PEER, "no memory");
}

static bool use_peers(
	struct gyl_tls_ctx *ctx, const struct gyl_tls_conf *cf, struct gyl_tls_fault *f)
{
	if (cf->peer_cnt > GYL_TLS_PEER_MAX)
		return fault(f, GYL_TLS_PEER, "expected at most 256 names and fingerprints");
	ctx->finger = calloc(cf->peer_cnt + 1, sizeof(*ctx->finger));
	ctx->name = calloc(cf->peer_cnt + 1, sizeof(*ctx->name));
	if (ctx->finger == NULL || ctx->name == NULL)
		return fault(f, GYL_TLS_PEER, "no memory");
	for (size_t i = 0; i < cf->peer_cnt; i++)
		if (!add_peer(ctx, cf->peer[i], f))
			return false;
	if (ctx->name_cnt != 0 && !ctx->has_ca)
		return fault(f, GYL_TLS_CA,
			"expected a file: names are worth nothing when no CA vouches for them");
	if (!ctx->server && !ctx->has_ca && ctx->finger_cnt == 0)
		return fault(f, GYL_TLS_CA,
			"expected a CA or a fingerprint: without, anybody could take the messages");
	return true;
}

/* ---- all of it ---- */

/* RFC 8446 4.6.1: tickets only, so that sessions take no memory here. A ticket of one configuration
 * is none to another, so what was let in once is judged anew after a reload. */
static void set_sessions(struct gyl_tls_ctx *ctx)
{
	static const unsigned char id[] = "guyline";

	(void)SSL_CTX_set_session_cache_mode(ctx->ssl, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_session_id_context(ctx->ssl, id, sizeof(id) - 1);
}

static bool set_up(struct gyl_tls_ctx *ctx, const struct gyl_tls_conf *cf, struct gyl_tls_fault *f)
{
	if (SSL_CTX_set_min_proto_version(ctx->ssl, TLS1_2_VERSION) != 1)
		return fault(f, GYL_TLS_CERT, "this OpenSSL has no TLS 1.2");
	SSL_CTX_set_options(ctx->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(ctx->ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx->ssl, 1); /* many small records, one read */
	SSL_CTX_set_max_cert_list(ctx->ssl, PEER_CHAIN_LEN);
	set_sessions(ctx);
	if (!use_own(ctx, cf, f) || !use_ca(ctx, cf->ca, f) || !use_peers(ctx, cf, f))
		return false;
	if (!ctx->server || ctx->has_ca || ctx->finger_cnt != 0) {
		SSL_CTX_set_verify(
			ctx->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
		SSL_CTX_set_cert_verify_callback(ctx->ssl, gyl__tls_judge, ctx);
	}
	return true;
}

struct gyl_tls_ctx *gyl_tls_ctx_new(
	const struct gyl_tls_conf *cf, bool server, struct gyl_tls_fault *ret_fault)
{
	struct gyl_tls_ctx *ctx = calloc(1, sizeof(*ctx));

	(void)OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_SSL_STRINGS, NULL);
	ERR_clear_error();
	if (ctx != NULL)
		ctx->ssl = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	if (ctx == NULL || ctx->ssl == NULL) {
		free(ctx);
		(void)fault(ret_fault, GYL_TLS_CERT, "no memory");
		return NULL;
	}
	ctx->ref_cnt = 1;
	ctx->server = server;
	if (set_up(ctx, cf, ret_fault))
		return ctx;
	gyl_tls_ctx_free(ctx);
	return NULL;
}

void gyl_tls_ctx_free(struct gyl_tls_ctx *ctx)
{
	if (ctx == NULL || --ctx->ref_cnt != 0)
		return;
	SSL_CTX_free(ctx->ssl);
	for (size_t i = 0; i < ctx->name_cnt; i++)
		free(ctx->name[i]);
	free(ctx->name);
	free(ctx->finger);
	free(ctx);
}

int64_t gyl_tls_ctx_until_s(const struct gyl_tls_ctx *ctx)
{
	return ctx->until_s;
}

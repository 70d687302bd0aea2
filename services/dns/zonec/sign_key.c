/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/sign_key.h"

#include <errno.h>
#include <fcntl.h>
#include <ldns/ldns.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/dns/zonec/sign_ecdsa.h"

enum {
	DNSKEY_HEAD = 4, /* flags, protocol, algorithm (RFC 4034 2.1) */
	ZONE_AND_SEP = 257
};

/* RFC 4034 B */
static uint16_t key_tag(const uint8_t *rdata, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += (i & 1) != 0 ? rdata[i] : (uint32_t)rdata[i] << 8;
	return (uint16_t)(sum + (sum >> 16));
}

/* Rdata of a DNSKEY, 0: it is too long. */
static size_t rdata_of(const ldns_rr *rr, uint8_t rdata[GYL_SIGN_KEY_MAX])
{
	ldns_buffer *buf = ldns_buffer_new(GYL_SIGN_KEY_MAX);
	size_t len = 0;

	if (buf != NULL && ldns_rr_rdata2buffer_wire(buf, rr) == LDNS_STATUS_OK &&
		ldns_buffer_position(buf) <= GYL_SIGN_KEY_MAX) {
		len = ldns_buffer_position(buf);
		memcpy(rdata, ldns_buffer_begin(buf), len);
	}
	ldns_buffer_free(buf);
	return len;
}

static bool owner_is(const ldns_rr *rr, const uint8_t *origin)
{
	return gyl_dns_name_eq(ldns_rdf_data(ldns_rr_owner(rr)), origin);
}

/* The two halves belong together when the secret one gives the same public key. */
static bool belongs(const struct gyl_sign_key *k)
{
	uint8_t rdata[GYL_SIGN_KEY_MAX];
	ldns_rr *rr = ldns_key2rr(k->secret);
	size_t len = rr == NULL ? 0 : rdata_of(rr, rdata);

	ldns_rr_free(rr);
	return len == k->rdata_len && len > DNSKEY_HEAD &&
	       memcmp(rdata + DNSKEY_HEAD, k->rdata + DNSKEY_HEAD, len - DNSKEY_HEAD) == 0 &&
	       rdata[3] == k->rdata[3];
}

static void describe(struct gyl_sign_key *k)
{
	k->flags = (uint16_t)(k->rdata[0] << 8 | k->rdata[1]);
	k->algorithm = k->rdata[3];
	k->tag = key_tag(k->rdata, k->rdata_len);
}

static FILE *open_part(const char *base, const char *end, char why[GYL_SIGN_WHY_MAX])
{
	char path[4096];
	FILE *f = NULL;

	errno = ENAMETOOLONG;
	if ((size_t)snprintf(path, sizeof path, "%s.%s", base, end) < sizeof path)
		f = fopen(path, "re");
	if (f == NULL)
		snprintf(why, GYL_SIGN_WHY_MAX, "cannot read %.200s.%s: %s", base, end,
			strerror(errno));
	return f;
}

static bool read_public(
	struct gyl_sign_key *k, const char *base, const uint8_t *origin, char why[GYL_SIGN_WHY_MAX])
{
	FILE *f = open_part(base, "key", why);
	ldns_rr *rr = NULL;
	bool ok = false;

	if (f == NULL)
		return false;
	if (ldns_rr_new_frm_fp(&rr, f, NULL, NULL, NULL) != LDNS_STATUS_OK ||
		ldns_rr_get_type(rr) != LDNS_RR_TYPE_DNSKEY)
		snprintf(why, GYL_SIGN_WHY_MAX, "%.200s.key has no DNSKEY record", base);
	else if (!owner_is(rr, origin))
		snprintf(why, GYL_SIGN_WHY_MAX, "%.200s.key is of another zone", base);
	else if ((k->rdata_len = rdata_of(rr, k->rdata)) <= DNSKEY_HEAD)
		snprintf(why, GYL_SIGN_WHY_MAX, "the key in %.200s.key is too long", base);
	else
		ok = true;
	ldns_rr_free(rr);
	fclose(f);
	return ok;
}

static bool read_secret(struct gyl_sign_key *k, const char *base, char why[GYL_SIGN_WHY_MAX])
{
	FILE *f = open_part(base, "private", why);
	bool ok = false;

	if (f == NULL)
		return false;
	if (ldns_key_new_frm_fp(&k->secret, f) != LDNS_STATUS_OK)
		snprintf(why, GYL_SIGN_WHY_MAX, "%.200s.private has no key that ldns knows", base);
	else if (!belongs(k))
		snprintf(why, GYL_SIGN_WHY_MAX, "%.200s.private and .key do not belong together",
			base);
	else
		ok = true;
	fclose(f);
	return ok;
}

struct gyl_sign_key *gyl_sign_key_read(
	const char *base, const uint8_t *origin, char why[GYL_SIGN_WHY_MAX])
{
	struct gyl_sign_key *k = calloc(1, sizeof *k);

	if (k == NULL) {
		snprintf(why, GYL_SIGN_WHY_MAX, "no memory");
		return NULL;
	}
	if (!read_public(k, base, origin, why) || !read_secret(k, base, why)) {
		gyl_sign_key_free(k);
		return NULL;
	}
	describe(k);
	return k;
}

/* A file that was not there. */
static FILE *new_part(const char *base, const char *end, mode_t mode, char why[GYL_SIGN_WHY_MAX])
{
	char path[4096];
	int fd = -1;
	FILE *f = NULL;

	errno = ENAMETOOLONG;
	if ((size_t)snprintf(path, sizeof path, "%s.%s", base, end) < sizeof path)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd >= 0)
		f = fdopen(fd, "w");
	if (f == NULL)
		snprintf(why, GYL_SIGN_WHY_MAX, "cannot write %.200s.%s: %s", base, end,
			strerror(errno));
	if (f == NULL && fd >= 0)
		close(fd);
	return f;
}

static bool close_part(FILE *f, const char *base, char why[GYL_SIGN_WHY_MAX])
{
	bool ok = ferror(f) == 0;

	if (fclose(f) == 0 && ok)
		return true;
	snprintf(why, GYL_SIGN_WHY_MAX, "cannot write the files of %.200s: %s", base,
		strerror(errno));
	return false;
}

static bool write_key(const struct gyl_sign_key *k, const ldns_rr *rr, const char *base,
	char why[GYL_SIGN_WHY_MAX])
{
	ldns_rr *ds = ldns_key_rr2ds(rr, LDNS_SHA256);
	FILE *f = new_part(base, "private", 0600, why);
	bool ok = f != NULL && ds != NULL;

	if (f != NULL) {
		ldns_key_print(f, k->secret);
		ok = close_part(f, base, why) && ok;
	}
	f = ok ? new_part(base, "key", 0644, why) : NULL;
	if (f != NULL) {
		ldns_rr_print(f, rr);
		ok = close_part(f, base, why);
	}
	f = ok && f != NULL ? new_part(base, "ds", 0644, why) : NULL;
	if (f != NULL) {
		ldns_rr_print(f, ds);
		ok = close_part(f, base, why);
	}
	ldns_rr_free(ds);
	return ok && f != NULL;
}

/* "Kevent.example.+015+04711", as the other tools call it. False when it is too long. */
static bool name_files(
	const struct gyl_sign_key *k, const ldns_rr *rr, const char *dir, char base[4096])
{
	char *owner = ldns_rdf2str(ldns_rr_owner(rr));
	bool fits = false;

	if (owner != NULL && strchr(owner, '/') == NULL)
		fits = (size_t)snprintf(base, 4096, "%s/K%s+%03u+%05u", dir, owner,
			       (unsigned)k->algorithm, (unsigned)k->tag) < 4096;
	free(owner);
	return fits;
}

static bool make(struct gyl_sign_key *k, uint8_t algorithm, const uint8_t *origin, const char *dir,
	char base[4096], char why[GYL_SIGN_WHY_MAX])
{
	ldns_rr *rr;
	bool ok = false;

	k->secret = ldns_key_new_frm_algorithm((ldns_signing_algorithm)algorithm, 0);
	if (k->secret == NULL)
		return false;
	ldns_key_set_flags(k->secret, ZONE_AND_SEP);
	ldns_key_set_pubkey_owner(
		k->secret, ldns_dname_new_frm_data((uint16_t)gyl_dns_name_len(origin), origin));
	rr = ldns_key2rr(k->secret);
	k->rdata_len = rr == NULL ? 0 : rdata_of(rr, k->rdata);
	if (k->rdata_len > DNSKEY_HEAD) {
		describe(k);
		ok = name_files(k, rr, dir, base) && write_key(k, rr, base, why);
	}
	ldns_rr_free(rr);
	return ok;
}

struct gyl_sign_key *gyl_sign_key_make(uint8_t algorithm, const uint8_t *origin, const char *dir,
	char base[4096], char why[GYL_SIGN_WHY_MAX])
{
	struct gyl_sign_key *k = calloc(1, sizeof *k);

	snprintf(why, GYL_SIGN_WHY_MAX, "the key cannot be made");
	if (k != NULL && make(k, algorithm, origin, dir, base, why))
		return k;
	gyl_sign_key_free(k);
	return NULL;
}

/* The number of a P-256 key. */
static bool secret_number(const struct gyl_sign_key *k, uint8_t d[GYL_ECDSA_LEN])
{
	BIGNUM *bn = NULL;
	bool ok = EVP_PKEY_get_bn_param(
			  ldns_key_evp_key(k->secret), OSSL_PKEY_PARAM_PRIV_KEY, &bn) == 1 &&
		  BN_bn2binpad(bn, d, GYL_ECDSA_LEN) == GYL_ECDSA_LEN;

	BN_clear_free(bn);
	return ok;
}

static size_t sign_by_ldns(
	const struct gyl_sign_key *k, const uint8_t *p, size_t len, uint8_t sig[1024])
{
	ldns_buffer *buf = ldns_buffer_new(len);
	ldns_rdf *rdf = NULL;
	size_t sig_len = 0;

	if (buf != NULL) {
		ldns_buffer_write(buf, p, len);
		rdf = ldns_sign_public_buffer(buf, k->secret);
	}
	if (rdf != NULL && ldns_rdf_size(rdf) <= 1024) {
		sig_len = ldns_rdf_size(rdf);
		memcpy(sig, ldns_rdf_data(rdf), sig_len);
	}
	ldns_rdf_deep_free(rdf);
	ldns_buffer_free(buf);
	return sig_len;
}

size_t gyl_sign_key_sign(
	const struct gyl_sign_key *k, const uint8_t *p, size_t len, uint8_t sig[1024])
{
	uint8_t d[GYL_ECDSA_LEN];
	bool ok;

	if (k->algorithm != GYL_SIGN_ECDSAP256SHA256)
		return sign_by_ldns(k, p, len, sig);
	ok = secret_number(k, d) && gyl_ecdsa_sign(d, p, len, sig);
	OPENSSL_cleanse(d, sizeof d);
	return ok ? 2 * (size_t)GYL_ECDSA_LEN : 0;
}

void gyl_sign_key_free(struct gyl_sign_key *list)
{
	while (list != NULL) {
		struct gyl_sign_key *next = list->next;

		if (list->secret != NULL)
			ldns_key_deep_free(list->secret);
		free(list);
		list = next;
	}
}

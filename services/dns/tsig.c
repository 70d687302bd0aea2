/* SPDX-License-Identifier: ISC */
#include "services/dns/tsig.h"

#include <gyl/ct.h>
#include <gyl/time.h>

enum {
	KEY_HEAD = 4 /* octets before name and secret in the part */
};

static enum gyl_hash hash_of(enum gyl_dns_tsig_alg alg)
{
	static const uint8_t hash[GYL_DNS_TSIG_ALG_CNT] = {
		[GYL_DNS_TSIG_SHA1] = GYL_HASH_SHA1,
		[GYL_DNS_TSIG_SHA224] = GYL_HASH_SHA224,
		[GYL_DNS_TSIG_SHA256] = GYL_HASH_SHA256,
		[GYL_DNS_TSIG_SHA384] = GYL_HASH_SHA384,
		[GYL_DNS_TSIG_SHA512] = GYL_HASH_SHA512,
	};

	return (enum gyl_hash)hash[alg];
}

void gyl_dns_tsig_put_key(struct gyl_writer *w, const uint8_t *name, enum gyl_dns_tsig_alg alg,
	struct gyl_view secret)
{
	size_t len = gyl_dns_name_len(name);

	gyl_put_u8(w, (uint8_t)alg);
	gyl_put_u8(w, (uint8_t)len);
	gyl_put_u16(w, (uint16_t)secret.len);
	gyl_put_bytes(w, name, len);
	gyl_put_view(w, secret);
}

/* Octets of the key at the beginning of part, 0: there is none. */
static size_t key_load(struct gyl_dns_tsig_key *k, struct gyl_view part, uint32_t cpu)
{
	size_t name_len, secret_len;

	if (part.len < KEY_HEAD)
		return 0;
	name_len = part.p[1];
	secret_len = gyl_get_u16(part.p + 2);
	if (part.p[0] == GYL_DNS_TSIG_NONE || part.p[0] >= GYL_DNS_TSIG_ALG_CNT ||
		name_len + secret_len > part.len - KEY_HEAD || secret_len == 0 ||
		gyl_failed(gyl_dns_name_check(gyl_view_sub(part, KEY_HEAD, name_len))))
		return 0;
	k->alg = part.p[0];
	gyl_dns_name_fold(k->name, part.p + KEY_HEAD, name_len);
	gyl_hmac_key_init(&k->hmac, hash_of((enum gyl_dns_tsig_alg)k->alg), cpu,
		part.p + KEY_HEAD + name_len, secret_len);
	return KEY_HEAD + name_len + secret_len;
}

bool gyl_dns_tsig_load(struct gyl_dns_tsig_keys *keys, struct gyl_view part, uint32_t cpu)
{
	gyl_wipe(keys, sizeof *keys);
	while (part.len != 0 && keys->cnt < GYL_DNS_KEY_MAX) {
		size_t len = key_load(&keys->key[keys->cnt], part, cpu);

		if (len == 0)
			break;
		part = gyl_view_sub(part, len, part.len);
		keys->cnt++;
	}
	if (part.len != 0)
		gyl_wipe(keys, sizeof *keys);
	return part.len == 0;
}

const struct gyl_dns_tsig_key *gyl_dns_tsig_find(
	const struct gyl_dns_tsig_keys *keys, const uint8_t *name)
{
	for (unsigned i = 0; keys != NULL && i < keys->cnt; i++)
		if (gyl_dns_name_eq(keys->key[i].name, name))
			return &keys->key[i];
	return NULL;
}

/* RFC 8945 4.3.1: an answer covers the MAC of its request, length first; so does each message of
 * an answer that of the one before (5.3.1). */
static void begin(struct gyl_hmac *m, const struct gyl_dns_sign *s)
{
	uint8_t len[2];

	gyl_hmac_init(m, &s->key->hmac);
	if (s->mac_len == 0)
		return;
	gyl_set_u16(len, s->mac_len);
	gyl_hmac_update(m, len, sizeof len);
	gyl_hmac_update(m, s->mac, s->mac_len);
}

/* What covers the TSIG record itself; full: not only its times. */
static void finish(
	struct gyl_hmac *m, const struct gyl_dns_tsig_rr *rr, bool full, uint8_t *ret_mac)
{
	uint8_t buf[GYL_DNS_TSIG_VARIABLES_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	if (full)
		gyl_dns_tsig_put_variables(&w, rr);
	else
		gyl_dns_tsig_put_timers(&w, rr);
	gyl_hmac_update(m, buf, w.len);
	gyl_hmac_final(m, ret_mac);
}

/* The message as it was before its TSIG was put there. */
static void add_received(
	struct gyl_hmac *m, struct gyl_view msg, size_t tsig_off, const struct gyl_dns_tsig_rr *rr)
{
	uint8_t head[GYL_DNS_HEADER_LEN];

	gyl_dns_tsig_head(msg, rr->original_id, head);
	gyl_hmac_update(m, head, sizeof head);
	gyl_hmac_update(m, msg.p + GYL_DNS_HEADER_LEN, tsig_off - GYL_DNS_HEADER_LEN);
}

/* RFC 8945 5.2.2.1: neither longer than it can be, nor shorter than half of it or 10 octets. */
static bool mac_len_ok(const struct gyl_dns_tsig_key *key, size_t len)
{
	size_t full = gyl_dns_tsig_mac_len((enum gyl_dns_tsig_alg)key->alg);

	return len <= full && len >= 10 && len >= full / 2;
}

/* RFC 8945 5.2.3 */
static bool in_time(const struct gyl_dns_tsig_rr *rr, uint64_t wall_ns)
{
	uint64_t now_s = wall_ns / GYL_NS_PER_S;
	uint64_t apart = now_s > rr->time_s ? now_s - rr->time_s : rr->time_s - now_s;

	return apart <= rr->fudge_s;
}

static bool mac_fits(
	struct gyl_dns_sign *s, struct gyl_hmac *m, const struct gyl_dns_tsig_rr *rr, bool full)
{
	uint8_t mac[GYL_DNS_TSIG_MAC_MAX];

	finish(m, rr, full, mac);
	if (!gyl_ct_eq(mac, rr->mac.p, rr->mac.len))
		return false;
	memcpy(s->mac, rr->mac.p, rr->mac.len);
	s->mac_len = (uint8_t)rr->mac.len;
	return true;
}

static uint16_t fail(struct gyl_dns_sign *s, uint16_t error)
{
	s->rr.error = error;
	return GYL_DNS_NOTAUTH;
}

/* RFC 8945 5.2: key, MAC, time and then the policy about truncation, in this order. */
static uint16_t judge(struct gyl_dns_sign *s, uint64_t wall_ns, struct gyl_view msg,
	size_t tsig_off, const struct gyl_dns_tsig_keys *keys)
{
	const struct gyl_dns_tsig_key *key = gyl_dns_tsig_find(keys, s->rr.key);
	struct gyl_hmac m;

	if (key == NULL || key->alg != s->rr.alg)
		return fail(s, GYL_DNS_BADKEY);
	if (!mac_len_ok(key, s->rr.mac.len)) {
		s->rr.key[0] = 0; /* no TSIG in the answer */
		return GYL_DNS_FORMERR;
	}
	s->key = key;
	begin(&m, s);
	add_received(&m, msg, tsig_off, &s->rr);
	if (!mac_fits(s, &m, &s->rr, true)) {
		s->key = NULL;
		return fail(s, GYL_DNS_BADVERS); /* BADSIG has the same number */
	}
	if (!in_time(&s->rr, wall_ns))
		return fail(s, GYL_DNS_BADTIME);
	if (s->mac_len < GYL_DNS_TSIG_MAC_MIN)
		return fail(s, GYL_DNS_BADTRUNC);
	return GYL_DNS_NOERROR;
}

uint16_t gyl_dns_tsig_verify(const struct gyl_dns_tsig_keys *keys, uint64_t wall_ns,
	struct gyl_view msg, size_t tsig_off, struct gyl_dns_sign *ret_sign)
{
	struct gyl_dns_sign *s = ret_sign;
	uint16_t rcode;

	s->key = NULL;
	s->mac_len = 0;
	s->first = true;
	s->gap = 0;
	if (gyl_failed(gyl_dns_tsig_decode(msg, tsig_off, &s->rr))) {
		s->rr.key[0] = 0;
		return GYL_DNS_FORMERR;
	}
	s->time_s = s->rr.time_s;
	rcode = judge(s, wall_ns, msg, tsig_off, keys);
	if (rcode == GYL_DNS_NOERROR)
		s->rr.error = GYL_DNS_NOERROR;
	return rcode;
}

/* RFC 8945 5.2.3: with BADTIME comes our clock. */
static struct gyl_view other_of(const struct gyl_dns_sign *s, uint64_t wall_ns, uint8_t clock[6])
{
	uint64_t now_s = wall_ns / GYL_NS_PER_S;

	if (s->rr.error != GYL_DNS_BADTIME)
		return gyl_view(NULL, 0);
	gyl_set_u16(clock, (uint16_t)(now_s >> 32));
	gyl_set_u32(clock + 2, (uint32_t)now_s);
	return gyl_view(clock, 6);
}

size_t gyl_dns_tsig_room(const struct gyl_dns_sign *s)
{
	struct gyl_dns_tsig_rr rr = s->rr;

	if (rr.key[0] == 0)
		return 0;
	rr.mac = gyl_view(NULL,
		s->key == NULL ? 0 : gyl_dns_tsig_mac_len((enum gyl_dns_tsig_alg)s->key->alg));
	rr.other = gyl_view(NULL, rr.error == GYL_DNS_BADTIME ? 6 : 0);
	return gyl_dns_tsig_len(&rr);
}

/* The MAC of a message that is about to leave, into s->mac. */
static void mac_make(struct gyl_dns_sign *s, struct gyl_view msg, bool full)
{
	struct gyl_hmac m;

	begin(&m, s);
	gyl_hmac_update(&m, msg.p, msg.len);
	finish(&m, &s->rr, full, s->mac);
	s->mac_len = (uint8_t)gyl_dns_tsig_mac_len((enum gyl_dns_tsig_alg)s->key->alg);
	s->rr.mac = gyl_view(s->mac, s->mac_len);
}

void gyl_dns_tsig_sign(struct gyl_dns_sign *s, uint64_t wall_ns, struct gyl_writer *w)
{
	uint8_t clock[6];

	if (s->rr.key[0] == 0)
		return;
	s->rr.original_id = gyl_get_u16(w->p);
	/* RFC 8945 5.2.3: the time of the request says which one the error is about */
	s->rr.time_s = s->rr.error == GYL_DNS_BADTIME ? s->time_s : wall_ns / GYL_NS_PER_S;
	s->rr.fudge_s = GYL_DNS_TSIG_FUDGE_S;
	s->rr.mac = gyl_view(NULL, 0);
	s->rr.other = other_of(s, wall_ns, clock);
	/* RFC 8945 5.3.2: an error about the key or the MAC is not signed */
	if (s->key != NULL)
		mac_make(s, gyl_writer_view(w), s->first);
	gyl_dns_tsig_append(w, &s->rr);
	s->first = false;
}

void gyl_dns_tsig_request(struct gyl_dns_sign *s, const struct gyl_dns_tsig_key *key,
	uint64_t wall_ns, struct gyl_writer *w)
{
	const uint8_t *alg = gyl_dns_tsig_alg_name((enum gyl_dns_tsig_alg)key->alg);

	memset(s, 0, sizeof *s);
	s->key = key;
	memcpy(s->rr.key, key->name, gyl_dns_name_len(key->name));
	memcpy(s->rr.alg_name, alg, gyl_dns_name_len(alg));
	s->rr.alg = (enum gyl_dns_tsig_alg)key->alg;
	s->rr.original_id = gyl_get_u16(w->p);
	s->rr.time_s = s->time_s = wall_ns / GYL_NS_PER_S;
	s->rr.fudge_s = GYL_DNS_TSIG_FUDGE_S;
	mac_make(s, gyl_writer_view(w), true);
	gyl_dns_tsig_append(w, &s->rr);
	s->first = true;
}

/* RFC 8945 5.3.1: messages without TSIG are covered by the next one that has it. */
static bool add_unsigned(struct gyl_dns_sign *s, struct gyl_view msg)
{
	if (s->first || s->gap == GYL_DNS_TSIG_GAP_MAX)
		return false;
	if (s->gap++ == 0)
		begin(&s->run, s);
	gyl_hmac_update(&s->run, msg.p, msg.len);
	return true;
}

bool gyl_dns_tsig_check(
	struct gyl_dns_sign *s, uint64_t wall_ns, struct gyl_view msg, size_t tsig_off)
{
	struct gyl_dns_tsig_rr rr;

	if (tsig_off == 0)
		return add_unsigned(s, msg);
	if (gyl_failed(gyl_dns_tsig_decode(msg, tsig_off, &rr)))
		return false;
	s->rr.error = rr.error;
	if (!gyl_dns_name_eq(rr.key, s->key->name) || rr.alg != s->rr.alg ||
		!mac_len_ok(s->key, rr.mac.len) || rr.mac.len < GYL_DNS_TSIG_MAC_MIN)
		return false;
	if (s->gap == 0)
		begin(&s->run, s);
	add_received(&s->run, msg, tsig_off, &rr);
	if (!mac_fits(s, &s->run, &rr, s->first))
		return false;
	s->first = false;
	s->gap = 0;
	s->late = !in_time(&rr, wall_ns);
	return !s->late;
}

/* SPDX-License-Identifier: ISC */
#include <gyl/dns_rdata.h>

#include "libproto/src/dns_layout.h"
#include "libproto/src/dns_name.h"

/* A record's fields by its layout, when its type is one of up to four. */
struct fields {
	const uint8_t *p;
	struct gyl__dns_field f[GYL__DNS_FIELD_MAX];
};

static bool fields_get(
	struct fields *to, struct gyl_view msg, const struct gyl_dns_rr *rr, const uint16_t type[4])
{
	bool mine = false;

	for (unsigned i = 0; i < 4; i++)
		mine = mine || (type[i] != 0 && rr->type == type[i]);
	to->p = msg.p;
	return mine && gyl__dns_fields(msg.p, rr->rdata_off, rr->rdata_off + rr->rdata.len,
			       gyl__dns_layout(rr->type), to->f) != 0;
}

/* The same for rdata without names, which needs no message. */
static bool fields_own(struct fields *to, const struct gyl_dns_rr *rr, const uint16_t type[4])
{
	struct gyl_dns_rr own = *rr;

	own.rdata_off = 0;
	return fields_get(to, rr->rdata, &own, type);
}

static uint8_t u8(const struct fields *s, unsigned i)
{
	return s->p[s->f[i].off];
}

static uint16_t u16(const struct fields *s, unsigned i)
{
	return gyl_get_u16(s->p + s->f[i].off);
}

static uint32_t u32(const struct fields *s, unsigned i)
{
	return gyl_get_u32(s->p + s->f[i].off);
}

static uint16_t name_off(const struct fields *s, unsigned i)
{
	return (uint16_t)s->f[i].off;
}

/* A field without the octets of its own length. */
static struct gyl_view octets(const struct fields *s, unsigned i, size_t head)
{
	return gyl_view(s->p + s->f[i].off + head, s->f[i].len - head);
}

bool gyl_dns_rdata_a(const struct gyl_dns_rr *rr, uint32_t *ret_ip)
{
	if (rr->type != GYL_DNS_TYPE_A || rr->rdata.len != 4)
		return false;
	*ret_ip = gyl_get_u32(rr->rdata.p);
	return true;
}

bool gyl_dns_rdata_aaaa(const struct gyl_dns_rr *rr, uint8_t ret_ip[16])
{
	if (rr->type != GYL_DNS_TYPE_AAAA || rr->rdata.len != 16)
		return false;
	memcpy(ret_ip, rr->rdata.p, 16);
	return true;
}

bool gyl_dns_rdata_name(struct gyl_view msg, const struct gyl_dns_rr *rr, uint16_t *ret_name_off)
{
	const struct gyl__dns_layout *layout = gyl__dns_layout(rr->type);
	struct gyl__dns_field field[GYL__DNS_FIELD_MAX];

	if (layout->field[0] < GYL__DNS_NAME_C || layout->field[0] > GYL__DNS_NAME ||
		layout->field[1] != 0 ||
		gyl__dns_fields(
			msg.p, rr->rdata_off, rr->rdata_off + rr->rdata.len, layout, field) == 0)
		return false;
	*ret_name_off = rr->rdata_off;
	return true;
}

bool gyl_dns_rdata_soa(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_soa *ret_soa)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_SOA};
	struct fields s;

	if (!fields_get(&s, msg, rr, type))
		return false;
	ret_soa->mname_off = name_off(&s, 0);
	ret_soa->rname_off = name_off(&s, 1);
	ret_soa->serial = u32(&s, 2);
	ret_soa->refresh = u32(&s, 3);
	ret_soa->retry = u32(&s, 4);
	ret_soa->expire = u32(&s, 5);
	ret_soa->minimum = u32(&s, 6);
	return true;
}

bool gyl_dns_rdata_mx(struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_mx *ret_mx)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_MX};
	struct fields s;

	if (!fields_get(&s, msg, rr, type))
		return false;
	ret_mx->preference = u16(&s, 0);
	ret_mx->exchange_off = name_off(&s, 1);
	return true;
}

bool gyl_dns_rdata_txt(const struct gyl_dns_rr *rr, struct gyl_view *ret_strs)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_TXT, 99 /* SPF */};
	struct fields s;

	if (!fields_own(&s, rr, type))
		return false;
	*ret_strs = rr->rdata;
	return true;
}

bool gyl_dns_rdata_srv(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_srv *ret_srv)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_SRV};
	struct fields s;

	if (!fields_get(&s, msg, rr, type))
		return false;
	ret_srv->priority = u16(&s, 0);
	ret_srv->weight = u16(&s, 1);
	ret_srv->port = u16(&s, 2);
	ret_srv->target_off = name_off(&s, 3);
	return true;
}

bool gyl_dns_rdata_naptr(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_naptr *ret_naptr)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_NAPTR};
	struct fields s;

	if (!fields_get(&s, msg, rr, type))
		return false;
	ret_naptr->order = u16(&s, 0);
	ret_naptr->preference = u16(&s, 1);
	ret_naptr->flags = octets(&s, 2, 1);
	ret_naptr->services = octets(&s, 3, 1);
	ret_naptr->regexp = octets(&s, 4, 1);
	ret_naptr->replacement_off = name_off(&s, 5);
	return true;
}

bool gyl_dns_rdata_ds(const struct gyl_dns_rr *rr, struct gyl_dns_ds *ret_ds)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_DS, GYL_DNS_TYPE_CDS, 32769 /* DLV */};
	struct fields s;

	if (!fields_own(&s, rr, type))
		return false;
	ret_ds->key_tag = u16(&s, 0);
	ret_ds->algorithm = u8(&s, 1);
	ret_ds->digest_type = u8(&s, 2);
	ret_ds->digest = octets(&s, 3, 0);
	return true;
}

bool gyl_dns_rdata_dnskey(const struct gyl_dns_rr *rr, struct gyl_dns_dnskey *ret_key)
{
	static const uint16_t type[4] = {
		GYL_DNS_TYPE_DNSKEY, GYL_DNS_TYPE_CDNSKEY, GYL_DNS_TYPE_KEY};
	struct fields s;

	if (!fields_own(&s, rr, type))
		return false;
	ret_key->flags = u16(&s, 0);
	ret_key->protocol = u8(&s, 1);
	ret_key->algorithm = u8(&s, 2);
	ret_key->public_key = octets(&s, 3, 0);
	return true;
}

bool gyl_dns_rdata_rrsig(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_rrsig *ret_sig)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_RRSIG, GYL_DNS_TYPE_SIG};
	struct fields s;

	if (!fields_get(&s, msg, rr, type))
		return false;
	ret_sig->type_covered = u16(&s, 0);
	ret_sig->algorithm = u8(&s, 1);
	ret_sig->labels = u8(&s, 2);
	ret_sig->original_ttl = u32(&s, 3);
	ret_sig->expiration = u32(&s, 4);
	ret_sig->inception = u32(&s, 5);
	ret_sig->key_tag = u16(&s, 6);
	ret_sig->signer_off = name_off(&s, 7);
	ret_sig->signature = octets(&s, 8, 0);
	return true;
}

bool gyl_dns_rdata_nsec(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_nsec *ret_nsec)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_NSEC};
	struct fields s;

	if (!fields_get(&s, msg, rr, type))
		return false;
	ret_nsec->next_off = name_off(&s, 0);
	ret_nsec->types = octets(&s, 1, 0);
	return true;
}

bool gyl_dns_rdata_nsec3(const struct gyl_dns_rr *rr, struct gyl_dns_nsec3 *ret_nsec3)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_NSEC3};
	struct fields s;

	if (!fields_own(&s, rr, type))
		return false;
	ret_nsec3->algorithm = u8(&s, 0);
	ret_nsec3->flags = u8(&s, 1);
	ret_nsec3->iterations = u16(&s, 2);
	ret_nsec3->salt = octets(&s, 3, 1);
	ret_nsec3->next_hash = octets(&s, 4, 1);
	ret_nsec3->types = octets(&s, 5, 0);
	return true;
}

bool gyl_dns_rdata_nsec3param(const struct gyl_dns_rr *rr, struct gyl_dns_nsec3param *ret_param)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_NSEC3PARAM};
	struct fields s;

	if (!fields_own(&s, rr, type))
		return false;
	ret_param->algorithm = u8(&s, 0);
	ret_param->flags = u8(&s, 1);
	ret_param->iterations = u16(&s, 2);
	ret_param->salt = octets(&s, 3, 1);
	return true;
}

bool gyl_dns_rdata_tlsa(const struct gyl_dns_rr *rr, struct gyl_dns_tlsa *ret_tlsa)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_TLSA, 53 /* SMIMEA */};
	struct fields s;

	if (!fields_own(&s, rr, type))
		return false;
	ret_tlsa->usage = u8(&s, 0);
	ret_tlsa->selector = u8(&s, 1);
	ret_tlsa->matching = u8(&s, 2);
	ret_tlsa->data = octets(&s, 3, 0);
	return true;
}

bool gyl_dns_rdata_sshfp(const struct gyl_dns_rr *rr, struct gyl_dns_sshfp *ret_sshfp)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_SSHFP};
	struct fields s;

	if (!fields_own(&s, rr, type))
		return false;
	ret_sshfp->algorithm = u8(&s, 0);
	ret_sshfp->fp_type = u8(&s, 1);
	ret_sshfp->fingerprint = octets(&s, 2, 0);
	return true;
}

bool gyl_dns_rdata_caa(const struct gyl_dns_rr *rr, struct gyl_dns_caa *ret_caa)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_CAA};
	struct fields s;

	if (!fields_own(&s, rr, type))
		return false;
	ret_caa->flags = u8(&s, 0);
	ret_caa->tag = octets(&s, 1, 1);
	ret_caa->value = octets(&s, 2, 0);
	return true;
}

bool gyl_dns_rdata_svcb(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_svcb *ret_svcb)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_SVCB, GYL_DNS_TYPE_HTTPS};
	struct fields s;

	if (!fields_get(&s, msg, rr, type))
		return false;
	ret_svcb->priority = u16(&s, 0);
	ret_svcb->target_off = name_off(&s, 1);
	ret_svcb->params = octets(&s, 2, 0);
	return true;
}

bool gyl_dns_rdata_tsig(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_tsig *ret_tsig)
{
	static const uint16_t type[4] = {GYL_DNS_TYPE_TSIG};
	struct fields s;

	if (!fields_get(&s, msg, rr, type))
		return false;
	ret_tsig->algorithm_off = name_off(&s, 0);
	ret_tsig->time_signed_s = (uint64_t)u16(&s, 1) << 32 | gyl_get_u32(s.p + s.f[1].off + 2);
	ret_tsig->fudge_s = u16(&s, 2);
	ret_tsig->mac = octets(&s, 3, 2);
	ret_tsig->original_id = u16(&s, 4);
	ret_tsig->error = u16(&s, 5);
	ret_tsig->other = octets(&s, 6, 2);
	return true;
}

/* SPDX-License-Identifier: ISC */
#include "services/syslogd/rule.h"

#include "conf/schema.h"
#include "services/base/match.h"

static bool fits_mask(uint32_t mask, unsigned bit)
{
	return mask == 0 || (mask >> bit & 1) != 0;
}

/* An empty list is no condition. What the message does not have fits no pattern. */
static bool fits_text(
	const struct gyl_syslogd_rules *r, struct gyl_syslogd_list list, struct gyl_view v)
{
	if (list.cnt == 0)
		return true;
	for (unsigned i = list.first; i < list.first + list.cnt && v.p != NULL; i++)
		if (gyl_match_text(gyl_view(r->text + r->string[i].off, r->string[i].len), v))
			return true;
	return false;
}

static bool fits_from(const struct gyl_syslogd_rules *r, struct gyl_syslogd_list list,
	const struct gyl_syslogd_about *a)
{
	if (list.cnt == 0)
		return true;
	for (unsigned i = list.first; i < list.first + list.cnt; i++) {
		const struct gyl_syslogd_from *f = &r->from[i];

		if (f->kind == a->kind && (f->kind != GYL_SYSLOGD_FROM_NET ||
						  ((a->ip ^ f->ip) & gyl_conf_mask(f->len)) == 0))
			return true;
	}
	return false;
}

static bool fits_message(
	struct gyl_syslogd_rules *r, unsigned rule, const struct gyl_syslogd_about *a)
{
	int ret;

	if (!r->rule[rule].message)
		return true;
	ret = r->helper == NULL ? 0 : r->helper->match(r->helper->arg, rule, a->m->msg);
	r->rule[rule].stat.limit_cnt += ret < 0;
	return ret == 1;
}

static bool fits(struct gyl_syslogd_rules *r, unsigned rule, const struct gyl_syslogd_about *a)
{
	const struct gyl_syslogd_rule *c = &r->rule[rule];

	return fits_mask(c->severities, a->m->sev) && fits_mask(c->facilities, a->m->fac) &&
	       fits_from(r, c->from, a) &&
	       fits_text(r, c->host, a->m->host.p != NULL ? a->m->host : a->host) &&
	       fits_text(r, c->app, a->m->app) && fits_text(r, c->msgid, a->m->msgid) &&
	       fits_message(r, rule, a);
}

/* Is it equal to one before? If not, it is noted down as one that others may be equal to: for the
 * first rule that folds. */
static bool folds(struct gyl_syslogd_rules *r, unsigned rule, const struct gyl_syslogd_about *a,
	uint64_t mono_ns, struct gyl_syslogd_verdict *v)
{
	struct gyl_syslogd_rule *c = &r->rule[rule];
	uint64_t hash;

	if (c->fold_ns == 0 || v->fold_end_ns != 0)
		return false;
	hash = gyl_syslogd_fold_hash(&r->folds, (uint8_t)rule, a->ip, a->uid, a->m);
	if (gyl_syslogd_fold_count(&r->folds, hash, mono_ns)) {
		c->stat.fold_cnt++;
		return true;
	}
	v->fold_hash = hash;
	v->fold_end_ns = mono_ns + c->fold_ns;
	v->fold_rule = (uint8_t)rule;
	v->fold_to = v->to;
	return false;
}

static bool is_over(struct gyl_syslogd_rules *r, unsigned rule, const struct gyl_syslogd_about *a,
	uint64_t mono_ns)
{
	struct gyl_syslogd_rule *c = &r->rule[rule];

	if (!c->has_rate || gyl_syslogd_rate_pass(&r->rates, (uint8_t)rule, a->ip, a->uid, c->burst,
				    c->rate_ns, mono_ns))
		return false;
	c->stat.held_cnt++;
	return true;
}

void gyl_syslogd_rules_decide(struct gyl_syslogd_rules *r, const struct gyl_syslogd_about *a,
	uint64_t mono_ns, struct gyl_syslogd_verdict *ret_v)
{
	bool own = a->kind == GYL_SYSLOGD_FROM_OWN;

	ret_v->to = 0;
	ret_v->store = true;
	ret_v->fold_end_ns = 0;
	for (unsigned i = 0; i < r->cnt; i++) {
		const struct gyl_syslogd_rule *c = &r->rule[i];

		if (!fits(r, i, a))
			continue;
		r->rule[i].stat.match_cnt++;
		if (!own && (folds(r, i, a, mono_ns, ret_v) || is_over(r, i, a, mono_ns))) {
			ret_v->store = false;
			ret_v->fold_end_ns = 0;
			return;
		}
		ret_v->to |= c->to;
		ret_v->store = ret_v->store && c->store;
		if (c->stop)
			break;
	}
	/* who had all of the equal ones by an earlier rule needs no count of them */
	ret_v->fold_to = ret_v->to & ~ret_v->fold_to;
}

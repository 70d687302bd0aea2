/* SPDX-License-Identifier: ISC */

/* Rules and outputs out of a configuration, copied, because that does not stay where it is. */

#include <gyl/text.h>

#include "services/syslogd/rule.h"

void gyl_syslogd_rules_init(struct gyl_syslogd_rules *r, const uint64_t key[2])
{
	r->helper = NULL;
	r->cnt = r->output_cnt = 0;
	gyl_syslogd_rates_init(&r->rates, key);
	gyl_syslogd_folds_init(&r->folds, key);
}

static void copy_name(char to[GYL_SYSLOGD_OUTPUT_NAME_MAX + 1], struct gyl_view name)
{
	name = gyl_view_sub(name, 0, GYL_SYSLOGD_OUTPUT_NAME_MAX);
	if (name.len != 0)
		memcpy(to, name.p, name.len);
	to[name.len] = '\0';
}

/* What another collector gets is not escaped. */
static void load_format(struct gyl_syslogd_output *to, uint8_t format)
{
	static const char *const text[] = {[GYL_SYSLOGD_FORMAT_5424] = "%rfc5424%",
		[GYL_SYSLOGD_FORMAT_3164] = "%rfc3164%",
		[GYL_SYSLOGD_FORMAT_JSON] = "%json%",
		[GYL_SYSLOGD_FORMAT_RAW] = "%raw%"};

	gyl_syslogd_template_parse(gyl_view_str(text[format]), GYL_SYSLOGD_FOR_OCTETS, &to->text);
}

/* The configuration's check vouches for both templates: one that is none is empty. */
static void load_output(struct gyl_syslogd_output *to, const struct gyl_syslogd_output_conf *from,
	const struct gyl_flat *f)
{
	memset(to, 0, sizeof *to);
	copy_name(to->name, gyl_flat_view(f, from->name));
	to->has_path = from->file.cnt != 0;
	gyl_syslogd_template_parse(gyl_flat_view(f, from->file), GYL_SYSLOGD_FOR_PATH, &to->path);
	if (from->forward.cnt != 0)
		load_format(to, from->format);
	else
		gyl_syslogd_template_parse(
			gyl_flat_view(f, from->text), GYL_SYSLOGD_FOR_LINE, &to->text);
}

static bool add_string(struct gyl_syslogd_rules *r, struct gyl_view v)
{
	if (r->string_cnt == GYL_SYSLOGD_STRING_MAX || v.len > sizeof r->text - r->text_len)
		return false;
	r->string[r->string_cnt].off = r->text_len;
	r->string[r->string_cnt].len = (uint32_t)v.len;
	if (v.len != 0)
		memcpy(r->text + r->text_len, v.p, v.len);
	r->text_len += (uint32_t)v.len;
	r->string_cnt++;
	return true;
}

static bool load_strings(struct gyl_syslogd_rules *r, struct gyl_ref ref, const struct gyl_flat *f,
	struct gyl_syslogd_list *to)
{
	const struct gyl_ref *item = gyl_flat_at(f, ref);

	to->first = r->string_cnt;
	to->cnt = (uint16_t)ref.cnt;
	for (uint32_t i = 0; i < ref.cnt; i++)
		if (!add_string(r, gyl_flat_view(f, item[i])))
			return false;
	return true;
}

/* The configuration's check vouches for the words. */
static bool load_from(struct gyl_syslogd_rules *r, struct gyl_ref ref, const struct gyl_flat *f,
	struct gyl_syslogd_list *to)
{
	const struct gyl_ref *item = gyl_flat_at(f, ref);

	to->first = r->from_cnt;
	for (uint32_t i = 0; i < ref.cnt; i++) {
		if (r->from_cnt == GYL_SYSLOGD_FROM_MAX)
			return false;
		if (!gyl_failed(gyl_syslogd_from_parse(
			    gyl_flat_view(f, item[i]), &r->from[r->from_cnt])))
			r->from_cnt++;
	}
	to->cnt = (uint16_t)(r->from_cnt - to->first);
	return true;
}

static uint8_t severities(struct gyl_ref ref, const struct gyl_flat *f)
{
	const struct gyl_ref *item = gyl_flat_at(f, ref);
	uint8_t all = 0, mask;

	for (uint32_t i = 0; i < ref.cnt; i++)
		if (!gyl_failed(gyl_syslogd_severity_parse(gyl_flat_view(f, item[i]), &mask)))
			all |= mask;
	return all;
}

static uint32_t facilities(struct gyl_ref ref, const struct gyl_flat *f)
{
	const uint8_t *fac = gyl_flat_at(f, ref);
	uint32_t all = 0;

	for (uint32_t i = 0; i < ref.cnt; i++)
		all |= UINT32_C(1) << fac[i];
	return all;
}

static uint32_t outputs(
	const struct gyl_syslogd_rules *r, struct gyl_ref ref, const struct gyl_flat *f)
{
	const struct gyl_ref *item = gyl_flat_at(f, ref);
	uint32_t all = 0;

	for (uint32_t i = 0; i < ref.cnt; i++)
		for (unsigned k = 0; k < r->output_cnt; k++)
			if (gyl_view_eq(gyl_view_str(r->output[k].name), gyl_flat_view(f, item[i])))
				all |= UINT32_C(1) << k;
	return all;
}

static void name_rule(struct gyl_syslogd_rule *to, struct gyl_view name, unsigned number)
{
	struct gyl_writer w;

	if (name.len != 0) {
		copy_name(to->name, name);
		return;
	}
	gyl_writer_init(&w, to->name, sizeof to->name - 1);
	gyl_text_u64(&w, number);
	(void)gyl_text_cstr(&w);
}

static bool load_rule(struct gyl_syslogd_rules *r, struct gyl_syslogd_rule *to,
	const struct gyl_syslogd_rule_conf *from, const struct gyl_flat *f)
{
	memset(to, 0, sizeof *to);
	name_rule(to, gyl_flat_view(f, from->name), r->cnt);
	to->facilities = facilities(from->facility, f);
	to->severities = severities(from->severity, f);
	to->message = from->message.cnt != 0;
	to->store = from->store;
	to->stop = from->stop;
	to->has_rate = from->has_rate;
	to->burst = from->rate.burst;
	to->rate_ns = from->rate.interval_ns;
	to->fold_ns = from->fold_ns;
	to->to = outputs(r, from->to, f);
	return load_strings(r, from->host, f, &to->host) &&
	       load_strings(r, from->app, f, &to->app) &&
	       load_strings(r, from->msgid, f, &to->msgid) &&
	       load_from(r, from->from, f, &to->from);
}

static bool has_name(const char *name)
{
	return name[0] < '0' || name[0] > '9'; /* else it may be its number */
}

struct counted {
	char name[GYL_SYSLOGD_OUTPUT_NAME_MAX + 1];
	struct gyl_syslogd_rule_stat stat;
};

/* What rules of the same name have counted. There are few, and this is a reload. */
static void keep_stat(struct gyl_syslogd_rules *r, const struct counted *old, unsigned cnt)
{
	for (unsigned i = 0; i < r->cnt; i++)
		for (unsigned k = 0; k < cnt; k++)
			if (has_name(old[k].name) && gyl_view_eq(gyl_view_str(r->rule[i].name),
							     gyl_view_str(old[k].name)))
				r->rule[i].stat = old[k].stat;
}

bool gyl_syslogd_rules_load(
	struct gyl_syslogd_rules *r, const struct gyl_syslogd_conf *cf, const struct gyl_flat *f)
{
	const struct gyl_syslogd_output_conf *o = gyl_flat_at(f, cf->outputs);
	const struct gyl_syslogd_rule_conf *c = gyl_flat_at(f, cf->rules);
	struct counted old[GYL_SYSLOGD_RULE_MAX];
	unsigned old_cnt = r->cnt;
	bool good =
		cf->outputs.cnt <= GYL_SYSLOGD_OUTPUT_MAX && cf->rules.cnt <= GYL_SYSLOGD_RULE_MAX;

	for (unsigned i = 0; i < old_cnt; i++) {
		memcpy(old[i].name, r->rule[i].name, sizeof old[i].name);
		old[i].stat = r->rule[i].stat;
	}
	r->output_cnt = r->cnt = 0;
	r->string_cnt = r->from_cnt = 0;
	r->text_len = 0;
	for (uint32_t i = 0; i < cf->outputs.cnt && good; i++)
		load_output(&r->output[r->output_cnt++], &o[i], f);
	for (uint32_t i = 0; i < cf->rules.cnt && good; i++) {
		good = load_rule(r, &r->rule[r->cnt], &c[i], f);
		r->cnt += good;
	}
	keep_stat(r, old, old_cnt);
	return good;
}

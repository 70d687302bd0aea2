/* SPDX-License-Identifier: ISC */
#include "conf/place.h"
#include "conf/type.h"

/*
 * Printing back what the block holds, defaults and all. A key is left out when nothing was given
 * for it and it has no default, so that reading the output again leaves the same zeros.
 */

struct print {
	const struct gyl_flat *f;
	FILE *out;
	unsigned depth;
	bool first; /* nothing has been written at this depth */
};

static void print_object(struct print *p, const struct gyl_conf_table *t, const uint8_t *root);

static void new_line(struct print *p)
{
	if (!p->first)
		fputc(',', p->out);
	p->first = false;
	fputc('\n', p->out);
	for (unsigned i = 0; i < p->depth; i++)
		fputs("  ", p->out);
}

static void open_bracket(struct print *p, char c)
{
	fputc(c, p->out);
	p->depth++;
	p->first = true;
}

static void close_bracket(struct print *p, char c)
{
	bool empty = p->first;

	p->depth--;
	p->first = true;
	if (!empty)
		new_line(p);
	fputc(c, p->out);
	p->first = false;
}

static void print_key(struct print *p, struct gyl_view name)
{
	new_line(p);
	gyl_conf_put_string(p->out, name);
	fputs(": ", p->out);
}

static void print_scalar(struct print *p, const struct gyl_conf_key *k, const uint8_t *field)
{
	const struct gyl__conf_type *t = gyl__conf_type(k->type);
	struct gyl__conf_value v;
	char buf[GYL__CONF_TEXT_MAX];
	struct gyl_writer w;
	struct gyl_ref ref;

	if (t->store == GYL__CONF_OCTETS) {
		memcpy(&ref, field, sizeof ref);
		v.octet_len = ref.cnt;
		memcpy(v.octet, gyl_flat_at(p->f, ref), ref.cnt);
	} else {
		gyl__conf_field_get(t, field, &v);
	}
	if ((k->flags & GYL_CONF_SECRET) != 0) {
		gyl_conf_put_string(p->out, gyl_view_str("(not shown)"));
		return;
	}
	gyl_writer_init(&w, buf, sizeof buf);
	t->print(k, &v, &w);
	if (t->kind == GYL_CONF_IS_STRING)
		gyl_conf_put_string(p->out, gyl_writer_view(&w));
	else
		fwrite(buf, 1, w.len, p->out);
}

static void print_map(struct print *p, struct gyl_ref ref)
{
	const struct gyl_conf_entry *e = gyl_flat_at(p->f, ref);

	open_bracket(p, '{');
	for (uint32_t i = 0; i < ref.cnt; i++) {
		struct gyl_view text = gyl_flat_view(p->f, e[i].text);

		print_key(p, gyl_flat_view(p->f, e[i].name));
		fwrite(text.p, 1, text.len, p->out);
	}
	close_bracket(p, '}');
}

static void print_list(struct print *p, const struct gyl_conf_key *k, struct gyl_ref ref)
{
	const uint8_t *item = gyl_flat_at(p->f, ref);
	bool named = (k->flags & GYL_CONF_NAMED) != 0;
	struct gyl_ref name;

	open_bracket(p, named ? '{' : '[');
	for (uint32_t i = 0; i < ref.cnt; i++) {
		if (named) {
			memcpy(&name, item, sizeof name);
			print_key(p, gyl_flat_view(p->f, name));
		} else {
			new_line(p);
		}
		if (k->type == GYL_CONF_OBJECT)
			print_object(p, k->table, item);
		else
			print_scalar(p, k, item);
		item += gyl__conf_item_len(k);
	}
	close_bracket(p, named ? '}' : ']');
}

static bool all_zero(const uint8_t *p, size_t len)
{
	while (len > 0 && p[len - 1] == 0)
		len--;
	return len == 0;
}

static bool is_given(const struct gyl_conf_key *k, const uint8_t *root)
{
	const uint8_t *field = root + k->off;

	if (k->has_off != 0)
		return root[k->has_off] != 0;
	if (k->def != NULL || (k->flags & GYL_CONF_REQUIRED) != 0)
		return true;
	if ((k->flags & GYL_CONF_LIST) != 0 || k->type == GYL_CONF_MAP)
		return !all_zero(field, sizeof(struct gyl_ref));
	return k->type == GYL_CONF_OBJECT || !all_zero(field, gyl__conf_item_len(k));
}

static void print_field(struct print *p, const struct gyl_conf_key *k, const uint8_t *field)
{
	struct gyl_ref ref;

	if ((k->flags & GYL_CONF_LIST) == 0 && k->type != GYL_CONF_MAP) {
		if (k->type == GYL_CONF_OBJECT)
			print_object(p, k->table, field);
		else
			print_scalar(p, k, field);
		return;
	}
	memcpy(&ref, field, sizeof ref);
	if (k->type == GYL_CONF_MAP)
		print_map(p, ref);
	else
		print_list(p, k, ref);
}

static void print_keys(struct print *p, const struct gyl_conf_table *t, const uint8_t *root)
{
	for (size_t i = 0; i < t->key_cnt; i++) {
		if (!is_given(&t->key[i], root))
			continue;
		print_key(p, gyl_view_str(t->key[i].name));
		print_field(p, &t->key[i], root + t->key[i].off);
	}
}

static void print_object(struct print *p, const struct gyl_conf_table *t, const uint8_t *root)
{
	open_bracket(p, '{');
	print_keys(p, t, root);
	close_bracket(p, '}');
}

bool gyl_conf_print(const struct gyl_flat *block, const struct gyl_conf_set *set, FILE *f)
{
	struct print p = {block, f, 0, true};
	const uint8_t *top = gyl_flat_section(block, set->top->name);

	open_bracket(&p, '{');
	if (top != NULL)
		print_keys(&p, set->top->table, top);
	for (size_t i = 0; i < set->section_cnt; i++) {
		const uint8_t *root = gyl_flat_section(block, set->section[i]->name);

		if (root == NULL)
			continue;
		print_key(&p, gyl_view_str(set->section[i]->name));
		print_object(&p, set->section[i]->table, root);
	}
	close_bracket(&p, '}');
	fputc('\n', f);
	return !ferror(f) && fflush(f) == 0;
}

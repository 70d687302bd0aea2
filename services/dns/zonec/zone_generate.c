/* SPDX-License-Identifier: ISC */

/* $GENERATE in a master file: each number makes an entry of its own. */

#include <stdlib.h>

#include "services/dns/zonec/generate.h"
#include "services/dns/zonec/zone_read.h"

enum {
	TEXT_MAX = 65536, /* octets of an entry with its numbers put in */
	SHOW_MAX = 40
};

struct generate {
	struct gyl_zone_file *f;
	struct gyl_zone_word *word; /* of the entry behind the range, as written */
	size_t word_cnt;
	uint8_t text[TEXT_MAX];
};

/* The entry of one number in the place of the directive. */
static bool expand(struct generate *g, uint32_t number)
{
	struct gyl_zone_scan *scan = &g->f->scan;
	struct gyl_writer w;

	gyl_writer_init(&w, g->text, sizeof g->text);
	scan->word_cnt = g->word_cnt;
	for (size_t i = 0; i < g->word_cnt; i++) {
		size_t from = w.len;
		struct gyl_fault why = gyl_zone_generate(g->word[i].tok.text, number, &w);

		if (gyl_failed(why)) {
			gyl_zone_fail(g->f, &g->word[i], why.off,
				"this makes no number: expected $ or ${offset,width,base}");
			return false;
		}
		scan->word[i] = g->word[i];
		scan->word[i].tok.text = gyl_view(g->text + from, w.len - from);
		scan->tok[i] = scan->word[i].tok;
	}
	return true;
}

/* The first entry that is wrong ends it: the others would be wrong in the same way. */
static void run(struct generate *g, const struct gyl_zone_range *range)
{
	struct gyl_zone_state *all = g->f->all;
	bool failed = all->failed;

	all->failed = false;
	for (uint64_t n = range->first; n <= range->last && !all->failed; n += range->step)
		if (expand(g, (uint32_t)n))
			gyl_zone_record(g->f);
	all->failed |= failed;
}

void gyl_zone_directive_generate(struct gyl_zone_file *f)
{
	const struct gyl_zone_word *w = &f->scan.word[1];
	size_t cnt = f->scan.word_cnt;
	struct gyl_zone_range range;
	struct generate *g;

	if (cnt < 4) {
		gyl_zone_fail(f, &f->scan.word[0], 0,
			"expected $GENERATE, a range, a name, a type and what it points to");
		return;
	}
	if (!gyl_zone_range_parse(w->tok.text, &range)) {
		gyl_zone_fail(f, w, 0,
			"\"%.*s\" is no range such as 1-254 or 0-100/2 of at most %d",
			w->tok.text.len > SHOW_MAX ? SHOW_MAX : (int)w->tok.text.len,
			(const char *)w->tok.text.p, GYL_ZONE_GENERATE_MAX);
		return;
	}
	g = malloc(sizeof *g);
	if (g != NULL)
		g->word = malloc((cnt - 2) * sizeof *g->word);
	if (g == NULL || g->word == NULL) {
		gyl_zone_fail(f, w, 0, "no memory");
		free(g);
		return;
	}
	g->f = f;
	g->word_cnt = cnt - 2;
	memcpy(g->word, f->scan.word + 2, g->word_cnt * sizeof *g->word);
	f->scan.blank = false;
	run(g, &range);
	free(g->word);
	free(g);
}

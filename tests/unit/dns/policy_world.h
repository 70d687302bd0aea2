/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DNS_POLICY_WORLD_H
#define GYL_TESTS_DNS_POLICY_WORLD_H

/* A world in which names of others may be asked for: what would be asked is told as "forward 0
 * www.example.com." */

#include "services/dns/cache.h"
#include "tests/unit/dns/ask.h"

static inline void with_cache(struct world *w)
{
	static struct gyl_dns_cache cache;
	static _Alignas(16) uint8_t mem[2 << 20];
	static const uint64_t key[2] = {3, 4};

	assert_true(gyl_dns_cache_need(1 << 20) <= sizeof mem);
	gyl_dns_cache_init(&cache, mem, 1 << 20, key);
	w->data.cache = &cache;
}

/* As ask(), and what is forwarded, behind the records that lead there. */
static inline const char *ask_or_forward(struct world *w, const char *qname, const char *qtype)
{
	struct gyl_dns_from from = {.tcp = w->tcp, .recursion = true};
	size_t len = make_query(w, qname, qtype);
	struct gyl_writer t;

	w->len = gyl_dns_answer(&w->data, &w->policy, w->now, &from, gyl_view(w->query, len),
		w->msg, sizeof w->msg - 1, &w->verdict);
	if (!w->verdict.forward) {
		assert_int_not_equal(w->len, 0);
		show_answer(w);
		return w->text;
	}
	assert_int_equal(w->len, 0);
	gyl_writer_init(&t, w->text, sizeof w->text - 1);
	gyl_text_str(&t, "forward ");
	gyl_text_u64(&t, w->verdict.group);
	gyl_text_char(&t, ' ');
	gyl_dns_name_print(&t, w->verdict.target);
	w->text[t.len] = '\0';
	return w->text;
}

static inline void forward_all(struct world *w, const struct row *row, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		const char *got = ask_or_forward(w, row[i].qname, row[i].qtype);

		if (strcmp(got, row[i].want) != 0)
			fail_msg("%s %s\n  got  %s\n  want %s", row[i].qname, row[i].qtype, got,
				row[i].want);
	}
}

#endif

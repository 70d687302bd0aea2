/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>
#include <gyl/time.h>

/* Durations as text. Civil dates are in civil.c. */

enum {
	UNIT_CNT = 7
};

static const struct unit {
	uint64_t ns;
	char name[3];
} units[UNIT_CNT] = {
	{GYL_NS_PER_DAY, "d"},
	{GYL_NS_PER_HOUR, "h"},
	{GYL_NS_PER_MIN, "m"},
	{GYL_NS_PER_S, "s"},
	{GYL_NS_PER_MS, "ms"},
	{GYL_NS_PER_US, "us"},
	{1, "ns"},
};

/* The unit that is the whole of v, UNIT_CNT when none is. */
static size_t unit_find(struct gyl_view v)
{
	size_t i = 0;

	while (i < UNIT_CNT && !gyl_view_eq(v, gyl_view_str(units[i].name)))
		i++;
	return i;
}

/* End of the run of octets from lo to hi that starts at off. */
static size_t run_end(struct gyl_view in, size_t off, uint8_t lo, uint8_t hi)
{
	while (off < in.len && in.p[off] >= lo && in.p[off] <= hi)
		off++;
	return off;
}

struct gyl_fault gyl_time_parse(struct gyl_view in, uint64_t *ret_ns)
{
	size_t off = 0, next_unit = 0;
	uint64_t sum = 0;

	if (gyl_view_eq(in, gyl_view_str("infinite"))) {
		*ret_ns = GYL_TIME_INFINITE;
		return gyl_ok();
	}
	do {
		size_t unit_off = run_end(in, off, '0', '9'), end = run_end(in, unit_off, 'a', 'z');
		size_t i = unit_find(gyl_view_sub(in, unit_off, end - unit_off));
		struct gyl_fault f;
		uint64_t n;

		f = gyl_parse_u64(gyl_view_sub(in, off, unit_off - off), UINT64_MAX, &n);
		if (gyl_failed(f))
			return gyl_fault(f.err, off);
		if (i == UNIT_CNT || i < next_unit)
			return gyl_fault(GYL_E_SYNTAX, unit_off);
		sum = gyl_time_add(sum, gyl_time_mul(units[i].ns, n));
		if (sum == GYL_TIME_INFINITE)
			return gyl_fault(GYL_E_RANGE, off);
		next_unit = i + 1;
		off = end;
	} while (off < in.len);
	*ret_ns = sum;
	return gyl_ok();
}

/* Writes ns in the units of mask, most significant bit = days; false when that is not exact. */
static bool units_print(struct gyl_writer *w, uint64_t ns, unsigned mask)
{
	for (size_t i = 0; i < UNIT_CNT; i++) {
		uint64_t n = ns / units[i].ns;

		if (!(mask >> (UNIT_CNT - 1 - i) & 1))
			continue;
		if (n == 0)
			return false;
		gyl_text_u64(w, n);
		gyl_text_str(w, units[i].name);
		ns %= units[i].ns;
	}
	return ns == 0;
}

void gyl_time_print(struct gyl_writer *w, uint64_t ns)
{
	uint8_t best[GYL_TIME_TEXT_MAX], text[80];
	size_t best_len = sizeof best;

	if (ns == 0 || ns == GYL_TIME_INFINITE) {
		gyl_text_str(w, ns == 0 ? "0s" : "infinite");
		return;
	}
	/* All sets of units, larger units first, so that these win among equally short texts. */
	for (unsigned mask = (1u << UNIT_CNT) - 1; mask != 0; mask--) {
		struct gyl_writer t;

		gyl_writer_init(&t, text, sizeof text);
		if (units_print(&t, ns, mask) && t.len < best_len) {
			memcpy(best, text, t.len);
			best_len = t.len;
		}
	}
	gyl_put_bytes(w, best, best_len);
}

void gyl_time_print_about(struct gyl_writer *w, uint64_t ns)
{
	size_t start = w->len, i = 0;

	if (ns == 0 || ns == GYL_TIME_INFINITE) {
		gyl_time_print(w, ns);
		return;
	}
	while (ns < units[i].ns)
		i++;
	gyl_text_u64(w, ns / units[i].ns);
	gyl_text_str(w, units[i].name);
	ns %= units[i].ns;
	if (++i < UNIT_CNT && ns >= units[i].ns) {
		gyl_text_u64(w, ns / units[i].ns);
		gyl_text_str(w, units[i].name);
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}

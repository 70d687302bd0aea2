/* SPDX-License-Identifier: ISC */

/*
 * Verbs that look into the store. What has as many lines, or takes as long, as there are keys is
 * answered in slices (control_ask.c) that end when their time is up: 65,000 leases stall nobody.
 */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/base/control_own.h"

enum {
	KEY_TEXT_LEN = 6 * GYL_STORE_KEY_MAX + 200, /* every octet may become six in JSON */
	SLICE_NS = 500000,
	LOOK_CNT = 16, /* steps from one look at the clock to the next */
	TRIES = 8      /* of a digest that the store is changed under */
};

static struct gyl_view key_of(const struct gyl_question *q)
{
	return gyl_question_arg(q, "key");
}

/* Refuses with "KEY: why"; true: there is nothing to refuse. */
static bool is_good(struct gyl_question *q, enum gyl_store_err err)
{
	struct gyl_view key = key_of(q);

	if (err == GYL_STORE_OK)
		return true;
	gyl_question_refuse(q, "%: ", key.len == 0 ? gyl_view_str("/") : key);
	gyl_text_str(q->wrong, gyl_store_err_text(err));
	return false;
}

static void name_line(struct gyl_question *q, struct gyl_view name, bool is_dict)
{
	struct gyl_json j;

	gyl_json_init(&j, q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_str(&j, "name", name);
	gyl_json_cstr(&j, "kind", is_dict ? "dictionary" : "value");
	gyl_json_end(&j);
	gyl_text_char(q->answer, '\n');
}

void gyl__control_store_ls(
	const struct gyl_store *s, struct gyl_question *q, union gyl_store_look *look)
{
	uint64_t end_ns = gyl_loop_clock_ns() + SLICE_NS;
	struct gyl_view name;
	bool is_dict;

	if (q->at == 0 && !is_good(q, gyl_store_list(s, key_of(q), &look->at)))
		return;
	while (q->answer->cap - q->answer->len >= KEY_TEXT_LEN) {
		if (!gyl_store_next(s, &look->at, &name, &is_dict))
			return;
		name_line(q, name, is_dict);
		if (++q->at % LOOK_CNT == 0 && gyl_loop_clock_ns() >= end_ns)
			break;
	}
	q->more = true;
}

static void digest_line(struct gyl_question *q, const uint8_t digest[GYL_SHA256_LEN])
{
	struct gyl_json j;

	gyl_json_init(&j, q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_str(&j, "key", key_of(q));
	gyl_json_hex(&j, "sha256", gyl_view(digest, GYL_SHA256_LEN));
	gyl_json_end(&j);
	gyl_text_char(q->answer, '\n');
}

/* `cnt` counts how often it was begun. */
void gyl__control_store_digest(
	const struct gyl_store *s, struct gyl_question *q, union gyl_store_look *look)
{
	struct gyl_store_digest *x = &look->digest;
	uint64_t end_ns = gyl_loop_clock_ns() + SLICE_NS;

	if (q->cnt == 0 || !gyl_store_digest_holds(s, x)) {
		if (q->cnt++ == TRIES) {
			gyl_question_refuse(q,
				"%: it changes while its digest is made; ask when less is going on",
				key_of(q));
			return;
		}
		if (!is_good(q, gyl_store_digest_begin(s, key_of(q), x)))
			return;
	}
	while (gyl_store_digest_step(s, x)) {
		if (++q->at % LOOK_CNT == 0 && gyl_loop_clock_ns() >= end_ns) {
			q->more = true;
			return;
		}
	}
	digest_line(q, x->digest);
}

/* ---- a value ---- */

/* A value that is text is shown as text, else as hexadecimal digits. */
static void put_value(struct gyl_json *j, struct gyl_view val)
{
	if (gyl_utf8_prefix(val) == val.len)
		gyl_json_str(j, "value", val);
	else
		gyl_json_hex(j, "value_hex", val);
}

void gyl__control_store_get(
	const struct gyl_store *s, struct gyl_question *q, union gyl_store_look *look)
{
	struct gyl_view key = key_of(q), val;
	uint64_t modified_ns = 0;
	struct gyl_writer t;
	struct gyl_json j;
	uint8_t time[40];

	(void)look;
	if (gyl_view_eq(key, gyl_view_str(GYL_RANDOM_KEY))) {
		gyl_question_refuse(q, "%: the seed of random numbers is shown to nobody", key);
		return;
	}
	gyl_store_modified(s, key, &modified_ns);
	if (!is_good(q, gyl_store_get(s, key, &val)))
		return;
	gyl_writer_init(&t, time, sizeof time);
	gyl_time_print_rfc3339(&t, modified_ns, 9);
	gyl_json_init(&j, q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_str(&j, "key", key);
	gyl_json_str(&j, "modified", gyl_writer_view(&t));
	put_value(&j, val);
	gyl_json_end(&j);
	gyl_text_char(q->answer, '\n');
}

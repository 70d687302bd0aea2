/* SPDX-License-Identifier: ISC */

/* Lines that come over a feed: what is taken for an event must print in every form and read back
 * the same. */

#include "services/base/event.h"
#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t line[8192], json[16384];
	struct gyl_event e, back;
	struct gyl_writer w;

	if (gyl_failed(gyl_event_decode(gyl_view(data, size), &e)))
		return 0;
	gyl_writer_init(&w, json, sizeof json);
	gyl_event_json(&e, &w);
	REQUIRE(gyl_writer_ok(&w));
	gyl_writer_init(&w, line, sizeof line);
	gyl_event_encode(&e, gyl_view_str("box"), &w);
	REQUIRE(gyl_writer_ok(&w));
	REQUIRE(!gyl_failed(gyl_event_decode(gyl_writer_view(&w), &back)));
	REQUIRE(back.kind == e.kind && back.text_len == e.text_len);
	return 0;
}

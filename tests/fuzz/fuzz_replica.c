/* SPDX-License-Identifier: ISC */

/*
 * What a stranger says to a server that waits for its other half. Whatever it is: octets used are
 * octets given, a frame is never believed without the secret, and records lie inside their frame.
 *
 * The input's first octet says how many octets are given at a time; bit 7 lets the connection be
 * open already, bit 6 hands the rest over as the body of a frame that has the right code.
 */

#include "services/base/replica.h"
#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_one(struct gyl_replica *r, bool opener, uint8_t *ret_hello)
{
	static const uint8_t secret[] = "sixteen octets..";
	uint8_t nonce[GYL_REPLICA_NONCE_LEN];

	memset(nonce, opener ? 1 : 2, sizeof nonce);
	REQUIRE(gyl_replica_init(r, gyl_view(secret, sizeof secret - 1)));
	gyl_replica_begin(r, opener, nonce, ret_hello);
}

static void read_records(struct gyl_view body)
{
	struct gyl_view rest = body;
	struct gyl_record rec;

	while (gyl_replica_next_record(&rest, &rec)) {
		REQUIRE(rec.key.p >= body.p && rec.key.p + rec.key.len <= body.p + body.len);
		REQUIRE(rec.val.p >= body.p && rec.val.p + rec.val.len <= body.p + body.len);
		REQUIRE(rest.len == 0 || rest.p + rest.len == body.p + body.len);
	}
}

static void say_sealed(struct gyl_replica *to, struct gyl_replica *from, struct gyl_view body)
{
	uint8_t buf[GYL_REPLICA_FRAME_MAX];
	struct gyl_replica_frame f;
	struct gyl_writer w;
	size_t used, len;

	gyl_replica_body(&w, buf);
	gyl_put_bytes(
		&w, body.p, body.len < GYL_REPLICA_BODY_MAX ? body.len : GYL_REPLICA_BODY_MAX);
	len = gyl_replica_seal(from, 1, &w, buf);
	REQUIRE(gyl_replica_take(to, gyl_view(buf, len), &used, &f) == GYL_REPLICA_FRAME);
	REQUIRE(used == len && f.body.len == w.len);
	read_records(f.body);
}

static void say_raw(struct gyl_replica *to, struct gyl_view data, size_t piece)
{
	enum gyl_replica_got got = GYL_REPLICA_MORE;
	struct gyl_replica_frame f;
	size_t have = 0, done = 0, used;

	while (got != GYL_REPLICA_BAD && have < data.len) {
		have = have + piece < data.len ? have + piece : data.len;
		do {
			got = gyl_replica_take(
				to, gyl_view_sub(data, done, have - done), &used, &f);
			REQUIRE(used <= have - done);
			REQUIRE((used != 0) ==
				(got == GYL_REPLICA_HELLOED || got == GYL_REPLICA_FRAME));
			REQUIRE(got != GYL_REPLICA_FRAME);
			done += used;
		} while (got == GYL_REPLICA_HELLOED);
	}
	REQUIRE(!to->proven);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t hello_a[GYL_REPLICA_HELLO_LEN], hello_b[GYL_REPLICA_HELLO_LEN];
	struct gyl_replica_frame f;
	struct gyl_replica a, b;
	struct gyl_view rest;
	size_t used;

	if (size < 1)
		return 0;
	open_one(&a, true, hello_a);
	open_one(&b, false, hello_b);
	rest = gyl_view(data + 1, size - 1);
	if (data[0] & 0xc0) {
		gyl_replica_take(&a, gyl_view(hello_b, sizeof hello_b), &used, &f);
		gyl_replica_take(&b, gyl_view(hello_a, sizeof hello_a), &used, &f);
	}
	if (data[0] & 0x40)
		say_sealed(&b, &a, rest);
	else
		say_raw(&b, rest, (size_t)1 + (data[0] & 0x3f));
	return 0;
}

/* SPDX-License-Identifier: ISC */

/*
 * Copies of zones in virtual time: refresh, retry, expire, NOTIFY, restarts, and primaries that lie
 * (stage.h).
 */

#include "tests/unit/dns/stage.h"

static const char *const five[] = {
	"S5;z.test. NS ns.;a.z.test. A 192.0.2.1;b.z.test. A 192.0.2.2;S5", NULL};
static const char *const six[] = {"S6;S5;b.z.test. A 192.0.2.2;S6;c.z.test. A 192.0.2.3;S6", NULL};
static const char *const same[] = {"S5", NULL};

static struct stage *stage_with_five(unsigned primary_cnt)
{
	struct stage *t = stage_open(primary_cnt);

	t->play = five;
	stage_run(t, GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 5);
	assert_string_equal(t->said, "sends all of it");
	return t;
}

static bool about(uint64_t ns, uint64_t want_ns)
{
	return ns + 3 * GYL_NS_PER_S > want_ns && ns < want_ns + 3 * GYL_NS_PER_S;
}

/* ---- primaries that lie ---- */

static const struct {
	const char *message[STAGE_MESSAGES];
	const char *said;
} lies[] = {
	{{"id|S6;S6"}, "sends what is no answer"},
	{{"query|S6;S6"}, "sends what is no answer"},
	{{"zone|S6;S6"}, "answers another question"},
	{{"type|S6;S6"}, "answers another question"},
	{{"noq|S6;S6"}, "answers another question"},
	{{"class|S6;a.z.test. A 192.0.2.9;S6"}, "sends what is no record of a zone"},
	{{"a.z.test. A 192.0.2.9;S6"}, "does not begin with the SOA of the zone"},
	{{"z.test. NS ns.;S6"}, "does not begin with the SOA of the zone"},
	{{"S6;a.z.test. A 192.0.2.9", "END"}, "ends before the closing SOA"},
	{{"S6;a.z.test. A 192.0.2.9", "BREAK"}, "breaks off the connection"},
	{{"S6;a.z.test. A 192.0.2.9"}, "says nothing for too long"},
	{{"S6"}, "says nothing for too long"},
	{{"END"}, "ends before the closing SOA"},
	{{"S6;a.z.test. A 192.0.2.9;S7"}, "ends with another SOA than it began with"},
	{{"S6;a.z.test. A 192.0.2.9", "S5"}, "ends with another SOA than it began with"},
	{{"S6;a.y.test. A 192.0.2.9;S6"}, "sends records of another zone"},
	{{"S6;test. A 192.0.2.9;S6"}, "sends records of another zone"},
	{{"S6;a.z.test. SOA . . 5 1 1 1 1;S6"}, "sends a SOA below the zone"},
	{{"S6;a.z.test. A 192.0.2.9;S6;b.z.test. A 192.0.2.9"},
		"sends more behind the closing SOA"},
	{{"cut|S6;a.z.test. A 192.0.2.9;S6"}, "sends a message that is broken"},
	{{"loop|S6;a.z.test. A 192.0.2.9;S6"}, "sends a message that is broken"},
	{{"tc|S6;a.z.test. A 192.0.2.9;S6"}, "sends half of a message"},
	{{"S6;a.z.test. A 192.0.2.9", "tc|S6"}, "sends half of a message"},
	{{"S6;a.z.test. A 192.0.2.9", "rcode=2|S6"}, "says that it has failed"},
	{{""}, "answers with nothing"},
	{{"rcode=5|"}, "refuses"},
	{{"rcode=9|"}, "does not answer for the zone"},
	{{"rcode=2|"}, "says that it has failed"},
	{{"rcode=3|"}, "answers with an error"},
};

/* Whatever it sends: the copy stays as it was, the event says why, and after the zone's retry it
 * is asked again. */
static void rfc1034_4_3_5_a_lie_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(lies); i++) {
		struct stage *t = stage_with_five(1);
		uint64_t want_ns;
		size_t room;

		while (gyl_dns_lives_tidy(&t->d->lives))
			;
		room = gyl__dns_heap_room(&t->d->lives.heap);
		t->play = lies[i].message;
		stage_run(t, 3601 * GYL_NS_PER_S);
		assert_int_equal(t->ask_cnt, 2);
		stage_run(t, 30 * GYL_NS_PER_S);
		if (strcmp(t->said, lies[i].said) != 0)
			fail_msg("lie %zu: %s", i, t->said);
		assert_int_equal(t->severity, GYL_SEV_WARNING);
		assert_int_equal(t->d->stat.copy_failed_cnt, 1);
		assert_int_equal(stage_serial(t), 5);
		assert_string_equal(
			stage_ask(t, "a.z.test.", "A"), "NOERROR AA; an a.z.test. 60 A 192.0.2.1");
		while (gyl_dns_lives_tidy(&t->d->lives))
			;
		assert_int_equal(gyl__dns_heap_room(&t->d->lives.heap), room);
		want_ns = t->said_ns + 600 * GYL_NS_PER_S - t->b.now.mono_ns;
		assert_true(about(stage_next_ns(t), want_ns));
		/* and when it comes to its senses, all is well */
		t->play = five;
		t->knows_ixfr = false;
		stage_run(t, 601 * GYL_NS_PER_S);
		assert_string_equal(t->said, "says that it is up to date");
		stage_close(t);
	}
}

static void an_older_serial_is_no_news(void **state)
{
	static const char *const four[] = {"S4;z.test. NS ns.;S4", NULL};
	struct stage *t = stage_with_five(1);

	(void)state;
	t->play = four;
	stage_run(t, 3601 * GYL_NS_PER_S);
	assert_string_equal(t->said, "has an older serial than the copy, which stays");
	assert_int_equal(t->severity, GYL_SEV_NOTICE);
	assert_int_equal(stage_serial(t), 5);
	assert_true(about(stage_next_ns(t), 3600 * GYL_NS_PER_S));
	stage_close(t);
}

/* Octet by octet, and messages without end: each has its bound. */
static void a_slow_drip_ends(void **state)
{
	static const char *const silence[] = {NULL};
	struct stage *t = stage_with_five(1);
	uint64_t begun;

	(void)state;
	t->play = silence;
	stage_run(t, 3601 * GYL_NS_PER_S);
	assert_int_equal(t->ask_cnt, 2);
	begun = t->asked_ns;
	/* octets that are no message do not count as a word */
	for (unsigned i = 0; i < 10 && t->flow != 0; i++) {
		stage_give(t, GYL_IN_BYTES, "\001", 1);
		stage_run(t, 5 * GYL_NS_PER_S);
	}
	assert_string_equal(t->said, "says nothing for too long");
	assert_true(about(t->said_ns - begun, GYL__DNS_SILENCE_NS));
	/* a message now and then does not keep it either */
	stage_run(t, 601 * GYL_NS_PER_S);
	assert_int_equal(t->ask_cnt, 3);
	begun = t->asked_ns;
	for (unsigned i = 0; i < 1000 && t->flow != 0; i++) {
		const char *how = i == 0 ? "S6" : "a.z.test. A 192.0.2.9";
		struct gyl_dns_query q = {.qtype = t->qtype, .header.id = t->d->copy[0].take.id};

		stage_send(t, stage_make(t, &q, how, i == 0));
		stage_run(t, 10 * GYL_NS_PER_S);
	}
	assert_string_equal(t->said, "takes too long");
	assert_true(about(t->said_ns - begun, GYL__DNS_TAKE_NS));
	assert_int_equal(stage_serial(t), 5);
	stage_close(t);
}

static void a_zone_without_end_ends(void **state)
{
	struct stage *t = stage_with_five(1);
	static const char *const silence[] = {NULL};
	char text[1800];

	(void)state;
	t->play = silence;
	stage_run(t, 3601 * GYL_NS_PER_S);
	for (unsigned i = 0; i < 100000 && t->flow != 0; i++) {
		struct gyl_dns_query q = {.qtype = t->qtype, .header.id = t->d->copy[0].take.id};
		size_t len = (size_t)snprintf(text, sizeof text, i == 0 ? "S6" : "");

		for (unsigned k = 0; k < 40 && i != 0; k++)
			len += (size_t)snprintf(text + len, sizeof text - len,
				"n%u.z.test. A 192.0.2.1;", i * 40 + k);
		stage_send(t, stage_make(t, &q, text, i == 0));
	}
	assert_string_equal(t->said, "has more than there is room for (dns.zone_space)");
	assert_int_equal(stage_serial(t), 5);
	stage_close(t);
}

/* ---- TSIG ---- */

static struct stage *stage_signed(void)
{
	struct stage *t = stage_open(1);
	uint8_t part[256];
	struct gyl_writer w;

	gyl_writer_init(&w, part, sizeof part);
	gyl_dns_tsig_put_key(
		&w, (const uint8_t *)"\003key", GYL_DNS_TSIG_SHA256, gyl_view_str("a secret"));
	assert_true(gyl_dns_tsig_load(&t->keys, gyl_writer_view(&w), 0));
	t->s.primary[0].key =
		(struct gyl_ref){stage_off(t, t->s.key), (uint32_t)name_of("key.", t->s.key)};
	stage_seal(t);
	stage_start(t);
	t->play = five;
	stage_run(t, GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 5);
	return t;
}

static void rfc8945_5_3_everything_is_signed(void **state)
{
	static const struct {
		const char *message[STAGE_MESSAGES];
		const char *said;
		uint64_t late_ns;
	} row[] = {
		{{"S6;z.test. NS ns.", "unsigned|a.z.test. A 192.0.2.9", "S6"}, "sends all of it",
			0},
		{{"unsigned|S6;z.test. NS ns.;S6"}, "sends what is not signed with the key", 0},
		{{"S6;z.test. NS ns.", "forged|S6"}, "sends what is not signed with the key", 0},
		{{"forged|S6;z.test. NS ns.;S6"}, "sends what is not signed with the key", 0},
		{{"S6;z.test. NS ns.", "unsigned|S6"}, "does not sign its last message", 0},
		{{"S6;z.test. NS ns.;S6"}, "signs with a clock that is not ours",
			400 * GYL_NS_PER_S},
		{{"S6;z.test. NS ns.;S6"}, "sends all of it", 200 * GYL_NS_PER_S},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		struct stage *t = stage_signed();

		t->play = row[i].message;
		t->late_ns = row[i].late_ns;
		stage_run(t, 3602 * GYL_NS_PER_S);
		if (strcmp(t->said, row[i].said) != 0)
			fail_msg("row %zu: %s", i, t->said);
		assert_int_equal(stage_serial(t), strcmp(t->said, "sends all of it") == 0 ? 6 : 5);
		stage_close(t);
	}
}

/* RFC 8945 5.3.1: the hundredth message without a signature is one too many. */
static void rfc8945_5_3_1_a_hundred_unsigned_messages(void **state)
{
	static const char *message[104];

	(void)state;
	for (unsigned unsigned_cnt = 99; unsigned_cnt <= 100; unsigned_cnt++) {
		struct stage *t = stage_signed();

		message[0] = "S6;z.test. NS ns.";
		for (unsigned i = 0; i < unsigned_cnt; i++)
			message[1 + i] = "unsigned|a.z.test. A 192.0.2.9";
		message[1 + unsigned_cnt] = "S6";
		message[2 + unsigned_cnt] = NULL;
		t->play = message;
		stage_run(t, 3602 * GYL_NS_PER_S);
		assert_string_equal(t->said, unsigned_cnt == 99
						     ? "sends all of it"
						     : "sends what is not signed with the key");
		stage_close(t);
	}
}

/* What the primary says about our signature is told. */
static void rfc8945_5_2_what_the_primary_says_of_our_key(void **state)
{
	static const char *const refuse[] = {"rcode=9|", NULL};
	struct stage *t = stage_signed();
	uint8_t part[256];
	struct gyl_writer w;

	(void)state;
	gyl_writer_init(&w, part, sizeof part);
	gyl_dns_tsig_put_key(
		&w, (const uint8_t *)"\003key", GYL_DNS_TSIG_SHA256, gyl_view_str("another"));
	assert_true(gyl_dns_tsig_load(&t->keys, gyl_writer_view(&w), 0));
	t->play = refuse;
	stage_run(t, 3602 * GYL_NS_PER_S);
	assert_string_equal(t->said, "does not take our signature");
	memset(&t->keys, 0, sizeof t->keys);
	stage_run(t, 602 * GYL_NS_PER_S);
	assert_string_equal(t->said, "does not know the key");
	stage_close(t);
}

/* ---- time ---- */

/* What the zone says, within bounds. */
static void rfc1034_4_3_5_refresh_and_retry(void **state)
{
	static const struct {
		uint32_t refresh_s, retry_s;
		uint64_t refresh_ns, retry_ns;
	} row[] = {
		{3600, 600, 3600 * GYL_NS_PER_S, 600 * GYL_NS_PER_S},
		{0, 0, GYL__DNS_REFRESH_MIN_NS, GYL__DNS_RETRY_MIN_NS},
		{UINT32_MAX, UINT32_MAX, GYL__DNS_REFRESH_MAX_NS, GYL__DNS_RETRY_MAX_NS},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		struct stage *t = stage_open(1);

		t->soa[0] = row[i].refresh_s;
		t->soa[1] = row[i].retry_s;
		t->soa[2] = 10000000;
		t->play = five;
		stage_run(t, GYL_NS_PER_S);
		assert_true(about(stage_next_ns(t), row[i].refresh_ns));
		assert_string_equal(t->said, "cannot be reached");
		for (unsigned n = 0; n < 10; n++)
			assert_true(about(stage_next_ns(t), row[i].retry_ns));
		assert_int_equal(stage_serial(t), 5);
		stage_close(t);
	}
}

/* Without a copy nobody says how long to wait: longer each time, but without end. */
static void a_zone_that_never_came_is_asked_for_without_end(void **state)
{
	struct stage *t = stage_open(1);
	uint64_t pause_s = 5;

	(void)state;
	stage_run(t, 1);
	assert_int_equal(t->ask_cnt, 1);
	assert_string_equal(t->said, "cannot be reached");
	for (unsigned n = 0; n<20; n++, pause_s = pause_s * 2> 600 ? 600 : pause_s * 2)
		assert_true(about(stage_next_ns(t), pause_s * GYL_NS_PER_S));
	assert_string_equal(stage_ask(t, "a.z.test.", "A"), "SERVFAIL");
	assert_int_equal(stage_ede(t), 14);
	t->play = five;
	stage_run(t, 601 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 5);
	stage_close(t);
}

/* All primaries are tried before there is a pause; the one that answers is asked next time. */
static void all_primaries_are_tried(void **state)
{
	struct stage *t = stage_open(3);

	(void)state;
	t->play = five;
	t->deaf = 7;
	stage_run(t, 4 * GYL_NS_PER_S);
	assert_int_equal(t->ask_cnt, 3);
	assert_int_equal(t->asked_ip, STAGE_IP + 2);
	t->deaf = 5;
	stage_run(t, 2 * GYL_NS_PER_S);
	assert_int_equal(t->ask_cnt, 5);
	assert_int_equal(t->asked_ip, STAGE_IP + 1);
	assert_int_equal(stage_serial(t), 5);
	t->ask_cnt = 0;
	t->play = same;
	stage_run(t, 3601 * GYL_NS_PER_S);
	assert_int_equal(t->ask_cnt, 1);
	assert_int_equal(t->asked_ip, STAGE_IP + 1);
	stage_close(t);
}

/* RFC 1034 4.3.5, RFC 8914 4.25: a copy that is too old is no answer; the first word of a primary
 * makes it one again. */
static void rfc1034_4_3_5_expire(void **state)
{
	struct stage *t = stage_open(1);

	(void)state;
	t->soa[1] = 700;
	t->play = five;
	stage_run(t, GYL_NS_PER_S);
	t->play = NULL;
	stage_run(t, 86397 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 5);
	stage_run(t, 3 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 0);
	assert_string_equal(
		t->said, "has not been reached for too long: the zone is served no more");
	assert_int_equal(t->severity, GYL_SEV_ERR);
	assert_string_equal(stage_ask(t, "a.z.test.", "A"), "SERVFAIL");
	assert_int_equal(stage_ede(t), 24);
	t->play = same;
	stage_run(t, 601 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 5);
	assert_string_equal(
		stage_ask(t, "a.z.test.", "A"), "NOERROR AA; an a.z.test. 60 A 192.0.2.1");
	stage_close(t);
}

/* A primary that begins anew with a lower serial is believed when there is nothing better. */
static void after_expire_any_serial_will_do(void **state)
{
	static const char *const two[] = {"S2;z.test. NS ns.;d.z.test. A 192.0.2.4;S2", NULL};
	struct stage *t = stage_with_five(1);

	(void)state;
	t->play = NULL;
	stage_run(t, 86401 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 0);
	t->play = two;
	stage_run(t, 602 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 2);
	stage_close(t);
}

/* RFC 1912 2.2: an expire that is shorter than the pause between two looks means nothing. */
static void an_expire_that_is_too_short(void **state)
{
	struct stage *t = stage_open(1);

	(void)state;
	t->soa[2] = 1;
	t->play = five;
	stage_run(t, GYL_NS_PER_S);
	t->play = NULL;
	stage_run(t, 4190 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 5);
	stage_run(t, 15 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 0);
	stage_close(t);
}

/* Over restarts the copy is there at once, and its time goes on. */
static void expire_goes_on_over_restarts(void **state)
{
	struct stage *t = stage_with_five(1);

	(void)state;
	t->play = NULL;
	stage_run(t, 40000 * GYL_NS_PER_S);
	stage_restart(t, 20000 * GYL_NS_PER_S);
	stage_run(t, GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 5);
	assert_string_equal(
		stage_ask(t, "a.z.test.", "A"), "NOERROR AA; an a.z.test. 60 A 192.0.2.1");
	stage_run(t, 20000 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 5);
	stage_run(t, 6500 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 0);
	/* what is too old when we start is not served at all */
	stage_restart(t, 0);
	stage_run(t, GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 0);
	assert_string_equal(stage_ask(t, "a.z.test.", "A"), "SERVFAIL");
	assert_int_equal(stage_ede(t), 24);
	t->play = same;
	stage_run(t, 602 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 5);
	stage_close(t);
}

/* ---- changes ---- */

/* RFC 1995 4: what does not fit an edit, or one message, is made in a copy of the zone. */
static void rfc1995_4_changes_in_several_messages(void **state)
{
	static const char *const long_six[] = {
		"S6;S5;b.z.test. A 192.0.2.2", "S6;c.z.test. A 192.0.2.3", "S6", NULL};
	struct stage *t = stage_with_five(1);

	(void)state;
	t->play = long_six;
	stage_run(t, 3601 * GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 6);
	assert_string_equal(t->said, "sends what has changed");
	assert_int_equal(t->ask_cnt, 3); /* once more when the copy was made */
	assert_string_equal(stage_ask(t, "b.z.test.", "A"), "NXDOMAIN AA; ns SOA z.test. 60");
	assert_string_equal(
		stage_ask(t, "c.z.test.", "A"), "NOERROR AA; an c.z.test. 60 A 192.0.2.3");
	assert_string_equal(
		stage_ask(t, "a.z.test.", "A"), "NOERROR AA; an a.z.test. 60 A 192.0.2.1");
	/* the store has it, too */
	stage_run(t, 10 * GYL_NS_PER_S);
	t->play = NULL;
	stage_restart(t, 0);
	stage_run(t, GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 6);
	assert_string_equal(
		stage_ask(t, "c.z.test.", "A"), "NOERROR AA; an c.z.test. 60 A 192.0.2.3");
	stage_close(t);
}

static void a_primary_without_ixfr(void **state)
{
	static const char *const all[] = {"S6;z.test. NS ns.;c.z.test. A 192.0.2.3;S6", NULL};
	struct stage *t = stage_with_five(1);

	(void)state;
	t->knows_ixfr = false;
	t->play = all;
	stage_run(t, 3601 * GYL_NS_PER_S);
	assert_int_equal(t->qtype, GYL_DNS_TYPE_AXFR);
	assert_int_equal(stage_serial(t), 6);
	stage_close(t);
}

/* Changes that do not fit what we have: all of it is asked for. */
static void changes_that_do_not_fit(void **state)
{
	static const char *const wrong[] = {"S6;S5;x.z.test. A 192.0.2.2;S6;S6", NULL};
	struct stage *t = stage_with_five(1);

	(void)state;
	t->play = wrong;
	stage_run(t, 3601 * GYL_NS_PER_S);
	/* the same lie by AXFR is one, and IXFR is tried the time after */
	assert_int_equal(t->qtype, GYL_DNS_TYPE_AXFR);
	assert_string_equal(t->said, "ends with another SOA than it began with");
	assert_int_equal(stage_serial(t), 5);
	stage_close(t);
}

/* ---- NOTIFY ---- */

static const char *notify(struct stage *t, uint32_t ip, const char *name, uint32_t serial)
{
	const struct gyl_peer peer = {.ip = ip, .port = 5353};
	uint8_t msg[512], apex[GYL_DNS_NAME_MAX], soa[22] = {0};
	struct gyl_dns_writer w;
	struct gyl_view answer;
	size_t len = 0;

	name_of(name, apex);
	gyl_dns_begin(&w, msg, sizeof msg, 99,
		(uint16_t)(gyl_dns_opcode_bits(GYL_DNS_OP_NOTIFY) | GYL_DNS_AA), 0);
	gyl_dns_put_question(&w, apex, GYL_DNS_TYPE_SOA, GYL_DNS_CLASS_IN);
	gyl_set_u32(soa + 2, serial);
	if (serial != 0)
		gyl_dns_put_rr(&w, GYL_DNS_ANSWER, apex, GYL_DNS_TYPE_SOA, GYL_DNS_CLASS_IN, 60,
			gyl_view(soa, sizeof soa));
	assert_int_equal(gyl_dns_end(&w, &len).err, GYL_OK);
	outbox_dgram(&t->b, &gyl_dns_core, t->d, GYL_DNS_UDP, &peer, msg, len);
	assert_int_equal(t->b.out.send_cnt, 1);
	answer = outbox_sent(&t->b, 0);
	memcpy(t->w->msg, answer.p, answer.len);
	t->w->len = answer.len;
	show_answer(t->w);
	stage_collect(t, NULL, NULL);
	return t->w->text;
}

static void rfc1996_3_11_a_primary_is_asked_at_once(void **state)
{
	struct stage *t = stage_with_five(2);

	(void)state;
	stage_run(t, 100 * GYL_NS_PER_S);
	t->play = six;
	assert_string_equal(notify(t, STAGE_IP + 1, "z.test.", 0), "NOERROR AA");
	stage_run(t, GYL_NS_PER_MS);
	assert_int_equal(t->ask_cnt, 2);
	assert_int_equal(t->asked_ip, STAGE_IP + 1);
	assert_int_equal(stage_serial(t), 6);
	stage_close(t);
}

static void rfc1996_3_10_others_are_not_heeded(void **state)
{
	struct stage *t = stage_with_five(1);

	(void)state;
	stage_run(t, 100 * GYL_NS_PER_S);
	assert_string_equal(notify(t, 0x0a000001, "z.test.", 9), "REFUSED");
	assert_string_equal(notify(t, STAGE_IP, "y.test.", 9), "REFUSED");
	assert_string_equal(notify(t, STAGE_IP + 1, "z.test.", 9), "REFUSED");
	stage_run(t, 100 * GYL_NS_PER_S);
	assert_int_equal(t->ask_cnt, 1);
	/* RFC 1996 3.7: what it says is here already */
	assert_string_equal(notify(t, STAGE_IP, "z.test.", 5), "NOERROR AA");
	assert_string_equal(notify(t, STAGE_IP, "z.test.", 4), "NOERROR AA");
	stage_run(t, 100 * GYL_NS_PER_S);
	assert_int_equal(t->ask_cnt, 1);
	stage_close(t);
}

/* However often it says so: once a second it is asked, and after the last word once more. */
static void a_storm_of_notifies(void **state)
{
	struct stage *t = stage_with_five(1);

	(void)state;
	stage_run(t, 100 * GYL_NS_PER_S);
	t->play = same;
	t->ask_cnt = 0;
	for (uint32_t i = 0; i < 1000; i++) {
		(void)notify(t, STAGE_IP, "z.test.", 6 + i);
		stage_run(t, 10 * GYL_NS_PER_MS);
	}
	assert_in_range(t->ask_cnt, 9, 11);
	stage_run(t, 2 * GYL_NS_PER_S);
	assert_in_range(t->ask_cnt, 10, 12);
	t->ask_cnt = 0;
	stage_run(t, 3000 * GYL_NS_PER_S);
	assert_int_equal(t->ask_cnt, 0);
	stage_close(t);
}

/* RFC 1996 3.11: while a transfer is under way one more after it is all that any number means. */
static void notifies_during_a_transfer(void **state)
{
	static const char *const slow[] = {"S6;z.test. NS ns.", NULL};
	struct stage *t = stage_with_five(1);
	struct gyl_dns_query q = {.qtype = GYL_DNS_TYPE_IXFR};

	(void)state;
	t->play = slow;
	stage_run(t, 3601 * GYL_NS_PER_S);
	assert_int_not_equal(t->flow, 0);
	/* that serial is on its way already */
	assert_string_equal(notify(t, STAGE_IP, "z.test.", 6), "NOERROR AA");
	assert_false(t->d->copy[0].again);
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(notify(t, STAGE_IP, "z.test.", 7 + i), "NOERROR AA");
	assert_int_equal(t->ask_cnt, 2);
	q.header.id = t->d->copy[0].take.id;
	stage_send(t, stage_make(t, &q, "S6", false));
	t->play = same;
	stage_run(t, 2 * GYL_NS_PER_S);
	assert_int_equal(t->ask_cnt, 3);
	stage_run(t, 100 * GYL_NS_PER_S);
	assert_int_equal(t->ask_cnt, 3);
	stage_close(t);
}

/* RFC 1996 3.5, RFC 8945: what is signed has to be signed well; a key of the primary's will do
 * from anywhere. */
static void a_signed_notify(void **state)
{
	struct stage *t = stage_signed();
	struct gyl_dns_sign sign;
	struct gyl_dns_writer w;
	struct gyl_writer sw;
	uint8_t msg[512], bad[512];
	size_t len = 0;

	(void)state;
	stage_run(t, 100 * GYL_NS_PER_S);
	t->play = same;
	gyl_dns_begin(&w, msg, sizeof msg, 99,
		(uint16_t)(gyl_dns_opcode_bits(GYL_DNS_OP_NOTIFY) | GYL_DNS_AA), 0);
	gyl_dns_put_question(&w, t->s.name, GYL_DNS_TYPE_SOA, GYL_DNS_CLASS_IN);
	assert_int_equal(gyl_dns_end(&w, &len).err, GYL_OK);
	gyl_writer_init(&sw, msg, sizeof msg);
	sw.len = len;
	gyl_dns_tsig_request(&sign, &t->keys.key[0], t->b.now.wall_ns, &sw);
	memcpy(bad, msg, sw.len);
	bad[sw.len - 8] ^= 1;
	for (unsigned i = 0; i < 2; i++) {
		const struct gyl_peer peer = {.ip = i == 0 ? STAGE_IP : 0x0a000001, .port = 5353};

		outbox_dgram(&t->b, &gyl_dns_core, t->d, GYL_DNS_UDP, &peer, bad, sw.len);
		assert_int_equal(gyl_get_u16(outbox_sent(&t->b, 0).p + 2) & 15, GYL_DNS_NOTAUTH);
		stage_collect(t, NULL, NULL);
		stage_run(t, 10 * GYL_NS_PER_S);
		assert_int_equal(t->ask_cnt, 1 + i);
		outbox_dgram(&t->b, &gyl_dns_core, t->d, GYL_DNS_UDP, &peer, msg, sw.len);
		assert_int_equal(gyl_get_u16(outbox_sent(&t->b, 0).p + 2) & 15, GYL_DNS_NOERROR);
		stage_collect(t, NULL, NULL);
		stage_run(t, 10 * GYL_NS_PER_S);
		assert_int_equal(t->ask_cnt, 2 + i);
	}
	stage_close(t);
}

/* ---- the configuration ---- */

/* A zone that is no longer wanted goes, also in the middle of a transfer. */
static void a_copy_that_is_not_wanted_any_more(void **state)
{
	static const char *const slow[] = {"S6;z.test. NS ns.", NULL};
	struct stage *t = stage_with_five(1);
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("conf")};

	(void)state;
	t->play = slow;
	stage_run(t, 3601 * GYL_NS_PER_S);
	assert_int_not_equal(t->flow, 0);
	t->s.block.conf.zones.cnt = 0;
	stage_seal(t);
	in.data = gyl_view(&t->s, sizeof t->s);
	outbox_input(&t->b, &gyl_dns_core, t->d, &in, 1);
	stage_give(t, GYL_IN_CLOSED, NULL, 0);
	t->flow = 0;
	stage_run(t, GYL_NS_PER_S);
	assert_false(t->d->copy[0].used);
	while (gyl_dns_lives_tidy(&t->d->lives))
		;
	assert_int_equal(gyl__dns_heap_room(&t->d->lives.heap), t->d->lives.heap.cap);
	t->s.block.conf.zones.cnt = 1;
	stage_seal(t);
	t->play = five;
	outbox_input(&t->b, &gyl_dns_core, t->d, &in, 1);
	stage_run(t, GYL_NS_PER_S);
	assert_int_equal(stage_serial(t), 5);
	stage_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc1034_4_3_5_a_lie_changes_nothing),
		cmocka_unit_test(an_older_serial_is_no_news),
		cmocka_unit_test(a_slow_drip_ends),
		cmocka_unit_test(a_zone_without_end_ends),
		cmocka_unit_test(rfc8945_5_3_everything_is_signed),
		cmocka_unit_test(rfc8945_5_3_1_a_hundred_unsigned_messages),
		cmocka_unit_test(rfc8945_5_2_what_the_primary_says_of_our_key),
		cmocka_unit_test(rfc1034_4_3_5_refresh_and_retry),
		cmocka_unit_test(a_zone_that_never_came_is_asked_for_without_end),
		cmocka_unit_test(all_primaries_are_tried),
		cmocka_unit_test(rfc1034_4_3_5_expire),
		cmocka_unit_test(after_expire_any_serial_will_do),
		cmocka_unit_test(an_expire_that_is_too_short),
		cmocka_unit_test(expire_goes_on_over_restarts),
		cmocka_unit_test(rfc1995_4_changes_in_several_messages),
		cmocka_unit_test(a_primary_without_ixfr),
		cmocka_unit_test(changes_that_do_not_fit),
		cmocka_unit_test(rfc1996_3_11_a_primary_is_asked_at_once),
		cmocka_unit_test(rfc1996_3_10_others_are_not_heeded),
		cmocka_unit_test(a_storm_of_notifies),
		cmocka_unit_test(notifies_during_a_transfer),
		cmocka_unit_test(a_signed_notify),
		cmocka_unit_test(a_copy_that_is_not_wanted_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

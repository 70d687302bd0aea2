/* SPDX-License-Identifier: ISC */
/*
 * Conversations with one TCP machine, written down in tests/data/tcp/NAME.script. A line is
 *
 *   +MS < FLAGS seq N[+LEN] ack N win N OPTION...     a segment comes
 *   +MS > FLAGS [seq N[+LEN]] [ack N] OPTION...       it sends this one then, within a millisecond
 *   +MS CALL                                          listen, connect, write N, read N, ...
 *   +MS event NAME...                                 what the owner has heard since the last time
 *
 * MS is counted from the line before. Numbers are counted from both sides' SYN; what a line with >
 * does not mention may be anything; a segment that no line expects is a failure. GYL_SCRIPT_TRACE=1
 * prints what is sent.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <gyl/net/streams.h>
#include <gyl/tcp.h>
#include <gyl/time.h>

#include "libnet/src/tcp_seq.h"
#include "tests/support/support.h"

enum {
	WORDS = 32,
	QUEUE = 64,
	OUR_IP = 0x0a000001,
	PEER_IP = 0x0a000002,
	OUR_PORT = 80,
	PEER_PORT = 4000
};

#define PEER_ISS UINT32_C(0xfffffff0) /* numbers go round early */

struct sent {
	uint64_t at_ns;
	struct gyl_tcp tcp;
	struct gyl_tcp_known opt;
	size_t len;
};

struct script {
	const char *name;
	unsigned line;
	uint64_t now_ns;
	struct gyl_streams *t;
	void *mem;
	uint32_t iss, ts_val, id;
	bool has_iss;
	uint8_t what, err;
	struct sent queue[QUEUE];
	unsigned head, tail;
	char *word[WORDS];
	unsigned word_cnt;
};

_Noreturn static void bad(const struct script *s, const char *why)
{
	fail_msg("%s:%u: %s", s->name, s->line, why);
	abort();
}

/* ---- the machine ---- */

static void open_machine(struct script *s)
{
	static const uint8_t key[16] = {5};
	struct gyl_streams_conf cf = gyl_streams_defaults(key);

	cf.conn_max = 4;
	cf.half_max = 4;
	cf.wait_max = 4;
	cf.buf_max = 4;
	s->mem = aligned_alloc(64, (gyl_streams_need(&cf) + 63) & ~(size_t)63);
	s->t = gyl_streams_init(s->mem, &cf);
	assert_non_null(s->t);
	s->now_ns = 1000 * GYL_NS_PER_S;
}

static void print_sent(const struct script *s, const struct sent *q)
{
	uint8_t text[400];
	struct gyl_writer w;

	if (getenv("GYL_SCRIPT_TRACE") == NULL)
		return;
	gyl_writer_init(&w, text, sizeof text);
	gyl_tcp_print(&w, &q->tcp);
	printf("%s:%u: %.3f seq %d+%zu ack %d %.*s\n", s->name, s->line, (double)q->at_ns / 1e6,
		(int)(q->tcp.seq - s->iss), q->len, (int)(q->tcp.ack - PEER_ISS),
		(int)gyl_writer_view(&w).len, (const char *)text);
}

static void fetch(struct script *s)
{
	struct gyl_net_peer peer;
	uint8_t ttl, buf[1500];

	while (gyl_streams_next(s->t, s->now_ns, &peer, &ttl)) {
		size_t len = gyl_streams_emit(s->t, s->now_ns, buf, 1480);
		struct sent *q = &s->queue[s->tail++ % QUEUE];

		q->at_ns = s->now_ns;
		if (gyl_tcp_decode(gyl_view(buf, len), OUR_IP, PEER_IP, 0, &q->tcp).err != GYL_OK)
			bad(s, "it sends what is no segment");
		gyl_tcp_known_get(q->tcp.options, &q->opt);
		q->len = q->tcp.payload.len;
		if (!s->has_iss && (q->tcp.flags & GYL_TCP_SYN) != 0) {
			s->iss = q->tcp.seq;
			s->has_iss = true;
		}
		if (q->opt.has_timestamps)
			s->ts_val = q->opt.ts_val;
		print_sent(s, q);
	}
}

/* What time brings next, if that is not after to_ns. */
static bool turn(struct script *s, uint64_t to_ns)
{
	uint64_t at_ns = gyl_streams_deadline_ns(s->t);

	if (at_ns > to_ns)
		return false;
	s->now_ns = at_ns > s->now_ns ? at_ns : s->now_ns;
	gyl_streams_tick(s->t, s->now_ns);
	fetch(s);
	return true;
}

static void advance(struct script *s, uint64_t to_ns)
{
	fetch(s);
	while (turn(s, to_ns))
		;
	s->now_ns = to_ns;
}

static void hear(struct script *s)
{
	struct gyl_stream_event ev;

	while (gyl_streams_event(s->t, &ev)) {
		s->id = ev.id;
		s->what |= ev.what;
		s->err = ev.err;
	}
}

/* ---- words ---- */

static const char *value(const struct script *s, const char *key)
{
	for (unsigned i = 2; i + 1 < s->word_cnt; i++)
		if (strcmp(s->word[i], key) == 0)
			return s->word[i + 1];
	return NULL;
}

static bool has(const struct script *s, const char *key)
{
	for (unsigned i = 2; i < s->word_cnt; i++)
		if (strcmp(s->word[i], key) == 0)
			return true;
	return false;
}

static uint32_t number(const struct script *s, const char *key)
{
	const char *v = value(s, key);

	return v == NULL ? 0 : (uint32_t)strtoul(v, NULL, 10);
}

static uint32_t length(const struct script *s)
{
	const char *v = value(s, "seq"), *plus = v == NULL ? NULL : strchr(v, '+');

	return plus == NULL ? 0 : (uint32_t)strtoul(plus + 1, NULL, 10);
}

static uint16_t flags(const struct script *s)
{
	static const char letters[] = "FSRPA";
	uint16_t bits = 0;

	for (const char *c = s->word[2]; *c != '\0'; c++) {
		const char *at = strchr(letters, *c);

		if (at == NULL)
			bad(s, "flags are letters of FSRPA");
		bits |= (uint16_t)(1u << (at - letters));
	}
	return bits;
}

/* "sack 1-5,9-12" */
static uint8_t sacks(const struct script *s, uint32_t base, struct gyl_tcp_sack *ret)
{
	const char *v = value(s, "sack");
	uint8_t cnt = 0;
	char *end;

	while (v != NULL && cnt < GYL_TCP_SACK_MAX) {
		ret[cnt].left = base + (uint32_t)strtoul(v, &end, 10);
		if (*end != '-')
			bad(s, "a block is LEFT-RIGHT");
		ret[cnt++].right = base + (uint32_t)strtoul(end + 1, &end, 10);
		v = *end == ',' ? end + 1 : NULL;
	}
	return cnt;
}

/* ---- lines ---- */

static void put_options(struct script *s, struct gyl_writer *w)
{
	struct gyl_tcp_sack sack[GYL_TCP_SACK_MAX];
	uint8_t cnt = sacks(s, s->iss, sack);

	if (has(s, "mss"))
		gyl_tcp_put_mss(w, (uint16_t)number(s, "mss"));
	if (has(s, "wscale"))
		gyl_tcp_put_wscale(w, (uint8_t)number(s, "wscale"));
	if (has(s, "sackok"))
		gyl_tcp_put_sack_permitted(w);
	if (has(s, "ts"))
		gyl_tcp_put_timestamps(w, number(s, "ts"), s->ts_val);
	if (cnt > 0)
		gyl_tcp_put_sack(w, sack, cnt);
}

static void comes(struct script *s)
{
	static const uint8_t zeros[1460];
	uint8_t buf[1600], options[GYL_TCP_OPTIONS_MAX];
	struct gyl_writer w, o;
	struct gyl_streams_seg seg;
	struct gyl_tcp t;

	gyl_writer_init(&o, options, sizeof options);
	put_options(s, &o);
	memset(&t, 0, sizeof t);
	t.src_port = PEER_PORT;
	t.dst_port = OUR_PORT;
	t.flags = flags(s);
	t.seq = PEER_ISS + number(s, "seq");
	t.ack = (t.flags & GYL_TCP_ACK) != 0 ? s->iss + number(s, "ack") : 0;
	t.window = (uint16_t)number(s, "win");
	t.options = gyl_writer_view(&o);
	t.payload = gyl_view(zeros, length(s));
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_tcp_encode(&w, &t, PEER_IP, OUR_IP);
	memset(&seg, 0, sizeof seg);
	seg.peer.ip = PEER_IP;
	seg.peer.local_ip = OUR_IP;
	seg.data = gyl_writer_view(&w);
	seg.mtu = 1500;
	gyl_streams_input(s->t, s->now_ns, &seg);
}

static void same(const struct script *s, const char *key, uint32_t want, uint32_t got)
{
	char why[100];

	if (value(s, key) == NULL || want == got)
		return;
	snprintf(why, sizeof why, "%s is %" PRIu32 ", not %" PRIu32, key, got, want);
	bad(s, why);
}

static void compare(const struct script *s, const struct sent *q)
{
	struct gyl_tcp_sack sack[GYL_TCP_SACK_MAX];
	uint8_t cnt = sacks(s, PEER_ISS, sack);

	if ((q->tcp.flags & ~GYL_TCP_PSH) != flags(s))
		bad(s, "other flags");
	same(s, "seq", number(s, "seq"), q->tcp.seq - s->iss);
	same(s, "seq", length(s), (uint32_t)q->len);
	same(s, "ack", number(s, "ack"), q->tcp.ack - PEER_ISS);
	same(s, "win", number(s, "win"), q->tcp.window);
	same(s, "mss", number(s, "mss"), q->opt.mss);
	same(s, "wscale", number(s, "wscale"), q->opt.has_wscale ? q->opt.wscale : UINT32_MAX);
	same(s, "tsecr", number(s, "tsecr"), q->opt.ts_ecr);
	if (has(s, "sackok") != q->opt.sack_permitted)
		bad(s, "SACK is offered or not");
	if (has(s, "nots") && q->opt.has_timestamps)
		bad(s, "it has timestamps");
	if (cnt != q->opt.sack_cnt || memcmp(sack, q->opt.sack, cnt * sizeof *sack) != 0)
		bad(s, "other SACK blocks");
}

static void sends(struct script *s, uint64_t at_ns)
{
	const struct sent *q;

	fetch(s);
	while (s->head == s->tail && turn(s, at_ns + GYL_NS_PER_MS))
		;
	if (s->head == s->tail)
		bad(s, "it sends nothing");
	q = &s->queue[s->head++ % QUEUE];
	if (q->at_ns + GYL_NS_PER_MS < at_ns)
		bad(s, "it sends that earlier");
	compare(s, q);
	if (at_ns > s->now_ns)
		advance(s, at_ns);
}

static void connect_out(struct script *s)
{
	struct gyl_net_peer to;

	memset(&to, 0, sizeof to);
	to.ip = PEER_IP;
	to.local_ip = OUR_IP;
	to.port = PEER_PORT;
	to.local_port = OUR_PORT;
	if (gyl_stream_connect(s->t, s->now_ns, &to, 1500, 0, &s->id) != GYL_STREAM_OK)
		bad(s, "it cannot connect");
}

static void write_out(struct script *s)
{
	static const uint8_t zeros[65536];
	size_t len = s->word_cnt > 2 ? strtoul(s->word[2], NULL, 10) : 0;
	if (gyl_stream_write(s->t, s->now_ns, s->id, gyl_view(zeros, len)) != len)
		bad(s, "it does not take all");
}

static void read_in(struct script *s)
{
	size_t len = s->word_cnt > 2 ? strtoul(s->word[2], NULL, 10) : 0;

	if (gyl_stream_peek(s->t, s->id).len != len)
		bad(s, "other octets wait to be read");
	gyl_stream_take(s->t, s->now_ns, s->id, len);
}

static void set_options(struct script *s)
{
	struct gyl_stream_opts o = gyl_stream_opts(s->t, s->id);

	o.nodelay = has(s, "nodelay");
	o.keepalive = has(s, "idle");
	if (o.keepalive) {
		o.keep_idle_ns = number(s, "idle") * GYL_NS_PER_S;
		o.keep_gap_ns = number(s, "gap") * GYL_NS_PER_S;
		o.keep_cnt = (uint8_t)number(s, "cnt");
	}
	gyl_stream_set_opts(s->t, s->now_ns, s->id, &o);
}

static void check_events(struct script *s)
{
	static const char *const names[] = {"OPENED", "BYTES", "EOF", "ROOM", "CLOSED"};
	uint8_t want = 0;

	for (unsigned i = 0; i < TEST_CNT(names); i++)
		if (has(s, names[i]))
			want |= (uint8_t)(1u << i);
	if (want != s->what)
		bad(s, "other events");
	if (value(s, "err") != NULL)
		same(s, "err", number(s, "err"), s->err);
	s->what = 0;
}

static bool call(struct script *s, const char *name)
{
	struct gyl_stream_listener l = {OUR_PORT, 0, 0, 0};

	if (strcmp(name, "listen") == 0)
		return gyl_stream_listen(s->t, &l) == GYL_STREAM_OK;
	if (strcmp(name, "connect") == 0)
		connect_out(s);
	else if (strcmp(name, "write") == 0)
		write_out(s);
	else if (strcmp(name, "read") == 0)
		read_in(s);
	else if (strcmp(name, "options") == 0)
		set_options(s);
	else if (strcmp(name, "shutdown") == 0)
		gyl_stream_shutdown(s->t, s->now_ns, s->id);
	else if (strcmp(name, "close") == 0)
		gyl_stream_close(s->t, s->now_ns, s->id);
	else if (strcmp(name, "reset") == 0)
		gyl_stream_reset(s->t, s->now_ns, s->id);
	else if (strcmp(name, "event") == 0)
		check_events(s);
	else
		return strcmp(name, "<") == 0 ? (comes(s), true) : strcmp(name, "silence") == 0;
	return true;
}

static void run_line(struct script *s, char *line)
{
	uint64_t at_ns;

	s->word_cnt = 0;
	for (char *w = strtok(line, " \t\n"); w != NULL && s->word_cnt < WORDS;
		w = strtok(NULL, " \t\n"))
		s->word[s->word_cnt++] = w;
	if (s->word_cnt == 0 || s->word[0][0] == '#')
		return;
	if (s->word[0][0] != '+' || s->word_cnt < 2)
		bad(s, "a line begins with +MS and says what happens");
	at_ns = s->now_ns + (uint64_t)(strtod(s->word[0] + 1, NULL) * 1e6);
	if (strcmp(s->word[1], ">") == 0) {
		sends(s, at_ns);
		hear(s);
		return;
	}
	advance(s, at_ns);
	if (s->head != s->tail)
		bad(s, "it has sent what was not expected");
	hear(s);
	if (!call(s, s->word[1]))
		bad(s, "this cannot be done");
	fetch(s);
	hear(s);
}

static void run_script(const char *dir, const char *name)
{
	static struct script s;
	char path[512], line[400];
	FILE *f;

	memset(&s, 0, sizeof s);
	s.name = name;
	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "r");
	assert_non_null(f);
	open_machine(&s);
	while (fgets(line, sizeof line, f) != NULL) {
		s.line++;
		run_line(&s, line);
	}
	fclose(f);
	if (s.head != s.tail)
		bad(&s, "it has sent what was not expected");
	free(s.mem);
}

static void every_script(void **state)
{
	const char *dir = GYL_TEST_DIR "/data/tcp";
	DIR *d = opendir(dir);
	struct dirent *e;
	unsigned cnt = 0;

	(void)state;
	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		if (strstr(e->d_name, ".script") != NULL) {
			run_script(dir, e->d_name);
			cnt++;
		}
	closedir(d);
	assert_in_range(cnt, 10, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */

/*
 * Closed log files: what it costs to pack them, what they take on the disk, how long a search
 * takes. A day of an event's network (corpus_syslog.h) as text, as our lines of JSON, and packed;
 * beside zstd, grep and zstdgrep.
 *
 *   bench_archive [COUNT]    default: 1000000 messages; about 450 octets each below TMPDIR
 */

#include <fcntl.h>
#include <ftw.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <dirent.h>

#include "services/base/ring.h"
#include "services/syslogd/core.h"
#include "services/syslogd/pack.h"
#include "services/syslogd/pack_own.h"
#include "services/syslogd/reader.h"
#include "services/syslogd/sealer.h"
#include "services/syslogd/token.h"
#include "tests/bench/corpus_syslog.h"

enum {
	ROUNDS = 5,
	ROTATE_LEN = 64 << 20
};

static char dir[200] = "/tmp/gyl-archive-XXXXXX";
static uint64_t cnt = 1000000, json_len, text_len;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double clock_of(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* ---- the log ---- */

static struct gyl_syslogd core;
static _Alignas(16) uint8_t ring_mem[1 << 14];
static uint8_t log_text[GYL_SYSLOGD_LOG_CAP];

static uint64_t keep(void *arg, const struct gyl_record *rec, size_t n)
{
	(void)arg;
	(void)rec;
	return n;
}

static FILE *create(const char *name)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL)
		die(path);
	return f;
}

static void record(const char *line, size_t len, const struct corpus *c, struct gyl_log *l)
{
	struct gyl_now now = {.mono_ns = c->wall_ns, .wall_ns = c->wall_ns};
	struct gyl_in in = {
		.kind = GYL_IN_DGRAM, .peer = {.ip = c->from}, .data = gyl_view(line, len)};
	struct gyl_ring ring;
	struct gyl_out out = {.event = &ring, .log = {l}, .store = keep, .now = now};

	gyl_ring_init(&ring, ring_mem, sizeof ring_mem);
	out.store_room = out.hold_room = UINT32_MAX;
	if (gyl_syslogd_core.input(&core, now, &in, 1, &out) != 1)
		abort();
}

static void close_segment(FILE **f, const struct corpus *c)
{
	char from[300], base[GYL_SYSLOGD_NAME_MAX], name[GYL_SYSLOGD_NAME_MAX], to[300];

	gyl_syslogd_archive_name(c->wall_ns, c->at, base);
	gyl_syslogd_archive_file(base, GYL_SYSLOGD_PLAIN, name);
	snprintf(from, sizeof from, "%s/guyline.jsonl", dir);
	snprintf(to, sizeof to, "%s/%s", dir, name);
	if (fclose(*f) != 0 || rename(from, to) != 0)
		die(to);
	*f = NULL;
}

static void generate(void)
{
	static const struct gyl_flat no_block;
	static const struct gyl_syslogd_conf conf = {.port = 514};
	struct gyl_log l = {.p = log_text, .cap = sizeof log_text};
	FILE *text = create("corpus.txt"), *all = create("corpus.json"), *json = NULL;
	char line[CORPUS_LINE_MAX];
	struct corpus c;
	size_t len;
	uint64_t here = 0;

	gyl_syslogd_init(&core, &conf, &no_block, gyl_view_str("box"));
	corpus_init(&c, cnt, 1);
	while ((len = corpus_next(&c, line)) != 0) {
		const char *msg = strchr(line, '>') + 1;

		fprintf(text, "%s\n", msg);
		text_len += strlen(msg) + 1;
		l.len = 0;
		record(line, len, &c, &l);
		if (json == NULL)
			json = create("guyline.jsonl");
		fwrite(l.p, 1, l.len, json);
		fwrite(l.p, 1, l.len, all);
		here += l.len;
		json_len += l.len;
		if (here > ROTATE_LEN || c.at == cnt) {
			close_segment(&json, &c);
			here = 0;
		}
	}
	fclose(text);
	fclose(all);
}

/* ---- packing ---- */

static void ignore(void *arg, const struct gyl_event *e)
{
	(void)arg;
	(void)e;
}

static double pack(int dir_fd, struct gyl_syslogd_sealer *sealer)
{
	static const struct gyl_syslogd_conf limits = {.compress = true, .compress_level = 1};
	struct gyl_syslogd_pack_conf cf = {
		.dir_fd = dir_fd, .limits = &limits, .sealer = sealer, .say = ignore};
	struct gyl_now now = {.mono_ns = 1};
	struct gyl_syslogd_pack p;
	double start = clock_of(CLOCK_PROCESS_CPUTIME_ID);

	if (gyl_syslogd_pack_open(&p, &cf) != 0)
		die("pack");
	while (gyl_syslogd_pack_turn(&p, now) != UINT64_MAX)
		now.mono_ns++;
	gyl_syslogd_pack_close(&p);
	return clock_of(CLOCK_PROCESS_CPUTIME_ID) - start;
}

/* The closed files once more, in a directory of their own. */
static int link_all(int dir_fd)
{
	struct gyl_syslogd_archive a;
	char name[GYL_SYSLOGD_NAME_MAX];
	int fd;

	if (mkdirat(dir_fd, "sealed", 0700) != 0 || gyl_syslogd_archive_list(dir_fd, &a) != 0)
		die("sealed");
	fd = openat(dir_fd, "sealed", O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < a.cnt; i++) {
		gyl_syslogd_archive_file(a.at[i].base, GYL_SYSLOGD_PLAIN, name);
		if (linkat(dir_fd, name, fd, name, 0) != 0)
			die(name);
	}
	gyl_syslogd_archive_free(&a);
	return fd;
}

/* CPU seconds of packing and sealing, without that of scrypt, which is of a start; *ret_len: octets
 * of all that is there then. */
static double seal(int dir_fd, uint64_t *ret_len)
{
	struct gyl_syslogd_newest none = {.is_new = true};
	struct gyl_syslogd_sealer sealer;
	struct gyl_syslogd_archive a;
	struct gyl_syslogd_keys *keys;
	char note[200], err[200];
	int fd = link_all(dir_fd);
	double cpu;

	keys = gyl_syslogd_keys_text("bench", 5, err);
	if (keys == NULL || gyl_syslogd_sealer_open(&sealer, fd, keys, &none, note, err) != 0)
		die("sealer");
	cpu = pack(fd, &sealer);
	if (gyl_syslogd_archive_list(fd, &a) != 0)
		die("sealed");
	*ret_len = a.size;
	gyl_syslogd_archive_free(&a);
	gyl_syslogd_keys_close(keys);
	close(fd);
	return cpu;
}

/* The index's part of it: the same texts once more. */
static double collect(int dir_fd)
{
	static struct gyl_syslogd_collect c;
	struct gyl_syslogd_scratch x = {0};
	struct gyl_syslogd_reader r;
	struct gyl_syslogd_seg s;
	struct gyl_syslogd_frame f;
	struct gyl_view text;
	double sum = 0;

	if (gyl_syslogd_reader_open_at(&r, dir_fd) != 0)
		die("reader");
	for (size_t i = 0; i < r.cnt && gyl_syslogd_seg_open(&r, i, &s) == 0; i++) {
		gyl_syslogd_collect_init(&c);
		for (size_t n = 0; n < s.frame_cnt; n++) {
			double start;

			if (gyl_syslogd_seg_text(&s, &s.frame[n], &x, &text) != 0)
				die("text");
			start = clock_of(CLOCK_PROCESS_CPUTIME_ID);
			gyl_syslogd_collect_frame(&c, text, &f);
			sum += clock_of(CLOCK_PROCESS_CPUTIME_ID) - start;
		}
		gyl_syslogd_seg_close(&s);
	}
	gyl_syslogd_reader_close(&r);
	gyl_syslogd_scratch_free(&x);
	return sum;
}

static uint64_t size_of(const char *ending)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	uint64_t sum = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name), n = strlen(ending);
		struct stat st;

		if (len >= n && strcmp(e->d_name + len - n, ending) == 0 &&
			fstatat(dirfd(d), e->d_name, &st, 0) == 0)
			sum += (uint64_t)st.st_size;
	}
	if (d != NULL)
		closedir(d);
	return sum;
}

/* ---- searching ---- */

struct wanted {
	const char *word;
	uint64_t token, from_ns, to_ns;
	uint64_t hits, frames, all;
};

static void search_text(struct wanted *w, struct gyl_view text)
{
	size_t len = strlen(w->word);
	const uint8_t *p = text.p, *end = text.p + text.len;

	w->frames++;
	while ((p = memmem(p, (size_t)(end - p), w->word, len)) != NULL) {
		w->hits++;
		p = memchr(p, '\n', (size_t)(end - p));
	}
}

static void search_seg(struct wanted *w, struct gyl_syslogd_seg *s, struct gyl_syslogd_scratch *x)
{
	struct gyl_view text;

	for (size_t n = 0; n < s->frame_cnt; n++) {
		const struct gyl_syslogd_frame *f = &s->frame[n];

		w->all++;
		if (f->recv_max_ns < w->from_ns || f->recv_min_ns > w->to_ns ||
			!gyl_syslogd_frame_may_have(f, w->token))
			continue;
		if (gyl_syslogd_seg_text(s, f, x, &text) != 0)
			die("text");
		search_text(w, text);
	}
	gyl_syslogd_seg_close(s);
}

/* Milliseconds, one thread, the directory opened anew. */
static double search(struct wanted *w)
{
	double start = clock_of(CLOCK_MONOTONIC);
	struct gyl_syslogd_scratch x = {0};
	struct gyl_syslogd_reader r;
	struct gyl_syslogd_seg s;

	w->hits = w->frames = w->all = 0;
	if (gyl_syslogd_reader_open(&r, dir) != 0)
		die("reader");
	for (size_t i = 0; i < r.cnt && gyl_syslogd_seg_open(&r, i, &s) == 0; i++)
		search_seg(w, &s, &x);
	gyl_syslogd_reader_close(&r);
	gyl_syslogd_scratch_free(&x);
	return (clock_of(CLOCK_MONOTONIC) - start) * 1e3;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void search_row(const char *name, struct wanted *w)
{
	double ms[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		ms[i] = search(w);
	qsort(ms, ROUNDS, sizeof ms[0], by_size);
	printf("| %s | %.1f ms | %llu | %llu of %llu |\n", name, ms[ROUNDS / 2],
		(unsigned long long)w->hits, (unsigned long long)w->frames,
		(unsigned long long)w->all);
}

/* ---- others ---- */

/* CPU seconds of a shell's command in the directory; *ret_s: until it was through. */
static double run(const char *command, double *ret_s)
{
	struct rusage before, after;
	char line[500];
	double start = clock_of(CLOCK_MONOTONIC);

	getrusage(RUSAGE_CHILDREN, &before);
	snprintf(line, sizeof line, "cd %s && { %s; } >result 2>&1", dir, command);
	if (system(line) < 0)
		die(line);
	getrusage(RUSAGE_CHILDREN, &after);
	*ret_s = clock_of(CLOCK_MONOTONIC) - start;
	return (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
	       (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) * 1e-6 +
	       (double)(after.ru_stime.tv_sec - before.ru_stime.tv_sec) +
	       (double)(after.ru_stime.tv_usec - before.ru_stime.tv_usec) * 1e-6;
}

static void peer_search(const char *name, const char *command)
{
	double s[ROUNDS], cpu[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		cpu[i] = run(command, &s[i]);
	qsort(s, ROUNDS, sizeof s[0], by_size);
	qsort(cpu, ROUNDS, sizeof cpu[0], by_size);
	printf("| %s | %.1f ms, CPU %.1f ms | | |\n", name, s[ROUNDS / 2] * 1e3,
		cpu[ROUNDS / 2] * 1e3);
}

static void size_row(const char *name, double octets, double cpu_s)
{
	printf("| %s | %.1f | ", name, octets / (double)cnt);
	if (cpu_s > 0)
		printf("%.2f us |\n", cpu_s * 1e6 / (double)cnt);
	else
		printf("|\n");
}

static void peer_pack(const char *name, const char *command, const char *ending)
{
	double s, cpu = run(command, &s);

	size_row(name, (double)size_of(ending), cpu);
}

/* ---- the tables ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void sizes(int dir_fd)
{
	uint64_t sealed_len;
	double sealed = seal(dir_fd, &sealed_len), cpu = pack(dir_fd, NULL), idx = collect(dir_fd);

	printf("| %llu messages of 24 h | octets each | CPU each |\n| --- | --- | --- |\n",
		(unsigned long long)cnt);
	size_row("text lines", (double)text_len, 0);
	size_row("JSON lines", (double)json_len, 0);
	size_row("packed, level 1", (double)size_of(".jsonl.zst"), cpu - idx);
	size_row("its index", (double)size_of(".idx"), idx);
	size_row("both: closing", (double)(size_of(".jsonl.zst") + size_of(".idx")), cpu);
	size_row("both, sealed: closing", (double)sealed_len, sealed);
	peer_pack("zstd -1 of the JSON lines",
		"zstd -q -1 --single-thread -k corpus.json -o json.peer", "json.peer");
	peer_pack("zstd -1 of the text lines",
		"zstd -q -1 --single-thread -k corpus.txt -o text.peer", "text.peer");
}

static void searches(void)
{
	struct wanted rare = {.word = CORPUS_RARE, .to_ns = UINT64_MAX};
	struct wanted mac = {.to_ns = UINT64_MAX};
	struct wanted host = {.word = "\"host\":\"ap-07\""};
	char text[18], command[200];

	corpus_mac(3300, text);
	mac.word = text;
	rare.token = gyl_syslogd_token_field(GYL_SYSLOGD_TAG_WORD, gyl_view_str(CORPUS_RARE));
	mac.token = gyl_syslogd_token_field(GYL_SYSLOGD_TAG_WORD, gyl_view_str(text));
	host.token = gyl_syslogd_token_field(GYL_SYSLOGD_TAG_HOST, gyl_view_str("ap-07"));
	host.from_ns = UINT64_C(1795262400000000000); /* noon */
	host.to_ns = host.from_ns + GYL_NS_PER_HOUR;
	printf("\n| search | median | hits | frames read |\n| --- | --- | --- | --- |\n");
	search_row("a rare word", &rare);
	peer_search("- guyline log, the program", "guyline log --dir . " CORPUS_RARE);
	peer_search("- grep in the text lines", "grep -c " CORPUS_RARE " corpus.txt");
	peer_search("- zstdgrep in the packed files", "zstdgrep -c " CORPUS_RARE " *.jsonl.zst");
	search_row("a station's address", &mac);
	snprintf(command, sizeof command, "guyline log --dir . %s", text);
	peer_search("- guyline log, the program", command);
	snprintf(command, sizeof command, "grep -c %s corpus.txt", text);
	peer_search("- grep in the text lines", command);
	search_row("a host in one hour (all lines of its hour's frames)", &host);
	peer_search("- guyline log, the program",
		"guyline log --dir . --host ap-07 --since 2026-11-21T12:00:00Z --until 2026-11-21T13:00:00Z");
	peer_search("all of it, by the hour: guyline log, the program",
		"guyline log --dir . --histogram 1h");
}

/* Our programs lie beside: build/bin and build/bench. */
static void set_path(const char *self)
{
	char path[4096], full[4096], *slash;

	if (realpath(self, full) == NULL)
		return;
	slash = strrchr(full, '/');
	snprintf(path, sizeof path, "%.*s/../bin:%.2000s", (int)(slash - full), full,
		getenv("PATH"));
	setenv("PATH", path, 1);
}

int main(int argc, char **argv)
{
	int dir_fd;

	if (argc > 1)
		cnt = strtoull(argv[1], NULL, 10);
	if (cnt == 0)
		return 1;
	set_path(argv[0]);
	if (getenv("TMPDIR") != NULL)
		snprintf(dir, sizeof dir, "%.150s/gyl-archive-XXXXXX", getenv("TMPDIR"));
	if (mkdtemp(dir) == NULL)
		die(dir);
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
	generate();
	sizes(dir_fd);
	searches();
	close(dir_fd);
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/args.h"
#include "tests/conf/sample.h"

static const struct gyl_args_own own[] = {
	{"record", "FILE", "write what happens"},
	{"loud", NULL, "be heard"},
	{NULL, NULL, NULL},
};
static const struct gyl_program program = {
	"sample", "Serves nothing.", &sample_set, GYL_CONF_JSON, own};

enum {
	ARG_MAX_CNT = 8
};

/* A command line of a row, cut at blanks; '_' stands for a blank. argv must be writable. */
struct line {
	char buf[512];
	char *argv[ARG_MAX_CNT + 1];
	int argc;
};

static void line_init(struct line *l, const char *text)
{
	char *save, *at;

	snprintf(l->buf, sizeof l->buf, "sample %s", text);
	l->argc = 0;
	for (at = strtok_r(l->buf, " ", &save); at != NULL; at = strtok_r(NULL, " ", &save)) {
		assert_true(l->argc < ARG_MAX_CNT);
		l->argv[l->argc++] = at;
		for (char *c = strchr(at, '_'); c != NULL && strncmp(at, "--", 2) != 0;
			c = strchr(c, '_'))
			*c = ' ';
	}
	l->argv[l->argc] = NULL;
}

static bool load(const struct gyl_args *a, char *err, size_t cap, struct gyl_view *ret_block)
{
	struct gyl_conf *c = gyl_conf_new();
	FILE *f = fmemopen(err, cap, "w");
	bool good = gyl_args_compile(&program, a, c, ret_block);

	assert_non_null(f);
	gyl_conf_errors_print(c, f);
	fclose(f);
	gyl_conf_free(c);
	return good;
}

/* Its commas separate no items. */
#define AUTH \
	"$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$LfBFdbBxoBzvVvXDYlGRAD9pmtZp8ZzR2QjTXwJkUFk"
#define ADDRESS "--address=10.77.0.1/24 "

/* What becomes of the line, and the errors to the letter. */
enum result {
	GOOD,
	BAD,    /* the value is refused */
	UNKNOWN /* the command line is */
};

static const struct {
	const char *line;
	enum result result;
	const char *err;
} loads[] = {
	{"--host=kernel", GOOD, ""},
	{"--host kernel", GOOD, ""},
	{ADDRESS, GOOD, ""},
	{ADDRESS "--sandbox --sample.flag=false", GOOD, ""},
	{ADDRESS "--log dns=debug", GOOD, ""},
	{ADDRESS "--control /run/a.sock,10.0.0.1:7077 --control_auth=" AUTH, GOOD, ""},
	{ADDRESS "--control_auth=" AUTH " --control_auth " AUTH "!", BAD,
		"--control_auth.1: expected what `guyline passwd` prints; wrong from octet 88 on: the text is not of its form\n"},
	{ADDRESS "--control 10.0.0.1:7077", BAD,
		"--control.0: a TCP port needs a password: put what `guyline passwd` prints into \"control_auth\"\n"},
	{ADDRESS "--log={\"level\":\"debug\"}", BAD,
		"--log.level: expected levels such as \"dns=debug,*=info\", got "
		"\"{\"level\":\"debug\"}\"\n"},
	{ADDRESS "--sample.zones.0.name=. --sample.zones.0.file=x", GOOD, ""},
	{ADDRESS "--sample.options.number=7", GOOD, ""},
	{ADDRESS "--sample.options={\"number\":7}", GOOD, ""},
	/* refused values name the option */
	{"", BAD, "--address: missing: host \"stack\" needs an address such as \"10.77.0.1/24\"\n"},
	{ADDRESS "--sample.u8=256", BAD, "--sample.u8: expected a number from 0 to 255, got 256\n"},
	{ADDRESS "--sample.u8=x", BAD, "--sample.u8: expected a number from 0 to 255, got \"x\"\n"},
	{ADDRESS "--sample.pool=10.0.0.1,y", BAD,
		"--sample.pool.1: expected a range of addresses such as "
		"\"10.77.0.100-10.77.0.199\", got \"y\"\n"},
	{ADDRESS "--sample.zones.0.name=.", BAD,
		"--sample.zones.0.file: missing: its master file\n"},
	{ADDRESS "--sample.zones.1.name=.", BAD,
		"--sample.zones.1.name: expected --sample.zones.N.KEY with N from 0 to 0\n"},
	{ADDRESS "--sample.zones.0=x", BAD,
		"--sample.zones.0: expected --sample.zones.N.KEY with N from 0 to 0\n"},
	{ADDRESS "--sample.zones=[{]", BAD, "--sample.zones: expected JSON after '['\n"},
	{ADDRESS "--sample.options.nubmer=1", BAD,
		"--sample.options.nubmer: unknown option; did you mean \"number\"?\n"},
	{ADDRESS "--sample.text=\xff", BAD, "--sample.text: not UTF-8\n"},
	/* unknown ones are a matter of usage */
	{ADDRESS "--sample.lese_time=5m", UNKNOWN,
		"--sample.lese_time: unknown option; did you mean \"--sample.lease_time\"?\n"},
	{"--adress=10.77.0.1/24 --host=kernel", UNKNOWN,
		"--adress: unknown option; did you mean \"--address\"?\n"},
	{ADDRESS "--sampel.u8=1", UNKNOWN,
		"--sampel.u8: unknown option; did you mean \"--sample.u8\"?\n"},
	{ADDRESS "--quite.different=1", UNKNOWN, "--quite.different: unknown option\n"},
	{ADDRESS "--sample.u8.x=1", UNKNOWN,
		"--sample.u8.x: unknown option: \"u8\" has no keys below it\n"},
	{ADDRESS "--sample.zones.0.fiel=1", UNKNOWN,
		"--sample.zones.0.fiel: unknown option; did you mean \"--sample.zones.0.file\"?\n"
		"--sample.zones.0.file: missing: its master file\n"
		"--sample.zones.0.name: missing: name of the zone\n"},
	{ADDRESS "--sample.zones.7.fiel=1", UNKNOWN,
		"--sample.zones.7.fiel: expected --sample.zones.N.KEY with N from 0 to 0\n"},
	{ADDRESS "--sample=1", UNKNOWN,
		"--sample: unknown option; it needs a key, such as --sample.flag\n"},
};

static void options_load(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(loads); i++) {
		struct gyl_args a;
		struct gyl_view block = {NULL, 0};
		struct line l;
		char err[1024] = "";

		line_init(&l, loads[i].line);
		assert_int_equal(gyl_args_parse(&program, l.argc, l.argv, &a),
			loads[i].result == UNKNOWN ? GYL_ARGS_USAGE : GYL_ARGS_GO);
		assert_int_equal(load(&a, err, sizeof err, &block), loads[i].result == GOOD);
		assert_string_equal(err, loads[i].err);
		free((void *)(uintptr_t)block.p);
		gyl_args_free(&a);
	}
}

/* Flags alone: the status of the parser. */
static const struct {
	const char *line;
	int status;
	bool check, foreground;
	unsigned verbose;
	const char *file;
	size_t option_cnt;
} parses[] = {
	{"", GYL_ARGS_GO, false, false, 0, NULL, 0},
	{"-n", GYL_ARGS_GO, true, false, 0, NULL, 0},
	{"-nv", GYL_ARGS_GO, true, false, 1, NULL, 0},
	{"-dvv -n", GYL_ARGS_GO, true, true, 2, NULL, 0},
	{"-c file", GYL_ARGS_GO, false, false, 0, "file", 0},
	{"-dcfile", GYL_ARGS_GO, false, true, 0, "file", 0},
	{"-i tap:x -i tap:y", GYL_ARGS_GO, false, false, 0, NULL, 2},
	{"--sandbox --host kernel", GYL_ARGS_GO, false, false, 0, NULL, 2},
	/* refused */
	{"-x", GYL_ARGS_USAGE, false, false, 0, NULL, 0},
	{"-c", GYL_ARGS_USAGE, false, false, 0, NULL, 0},
	{"-d --host", GYL_ARGS_USAGE, false, true, 0, NULL, 0},
	{"file", GYL_ARGS_USAGE, false, false, 0, NULL, 0},
	{"-", GYL_ARGS_USAGE, false, false, 0, NULL, 0},
	{"--version", GYL_ARGS_OK, false, false, 0, NULL, 0},
};

static void flags_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(parses); i++) {
		struct gyl_args a;
		struct line l;

		line_init(&l, parses[i].line);
		assert_int_equal(gyl_args_parse(&program, l.argc, l.argv, &a), parses[i].status);
		assert_int_equal(a.check, parses[i].check);
		assert_int_equal(a.foreground, parses[i].foreground);
		assert_int_equal(a.verbose, parses[i].verbose);
		assert_int_equal(a.option_cnt, parses[i].option_cnt);
		assert_int_equal(a.file == NULL, parses[i].file == NULL);
		if (a.file != NULL)
			assert_string_equal(a.file, parses[i].file);
		gyl_args_free(&a);
	}
}

static const struct {
	const char *line;
	int status;
	const char *record, *loud;
	size_t option_cnt;
} own_parses[] = {
	{"", GYL_ARGS_GO, NULL, NULL, 0},
	{"--record=a --loud", GYL_ARGS_GO, "a", "", 0},
	{"--record a --sandbox", GYL_ARGS_GO, "a", NULL, 1},
	{"--record a --record=b", GYL_ARGS_GO, "b", NULL, 0},
	{"--record=", GYL_ARGS_GO, "", NULL, 0},
	{"--loud --host kernel", GYL_ARGS_GO, NULL, "", 1},
	/* refused */
	{"--record", GYL_ARGS_USAGE, NULL, NULL, 0},
	{"--loud=1", GYL_ARGS_USAGE, NULL, NULL, 0},
};

/* What is the program's own is no key of the configuration. */
static void own_options_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(own_parses); i++) {
		struct gyl_args a;
		struct line l;

		line_init(&l, own_parses[i].line);
		assert_int_equal(
			gyl_args_parse(&program, l.argc, l.argv, &a), own_parses[i].status);
		assert_int_equal(a.option_cnt, own_parses[i].option_cnt);
		assert_int_equal(a.own[0] == NULL, own_parses[i].record == NULL);
		if (a.own[0] != NULL)
			assert_string_equal(a.own[0], own_parses[i].record);
		assert_int_equal(a.own[1] == NULL, own_parses[i].loud == NULL);
		gyl_args_free(&a);
	}
}

static const struct sample_conf *root_of(struct gyl_view block, const struct gyl_flat **ret_f)
{
	*ret_f = gyl_flat_open(block);
	assert_non_null(*ret_f);
	return gyl_flat_section(*ret_f, "sample");
}

/* Options stand over the file; lists are replaced once and then added to. */
static void options_win(void **state)
{
	static const char text[] =
		"{ \"host\": \"kernel\", \"sample\": { \"u8\": 1, \"u16\": 200,"
		"  \"pool\": \"10.0.0.1\", \"zones\": { \"name\": \"a\", \"file\": \"f\" } } }";
	static const char *const set[][2] = {
		{"sample.u8", "7"},
		{"sample.pool", "10.0.0.2,10.0.0.4-10.0.0.5"},
		{"sample.pool", "10.0.0.9"},
		{"sample.zones.0.file", "g"},
		{"sample.zones.1.name", "b"},
		{"sample.zones.1.file", "h"},
		{"sample.options.text", "one,two"},
	};
	struct gyl_conf *c = gyl_conf_new();
	const struct sample_zone *zone;
	const struct gyl_conf_range *pool;
	const struct sample_conf *cf;
	const struct gyl_flat *f;
	struct gyl_view block;

	(void)state;
	assert_true(gyl_conf_load_text(c, "x.json", "/dir", gyl_view_str(text), GYL_CONF_JSON));
	for (size_t i = 0; i < TEST_CNT(set); i++)
		assert_int_equal(
			gyl_conf_set(c, &sample_set, set[i][0], set[i][1]), GYL_CONF_SET_OK);
	assert_true(gyl_conf_compile(c, &sample_set, &block));
	cf = root_of(block, &f);
	assert_int_equal(cf->u8, 7);
	assert_int_equal(cf->u16, 200);
	assert_int_equal(cf->pool.cnt, 3);
	pool = gyl_flat_at(f, cf->pool);
	assert_int_equal(pool[1].last, 0x0a000005);
	assert_int_equal(pool[2].first, 0x0a000009);
	assert_int_equal(cf->zones.cnt, 2);
	zone = gyl_flat_at(f, cf->zones);
	/* a path of an option is relative to where the user is, not to the file */
	assert_string_equal(gyl_flat_at(f, zone[0].file), "g");
	assert_memory_equal(gyl_flat_at(f, zone[1].name), "\1b", 3);
	free((void *)(uintptr_t)block.p);
	gyl_conf_free(c);
}

static void files_load(void **state)
{
	char path[] = "/tmp/guyline-test-XXXXXX", err[512];
	int fd = mkstemp(path);
	struct gyl_args a = {.file = path};
	struct gyl_view block;
	const struct sample_conf *cf;
	const struct gyl_flat *f;
	FILE *out = fdopen(fd, "w");

	(void)state;
	fputs("{ \"host\": \"kernel\",\n\"sample\": { \"path\": \"p\" } }", out);
	fclose(out);
	assert_true(load(&a, err, sizeof err, &block));
	cf = root_of(block, &f);
	assert_string_equal(gyl_flat_at(f, cf->path), "/tmp/p");
	free((void *)(uintptr_t)block.p);
	unlink(path);
	assert_false(load(&a, err, sizeof err, &block));
	assert_non_null(strstr(err, ": cannot be read: No such file or directory\n"));
}

/* A program's own section is there without a word about it. */
static void always_configured(void **state)
{
	struct gyl_conf_set set = sample_set;
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_view block;

	(void)state;
	set.always = "small";
	assert_int_equal(gyl_conf_set(c, &set, "host", "kernel"), GYL_CONF_SET_OK);
	assert_true(gyl_conf_compile(c, &set, &block));
	assert_non_null(gyl_flat_section(gyl_flat_open(block), "small"));
	assert_null(gyl_flat_section(gyl_flat_open(block), "sample"));
	free((void *)(uintptr_t)block.p);
	gyl_conf_free(c);
}

static void help_has_every_key(void **state)
{
	static const char *const lines[] = {
		"  --host=stack|kernel               serve on our own stack or",
		"  --sample.zones.N.name=NAME        name of the zone (required)\n",
		"  --sample.pool=A-B,...             some ranges\n",
		"  --sample.options.NAME=VALUE       a map\n",
		"  --small.port=PORT                 port to listen on (default 67)\n",
		"  --record=FILE    write what happens\n",
		"  --loud           be heard\n",
	};
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	gyl_args_help(&program, f);
	fclose(f);
	for (size_t i = 0; i < TEST_CNT(lines); i++) {
		if (strstr(text, lines[i]) == NULL)
			assert_string_equal(text, lines[i]);
	}
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_load),
		cmocka_unit_test(flags_parse),
		cmocka_unit_test(own_options_parse),
		cmocka_unit_test(options_win),
		cmocka_unit_test(files_load),
		cmocka_unit_test(always_configured),
		cmocka_unit_test(help_has_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include "conf/args.h"

#include <stdlib.h>

#include "conf/node.h"

struct parse {
	const struct gyl_program *p;
	int argc, at; /* at: next argument */
	char **argv;
	struct gyl_args *a;
};

static int usage(const struct parse *s, const char *what, const char *arg)
{
	fprintf(stderr, "%s: %s%s; see %s --help\n", s->p->name, what, arg, s->p->name);
	return GYL_ARGS_USAGE;
}

/* Options share the room of argv: there are never more of them than arguments. */
static void add(struct parse *s, const char *path, const char *text)
{
	struct gyl_args *a = s->a;

	a->option[a->option_cnt].path = path;
	a->option[a->option_cnt++].text = text;
}

/* The value of a flag: the rest of its argument or the next one. NULL: there is none. */
static const char *flag_value(struct parse *s, const char *rest)
{
	if (rest[0] != '\0')
		return rest;
	return s->at < s->argc ? s->argv[s->at++] : NULL;
}

/* One argument of short flags, without its '-'. */
static int parse_flags(struct parse *s, const char *flags)
{
	for (const char *f = flags; *f != '\0'; f++) {
		char name[] = {'-', *f, '\0'};
		const char *val;

		if (*f == 'n') {
			s->a->check = true;
		} else if (*f == 'd') {
			s->a->foreground = true;
		} else if (*f == 'v') {
			s->a->verbose++;
		} else if (*f == 'c' || *f == 'i') {
			val = flag_value(s, f + 1);
			if (val == NULL)
				return usage(s, "a value is missing after ", name);
			if (*f == 'c')
				s->a->file = val;
			else
				add(s, "device", val);
			return GYL_ARGS_GO;
		} else {
			return usage(s, "unknown option ", name);
		}
	}
	return GYL_ARGS_GO;
}

/* --log takes a specification: the rest of the object has its own options. */
static const char *alias(const char *path)
{
	return strcmp(path, "log") == 0 ? "log.level" : path;
}

/* Its number, of an option that is the program's own; -1: it is none. */
static int find_own(const struct parse *s, const char *name)
{
	for (int i = 0; s->p->own != NULL && s->p->own[i].name != NULL; i++)
		if (strcmp(s->p->own[i].name, name) == 0)
			return i;
	return -1;
}

static int parse_own(struct parse *s, int number, const char *arg, const char *val)
{
	bool takes = s->p->own[number].meta != NULL;

	if (takes && val == NULL && s->at < s->argc)
		val = s->argv[s->at++];
	if (takes && val == NULL)
		return usage(s, "a value is missing after ", arg);
	if (!takes && val != NULL)
		return usage(s, "no value belongs after ", arg);
	s->a->own[number] = takes ? val : "";
	return GYL_ARGS_GO;
}

/* One argument that begins with "--". The '=' in argv becomes the end of the path. */
static int parse_long(struct parse *s, char *arg)
{
	char *eq = strchr(arg, '=');
	const char *path = arg + 2;
	int own;

	if (eq != NULL)
		*eq = '\0';
	own = find_own(s, path);
	if (own >= 0)
		return parse_own(s, own, arg, eq == NULL ? NULL : eq + 1);
	if (eq != NULL) {
		add(s, alias(path), eq + 1);
	} else if (gyl_conf_is_switch(s->p->set, path)) {
		add(s, path, "true");
	} else if (s->at < s->argc) {
		add(s, alias(path), s->argv[s->at++]);
	} else {
		return usage(s, "a value is missing after ", arg);
	}
	return GYL_ARGS_GO;
}

static int parse_one(struct parse *s)
{
	char *arg = s->argv[s->at++];

	if (strcmp(arg, "--help") == 0) {
		gyl_args_help(s->p, stdout);
		return GYL_ARGS_OK;
	}
	if (strcmp(arg, "--schema") == 0)
		return gyl_conf_schema(s->p->set, stdout) ? GYL_ARGS_OK : GYL_ARGS_USAGE;
	if (strcmp(arg, "--version") == 0) {
		printf("%s %s\n", s->p->name, GYL_VERSION);
		return GYL_ARGS_OK;
	}
	if (arg[0] != '-' || arg[1] == '\0' || strcmp(arg, "--") == 0)
		return usage(s, "unexpected argument ", arg);
	return arg[1] == '-' ? parse_long(s, arg) : parse_flags(s, arg + 1);
}

/* Is every option a key? What its value is worth is seen when the file is there. */
static int check_paths(const struct gyl_program *p, const struct gyl_args *a)
{
	int status = GYL_ARGS_GO;

	for (size_t i = 0; i < a->option_cnt; i++) {
		struct gyl_conf *c = gyl_conf_new();

		c->trial = true;
		if (gyl_conf_set(c, p->set, a->option[i].path, a->option[i].text) ==
			GYL_CONF_SET_UNKNOWN) {
			status = GYL_ARGS_USAGE;
			gyl_conf_errors_print(c, stderr);
		}
		gyl_conf_free(c);
	}
	return status;
}

int gyl_args_parse(const struct gyl_program *p, int argc, char **argv, struct gyl_args *ret_args)
{
	struct parse s = {p, argc, 1, argv, ret_args};
	int status = GYL_ARGS_GO;

	memset(ret_args, 0, sizeof *ret_args);
	ret_args->option = gyl_conf_must(calloc((size_t)argc + 1, sizeof ret_args->option[0]));
	while (s.at < argc && status == GYL_ARGS_GO)
		status = parse_one(&s);
	return status == GYL_ARGS_GO ? check_paths(p, ret_args) : status;
}

void gyl_args_free(struct gyl_args *a)
{
	free(a->option);
	a->option = NULL;
	a->option_cnt = 0;
}

bool gyl_args_compile(const struct gyl_program *p, const struct gyl_args *a, struct gyl_conf *c,
	struct gyl_view *ret_block)
{
	/* Without the file, rules would only tell what is missing of it. */
	if (a->file != NULL && !gyl_conf_load_file(c, a->file, p->form))
		return false;
	for (size_t i = 0; i < a->option_cnt; i++)
		gyl_conf_set(c, p->set, a->option[i].path, a->option[i].text);
	return gyl_conf_compile(c, p->set, ret_block);
}

/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_ARGS_H
#define GYL_CONF_ARGS_H

/*
 * The command line of every program: a few flags, and every configuration key as an option.
 *
 *   -c FILE         read this configuration
 *   -n              check it and exit; -nv prints what it comes to
 *   -d              stay in the foreground
 *   -v              say more
 *   -i DEVICE       the same as --device=DEVICE
 *   --log SPEC      the same as --log.level=SPEC
 *   --help, --version
 *   --schema        what may stand in a configuration, as JSON Schema
 *   --OWN=VALUE     of the program itself, see struct gyl_args_own
 *   --KEY=VALUE     over what the file says; also `--KEY VALUE`; a switch may go without value
 *
 * A bad command line is told on standard error.
 */

#include "conf/conf.h"

/* An option of a program that is no key of the configuration. */
struct gyl_args_own {
	const char *name; /* "pcap"; NULL ends a list of these */
	const char *meta; /* what it takes, for --help; NULL: nothing */
	const char *help;
};

enum {
	GYL_ARGS_OWN_MAX = 8
};

struct gyl_program {
	const char *name;  /* "guyline-dhcpd" */
	const char *about; /* one sentence for --help */
	const struct gyl_conf_set *set;
	enum gyl_conf_form form;        /* of the file */
	const struct gyl_args_own *own; /* at most GYL_ARGS_OWN_MAX; NULL: none */
};

struct gyl_args_option {
	const char *path, *text;
};

struct gyl_args {
	const char *file; /* NULL: none */
	bool check, foreground;
	unsigned verbose;
	struct gyl_args_option *option; /* in the order of the command line */
	size_t option_cnt;
	/* By their number in the program's `own`: the last value given, "" of one that takes none,
	 * NULL: not given. */
	const char *own[GYL_ARGS_OWN_MAX];
};

enum {
	GYL_ARGS_GO = -1, /* no reason to exit */
	GYL_ARGS_OK = 0,
	GYL_ARGS_USAGE = 64 /* EX_USAGE */
};

/*
 * Read a command line; argv[0] is passed over. The result keeps pointers into argv. Returns
 * GYL_ARGS_GO, or the exit status after --help, --version or an error, such as an option that is no
 * key. *ret_args is to be freed in any case.
 */
int gyl_args_parse(const struct gyl_program *p, int argc, char **argv, struct gyl_args *ret_args);
void gyl_args_free(struct gyl_args *a);

/*
 * Load the file into a fresh c, put the options over it, compile: at start and again at each
 * reload. True: a block that the caller frees with free(ret_block->p). False: c has the errors.
 */
bool gyl_args_compile(const struct gyl_program *p, const struct gyl_args *a, struct gyl_conf *c,
	struct gyl_view *ret_block);

/* What --help prints, made from the tables. */
void gyl_args_help(const struct gyl_program *p, FILE *f);

#endif

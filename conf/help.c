/* SPDX-License-Identifier: ISC */
#include "conf/args.h"
#include "conf/type.h"

enum {
	PATH_MAX_LEN = 256,
	COLUMN = 36 /* where the help of a key begins */
};

static const char flags[] =
	"  -c FILE          read this configuration\n"
	"  -n               check the configuration and exit; -nv prints it, defaults and all\n"
	"  -d               stay in the foreground\n"
	"  -v               say more\n"
	"  -i DEVICE        the same as --device=DEVICE\n"
	"  --log=SPEC       the same as --log.level=SPEC, such as dns=debug,*=info\n"
	"  --schema         print what may stand in a configuration, as JSON Schema, and exit\n"
	"  --help           print this and exit\n"
	"  --version        print the version and exit\n";

static void put_words(FILE *f, const struct gyl_conf_word *word)
{
	for (size_t i = 0; word[i].name != NULL; i++)
		fprintf(f, "%s%s", i == 0 ? "" : "|", word[i].name);
}

/* "--dhcpd.pool=A-B,..." into a stream, so that its width is known. */
static void put_option(FILE *f, const char *path, const struct gyl_conf_key *k)
{
	fprintf(f, "--%s", path);
	if (k->type == GYL_CONF_MAP) {
		fputs(".NAME=VALUE", f);
		return;
	}
	fputc('=', f);
	if (k->type == GYL_CONF_ENUM)
		put_words(f, k->word);
	else
		fputs(gyl__conf_type(k->type)->meta, f);
	if ((k->flags & GYL_CONF_LIST) != 0 && (k->flags & GYL_CONF_WHOLE) == 0)
		fputs(",...", f);
}

static void put_key(FILE *f, const char *path, const struct gyl_conf_key *k)
{
	char buf[2 * PATH_MAX_LEN] = "";
	FILE *line = fmemopen(buf, sizeof buf, "w");

	if (line == NULL)
		return;
	put_option(line, path, k);
	fclose(line);
	fprintf(f, "  %s", buf);
	if (strlen(buf) + 3 > COLUMN)
		fprintf(f, "\n%*s", COLUMN, "");
	else
		fprintf(f, "%*s", COLUMN - 2 - (int)strlen(buf), "");
	fputs(k->help, f);
	if ((k->flags & GYL_CONF_REQUIRED) != 0)
		fputs(" (required)", f);
	else if (k->def != NULL && k->def[0] != '\0')
		fprintf(f, " (default %s)", k->def);
	fputc('\n', f);
}

static void put_table(FILE *f, const char *prefix, const struct gyl_conf_table *t)
{
	for (size_t i = 0; i < t->key_cnt; i++) {
		const struct gyl_conf_key *k = &t->key[i];
		bool list = (k->flags & GYL_CONF_LIST) != 0;
		char path[PATH_MAX_LEN];

		snprintf(path, sizeof path, "%s%s", prefix, k->name);
		if (k->type != GYL_CONF_OBJECT) {
			put_key(f, path, k);
			continue;
		}
		snprintf(path, sizeof path, "%s%s%s.", prefix, k->name,
			!list                              ? ""
			: (k->flags & GYL_CONF_NAMED) != 0 ? ".NAME"
							   : ".N");
		put_table(f, path, k->table);
	}
}

static void put_own(FILE *f, const struct gyl_args_own *own)
{
	for (; own != NULL && own->name != NULL; own++) {
		char text[32];

		snprintf(text, sizeof text, "--%s%s%s", own->name, own->meta == NULL ? "" : "=",
			own->meta == NULL ? "" : own->meta);
		fprintf(f, "  %-16s %s\n", text, own->help);
	}
}

void gyl_args_help(const struct gyl_program *p, FILE *f)
{
	char prefix[PATH_MAX_LEN];

	fprintf(f, "usage: %s [-dnv] [-c FILE] [-i DEVICE] [--KEY=VALUE ...]\n\n%s\n\n%s", p->name,
		p->about, flags);
	put_own(f, p->own);
	fputc('\n', f);
	fputs("Every key of the configuration is an option, which counts over the file:\n\n", f);
	put_table(f, "", p->set->top->table);
	for (size_t i = 0; i < p->set->section_cnt; i++) {
		fputc('\n', f);
		snprintf(prefix, sizeof prefix, "%s.", p->set->section[i]->name);
		put_table(f, prefix, p->set->section[i]->table);
	}
}

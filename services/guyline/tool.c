/* SPDX-License-Identifier: ISC */
#include "services/guyline/tool.h"

#include <string.h>
#include <sysexits.h>

/* Takes argv[*i], and what belongs to it, when it is the option; 1: it was, -1: it lacks its text.
 */
static int take(const struct gyl_tool_option *o, int argc, char **argv, int *i)
{
	size_t len = strlen(o->name);
	bool letter = o->name[1] != '-';

	if (strncmp(argv[*i], o->name, len) != 0)
		return 0;
	if (o->text != NULL && (letter ? argv[*i][len] != '\0' : argv[*i][len] == '=')) {
		*o->text = argv[*i] + len + !letter; /* -n5, --count=5 */
		return 1;
	}
	if (argv[*i][len] != '\0')
		return 0;
	if (o->text == NULL) {
		if (o->flag != NULL)
			*o->flag = true;
		return 1;
	}
	if (*i + 1 == argc) {
		fprintf(stderr, "guyline: %s needs a value\n", o->name);
		return -1;
	}
	*o->text = argv[++*i];
	return 1;
}

static int take_any(
	const struct gyl_tool_option *o, size_t option_cnt, int argc, char **argv, int *i)
{
	int taken = 0;

	for (size_t n = 0; n < option_cnt && taken == 0; n++)
		taken = take(&o[n], argc, argv, i);
	return taken;
}

int gyl_tool_options(struct gyl_tool *t, int argc, char **argv, const struct gyl_tool_option *o,
	size_t option_cnt)
{
	const struct gyl_tool_option common[] = {{"--at", &t->at, NULL},
		{"--password-file", &t->password_file, NULL}, {"--json", NULL, &t->json}};
	int cnt = 0, taken, i;

	for (i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		taken = take_any(common, sizeof common / sizeof common[0], argc, argv, &i);
		if (taken == 0)
			taken = take_any(o, option_cnt, argc, argv, &i);
		if (taken == 0 && strncmp(argv[i], "--", 2) != 0) {
			argv[cnt++] = argv[i];
			continue;
		}
		if (taken == 0)
			fprintf(stderr, "guyline: no option %s here; guyline --help lists them\n",
				argv[i]);
		if (taken != 1)
			return -1;
	}
	for (i++; i < argc; i++)
		argv[cnt++] = argv[i];
	return cnt;
}

void gyl_tool_begin(struct gyl_tool_request *q, const char *verb)
{
	q->too_long = false;
	snprintf(q->text, sizeof q->text, "\"do\":\"%s\"", verb);
}

void gyl_tool_member(struct gyl_tool_request *q, const char *name, const char *value)
{
	size_t len = strlen(q->text);

	snprintf(q->text + len, sizeof q->text - len, ",\"%s\":", name);
	if (!gyl_ask_quote(q->text, sizeof q->text, value))
		q->too_long = true;
}

void gyl_tool_true(struct gyl_tool_request *q, const char *name)
{
	size_t len = strlen(q->text);

	snprintf(q->text + len, sizeof q->text - len, ",\"%s\":true", name);
}

int gyl_tool_ask(const struct gyl_tool *t, const char *service, const struct gyl_tool_request *q,
	struct gyl_ask *a)
{
	const char *path[3] = {t->at, NULL, NULL};
	char own[100];

	if (q->too_long) {
		fprintf(stderr, "guyline: argument too long\n");
		return EX_USAGE;
	}
	if (t->at == NULL) {
		path[0] = GYL_RUN_DIR "/guyline.sock";
		snprintf(own, sizeof own, GYL_RUN_DIR "/%s.sock", service == NULL ? "" : service);
		path[1] = service == NULL ? NULL : own;
	}
	a->path = path;
	a->request = q->text;
	a->json = t->json;
	a->password_file = t->password_file;
	return gyl_ask(a, stdout);
}

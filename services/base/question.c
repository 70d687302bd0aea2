/* SPDX-License-Identifier: ISC */
#include "services/base/question.h"

#include <gyl/text.h>

static const struct gyl_question_arg *find(const struct gyl_question *q, const char *name)
{
	for (size_t i = 0; i < q->arg_cnt; i++)
		if (gyl_view_eq(q->arg[i].name, gyl_view_str(name)))
			return &q->arg[i];
	return NULL;
}

struct gyl_view gyl_question_arg(const struct gyl_question *q, const char *name)
{
	const struct gyl_question_arg *a = find(q, name);

	return a == NULL ? gyl_view(NULL, 0) : a->value;
}

bool gyl_question_has(const struct gyl_question *q, const char *name)
{
	return find(q, name) != NULL;
}

void gyl_question_refuse(struct gyl_question *q, const char *what, struct gyl_view in_it)
{
	for (; *what != '\0'; what++) {
		if (*what == '%')
			gyl_text_safe(q->wrong, in_it);
		else
			gyl_text_char(q->wrong, *what);
	}
	q->more = false;
}

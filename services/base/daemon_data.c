/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "services/base/daemon.h"
#include "services/base/sandbox.h"

const char *gyl__daemon_str(const struct gyl_daemon *d, struct gyl_ref r)
{
	return r.cnt == 0 ? "" : (const char *)gyl_flat_at(d->flat, r);
}

/* Item 0: the configuration file with the command line's options on top, as one flat block. */
static bool build_conf(void *arg, struct gyl_view flat, struct gyl_build *b)
{
	struct gyl_daemon *d = arg;
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_view block = gyl_view(NULL, 0);
	bool good;

	(void)flat;
	if (d->args.file != NULL)
		gyl_build_file(b, d->args.file);
	good = gyl_args_compile(&d->about, &d->args, c, &block);
	for (size_t i = 0; i < gyl_conf_error_cnt(c); i++) {
		const struct gyl_conf_error *e = gyl_conf_error(c, i);

		gyl_build_error(b, e->file == NULL ? "" : e->file, e->line, e->col, "%s%s%s",
			e->path, e->path[0] == '\0' ? "" : ": ", e->text);
	}
	if (good)
		good = fwrite(block.p, 1, block.len, gyl_build_out(b)) == block.len;
	free((void *)(uintptr_t)block.p);
	gyl_conf_free(c);
	return good;
}

/* Other items: what a service makes of the files that its section names. */
static bool build_service(void *arg, struct gyl_view flat, struct gyl_build *b)
{
	const struct gyl_service *s = arg;
	const struct gyl_flat *f = gyl_flat_open(flat);
	const void *conf = f == NULL ? NULL : gyl_flat_section(f, s->name);

	return conf == NULL || s->build(f, conf, b);
}

static bool check_service(
	void *arg, struct gyl_view flat, struct gyl_view block, struct gyl_build *b)
{
	const struct gyl_service *s = arg;
	const struct gyl_flat *f = gyl_flat_open(flat);
	const void *conf = f == NULL ? NULL : gyl_flat_section(f, s->name);

	return s->check == NULL || conf == NULL || s->check(f, conf, block, b);
}

bool gyl__daemon_load(struct gyl_daemon *d)
{
	struct gyl_loader_item item[GYL_LOADER_ITEM_MAX] = {{"configuration", build_conf, NULL, d}};
	size_t cnt = 1;

	for (size_t i = 0; i < d->service_cnt; i++) {
		if (d->service[i]->build == NULL)
			continue;
		item[cnt].what = d->service[i]->name;
		item[cnt].build = build_service;
		item[cnt].check = check_service;
		item[cnt].arg = (void *)(uintptr_t)d->service[i];
		cnt++;
	}
	d->loader = gyl_loader_open(item, cnt);
	if (d->loader == NULL || !gyl_loader_build(d->loader, stderr))
		return false;
	d->flat = gyl_flat_open(gyl_loader_data(d->loader, 0));
	if (d->flat == NULL)
		return false;
	d->top = gyl_flat_section(d->flat, "top");
	cnt = 1;
	for (size_t i = 0; i < d->service_cnt; i++) {
		size_t own = d->service[i]->build == NULL ? 0 : cnt++;

		if (gyl_flat_section(d->flat, d->service[i]->name) == NULL)
			continue;
		d->item[d->on_cnt] = own;
		d->on[d->on_cnt++] = d->service[i];
	}
	return true;
}

static void give(struct gyl_daemon *d, size_t i, const char *key, struct gyl_view data)
{
	gyl_run_data(&d->run, d->env[i].core, gyl_view_str(key), data);
	if (d->on[i]->settle != NULL)
		d->on[i]->settle(&d->env[i], d->core[i]);
}

bool gyl__daemon_uses(void *arg, size_t item, struct gyl_view block)
{
	struct gyl_daemon *d = arg;

	for (size_t i = 0; i < d->on_cnt; i++)
		if ((item == 0 || d->item[i] == item) && d->on[i]->uses != NULL &&
			d->on[i]->uses(&d->env[i], d->core[i], block))
			return true;
	return false;
}

static void conf_changed(struct gyl_daemon *d, struct gyl_view data)
{
	d->flat = gyl_flat_open(data);
	d->top = gyl_flat_section(d->flat, "top");
	gyl__daemon_passwords(d);
	for (size_t i = 0; i < d->on_cnt; i++) {
		const void *conf = gyl_flat_section(d->flat, d->on[i]->name);

		if (conf == NULL)
			continue; /* a service taken out of the file goes on as it was, until the
				     restart */
		d->env[i].flat = d->flat;
		d->env[i].conf = conf;
		give(d, i, "conf", data);
	}
}

void gyl__daemon_changed(void *arg, size_t item, struct gyl_view data)
{
	struct gyl_daemon *d = arg;

	if (item == 0) {
		conf_changed(d, data);
		return;
	}
	for (size_t i = 0; i < d->on_cnt; i++)
		if (d->item[i] == item)
			give(d, i, d->on[i]->name, data);
}

void gyl__daemon_told(void *arg, const struct gyl_event *e)
{
	struct gyl_daemon *d = arg;

	gyl_run_event(&d->run, e);
}

/* The loader keeps its user, so that it can read what only that one may; all else goes, the
 * terminal of a daemon in the background too. */
void gyl__daemon_confine(void *arg)
{
	static const char *const everything[] = {"/", NULL};
	const struct gyl_daemon *d = arg;
	struct gyl_sandbox s = {.kind = GYL_SANDBOX_LOADER, .read = everything};
	char err[200], note[200];

	if (d->top->sandbox && gyl_sandbox_enter(&s, err, note) != 0) {
		fprintf(stderr, "%s: loader: %s\n", d->program, err);
		_Exit(1);
	}
	gyl__daemon_detach(d);
}

/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include "conf/endpoint.h"
#include "services/base/control_auth.h"
#include "services/base/daemon.h"

static void reload(void *arg)
{
	struct gyl_daemon *d = arg;

	gyl_loader_reload(d->loader);
}

/* The places of the configuration; the default socket before them when no path is there. */
static size_t control_places(
	const struct gyl_daemon *d, const char *own, struct gyl_control_place *place)
{
	const struct gyl_ref *item = gyl_flat_at(d->flat, d->top->control);
	size_t cnt = 1;
	bool path = false;

	place[0] = (struct gyl_control_place){.path = own};
	for (uint32_t i = 0; i < d->top->control.cnt; i++, cnt++) {
		place[cnt] = (struct gyl_control_place){.path = NULL};
		if (gyl_conf_endpoint(
			    gyl_flat_view(d->flat, item[i]), &place[cnt].ip, &place[cnt].port))
			continue;
		place[cnt].path = gyl__daemon_str(d, item[i]);
		path = true;
	}
	if (path)
		memmove(place, place + 1, --cnt * sizeof place[0]);
	return cnt;
}

/* The directory of a socket. When that fails, opening the socket tells why. */
static void make_directory(const char *path)
{
	char dir[4096];
	char *slash;

	snprintf(dir, sizeof dir, "%s", path);
	slash = strrchr(dir, '/');
	if (slash == NULL || slash == dir)
		return;
	*slash = '\0';
	mkdir(dir, 0755);
}

void gyl__daemon_passwords(struct gyl_daemon *d)
{
	const struct gyl_ref *item = gyl_flat_at(d->flat, d->top->control_auth);
	const char *text[GYL_AUTH_MAX];

	_Static_assert((int)GYL_AUTH_MAX == (int)GYL_TOP_AUTH_MAX, "the configuration fits");
	for (uint32_t i = 0; i < d->top->control_auth.cnt; i++)
		text[i] = gyl__daemon_str(d, item[i]);
	gyl_control_passwords(d->control, text, d->top->control_auth.cnt);
}

bool gyl__daemon_control(struct gyl_daemon *d, char err[200])
{
	struct gyl_control_place place[GYL_TOP_PLACE_MAX + 1];
	struct gyl_control_conf cf = {.place = place,
		.group = "guyline",
		.program = d->program,
		.version = GYL_VERSION,
		.loop = d->loop,
		.run = &d->run,
		.store = d->store,
		.log = &d->log,
		.random = d->random,
		.service = d->on,
		.env = d->env,
		.core = d->core,
		.service_cnt = d->on_cnt,
		.reload = reload,
		.arg = d};
	const char *dash = strchr(d->program, '-');
	char own[108];

	/* guyline-dhcpd: /run/guyline/dhcpd.sock */
	snprintf(own, sizeof own, GYL_RUN_DIR "/%s.sock", dash == NULL ? "guyline" : dash + 1);
	cf.place_cnt = control_places(d, own, place);
	for (size_t i = 0; i < cf.place_cnt; i++)
		if (place[i].path != NULL)
			make_directory(place[i].path);
	d->control = gyl_control_open(&cf, err);
	if (d->control != NULL)
		gyl__daemon_passwords(d);
	return d->control != NULL;
}

/* SPDX-License-Identifier: ISC */
#include "services/arpd/service.h"

#include <gyl/eth.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/arpd/core.h"

static void *open_core(struct gyl_service_env *env, struct gyl_view data, char err[200])
{
	const struct gyl_arpd_conf *cf = env->conf;
	void *mem = aligned_alloc(16, (gyl_arpd_need(cf) + 15) & ~(size_t)15);

	(void)data;
	if (mem == NULL) {
		snprintf(err, 200, "no memory for %u hosts", cf->host_cnt);
		return NULL;
	}
	return gyl_arpd_init(mem, cf, env->seed);
}

static int listen_frames(struct gyl_service_env *env, void *core, char err[200])
{
	struct gyl_bind b = {.type = GYL_BIND_FRAME, .role = GYL_ARPD_FRAMES, .port = GYL_ETH_ARP};
	int port = gyl_run_listen(env->run, env->core, &b);

	(void)core;
	if (port < 0)
		snprintf(err, 200, "cannot watch ARP frames: %s", strerror(-port));
	return port < 0 ? -1 : 0;
}

static void close_core(struct gyl_service_env *env, void *core)
{
	(void)env;
	free(core);
}

const struct gyl_service gyl_arpd_service = {
	.name = "arpd",
	.section = &gyl_arpd_conf_section,
	.ops = &gyl_arpd_core,
	.open = open_core,
	.listen = listen_frames,
	.close = close_core,
};

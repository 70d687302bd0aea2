/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_LOADER_OWN_H
#define GYL_SERVICES_BASE_LOADER_OWN_H

/* What loader.c (the daemon's side) and loader_child.c share. */

#include <sys/types.h>

#include "services/base/loader.h"

enum {
	GYL_LOADER_DATA = 1,
	GYL_LOADER_EVENT
};

/* One message of the child; DATA carries a descriptor beside it. */
struct gyl_loader_msg {
	uint32_t kind, item;
	struct gyl_event event;
};

struct gyl_loader {
	struct gyl_loader_item item[GYL_LOADER_ITEM_MAX];
	size_t item_cnt;
	struct gyl_view data[GYL_LOADER_ITEM_MAX];
	struct {
		struct gyl_view block;
		size_t item;
	} old[GYL_LOADER_OLD_MAX];
	size_t old_cnt;
	struct gyl_build_files files[GYL_LOADER_ITEM_MAX];
	uint32_t told[GYL_LOADER_ITEM_MAX]; /* checksum of the errors that were told last */
	int sock;
	pid_t child;
	struct gyl_loop_fd *watch;
	struct gyl_loader_hear hear;
};

/* Build one item: 0 or -errno. b is left open for the block and its notes; the caller closes it. */
int gyl__loader_build_item(struct gyl_loader *l, size_t i, struct gyl_build *b);

/* Is the finished block what it should be? Errors went to b. */
bool gyl__loader_check(
	const struct gyl_loader *l, size_t i, struct gyl_view block, struct gyl_build *b);

/* The life of the child, over l->sock. Returns when the daemon is gone. */
void gyl__loader_child(struct gyl_loader *l);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_LOADER_H
#define GYL_SERVICES_BASE_LOADER_H

/*
 * What is built from files, and built again when they change.
 *
 * A list of items: item 0 is the configuration, the others are made from files that it names. The
 * first build runs in the program itself, so that errors end the start. Then a child is forked: it
 * keeps the right to read the files, watches them (watch.h), builds what changed, and hands the
 * daemon sealed memory over a socket. The daemon itself opens no file ever again. A build that
 * fails changes nothing but is told; a new configuration is handed over with all that is made from
 * it, or not at all. An empty block replaces nothing.
 *
 * From a write to the new data being served: SETTLE_MS after the last of a burst of changes,
 * SETTLE_MAX_MS after the first at most, plus the build itself.
 */

#include "libnet/host/loop.h"
#include "services/base/build_own.h"
#include "services/base/event.h"

enum {
	GYL_LOADER_ITEM_MAX = 8,
	GYL_LOADER_OLD_MAX = 16, /* blocks that are still in use; then new ones are refused */
	GYL_LOADER_SETTLE_MS = 40,
	GYL_LOADER_SETTLE_MAX_MS = 250
};

struct gyl_loader_item {
	const char *what; /* "configuration", "dns zones": as events name it */
	/* flat: what item 0 made, empty while item 0 itself is built. False after reporting errors.
	 */
	bool (*build)(void *arg, struct gyl_view flat, struct gyl_build *b);
	/* Is the block that came of it sound? As build; NULL: it always is. */
	bool (*check)(void *arg, struct gyl_view flat, struct gyl_view block, struct gyl_build *b);
	void *arg;
};

struct gyl_loader;

/* NULL: no memory. The items are copied, what they point to MUST outlive the loader. */
struct gyl_loader *gyl_loader_open(const struct gyl_loader_item *item, size_t item_cnt);
void gyl_loader_close(struct gyl_loader *l);

/*
 * First build of all items in order. Errors and warnings go to f, one a line, "file:line:column:
 * text". False when any item failed; the later ones are then built too, as far as they can, to tell
 * all errors.
 */
bool gyl_loader_build(struct gyl_loader *l, FILE *f);

/* What an item made; valid until it is replaced. */
struct gyl_view gyl_loader_data(const struct gyl_loader *l, size_t item);

/*
 * Fork the child. It calls confine(arg) first, to give up what it does not need. In the daemon,
 * changed() gets every new block, told() every event about reloading. The old block is unmapped by
 * gyl_loader_release() once uses() says that nobody needs it; NULL: nobody does after changed().
 * 0 or -errno.
 */
struct gyl_loader_hear {
	void (*changed)(void *arg, size_t item, struct gyl_view data);
	void (*told)(void *arg, const struct gyl_event *e);
	void (*confine)(void *arg);
	void *arg;
	bool (*uses)(void *arg, size_t item, struct gyl_view block);
};
int gyl_loader_start(
	struct gyl_loader *l, struct gyl_loop *loop, const struct gyl_loader_hear *hear);

/* To be called now and then, often: it costs nothing when there is nothing to release. */
void gyl_loader_release(struct gyl_loader *l);

/* Build everything again now, changed or not (SIGHUP). What comes out equal is said to be reloaded
 * too. */
void gyl_loader_reload(struct gyl_loader *l);

#endif

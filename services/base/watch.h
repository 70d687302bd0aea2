/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_WATCH_H
#define GYL_SERVICES_BASE_WATCH_H

/*
 * Noticing that files change, by inotify on directories.
 *
 * A file is followed by name, not by inode: every directory on the way in which a name could be
 * exchanged is watched (the directory of the file, and of each symbolic link that leads to it; of a
 * missing component the deepest directory that exists). So an editor's rename, a symlink swap,
 * delete and recreate, and a file that appears later are all seen. A queue overflow counts as a
 * change of everything.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gyl_watch;

/* NULL with errno. */
struct gyl_watch *gyl_watch_open(void);
void gyl_watch_close(struct gyl_watch *w);

/* Readable when something may have changed. */
int gyl_watch_fd(const struct gyl_watch *w);

/*
 * Follow these paths from now on, instead of those before. A path that cannot be watched is left
 * out. True when other places are watched than before: what was read until now may have changed
 * unseen.
 */
bool gyl_watch_set(struct gyl_watch *w, char *const *path, size_t path_cnt);

/* Read what has happened: true when one of the paths may have changed. Never waits. */
bool gyl_watch_read(struct gyl_watch *w);

#endif

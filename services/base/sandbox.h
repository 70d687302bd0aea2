/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_SANDBOX_H
#define GYL_SERVICES_BASE_SANDBOX_H

/*
 * Giving up what is needed no more, before the first packet is read: the user, the capabilities,
 * the file system (Landlock), the system calls (seccomp). Each step that the kernel does not offer
 * is told in `note` and left out; a step that fails where it should work ends the start.
 */

#include <stdbool.h>
#include <stddef.h>

enum gyl_sandbox_kind {
	GYL_SANDBOX_DAEMON, /* serves: network, its own state directory */
	GYL_SANDBOX_LOADER  /* reads files and sends them to the daemon; no network at all */
};

struct gyl_sandbox {
	enum gyl_sandbox_kind kind;
	const char *user;         /* become this user and its groups; NULL or "": stay */
	const char *const *write; /* directories below which files may be made, changed and removed;
				     NULL ends */
	const char *const *read;  /* directories below which files may be read; NULL ends */
	bool may_connect;         /* new outgoing sockets: forwarding, log connections */
	/*
	 * Starts the helper threads; NULL: there are none. Capabilities and Landlock belong to a
	 * thread and are inherited, and clone(2) is closed in the end: so it is called in between.
	 * 0 or -errno.
	 */
	int (*threads)(void *arg);
	void *arg;
};

/*
 * From here on the process can do no more than this. 0, or -1 with a sentence in err. note (may be
 * empty afterwards) says what the kernel could not do.
 */
int gyl_sandbox_enter(const struct gyl_sandbox *s, char err[200], char note[200]);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_UNIX_H
#define GYL_LIBNET_HOST_UNIX_H

/*
 * Unix sockets in the file system, for both hosts. What is behind such a port is in socks.h:
 *
 *	fd = gyl_unix_open(b);
 *	err = fd < 0 ? fd : gyl_socks_listen(s, port, b, fd);
 *
 * Datagram ports only receive (syslog); a reply to one is counted as lost.
 */

#include "libnet/host/io.h"

/*
 * Open the socket of a GYL_BIND_UNIX_DGRAM or _STREAM bind: bound to b->path with permissions
 * b->mode, listening, non-blocking. A socket file that nobody listens on any more is replaced; one
 * in use gives -EADDRINUSE. Returns the descriptor or -errno.
 */
int gyl_unix_open(const struct gyl_bind *b);

#endif

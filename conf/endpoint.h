/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_ENDPOINT_H
#define GYL_CONF_ENDPOINT_H

/* Places to listen at: a path of the file system, or "10.77.0.1:7077". */

#include <gyl/base.h>

/* Is it meant as an endpoint? A colon and no slash; everything else is a path. */
bool gyl_conf_is_endpoint(struct gyl_view text);

/* Read an endpoint: an IPv4 address (0.0.0.0: all of them) and a port, which is not 0. */
bool gyl_conf_endpoint(struct gyl_view text, uint32_t *ret_ip, uint16_t *ret_port);

#endif

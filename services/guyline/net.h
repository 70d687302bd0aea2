/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_NET_H
#define GYL_SERVICES_GUYLINE_NET_H

/* `guyline net`: looks at a network by our own stack, on any device. argv[0] is "net". Returns the
 * exit status. */
int gyl_net_main(int argc, char **argv);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_PARSE_H
#define GYL_SERVICES_GUYLINE_PARSE_H

/* `guyline parse`: shows how messages of standard input, or of a capture, are read. argv[0] is
 * "parse". Returns the exit status. */
int gyl_parse_main(int argc, char **argv);

#endif

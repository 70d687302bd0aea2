/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_PASSWD_H
#define GYL_SERVICES_GUYLINE_PASSWD_H

#include <stdbool.h>
#include <stddef.h>

/* `guyline passwd`: makes the strings that stored passwords are, and verifies them. argv[0] is
 * "passwd". Returns the exit status. */
int gyl_passwd_main(int argc, char **argv);

enum {
	GYL_PASSWD_MAX = 1024 /* octets of a password */
};

/* What somebody typed. gyl_wipe() it. */
struct gyl_passwd_line {
	char text[GYL_PASSWD_MAX];
	size_t len;
};

/*
 * A line from standard input, without its end. From a terminal: after the prompt, without echo; a
 * signal that ends the program or stops it is given back to it when the terminal echoes again.
 * False, and said why on standard error, when there is none, it is too long or reading failed.
 */
bool gyl_passwd_ask(const char *prompt, struct gyl_passwd_line *ret_line);

#endif

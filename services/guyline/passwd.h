/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_PASSWD_H
#define GYL_SERVICES_GUYLINE_PASSWD_H

/* `guyline passwd`: makes the strings that stored passwords are, and verifies them. argv[0] is
 * "passwd". Returns the exit status. */
int gyl_passwd_main(int argc, char **argv);

enum {
	GYL_PASSWD_MAX = 1024 /* octets of a password */
};

#endif

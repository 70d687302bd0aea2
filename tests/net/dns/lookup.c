/* SPDX-License-Identifier: ISC */

/* What a program gets from its C library: "lookup NAME" prints the addresses of a name, or why
 * there are none. */

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list, *a;
	char text[64];
	int rc = argc == 2 ? getaddrinfo(argv[1], NULL, &hints, &list) : EAI_FAIL;

	if (rc != 0) {
		puts(rc == EAI_NONAME     ? "no such name"
			: rc == EAI_AGAIN ? "try again"
					  : gai_strerror(rc));
		return 1;
	}
	for (a = list; a != NULL; a = a->ai_next)
		if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0,
			    NI_NUMERICHOST) == 0)
			puts(text);
	freeaddrinfo(list);
	return 0;
}

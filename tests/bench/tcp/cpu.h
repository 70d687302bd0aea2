/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_BENCH_TCP_CPU_H
#define GYL_TESTS_BENCH_TCP_CPU_H

/* What a server of the benchmark does at SIGTERM: it prints its CPU seconds and goes. */

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static inline void bench_cpu_end(int signo)
{
	struct rusage u;
	char text[64];
	int len;

	(void)signo;
	getrusage(RUSAGE_SELF, &u);
	len = snprintf(text, sizeof text, "%.3f\n",
		(double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
			(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
	if (write(STDOUT_FILENO, text, (size_t)len) != len)
		_exit(1);
	_exit(0);
}

static inline void bench_cpu_at_end(void)
{
	struct sigaction sa = {.sa_handler = bench_cpu_end};

	sigaction(SIGTERM, &sa, NULL);
}

#endif

/* SPDX-License-Identifier: ISC */

/*
 * The main of a fuzzer that is built without libFuzzer: runs the target over its corpus.
 *
 *   fuzz_arp --replay arp       tests/fuzz/corpus/arp/ and the vectors of tests/vectors/arp/
 *   fuzz_arp --extract arp DIR  writes the same inputs as files into DIR, to seed libFuzzer
 *   fuzz_arp FILE...            single inputs, such as a crash that libFuzzer left
 *
 * A fuzzer named `dhcp_x` takes the vectors of `dhcp` when there is no directory `dhcp_x`.
 */

#include "tests/support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned run_cnt;
static const char *extract_dir;

static void take(struct gyl_view in, const char *name, unsigned n)
{
	char path[1024];
	FILE *f;

	run_cnt++;
	if (extract_dir == NULL) {
		struct guard g;

		guard_open(&g, in);
		LLVMFuzzerTestOneInput(g.view.p, g.view.len);
		guard_close(&g);
		return;
	}
	snprintf(path, sizeof path, "%s/%s-%u", extract_dir, name, n);
	f = fopen(path, "w");
	if (f == NULL || fwrite(in.p, 1, in.len, f) != in.len || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

static void take_file(const char *path, const char *name)
{
	uint8_t *buf = malloc(1 << 20);
	FILE *f = fopen(path, "r");
	size_t len;

	if (f == NULL || buf == NULL) {
		perror(path);
		exit(1);
	}
	len = fread(buf, 1, 1 << 20, f);
	fclose(f);
	take(gyl_view(buf, len), name, 0);
	free(buf);
}

static void take_case(struct gyl_view in, unsigned n, void *name)
{
	take(in, name, n);
}

static bool take_dir(const char *kind, const char *name)
{
	char path[512];
	struct dirent **names;
	int cnt;

	snprintf(path, sizeof path, "%s/%s/%s", GYL_TEST_DIR, kind, name);
	cnt = scandir(path, &names, NULL, alphasort);
	if (cnt < 0)
		return false;
	for (int i = 0; i < cnt; i++) {
		char file[1024];
		const char *dot = strrchr(names[i]->d_name, '.');

		snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] == '.')
			;
		else if (dot != NULL && strcmp(dot, ".txt") == 0 && strcmp(kind, "vectors") == 0)
			vectors_each(file, take_case, names[i]->d_name);
		else
			take_file(file, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return true;
}

static void take_corpus(const char *name)
{
	char stem[64];

	take_dir("fuzz/corpus", name);
	if (take_dir("vectors", name))
		return;
	snprintf(stem, sizeof stem, "%s", name);
	stem[strcspn(stem, "_")] = '\0';
	take_dir("vectors", stem);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--replay") == 0) {
		take_corpus(argv[2]);
	} else if (argc == 4 && strcmp(argv[1], "--extract") == 0) {
		extract_dir = argv[3];
		mkdir(extract_dir, 0755);
		take_corpus(argv[2]);
	} else {
		for (int i = 1; i < argc; i++)
			take_file(argv[i], argv[i]);
	}
	printf("%u inputs\n", run_cnt);
	return run_cnt == 0;
}

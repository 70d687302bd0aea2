/* SPDX-License-Identifier: ISC */

/* A name that is accepted survives its text, its own check and its canonical order. */

#include <gyl/dns_name.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* The first octet says where in the rest the name starts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t name[GYL_DNS_NAME_MAX], again[GYL_DNS_NAME_MAX], folded[GYL_DNS_NAME_MAX];
	char text[GYL_DNS_NAME_TEXT_MAX];
	size_t len, next, again_len;
	struct gyl_writer w;

	if (size == 0 || gyl_failed(gyl_dns_name_decode(
				 gyl_view(data + 1, size - 1), data[0], name, &len, &next)))
		return 0;
	must(next <= size - 1 && len == gyl_dns_name_len(name));
	must(!gyl_failed(gyl_dns_name_check(gyl_view(name, len))));
	gyl_writer_init(&w, text, sizeof text);
	gyl_dns_name_print(&w, name);
	must(gyl_writer_ok(&w));
	must(!gyl_failed(gyl_dns_name_parse(gyl_writer_view(&w), NULL, again, &again_len)));
	must(again_len == len && memcmp(name, again, len) == 0);
	gyl_dns_name_fold(folded, name, len);
	must(gyl_dns_name_eq(folded, name) && gyl_dns_name_cmp(folded, name) == 0);
	must(gyl_dns_name_is_under(name, gyl_dns_name_parent(name)));
	must(gyl_dns_name_common(name, folded) == gyl_dns_name_label_cnt(name));
	return 0;
}

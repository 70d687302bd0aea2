/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "tests/conf/sample.h"

/* Any text is either read as a dhcpd.conf or refused with an error. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_conf *c;
	struct gyl_view block;
	bool good;

	if (size > 1 << 16)
		return 0;
	c = gyl_conf_new();
	good = gyl_conf_load_text(c, "fuzz", NULL, gyl_view(data, size), GYL_CONF_DHCPD) &&
	       gyl_conf_compile(c, &sample_dhcpd_set, &block);
	if (good != (gyl_conf_error_cnt(c) == 0))
		abort();
	if (good)
		free((void *)(uintptr_t)block.p);
	gyl_conf_free(c);
	return 0;
}

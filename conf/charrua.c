/* SPDX-License-Identifier: ISC */
#include "conf/node.h"
bool gyl__conf_read_dhcpd(struct gyl_conf *c, struct gyl_view text)
{
	(void)text;
	gyl__conf_error_at(c, 1, 1, "expected '{'");
	return false;
}

/* SPDX-License-Identifier: ISC */
#include "conf/endpoint.h"

#include <gyl/text.h>
#include <string.h>

bool gyl_conf_is_endpoint(struct gyl_view text)
{
	return text.len != 0 && memchr(text.p, ':', text.len) != NULL &&
	       memchr(text.p, '/', text.len) == NULL;
}

bool gyl_conf_endpoint(struct gyl_view text, uint32_t *ret_ip, uint16_t *ret_port)
{
	const uint8_t *colon = text.len == 0 ? NULL : memchr(text.p, ':', text.len);
	size_t at = colon == NULL ? text.len : (size_t)(colon - text.p);
	uint64_t port = 0;
	uint32_t ip;

	if (gyl_failed(gyl_parse_ipv4(gyl_view_sub(text, 0, at), &ip)) ||
		gyl_failed(
			gyl_parse_u64(gyl_view_sub(text, at + 1, text.len), UINT16_MAX, &port)) ||
		port == 0)
		return false;
	*ret_ip = ip;
	*ret_port = (uint16_t)port;
	return true;
}

/* SPDX-License-Identifier: ISC */

/* The members of "options": a DHCP option by its name or number, and its value as text. */

#include <gyl/dhcp_opt.h>
#include <gyl/text.h>

#include "services/dhcpd/conf_own.h"

enum {
	TEXT_MAX = 8192
};

/* What the server says on its own account; a value from the configuration would contradict it. */
static bool is_ours(uint8_t code)
{
	static const uint8_t ours[] = {GYL_DHCP_OPT_REQUESTED_IP, GYL_DHCP_OPT_LEASE_TIME,
		GYL_DHCP_OPT_OVERLOAD, GYL_DHCP_OPT_TYPE, GYL_DHCP_OPT_SERVER_ID,
		GYL_DHCP_OPT_REQUEST_LIST, GYL_DHCP_OPT_MESSAGE, GYL_DHCP_OPT_MAX_SIZE,
		GYL_DHCP_OPT_RENEWAL_TIME, GYL_DHCP_OPT_REBINDING_TIME, GYL_DHCP_OPT_CLIENT_ID,
		GYL_DHCP_OPT_RAPID_COMMIT, GYL_DHCP_OPT_FQDN, GYL_DHCP_OPT_RELAY,
		GYL_DHCP_OPT_LAST_TRANSACTION, GYL_DHCP_OPT_ASSOCIATED_IP,
		GYL_DHCP_OPT_SUBNET_SELECTION};

	return memchr(ours, code, sizeof ours) != NULL;
}

static bool scalar_text(const struct gyl_conf_node *n, struct gyl_writer *text)
{
	enum gyl_conf_kind kind = gyl_conf_kind(n);

	if (kind != GYL_CONF_IS_BOOL && kind != GYL_CONF_IS_INT && kind != GYL_CONF_IS_STRING)
		return false;
	gyl_put_view(text, gyl_conf_text(n));
	return true;
}

/* A list is written as its items with commas. */
static bool value_text(const struct gyl_conf_node *val, struct gyl_writer *text)
{
	if (gyl_conf_kind(val) != GYL_CONF_IS_LIST)
		return scalar_text(val, text);
	for (const struct gyl_conf_node *n = gyl_conf_first(val); n != NULL; n = gyl_conf_next(n)) {
		if (text->len != 0)
			gyl_text_str(text, ", ");
		if (!scalar_text(n, text))
			return false;
	}
	return true;
}

static const char *expectation(uint8_t code)
{
	switch (gyl_dhcp_opt_get(code).kind) {
	case GYL_DHCP_KIND_BOOL:
		return "true or false";
	case GYL_DHCP_KIND_U8:
	case GYL_DHCP_KIND_U8S:
		return "a number up to 255";
	case GYL_DHCP_KIND_U16:
	case GYL_DHCP_KIND_U16S:
		return "a number up to 65535";
	case GYL_DHCP_KIND_U32:
		return "a number up to 4294967295";
	case GYL_DHCP_KIND_S32:
		return "a number such as -3600";
	case GYL_DHCP_KIND_IPV4:
		return "an IPv4 address such as \"10.77.0.1\"";
	case GYL_DHCP_KIND_IPV4S:
	case GYL_DHCP_KIND_IPV4S_OR_NONE:
		return "IPv4 addresses such as [\"10.77.0.1\", \"10.77.0.2\"]";
	case GYL_DHCP_KIND_IPV4_PAIRS:
		return "pairs of IPv4 addresses";
	case GYL_DHCP_KIND_STRING:
		return "text";
	case GYL_DHCP_KIND_NAME:
		return "a domain name such as \"event.example\"";
	case GYL_DHCP_KIND_NAMES:
		return "domain names such as [\"event.example\", \"example\"]";
	case GYL_DHCP_KIND_ROUTES:
		return "routes such as \"10.0.0.0/8 via 10.77.0.1\"";
	case GYL_DHCP_KIND_SUBOPTS:
		return "sub-options such as { \"1\": \"text\", \"2\": \"ip 10.77.0.1\" }";
	case GYL_DHCP_KIND_VI_CLASS:
		return "classes by enterprise such as { \"4491\": \"text\" }";
	case GYL_DHCP_KIND_VI_OPTIONS:
		return "sub-options by enterprise such as { \"4491\": { \"1\": \"text\" } }";
	case GYL_DHCP_KIND_BYTES:
		return "octets such as \"hex 01 0a0b\", \"text abc\", \"ip 10.77.0.1\" or \"u16 "
		       "7\"";
	default:
		return "a value of this option, or octets such as \"hex 01 0a0b\"";
	}
}

/* RFC 8925 3.4: clients wait for MIN_V6ONLY_WAIT at least, 0 leaves it to them. */
static bool is_too_short(uint8_t code, struct gyl_view val)
{
	enum {
		MIN_V6ONLY_WAIT = 300
	};

	return code == GYL_DHCP_OPT_IPV6_ONLY && val.len == 4 && gyl_get_u32(val.p) != 0 &&
	       gyl_get_u32(val.p) < MIN_V6ONLY_WAIT;
}

static bool is_plain(const struct gyl_conf_node *val)
{
	return gyl_conf_kind(val) != GYL_CONF_IS_OBJECT;
}

/* What the option's own text does not say is tried as a value with its type before it, where the
 * option has no form of its own. */
static bool put_value(uint8_t code, const struct gyl_conf_node *val, struct gyl_writer *w,
	struct gyl_view *ret_bad)
{
	uint8_t buf[TEXT_MAX];
	struct gyl_writer text;

	if (!is_plain(val))
		return gyl__dhcpd_conf_sub_put(gyl_dhcp_opt_get(code).kind, val, w, ret_bad);
	gyl_writer_init(&text, buf, sizeof buf);
	if (value_text(val, &text) && gyl_writer_ok(&text) &&
		!gyl_failed(gyl_dhcp_opt_parse(code, gyl_writer_view(&text), w)))
		return true;
	return gyl_dhcp_opt_get(code).kind == GYL_DHCP_KIND_BYTES &&
	       gyl__dhcpd_conf_typed_put(val, w, true);
}

static bool parse_value(
	uint8_t code, const struct gyl_conf_node *val, struct gyl_writer *w, struct gyl_writer *why)
{
	struct gyl_view bad = {NULL, 0};

	if (!put_value(code, val, w, &bad)) {
		gyl_text_str(why, "expected ");
		gyl_text_str(why, expectation(code));
		if (bad.len != 0) {
			gyl_text_str(why, "; wrong is \"");
			gyl_put_view(why, gyl_view_sub(bad, 0, 40));
			gyl_text_char(why, '"');
		}
		return false;
	}
	if (is_too_short(code, gyl_writer_view(w))) {
		gyl_text_str(why, "expected 300 seconds or more, or 0 for the clients' own time");
		return false;
	}
	return true;
}

static bool parse_name(
	struct gyl_view name, uint32_t *ret_code, bool *ret_name, struct gyl_writer *why)
{
	uint8_t code;

	if (!gyl_dhcp_opt_by_name(name, &code)) {
		*ret_name = true;
		gyl_text_str(why, "unknown option");
		return false;
	}
	*ret_code = code;
	return true;
}

static bool parse(struct gyl_view name, const struct gyl_conf_node *val, struct gyl_writer *w,
	uint32_t *ret_code, bool *ret_name, struct gyl_writer *why)
{
	if (!parse_name(name, ret_code, ret_name, why))
		return false;
	if (is_ours((uint8_t)*ret_code)) {
		*ret_name = true;
		gyl_text_str(why, "the server sets this option itself");
		return false;
	}
	return parse_value((uint8_t)*ret_code, val, w, why);
}

/* What a client may say is any option. */
static bool parse_match(struct gyl_view name, const struct gyl_conf_node *val, struct gyl_writer *w,
	uint32_t *ret_code, bool *ret_name, struct gyl_writer *why)
{
	return parse_name(name, ret_code, ret_name, why) &&
	       parse_value((uint8_t)*ret_code, val, w, why);
}

/* The i-th option that has a name. */
static const char *nth(uint32_t i, bool any)
{
	for (unsigned code = 1; code < GYL_DHCP_OPT_END; code++) {
		const char *name = gyl_dhcp_opt_get((uint8_t)code).name;

		if (name != NULL && (any || !is_ours((uint8_t)code)) && i-- == 0)
			return name;
	}
	return NULL;
}

static const char *known(uint32_t i)
{
	return nth(i, false);
}

static const char *known_match(uint32_t i)
{
	return nth(i, true);
}

const struct gyl_conf_map gyl__dhcpd_conf_options = {parse, known};
const struct gyl_conf_map gyl__dhcpd_conf_match = {parse_match, known_match};

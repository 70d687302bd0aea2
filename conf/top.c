/* SPDX-License-Identifier: ISC */
#include "conf/top.h"

#include <gyl/password.h>

#include "conf/endpoint.h"
#include "conf/node.h"

#define OFF(member)     offsetof(struct gyl_top_conf, member)
#define IF_OFF(member)  offsetof(struct gyl_top_iface, member)
#define LOG_OFF(member) offsetof(struct gyl_top_log_conf, member)
#define CNT(array)      (sizeof(array) / sizeof((array)[0]))

const char *const gyl_top_skip[] = {"dhcpd", "dns", "syslogd", "arpd", NULL};

static const struct gyl_conf_word host_words[] = {
	{"stack", GYL_TOP_STACK},
	{"kernel", GYL_TOP_KERNEL},
	{NULL, 0},
};

static const struct gyl_conf_word to_words[] = {
	{"stderr", GYL_TOP_LOG_STDERR},
	{"devlog", GYL_TOP_LOG_DEVLOG},
	{"syslogd", GYL_TOP_LOG_SYSLOGD},
	{NULL, 0},
};

/* clang-format off */
static const struct gyl_conf_key log_keys[] = {
	{ "level", GYL_CONF_STRING, .off = LOG_OFF(level), .def = "*=info",
	  .help = "least severity by source, such as dns=debug,*=info" },
	{ "to", GYL_CONF_ENUM, GYL_CONF_LIST, .off = LOG_OFF(to), .def = "stderr", .word = to_words,
	  .help = "where log lines go" },
};
static const struct gyl_conf_table log_table = {
	log_keys, CNT(log_keys), sizeof(struct gyl_top_log_conf)
};

static const struct gyl_conf_key iface_keys[] = {
	{ "name", GYL_CONF_STRING, GYL_CONF_REQUIRED, .off = IF_OFF(name), .min = 1,
	  .max = GYL_TOP_NAME_MAX, .help = "what the services call it" },
	{ "device", GYL_CONF_STRING, GYL_CONF_REQUIRED, .off = IF_OFF(device), .min = 1, .max = 255,
	  .help = "its network device; interfaces that say the same share it" },
	{ "vlan", GYL_CONF_U16, .off = IF_OFF(vlan), .min = 1, .max = 4094,
	  .help = "802.1Q VLAN of the device; untagged frames when not given" },
	{ "address", GYL_CONF_ADDRESS, GYL_CONF_LIST, .off = IF_OFF(address),
	  .help = "our addresses there, with the prefix lengths of their networks" },
	{ "gateway", GYL_CONF_IPV4, .off = IF_OFF(gateway), .help = "router towards other networks" },
	{ "mac", GYL_CONF_MAC, .off = IF_OFF(mac), .has_off = IF_OFF(has_mac),
	  .help = "our MAC address there; the device's own or a random one when not given" },
	{ "probe", GYL_CONF_BOOL, .off = IF_OFF(probe), .has_off = IF_OFF(has_probe),
	  .help = "ask before the start whether somebody has our addresses (RFC 5227); on real "
		  "networks when not given" },
};
static const struct gyl_conf_table iface_table = {
	iface_keys, CNT(iface_keys), sizeof(struct gyl_top_iface)
};

static const struct gyl_conf_key keys[] = {
	{ "host", GYL_CONF_ENUM, .off = OFF(host), .def = "stack", .word = host_words,
	  .help = "serve on our own stack or on the kernel's sockets" },
	{ "interfaces", GYL_CONF_OBJECT, GYL_CONF_LIST, .off = OFF(interfaces), .table = &iface_table,
	  .help = "network interfaces; for a single one the keys up to probe will do" },
	{ "device", GYL_CONF_STRING, .off = OFF(device), .min = 1, .max = 255,
	  .help = "network device: tap:guyline0 when not given; for host kernel an interface, or all" },
	{ "address", GYL_CONF_ADDRESS, .off = OFF(address),
	  .help = "our address and the prefix length of its network" },
	{ "gateway", GYL_CONF_IPV4, .off = OFF(gateway), .help = "router towards other networks" },
	{ "mac", GYL_CONF_MAC, .off = OFF(mac), .has_off = OFF(has_mac),
	  .help = "our MAC address; the device's own or a random one when not given" },
	{ "probe", GYL_CONF_BOOL, .off = OFF(probe), .has_off = OFF(has_probe),
	  .help = "ask before the start whether somebody has our address (RFC 5227); on real "
		  "networks when not given" },
	{ "user", GYL_CONF_STRING, .off = OFF(user), .min = 1, .max = 32,
	  .help = "user to become once everything is open" },
	{ "state", GYL_CONF_PATH, .off = OFF(state), .def = "/var/lib/guyline", .min = 1,
	  .help = "directory of the store" },
	{ "control", GYL_CONF_PLACE, GYL_CONF_LIST, .off = OFF(control), .min = 1, .max = 107,
	  .help = "Unix socket of the control tool, made from the program's name when not given; "
		  "and TCP ports" },
	{ "control_auth", GYL_CONF_STRING, GYL_CONF_LIST | GYL_CONF_WHOLE, .off = OFF(control_auth),
	  .help = "who knows one of these passwords may use the TCP ports (see guyline passwd)" },
	{ "metrics", GYL_CONF_STRING, .off = OFF(metrics), .min = 1, .max = 21,
	  .help = "ADDRESS:PORT where Prometheus gets /metrics; none when not given" },
	{ "log", GYL_CONF_OBJECT, .off = OFF(log), .table = &log_table, .help = "log lines" },
	{ "sandbox", GYL_CONF_BOOL, .off = OFF(sandbox), .def = "true",
	  .help = "give up user, capabilities and system calls before the first packet" },
};
static const struct gyl_conf_table table = { keys, CNT(keys), sizeof(struct gyl_top_conf) };
/* clang-format on */

static const char *level_name(const void *arg, size_t i)
{
	static const char *const names[] = {
		"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", NULL};

	(void)arg;
	return names[i];
}

static bool is_level(struct gyl_view v)
{
	for (size_t i = 0; level_name(NULL, i) != NULL; i++) {
		if (gyl_view_eq(gyl_view_str(level_name(NULL, i)), v))
			return true;
	}
	return false;
}

/* One "source=level" or "level" of a specification. */
static void check_level(struct gyl_view v, struct gyl_conf_check *ck)
{
	const uint8_t *eq = v.len == 0 ? NULL : memchr(v.p, '=', v.len);
	struct gyl_view level = eq == NULL ? v : gyl_view_sub(v, (size_t)(eq - v.p) + 1, v.len);
	const char *meant;

	if (is_level(level) && eq != v.p)
		return;
	meant = gyl__conf_suggest(level, level_name, NULL);
	gyl_conf_fail(ck, "log.level",
		"expected levels such as \"dns=debug,*=info\", got \"%.*s\"%s%s%s", (int)v.len,
		v.len == 0 ? "" : (const char *)v.p, meant == NULL ? "" : " (did you mean \"",
		meant == NULL ? "" : meant, meant == NULL ? "" : "\"?)");
}

static void check_levels(struct gyl_view spec, struct gyl_conf_check *ck)
{
	size_t start = 0;

	for (size_t i = 0; i <= spec.len; i++) {
		if (i != spec.len && spec.p[i] != ',')
			continue;
		check_level(gyl_view_sub(spec, start, i - start), ck);
		start = i + 1;
	}
}

static void check_password(struct gyl_view text, const char *path, struct gyl_conf_check *ck)
{
	struct gyl_password pw;
	size_t off = 0;
	int err = gyl_password_parse((const char *)text.p, text.len, &pw, &off);

	if (err != GYL_CRYPTO_OK)
		gyl_conf_fail(ck, path,
			"expected what `guyline passwd` prints; wrong from octet %zu on: %s",
			off + 1, gyl_crypto_err_text(err));
	else if (gyl_password_cap(&pw, GYL_TOP_AUTH_MEM_MAX, GYL_TOP_AUTH_WORK_MAX) !=
		 GYL_CRYPTO_OK)
		gyl_conf_fail(ck, path,
			"verifying it costs too much: at most 256 MiB of memory and 1 GiB of work "
			"(scrypt ln=18,r=8,p=1; 8388608 iterations of PBKDF2)");
	else if (pw.cost.r > GYL_TOP_AUTH_R_MAX)
		gyl_conf_fail(ck, path,
			"verifying it would stall all services: r is %u at most, 8 is usual",
			GYL_TOP_AUTH_R_MAX);
}

static void check_passwords(
	const struct gyl_flat *f, struct gyl_ref list, struct gyl_conf_check *ck)
{
	const struct gyl_ref *item = gyl_flat_at(f, list);
	char path[32];

	if (list.cnt > GYL_TOP_AUTH_MAX)
		gyl_conf_fail(ck, "control_auth", "expected at most %d", GYL_TOP_AUTH_MAX);
	for (uint32_t i = 0; i < list.cnt; i++) {
		snprintf(path, sizeof path, "control_auth.%u", (unsigned)i);
		check_password(gyl_flat_view(f, item[i]), path, ck);
	}
}

/* Nobody shall open a port to the network and forget the password. */
static void check_control(
	const struct gyl_flat *f, const struct gyl_top_conf *top, struct gyl_conf_check *ck)
{
	const struct gyl_ref *item = gyl_flat_at(f, top->control);
	char path[32];

	if (top->control.cnt > GYL_TOP_PLACE_MAX)
		gyl_conf_fail(ck, "control", "expected at most %d places", GYL_TOP_PLACE_MAX);
	for (uint32_t i = 0; i < top->control.cnt && top->control_auth.cnt == 0; i++) {
		snprintf(path, sizeof path, "control.%u", (unsigned)i);
		if (gyl_conf_is_endpoint(gyl_flat_view(f, item[i])))
			gyl_conf_fail(ck, path,
				"a TCP port needs a password: put what `guyline passwd` prints "
				"into \"control_auth\"");
	}
	check_passwords(f, top->control_auth, ck);
}

static void check_metrics(
	const struct gyl_flat *f, const struct gyl_top_conf *top, struct gyl_conf_check *ck)
{
	struct gyl_view text = gyl_flat_view(f, top->metrics);
	uint16_t port;
	uint32_t ip;

	if (text.len != 0 && !gyl_conf_endpoint(text, &ip, &port))
		gyl_conf_fail(ck, "metrics",
			"expected ADDRESS:PORT such as \"127.0.0.1:9547\", got \"%.*s\"",
			(int)text.len, (const char *)text.p);
}

static void check(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck)
{
	const struct gyl_top_conf *top = root;

	gyl__top_ifaces_check(f, top, ck);
	check_levels(gyl_flat_view(f, top->log.level), ck);
	check_control(f, top, ck);
	check_metrics(f, top, ck);
}

const struct gyl_conf_section gyl_top_conf_section = {"top", &table, check};

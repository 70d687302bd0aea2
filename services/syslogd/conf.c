/* SPDX-License-Identifier: ISC */
#include "services/syslogd/conf.h"

#include <gyl/text.h>
#include <gyl/time.h>

#include "conf/top.h"
#include "libnet/host/tls.h"
#include "services/base/event.h"
#include "services/syslogd/conf_own.h"
#include "services/syslogd/core.h"
#include "services/syslogd/service.h"
#include "services/syslogd/zone.h"

#define OFF(member) .off = offsetof(struct gyl_syslogd_conf, member)

static const struct gyl_conf_word sync_words[] = {
	{"none", GYL_SYSLOGD_SYNC_NONE}, {"second", GYL_SYSLOGD_SYNC_SECOND}, {NULL, 0}};

static const struct gyl_conf_word severity_words[] = {{"emerg", GYL_SEV_EMERG},
	{"alert", GYL_SEV_ALERT}, {"crit", GYL_SEV_CRIT}, {"err", GYL_SEV_ERR},
	{"warning", GYL_SEV_WARNING}, {"notice", GYL_SEV_NOTICE}, {"info", GYL_SEV_INFO},
	{"debug", GYL_SEV_DEBUG}, {NULL, 0}};

static const char want_zone[] = "expected UTC or an offset such as \"+02:00\"";

static bool parse_zone(struct gyl_view name, const struct gyl_conf_node *val, struct gyl_writer *w,
	uint32_t *ret_code, bool *ret_name, struct gyl_writer *why)
{
	struct gyl_syslogd_zone z = {0};

	if (gyl_failed(gyl_syslogd_network_parse(name, &z))) {
		*ret_name = true;
		gyl_text_str(why, "expected a sender's address or network such as \"10.0.1.0/24\"");
		return false;
	}
	if (gyl_conf_kind(val) != GYL_CONF_IS_STRING ||
		gyl_failed(gyl_syslogd_zone_parse(gyl_conf_text(val), &z.zone_s))) {
		gyl_text_str(why, want_zone);
		return false;
	}
	gyl_put_bytes(w, &z, sizeof z);
	*ret_code = z.len;
	return true;
}

static const struct gyl_conf_map zone_map = {parse_zone, NULL};

static const struct gyl_conf_key seal_keys[] = {
	{.name = "passphrase_file",
		.type = GYL_CONF_PATH,
		.off = offsetof(struct gyl_syslogd_seal_conf, passphrase_file),
		.help = "seal closed log files with the first line of this file, nobody else's to read"},
};
static const struct gyl_conf_table seal_table = {
	seal_keys, sizeof seal_keys / sizeof seal_keys[0], sizeof(struct gyl_syslogd_seal_conf)};

static const struct gyl_conf_key keys[] = {
	{.name = "port",
		.type = GYL_CONF_U16,
		OFF(port),
		.def = "514",
		.help = "UDP port to listen on, 0 for none"},
	{.name = "tcp_port",
		.type = GYL_CONF_U16,
		OFF(tcp_port),
		.has_off = offsetof(struct gyl_syslogd_conf, has_tcp_port),
		.help = "TCP port to listen on, 0 for none; if not given, the number of port"},
	{.name = "tcp_max",
		.type = GYL_CONF_U32,
		OFF(tcp_max),
		.def = "256",
		.min = 4,
		.max = GYL_SYSLOGD_CONN_MAX,
		.help = "connections at once, of one sender a quarter; the idlest makes room"},
	{.name = "tcp_idle",
		.type = GYL_CONF_DURATION,
		OFF(tcp_idle_ns),
		.def = "1d",
		.min = GYL_NS_PER_S,
		.help = "close a connection that has said nothing for so long: 1h, infinite"},
	{.name = "tls_port",
		.type = GYL_CONF_U16,
		OFF(tls_port),
		.def = "0",
		.help = "TCP port to listen on for TLS, 0 for none; 6514 is the usual one"},
	{.name = "tls_cert",
		.type = GYL_CONF_PATH,
		OFF(tls_cert),
		.max = 4095,
		.help = "PEM file with our certificate, then those between it and its CA"},
	{.name = "tls_key",
		.type = GYL_CONF_PATH,
		OFF(tls_key),
		.max = 4095,
		.help = "PEM file with its private key, without a passphrase"},
	{.name = "tls_client_ca",
		.type = GYL_CONF_PATH,
		OFF(tls_client_ca),
		.max = 4095,
		.help = "PEM file with the CAs of senders, who then have to show a certificate"},
	{.name = "tls_client",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		OFF(tls_client),
		.max = 253,
		.help = "senders that are let in: names in their certificates, or sha256:AB:CD:..."},
	{.name = "address",
		.type = GYL_CONF_IPV4,
		OFF(ip),
		.def = "0.0.0.0",
		.help = "address to listen on, 0.0.0.0 for all of ours"},
	{.name = "interfaces",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		OFF(interfaces),
		.help = GYL_TOP_IFACES_HELP},
	{.name = "socket",
		.type = GYL_CONF_PATH,
		OFF(socket),
		.def = GYL_RUN_DIR "/log.sock",
		.max = 107,
		.help = "Unix datagram socket for programs of this machine, \"\" for none"},
	{.name = "stream_socket",
		.type = GYL_CONF_PATH,
		OFF(stream_socket),
		.def = "",
		.max = 107,
		.help = "Unix stream socket for programs of this machine, \"\" for none"},
	{.name = "dir",
		.type = GYL_CONF_PATH,
		OFF(dir),
		.help = "directory of the log files; if not given, log in the state directory"},
	{.name = "rotate_size",
		.type = GYL_CONF_SIZE,
		OFF(rotate_size),
		.def = "64MiB",
		.min = 1 << 20,
		.max = UINT64_C(1) << 40,
		.help = "close a log file before it grows over this"},
	{.name = "rotate_time",
		.type = GYL_CONF_DURATION,
		OFF(rotate_ns),
		.def = "1d",
		.min = GYL_NS_PER_MIN,
		.help = "and whenever such a time is full, counted in UTC: 1h, 1d, infinite"},
	{.name = "keep",
		.type = GYL_CONF_U32,
		OFF(keep_cnt),
		.def = "400",
		.help = "closed log files that are kept, 0 for all"},
	{.name = "keep_size",
		.type = GYL_CONF_SIZE,
		OFF(keep_size),
		.def = "8GiB",
		.help = "octets of closed log files that are kept, 0 for all"},
	{.name = "keep_time",
		.type = GYL_CONF_DURATION,
		OFF(keep_ns),
		.def = "infinite",
		.min = GYL_NS_PER_MIN,
		.help = "remove log files that were closed longer ago: 90d, infinite"},
	{.name = "compress",
		.type = GYL_CONF_BOOL,
		OFF(compress),
		.def = "true",
		.help = "pack closed log files with zstd, and index them"},
	{.name = "compress_level",
		.type = GYL_CONF_U32,
		OFF(compress_level),
		.def = "1",
		.min = 1,
		.max = 19,
		.help = "how hard zstd tries; more than 1 costs time and gains little here"},
	{.name = "seal",
		.type = GYL_CONF_OBJECT,
		OFF(seal),
		.table = &seal_table,
		.help = "encryption of closed log files"},
	{.name = "sync",
		.type = GYL_CONF_ENUM,
		OFF(sync),
		.word = sync_words,
		.def = "second",
		.help = "have the disk flushed: never, or a second after a write at the latest"},
	{.name = "events",
		.type = GYL_CONF_ENUM,
		OFF(events),
		.word = severity_words,
		.def = "info",
		.help = "least important severity of the services' own events that is kept"},
	{.name = "rcvbuf",
		.type = GYL_CONF_SIZE,
		OFF(rcvbuf_len),
		.def = "32MiB",
		.max = 1 << 30,
		.help = "receive buffer of datagram sockets: what a burst may bring while we are busy"},
	{.name = "zone",
		.type = GYL_CONF_STRING,
		OFF(zone),
		.def = "UTC",
		.help = "what a time without a zone means: UTC or an offset such as +02:00"},
	{.name = "zones",
		.type = GYL_CONF_MAP,
		OFF(zones),
		.map = &zone_map,
		.help = "the same for senders of a network: \"10.0.1.0/24\": \"+02:00\""},
	{.name = "learn_zones",
		.type = GYL_CONF_BOOL,
		OFF(learn),
		.def = "true",
		.help = "find out the zones of other senders by their messages"},
	{.name = "outputs",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST | GYL_CONF_NAMED,
		OFF(outputs),
		.table = &gyl__syslogd_output_table,
		.help = "where rules send messages beside the log, by name"},
	{.name = "rules",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		OFF(rules),
		.table = &gyl__syslogd_rule_table,
		.help = "which messages go where, in this order"},
};

static const struct gyl_conf_table table = {
	keys, sizeof keys / sizeof keys[0], sizeof(struct gyl_syslogd_conf)};

/* What is in the files is for the loader to say. */
static void check_tls(const struct gyl_syslogd_conf *cf, struct gyl_conf_check *ck)
{
	if (cf->tls_port == 0)
		return;
	if (cf->tls_cert.cnt == 0)
		gyl_conf_fail(ck, "tls_cert", "expected a file: tls_port is set");
	if (cf->tls_key.cnt == 0)
		gyl_conf_fail(ck, "tls_key", "expected a file: tls_port is set");
	if (cf->tls_port == gyl_syslogd_tcp_port(cf))
		gyl_conf_fail(ck, "tls_port", "expected another port than tcp_port");
	if (cf->tls_client.cnt > GYL_TLS_PEER_MAX)
		gyl_conf_fail(ck, "tls_client", "expected at most %d", GYL_TLS_PEER_MAX);
}

static void check(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck)
{
	const struct gyl_syslogd_conf *cf = root;
	int32_t zone_s;

	gyl_top_iface_check(f, cf->interfaces, ck);
	if (gyl_failed(gyl_syslogd_zone_parse(gyl_flat_view(f, cf->zone), &zone_s)))
		gyl_conf_fail(ck, "zone", "%s", want_zone);
	if (cf->zones.cnt > GYL_SYSLOGD_ZONE_MAX)
		gyl_conf_fail(ck, "zones", "expected at most %d networks", GYL_SYSLOGD_ZONE_MAX);
	check_tls(cf, ck);
	if (cf->port == 0 && gyl_syslogd_tcp_port(cf) == 0 && cf->tls_port == 0 &&
		cf->socket.cnt == 0 && cf->stream_socket.cnt == 0)
		gyl_conf_fail(ck, "", "expected a port or a socket: there is nothing to listen on");
	if (cf->keep_size != 0 && cf->keep_size < cf->rotate_size)
		gyl_conf_fail(ck, "keep_size",
			"expected at least rotate_size, or no closed file can be kept");
	if (cf->seal.passphrase_file.cnt != 0 && !cf->compress)
		gyl_conf_fail(ck, "seal", "expected compress: what is sealed is packed before");
	gyl__syslogd_check_outputs(f, cf, ck);
	gyl__syslogd_check_rules(f, cf, ck);
}

const struct gyl_conf_section gyl_syslogd_conf_section = {"syslogd", &table, check};

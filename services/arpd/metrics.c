/* SPDX-License-Identifier: ISC */
#include "services/arpd/metrics.h"

#include <gyl/text.h>

#define CNT(array) (sizeof(array) / sizeof((array)[0]))

/* One family each; word: what people read at the end of a capture. */
static const struct {
	const char *name, *help, *word;
	enum gyl_arpd_count count;
} plain[] = {
	{"guyline_arpd_frames_total", "ARP frames seen.", "frames", GYL_ARPD_FRAME},
	{"guyline_arpd_bad_total", "Of them no ARP of IPv4 over Ethernet.", "unreadable",
		GYL_ARPD_BAD},
	{"guyline_arpd_bogus_total", "Of them from a sender that cannot be one.", "bogus",
		GYL_ARPD_BOGUS},
	{"guyline_arpd_own_total", "Of them sent by ourselves.", "our own", GYL_ARPD_OWN},
	{"guyline_arpd_lost_total", "Frames that the kernel dropped before they were read.",
		"lost by the kernel", GYL_ARPD_LOST},
	{"guyline_arpd_changes_total", "Addresses that went to another MAC.", "changes",
		GYL_ARPD_CHANGE},
	{"guyline_arpd_mismatches_total", "Frames whose Ethernet source is not their sender.",
		"in another's name", GYL_ARPD_MISMATCH},
	{"guyline_arpd_unasked_total", "Answers that nobody asked for.", "answers unasked for",
		GYL_ARPD_UNASKED},
	{"guyline_arpd_alarms_total", "Frames against a protected address.",
		"against protected addresses", GYL_ARPD_ALARM},
	{"guyline_arpd_spoofed_total", "Addresses found in use against their lease.",
		"against a lease", GYL_ARPD_SPOOF},
	{"guyline_arpd_leaseless_total", "Addresses found in use without the lease they need.",
		"without a lease", GYL_ARPD_LEASELESS},
	{"guyline_arpd_evicted_total", "Hosts that made room for new ones.", "hosts pushed out",
		GYL_ARPD_EVICTED},
	{"guyline_arpd_unsaid_total", "Events that were counted, not told.", "events not told",
		GYL_ARPD_UNSAID},
	{"guyline_arpd_answers_total", "Answers for other addresses (proxy, unknown).",
		"answered for others", GYL_ARPD_ANSWERED},
	{"guyline_arpd_defences_total", "Announcements in defence of protected addresses.",
		"defences", GYL_ARPD_DEFENDED},
	{"guyline_arpd_scan_questions_total", "Questions of scans.", "questions of scans",
		GYL_ARPD_SCANNED},
};

/* By kind of message, one family. */
static const struct {
	const char *name;
	enum gyl_arpd_count count;
} kind[] = {
	{"request", GYL_ARPD_REQUEST},
	{"reply", GYL_ARPD_REPLY},
	{"probe", GYL_ARPD_PROBE},
	{"announcement", GYL_ARPD_ANNOUNCE},
};

void gyl_arpd_metrics(const struct gyl_arpd *d, struct gyl_metrics *m)
{
	struct gyl_arpd_stat st;

	gyl_arpd_stat(d, &st);
	for (size_t i = 0; i < CNT(plain); i++)
		gyl_metrics_counter(m, plain[i].name, plain[i].help, st.count[plain[i].count]);
	gyl_metrics_family(m, "guyline_arpd_messages_total", GYL_METRICS_COUNTER,
		"Messages that were looked at, by kind.");
	for (size_t i = 0; i < CNT(kind); i++) {
		struct gyl_metrics_label label = {"kind", gyl_view_str(kind[i].name)};

		gyl_metrics_u64(m, &label, 1, st.count[kind[i].count]);
	}
	gyl_metrics_gauge(m, "guyline_arpd_hosts", "Hosts in the table.", st.host_cnt);
	gyl_metrics_gauge(m, "guyline_arpd_hosts_max", "Room in the table.", st.host_max);
	gyl_metrics_gauge(m, "guyline_arpd_leases", "Leases that are known.", st.lease_cnt);
	gyl_metrics_gauge(
		m, "guyline_arpd_servers", "DHCP servers that were heard.", st.server_cnt);
}

static void put(struct gyl_writer *w, const char *before, uint64_t cnt, const char *word)
{
	gyl_text_str(w, before);
	gyl_text_u64(w, cnt);
	gyl_text_char(w, ' ');
	gyl_text_str(w, word);
}

void gyl_arpd_summary(const struct gyl_arpd *d, struct gyl_writer *w)
{
	const char *before = "arp: ";
	struct gyl_arpd_stat st;

	gyl_arpd_stat(d, &st);
	for (size_t i = 0; i < CNT(plain); i++) {
		if (st.count[plain[i].count] == 0)
			continue;
		put(w, before, st.count[plain[i].count], plain[i].word);
		before = ", ";
	}
	put(w, before, st.host_cnt, "hosts\n");
}

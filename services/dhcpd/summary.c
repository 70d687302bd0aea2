/* SPDX-License-Identifier: ISC */

/* What the server did, for people: at the end of a run over a capture. */

#include "services/dhcpd/metrics.h"

/* A list of counted things, those that were not seen left out. */
struct line {
	struct gyl_writer *w;
	bool any;
};

static struct line begin(struct gyl_writer *w, const char *what)
{
	gyl_text_str(w, what);
	gyl_text_char(w, ':');
	return (struct line){w, false};
}

static void put(struct line *l, uint64_t cnt, const char *what)
{
	if (cnt == 0)
		return;
	gyl_text_str(l->w, l->any ? ", " : " ");
	gyl_text_u64(l->w, cnt);
	gyl_text_char(l->w, ' ');
	gyl_text_str(l->w, what);
	l->any = true;
}

static void end(const struct line *l)
{
	gyl_text_str(l->w, l->any ? "\n" : " none\n");
}

void gyl_dhcpd_summary(const struct gyl_dhcpd *d, struct gyl_writer *w)
{
	const struct gyl_dhcpd_silence *s;
	struct gyl_dhcpd_stat st;
	struct line l;

	gyl_dhcpd_stat(d, &st);
	l = begin(w, "messages");
	for (unsigned i = 0; i <= GYL_DHCPD_TYPE_OTHER; i++)
		put(&l, st.type[i], gyl_dhcpd_type_text(i));
	put(&l, st.count[GYL_DHCPD_IN_BAD], "unreadable");
	end(&l);
	l = begin(w, "replies");
	put(&l, st.count[GYL_DHCPD_OUT_OFFER], "offer");
	put(&l, st.count[GYL_DHCPD_OUT_ACK], "ack");
	put(&l, st.count[GYL_DHCPD_OUT_NAK], "nak");
	put(&l, st.count[GYL_DHCPD_OUT_BOOTP], "bootp");
	end(&l);
	l = begin(w, "no reply");
	for (uint32_t i = 0; (s = gyl_dhcpd_silence(d, i)) != NULL; i++)
		put(&l, s->cnt, s->reason);
	end(&l);
	gyl_text_str(w, "leases: ");
	gyl_text_u64(w, st.lease_cnt);
	gyl_text_char(w, '\n');
}

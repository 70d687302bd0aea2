/* SPDX-License-Identifier: ISC */

/*
 * Zone names that devices print. Names are ambiguous worldwide (IST, CST); the reading here is the
 * one of RFC 2822 4.3 for America and the common one elsewhere. A sender that means another is
 * given a zone by configuration, and then should be told to print numbers.
 */

#include "libproto/src/syslog_impl.h"

static const struct {
	char name[6];
	int16_t minutes;
} zones[] = {
	{"UTC", 0},
	{"GMT", 0},
	{"Z", 0},
	{"UT", 0},
	{"WET", 0},
	{"WEST", 60},
	{"BST", 60},
	{"CET", 60},
	{"MET", 60},
	{"MEZ", 60},
	{"CEST", 120},
	{"MEST", 120},
	{"MESZ", 120},
	{"EET", 120},
	{"SAST", 120},
	{"EEST", 180},
	{"MSK", 180},
	{"TRT", 180},
	{"GST", 240},
	{"PKT", 300},
	{"IST", 330},
	{"NPT", 345},
	{"ICT", 420},
	{"WIB", 420},
	{"SGT", 480},
	{"HKT", 480},
	{"AWST", 480},
	{"PHT", 480},
	{"JST", 540},
	{"KST", 540},
	{"ACST", 570},
	{"AEST", 600},
	{"ACDT", 630},
	{"AEDT", 660},
	{"NZST", 720},
	{"NZDT", 780},
	{"BRT", -180},
	{"ART", -180},
	{"NDT", -150},
	{"NST", -210},
	{"ADT", -180},
	{"AST", -240},
	{"EDT", -240},
	{"EST", -300},
	{"CDT", -300},
	{"CST", -360},
	{"MDT", -360},
	{"MST", -420},
	{"PDT", -420},
	{"PST", -480},
	{"AKDT", -480},
	{"AKST", -540},
	{"HST", -600},
};

bool gyl__syslog_zone(struct gyl_view name, int32_t *ret_zone_s)
{
	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		if (!gyl_view_eq(name, gyl_view_str(zones[i].name)))
			continue;
		*ret_zone_s = zones[i].minutes * 60;
		return true;
	}
	return false;
}

/* SPDX-License-Identifier: ISC */
#ifndef GYL_NET_ARP_CACHE_H
#define GYL_NET_ARP_CACHE_H

/**
 * @file arp_cache.h
 * @brief Which hardware address belongs to an IPv4 address: ARP as a pure core.
 *
 * Messages and the time go in; an answer, a message to send and what was learned come out. It parks
 * no packets and sends nothing itself. Entries are kept per VLAN; addresses of ours hold on all.
 *
 * An address becomes known only by an answer to our own question: replies and announcements count
 * for addresses we asked about, requests of others teach nothing (unless `merge` is set, then
 * messages are taken as @rfc{826} has it). A known address lives 20
 * minutes; 1.5 s before that its owner alone is asked again. An unknown one is asked for by
 * broadcast, six times 1.5 s apart. Known addresses are bounded with the least recently used one
 * going first, open questions are bounded and their rate too, so that a scan through us does not
 * become a flood.
 *
 * An address becomes ours at once (gyl_arp_cache_own()) or after the network was asked whether
 * somebody has it already (gyl_arp_cache_claim()). It is announced, and defended.
 * @rfc{826} @rfc{5227}
 */

#include <gyl/arp.h>
#include <gyl/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How an address becomes ours and stays it; the names are those of @rfc{5227,1.1}. */
struct gyl_arp_claim_conf {
	uint8_t probe_num;               /**< 0 to 16; 0: claims do not probe, they announce only */
	uint8_t announce_num;            /**< 1 to 16 */
	uint8_t max_conflicts;           /**< claims lost in a row, then rate_limit_interval_ns */
	uint64_t probe_wait_ns;          /**< the first probe goes at random in this time */
	uint64_t probe_min_ns;           /**< between two probes: at random from this */
	uint64_t probe_max_ns;           /**< ... to this, >= probe_min_ns */
	uint64_t announce_wait_ns;       /**< after the last probe the address is ours */
	uint64_t announce_interval_ns;   /**< between announcements */
	uint64_t rate_limit_interval_ns; /**< between claims after too many were lost */
	uint64_t defend_interval_ns;     /**< between two defences of one address */
};

struct gyl_arp_cache_conf {
	uint8_t mac[6];       /**< ours */
	uint16_t entry_max;   /**< known addresses, 1 to 16384 */
	uint16_t pending_max; /**< open questions, 1 to 16384 */
	uint16_t fixed_max;   /**< own, claimed and pinned addresses, 1 to 16384 */
	uint8_t retry_cnt;    /**< a question is repeated so often */
	uint64_t tick_ns; /**< between repetitions, and the refresh before the end of a life; > 0 */
	uint64_t life_ns; /**< of a known address; > tick_ns */
	uint32_t question_rate;  /**< new questions a second; > 0 */
	uint32_t question_burst; /**< and so many at once; > 0 */
	uint32_t conflict_rate;  /**< conflicts told a second; > 0 */
	uint32_t conflict_burst; /**< and so many at once; > 0 */
	/** Packet reception of @rfc{826}: every message of a known sender updates its entry, and
	 * who sends to one of our addresses becomes known. Off by default: then a stranger's
	 * request changes nothing. */
	bool merge;
	struct gyl_arp_claim_conf claim;
	uint64_t seed; /**< random: keeps strangers from choosing who shares a hash chain, and
			  spreads probes */
};

/** The usual limits for a station with hardware address @p mac: 1024, 256 and 64 entries, 5
 * repetitions 1.5 s apart, 20 minutes, 100 questions a second after a burst of 256, one conflict
 * told a second after a burst of 8, and the constants of @rfc{5227,1.1}. */
GYL_API struct gyl_arp_cache_conf gyl_arp_cache_defaults(const uint8_t mac[6], uint64_t seed);

struct gyl_arp_cache;

/** Octets, aligned to 16, that gyl_arp_cache_init() needs; 0 when a member of @p cf is out of
 * range. */
GYL_API size_t gyl_arp_cache_need(const struct gyl_arp_cache_conf *cf);

/** An empty cache in @p mem. NULL when a member of @p cf is out of range. */
GYL_API struct gyl_arp_cache *gyl_arp_cache_init(void *mem, const struct gyl_arp_cache_conf *cf);

/** A message to send, in an Ethernet frame to `dst` on `vlan`. */
struct gyl_arp_send {
	uint8_t dst[6];
	uint16_t vlan;
	struct gyl_arp msg;
};

/** What happened to an address that was asked for. */
enum gyl_arp_answer {
	GYL_ARP_KNOWN,   /**< here it is */
	GYL_ARP_ASK,     /**< a question was opened: send the message, wait for #GYL_ARP_LEARNED */
	GYL_ARP_WAIT,    /**< a question is open already: wait, send nothing */
	GYL_ARP_REFUSED, /**< too many questions, or no host can have it, or we are claiming it */
};

/**
 * @brief Look an address up, and open a question when it is unknown.
 * @param[out] ret_mac  written on #GYL_ARP_KNOWN
 * @param[out] ret_send written on #GYL_ARP_ASK
 * @cost O(1), about 10 ns when it is known
 */
GYL_API enum gyl_arp_answer gyl_arp_cache_query(struct gyl_arp_cache *c, uint64_t now_ns,
	uint16_t vlan, uint32_t ip, uint8_t ret_mac[6], struct gyl_arp_send *ret_send);

/** What a message meant. */
enum gyl_arp_verdict {
	GYL_ARP_IGNORED, /**< nothing for us */
	GYL_ARP_BAD, /**< sender address that no station has: group, zero, broadcast, loopback */
	GYL_ARP_ANSWERED, /**< one of our addresses was asked for: send the answer */
	/** `ip` that was asked for is at `mac`: what waits for it can go. With `merge` maybe an
	 * answer to send. */
	GYL_ARP_LEARNED,
	GYL_ARP_RENEWED, /**< a known address, confirmed */
	GYL_ARP_MOVED,   /**< a known address is now at `mac`, no longer at `old_mac` */
	/** our own address `ip` is used by `mac` too; maybe a defence to send. Told with a limit
	 * of rate, but always with a defence. */
	GYL_ARP_CONFLICT,
	/** `ip`, which is being claimed, is used or claimed by `mac`: the claim is over, the
	 * address MUST NOT be used. @rfc{5227,2.1.1} */
	GYL_ARP_TAKEN,
};

struct gyl_arp_result {
	enum gyl_arp_verdict verdict;
	bool has_send; /**< `send` is to be sent */
	struct gyl_arp_send send;
	uint32_t ip;
	uint8_t mac[6], old_mac[6];
};

/**
 * @brief Take a received message.
 * @param vlan    it came on, 0: untagged
 * @param msg     with any operation
 * @param ret_res always written; members that its verdict does not name are zero
 * @cost O(1)
 */
GYL_API void gyl_arp_cache_input(struct gyl_arp_cache *c, uint64_t now_ns, uint16_t vlan,
	const struct gyl_arp *msg, struct gyl_arp_result *ret_res);

/** What was due. */
enum gyl_arp_due {
	GYL_ARP_SEND, /**< a question is repeated or asked again, an announcement, a probe: send */
	GYL_ARP_FAILED,  /**< nobody answered: what waits for `ip` on `vlan` is dropped */
	GYL_ARP_CLAIMED, /**< nobody else has `ip`: it is ours now. Send the announcement */
};

struct gyl_arp_action {
	enum gyl_arp_due due;
	struct gyl_arp_send send; /**< on #GYL_ARP_SEND and #GYL_ARP_CLAIMED */
	uint16_t vlan;
	uint32_t ip;
};

/** One thing that is due, until false. Addresses whose life ends go without a word. */
GYL_API bool gyl_arp_cache_tick(
	struct gyl_arp_cache *c, uint64_t now_ns, struct gyl_arp_action *ret_action);

/** When gyl_arp_cache_tick() has something to do; UINT64_MAX: never. */
GYL_API uint64_t gyl_arp_cache_deadline_ns(const struct gyl_arp_cache *c);

/**
 * @brief Make @p ip ours at once, on every VLAN: requests for it are answered, and it is defended.
 *
 * Its announcements come from gyl_arp_cache_tick(), untagged, the first one with the next call.
 * Again for an address that is ours: it is announced again. @rfc{5227,2.3} @rfc{5227,2.4}
 * @param[out] ret_was_asked true when a question for it was open: drop what waits
 * @return false when the fixed entries are used up or no host can have @p ip.
 */
GYL_API bool gyl_arp_cache_own(struct gyl_arp_cache *c, uint32_t ip, bool *ret_was_asked);

/**
 * @brief Make @p ip ours if nobody else has it. @rfc{5227,2.1}
 *
 * It is probed for from the next gyl_arp_cache_tick() on, untagged, which takes 4 to 7 s. Until
 * then it is not ours: it is not answered for and no question is asked with it. The end is told as
 * #GYL_ARP_CLAIMED by gyl_arp_cache_tick(), then it is as with gyl_arp_cache_own(); or as
 * #GYL_ARP_TAKEN by gyl_arp_cache_input(), then the entry is gone. It may be claimed again at once:
 * after `max_conflicts` claims lost in a row they begin `rate_limit_interval_ns` apart.
 * @param[out] ret_was_asked, and what is returned: as gyl_arp_cache_own()
 */
GYL_API bool gyl_arp_cache_claim(struct gyl_arp_cache *c, uint32_t ip, bool *ret_was_asked);

/**
 * @brief Fix the hardware address of @p ip on @p vlan; it is not given to those who ask.
 * @param[out] ret_was_asked true when a question for it was open: what waits can go to @p mac
 * @return as gyl_arp_cache_own()
 */
GYL_API bool gyl_arp_cache_pin(struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip,
	const uint8_t mac[6], bool *ret_was_asked);

/** Forget an address of any kind (own ones have vlan 0). @return true when a question for it was
 * open: drop what waits. */
GYL_API bool gyl_arp_cache_remove(struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip);

enum gyl_arp_state {
	GYL_ARP_FREE,
	GYL_ARP_PINNED,     /**< fixed by us */
	GYL_ARP_OWN,        /**< ours */
	GYL_ARP_ANNOUNCING, /**< ours, with an announcement to come */
	GYL_ARP_PROBING,    /**< being claimed, not ours yet */
	GYL_ARP_PENDING,    /**< asked for */
	GYL_ARP_FRESH,      /**< known */
	GYL_ARP_STALE       /**< known, its owner is being asked again */
};

struct gyl_arp_entry {
	enum gyl_arp_state state;
	uint16_t vlan;
	uint32_t ip;
	uint8_t mac[6]; /**< zero while pending, ours in what is or may become ours */
};

/** The entry of an address of any kind (own ones have vlan 0). @return false when there is none. */
GYL_API bool gyl_arp_cache_find(
	const struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip, struct gyl_arp_entry *ret_entry);

/** Entry @p i, for printing the table. @return false past the last one; free ones are among them.
 */
GYL_API bool gyl_arp_cache_entry(
	const struct gyl_arp_cache *c, size_t i, struct gyl_arp_entry *ret_entry);

struct gyl_arp_cache_stat {
	uint64_t asked_cnt;   /**< questions opened */
	uint64_t request_cnt; /**< requests sent in all */
	uint64_t reply_cnt;   /**< our addresses told */
	uint64_t learned_cnt, renewed_cnt, moved_cnt, expired_cnt, failed_cnt;
	uint64_t evicted_cnt;            /**< known addresses that made room */
	uint64_t refused_cnt;            /**< questions not asked: too many, or too fast */
	uint64_t conflict_cnt;           /**< messages of others who use our address */
	uint64_t defend_cnt;             /**< and how often it was defended */
	uint64_t probe_cnt;              /**< probes sent for claims */
	uint64_t announce_cnt;           /**< announcements sent, defences not among them */
	uint64_t claimed_cnt, taken_cnt; /**< claims won and lost */
	uint64_t bad_cnt;
};

GYL_API struct gyl_arp_cache_stat gyl_arp_cache_stat(const struct gyl_arp_cache *c);

#ifdef __cplusplus
}
#endif

#endif

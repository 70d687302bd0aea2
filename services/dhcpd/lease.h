/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_LEASE_H
#define GYL_SERVICES_DHCPD_LEASE_H

/*
 * A lease: what is known of one address. It sits in a slot of one array; everything that refers to
 * it is a slot number, 0 for none, so that the array can be zeros to begin with and a slot that was
 * never used costs no memory. Pure.
 */

#include <gyl/base.h>

enum {
	GYL_DHCPD_ID_MAX = 32, /* octets of an identifier that are kept; longer ones as SHA-256 */
	GYL_DHCPD_NAME_MAX = 63,
	GYL_DHCPD_RELAY_MAX = 255
};

enum gyl_dhcpd_state {
	GYL_DHCPD_FREE,     /* nobody's; the last holder, if any, gets it back first */
	GYL_DHCPD_OFFERED,  /* kept for whom it was offered to, not stored */
	GYL_DHCPD_LEASED,   /* in the store before the client hears of it */
	GYL_DHCPD_DECLINED, /* somebody else uses it: kept aside */
	GYL_DHCPD_OURS      /* our own address */
};

/* How a client is told from others. RFC 2131 4.2: by client identifier or by chaddr. */
enum gyl_dhcpd_form {
	GYL_DHCPD_NOBODY,
	GYL_DHCPD_BY_HW,    /* hardware type and chaddr; also an identifier that says the same */
	GYL_DHCPD_BY_ID,    /* option 61 */
	GYL_DHCPD_BY_DIGEST /* SHA-256 of an option 61 over GYL_DHCPD_ID_MAX octets */
};

struct gyl_dhcpd_key {
	uint32_t hash;
	uint8_t form; /* enum gyl_dhcpd_form */
	uint8_t len;
	uint8_t octet[GYL_DHCPD_ID_MAX];
	bool has_mac; /* chaddr is a MAC that a frame can be sent to */
	uint8_t mac[6];
};

/*
 * The first half is what finding and judging a lease looks at, the second what changing it does.
 * What varies in length stands elsewhere (tail.c): read it by the functions below.
 */
struct gyl_dhcpd_lease {
	uint32_t ip;   /* 0: the slot is unused */
	uint32_t hash; /* of the identifier */
	uint16_t subnet;
	uint8_t state;    /* enum gyl_dhcpd_state */
	uint8_t form;     /* of the identifier, enum gyl_dhcpd_form */
	bool has_mac : 1; /* hw is an Ethernet address: type 1 and MAC */
	bool named : 1;   /* the name is in the index, it is this lease's alone */
	bool dropped : 1; /* of no pool: nobody finds it, it only runs out */
	bool pooled : 1;  /* of a pool, not a reserved address beside them */
	bool charged : 1; /* @private to the budgets of link, circuit and giaddr */
	bool checked : 1; /* free, and nobody answered when it was looked for */
	bool probing : 1; /* @private being looked for */
	bool seen : 1;    /* declined, by what ARP says; its own client may have it */
	bool known : 1;   /* of an offer: the client had this address before */
	bool kept : 1;    /* its record is of the client that it is bound to */
	bool stale : 1;   /* its record says of who and where the client is what is true no more */
	bool timed : 1;   /* @private in the wheel */
	bool listed : 1;  /* @private in the list of its state */
	union {
		uint8_t hw[7]; /* as an identifier BY_HW: hardware type, address */
		struct {
			uint8_t htype;
			uint8_t mac[6];
		};
	};
	uint16_t timer_slot; /* @private */
	uint32_t link;       /* hash of the link identity, 0: none */
	uint32_t circuit;    /* hash of giaddr and circuit-id, 0: none */
	uint32_t giaddr;     /* of the relay that the client is behind, 0: on the link */
	uint32_t host;       /* reservation + 1 that this address is for */
	uint32_t granted_s;  /* lease time that its holder was told */
	uint32_t tail;       /* @private */
	uint64_t expiry_ns;  /* monotonic; of the offer, the lease or the quarantine */
	uint64_t since_ns;   /* monotonic; when the client was last told of it */

	uint64_t seq;        /* of its last record */
	uint64_t written_ns; /* monotonic; the end that its record says: of a lease, later than
				granted */
	uint32_t written_s;  /* wall clock; when its record was made */
	uint32_t heard_s; /* monotonic, may lie before that clock's zero: the client's last word */
	uint32_t xid;     /* of the REQUEST that was last acknowledged */
	uint32_t name_hash;
	uint32_t list_prev, list_next;   /* @private by state, in the subnet */
	uint32_t timer_prev, timer_next; /* @private */
	uint32_t beside_chain;           /* @private */
	uint32_t offered_s;              /* lease time of the last OFFER, 0: none since the start */
};

_Static_assert(sizeof(struct gyl_dhcpd_lease) <= 120, "a hall full of leases fits into memory");

struct gyl_dhcpd;

/*
 * What varies in length. Views are valid until the lease is bound, named or given back; empty:
 * there is none.
 */
struct gyl_view gyl__dhcpd_lease_id(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l);
struct gyl_view gyl__dhcpd_lease_name(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l);
/* Option 82 as it came with the last message that was granted. */
struct gyl_view gyl__dhcpd_lease_relay(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l);

/* Of a client on the link whose frames do not come from its chaddr: where they come from. */
struct gyl_view gyl__dhcpd_lease_source(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l);

/* A list of slots by list_prev and list_next. */
struct gyl_dhcpd_list {
	uint32_t head, tail, cnt;
};

void gyl__dhcpd_list_push(struct gyl_dhcpd_list *q, struct gyl_dhcpd_lease *lease, uint32_t i);
void gyl__dhcpd_list_push_front(
	struct gyl_dhcpd_list *q, struct gyl_dhcpd_lease *lease, uint32_t i);
void gyl__dhcpd_list_remove(struct gyl_dhcpd_list *q, struct gyl_dhcpd_lease *lease, uint32_t i);
/* Earliest expiry first; times may lie before the clock's zero. O(n log n). */
void gyl__dhcpd_list_sort(struct gyl_dhcpd_list *q, struct gyl_dhcpd_lease *lease);

#endif

/* SPDX-License-Identifier: ISC */

/*
 * Every event there is: EVENT(id, name, source, severity, state, sentence, fields...).
 * No include guard: event.h and event.c include it with their own EVENT. A field is F(type, name).
 * `state` marks whole-state events that a new subscriber gets as a snapshot between BEGIN and END.
 */

/* clang-format off */

/* base: subscription, start and stop, configuration, store */
EVENT(BASE_BEGIN,    "base.begin",    BASE, DEBUG,   false, "{source}: snapshot begins",
      F(STR, source) F(U64, epoch))
EVENT(BASE_END,      "base.end",      BASE, DEBUG,   false, "{source}: snapshot ends",
      F(STR, source) F(U64, epoch))
EVENT(BASE_SNAPSHOT, "base.snapshot", BASE, DEBUG,   false, "a subscriber asks for the state of {source}, epoch {epoch}",
      F(STR, source) F(U64, epoch))
EVENT(BASE_START,    "base.start",    BASE, NOTICE,  false, "{program} {version} started, host {host}",
      F(STR, program) F(STR, version) F(STR, host))
EVENT(BASE_STOP,     "base.stop",     BASE, NOTICE,  false, "{program} stops: {reason}",
      F(STR, program) F(STR, reason))
EVENT(BASE_UNCLEAN,  "base.unclean",  BASE, WARNING, false, "the last run did not stop cleanly; {records} records replayed, {lost} octets of a torn write skipped",
      F(U64, records) F(U64, lost))
EVENT(BASE_CLOCK,    "base.clock",    BASE, WARNING, false, "the clock is {behind} behind the last record of the journal: that record's time is taken until the clock is set",
      F(DUR, behind))
EVENT(BASE_RELOAD,   "base.reload",   BASE, NOTICE,  false, "{what} reloaded from {file}",
      F(STR, what) F(STR, file))
EVENT(BASE_REFUSED,  "base.refused",  BASE, ERR,     false, "{what} not reloaded, the old one stays: {file}:{line}:{column}: {reason}",
      F(STR, what) F(STR, file) F(U64, line) F(U64, column) F(STR, reason))
EVENT(BASE_WARN,     "base.warn",     BASE, WARNING, false, "{what}: {file}:{line}:{column}: {reason}",
      F(STR, what) F(STR, file) F(U64, line) F(U64, column) F(STR, reason))
EVENT(BASE_STORE,    "base.store",    BASE, ERR,     false, "a write to the store failed (errno {error}): records from sequence {lost} on are not durable, what waited for them was not sent",
      F(U64, error) F(U64, lost))
EVENT(BASE_ENTROPY,  "base.entropy",  BASE, ERR,     false, "entropy source {source} failed its health tests after {samples} samples and counts no more: {left}",
      F(STR, source) F(U64, samples) F(STR, left))
EVENT(BASE_REPEAT,   "base.repeat",   BASE, NOTICE,  false, "{event}: {count} more not shown",
      F(STR, event) F(U64, count))
EVENT(BASE_AUTH,     "base.auth",     BASE, NOTICE,  false, "{ip} was let in at the control port",
      F(IP, ip))
EVENT(BASE_AUTH_FAILED, "base.auth_failed", BASE, WARNING, false, "{ip} was refused at the control port: {reason}",
      F(IP, ip) F(STR, reason) F(U64, failures))
EVENT(BASE_NOTE,     "base.note",     BASE, INFO,    false, "{text}",
      F(STR, text))

/* dhcpd */
EVENT(DHCPD_LEASE,   "dhcpd.lease",   DHCPD, INFO,    true,  "{ip} {state} {mac} {name}",
      F(IP, ip) F(MAC, mac) F(STR, id) F(STR, name) F(STR, state) F(TIME, expiry) F(STR, subnet) F(STR, domain)
      F(IP, relay) F(STR, circuit) F(TIME, since) F(STR, option82))
EVENT(DHCPD_REPLY,   "dhcpd.reply",   DHCPD, DEBUG,   false, "{message} to {mac}: {reply} {ip} ({reason})",
      F(STR, message) F(STR, reply) F(MAC, mac) F(IP, ip) F(IP, giaddr) F(U64, xid) F(STR, reason))
EVENT(DHCPD_SILENT,  "dhcpd.silent",  DHCPD, INFO,    false, "{message} from {mac} not answered: {reason}",
      F(STR, message) F(MAC, mac) F(IP, ip) F(IP, giaddr) F(U64, xid) F(STR, reason))
EVENT(DHCPD_DECLINE, "dhcpd.decline", DHCPD, WARNING, false, "{ip} declined by {mac}: somebody else uses it; kept aside for {hold}",
      F(IP, ip) F(MAC, mac) F(DUR, hold))
EVENT(DHCPD_FULL,    "dhcpd.full",    DHCPD, ERR,     false, "no free address for {mac} in {subnet}",
      F(MAC, mac) F(STR, subnet) F(U64, used) F(U64, size))
EVENT(DHCPD_SQUAT,   "dhcpd.squat",   DHCPD, WARNING, false, "{ip} is used by {mac}, which did not get it from here; kept aside for {hold}",
      F(IP, ip) F(MAC, mac) F(DUR, hold))
EVENT(DHCPD_LIMIT,   "dhcpd.limit",   DHCPD, WARNING, false, "{mac} wants more than its share: {reason} ({count} times)",
      F(MAC, mac) F(IP, giaddr) F(STR, circuit) F(STR, reason) F(U64, count))
EVENT(DHCPD_STEER,   "dhcpd.steer",   DHCPD, NOTICE,  false, "control ({by}) {what}",
      F(STR, by) F(STR, what))
EVENT(DHCPD_STANDBY, "dhcpd.standby", DHCPD, NOTICE, false, "{role}, beside {peer}: {reason}",
      F(STR, role) F(IP, peer) F(STR, reason))
EVENT(DHCPD_BAD,     "dhcpd.bad",     DHCPD, WARNING, false, "unreadable DHCP message from {mac}: {reason} at octet {offset}",
      F(MAC, mac) F(IP, ip) F(STR, reason) F(U64, offset))

/* dns */
EVENT(DNS_ZONE,      "dns.zone",      DNS, NOTICE,  false, "zone {zone} serial {serial} loaded: {names} names, {records} records",
      F(STR, zone) F(U64, serial) F(U64, names) F(U64, records))
EVENT(DNS_WARN,      "dns.warn",      DNS, WARNING, false, "{file}:{line}:{column}: {reason}",
      F(STR, file) F(U64, line) F(U64, column) F(STR, reason))
EVENT(DNS_NAME,      "dns.name",      DNS, INFO,    true,  "{name} is {ip} until {expiry}",
      F(STR, name) F(IP, ip) F(TIME, expiry) F(STR, state))
EVENT(DNS_UPSTREAM,  "dns.upstream",  DNS, NOTICE,  false, "server {ip}:{port} is {state}",
      F(IP, ip) F(U64, port) F(STR, state))
EVENT(DNS_BAD,       "dns.bad",       DNS, INFO,    false, "unreadable query from {ip}: {reason} at octet {offset}",
      F(IP, ip) F(STR, reason) F(U64, offset))
EVENT(DNS_BLOCK,     "dns.block",     DNS, INFO,    false, "{ip} asks {name}, which a list blocks; {count} so far",
      F(IP, ip) F(STR, name) F(U64, count))
EVENT(DNS_QUERY,     "dns.query",     DNS, DEBUG,   false, "{ip} asks {name} {type}: {rcode} ({rule})",
      F(IP, ip) F(STR, name) F(STR, type) F(STR, rcode) F(STR, rule) F(U64, took_us))
EVENT(DNS_UNTOLD,    "dns.untold",    DNS, DEBUG,   false, "{count} queries were left out: more than {rate} a second",
      F(U64, count) F(U64, rate))
EVENT(DNS_UPDATE,    "dns.update",    DNS, INFO,    false, "{key} at {ip} changes {zone}: {rcode} {reason}, {added} records added, {removed} removed, serial {serial}",
      F(STR, zone) F(STR, key) F(IP, ip) F(STR, rcode) F(STR, reason) F(U64, added) F(U64, removed) F(U64, serial))
EVENT(DNS_CHANGED,   "dns.changed",   DNS, NOTICE,  false, "zone {zone} serial {serial}: {what}",
      F(STR, zone) F(U64, serial) F(STR, what))
EVENT(DNS_TRANSFER,  "dns.transfer",  DNS, INFO,    false, "zone {zone} serial {serial} to {ip}: {what}, {records} records, {octets} octets in {messages} messages",
      F(STR, zone) F(U64, serial) F(IP, ip) F(STR, key) F(STR, what) F(U64, records) F(U64, octets) F(U64, messages))
EVENT(DNS_NOTIFY,    "dns.notify",    DNS, INFO,    false, "zone {zone} serial {serial}: {ip}:{port} {what}",
      F(STR, zone) F(U64, serial) F(IP, ip) F(U64, port) F(STR, what))
EVENT(DNS_PRIMARY,   "dns.primary",   DNS, INFO,    false, "zone {zone} serial {serial}: its primary {ip} {what}",
      F(STR, zone) F(U64, serial) F(IP, ip) F(STR, what))
EVENT(DNS_LIMIT,     "dns.limit",     DNS, WARNING, false, "too many equal answers: {count} held back, the last one {rcode} for {ip}",
      F(U64, count) F(IP, ip) F(STR, rcode))

/* syslogd */
EVENT(SYSLOGD_DROPPED, "syslogd.dropped", SYSLOGD, WARNING, false, "{count} datagrams dropped by the kernel on {port} since {since}",
      F(U64, count) F(STR, port) F(TIME, since))
EVENT(SYSLOGD_ROTATE,  "syslogd.rotate",  SYSLOGD, INFO,    false, "log file {file} closed: {count} messages, {octets} octets",
      F(STR, file) F(U64, count) F(U64, octets))
EVENT(SYSLOGD_FULL,    "syslogd.full",    SYSLOGD, ERR,     false, "cannot write {file}: {reason}; messages wait, {count} events lost so far",
      F(STR, file) F(STR, reason) F(U64, count))
EVENT(SYSLOGD_RESUME,  "syslogd.resume",  SYSLOGD, NOTICE,  false, "{file} can be written again after {pause}; {count} events lost",
      F(STR, file) F(DUR, pause) F(U64, count))
EVENT(SYSLOGD_TORN,    "syslogd.torn",    SYSLOGD, WARNING, false, "{file} ended in {octets} octets of an unfinished line: removed",
      F(STR, file) F(U64, octets))
EVENT(SYSLOGD_MOVED,   "syslogd.moved",   SYSLOGD, WARNING, false, "somebody has renamed or removed {file}: a new one is begun",
      F(STR, file))
EVENT(SYSLOGD_UP,      "syslogd.up",      SYSLOGD, NOTICE,  false, "output {output} is connected to {ip} port {port}; {count} messages wait for it",
      F(STR, output) F(IP, ip) F(U64, port) F(U64, count))
EVENT(SYSLOGD_DOWN,    "syslogd.down",    SYSLOGD, WARNING, false, "output {output} is not connected to {ip} port {port}: {reason}; {count} messages wait for it",
      F(STR, output) F(IP, ip) F(U64, port) F(STR, reason) F(U64, count))
EVENT(SYSLOGD_STUCK,   "syslogd.stuck",   SYSLOGD, ERR,     false, "cannot write the queue {file}: {reason}; messages wait in memory",
      F(STR, file) F(STR, reason))
EVENT(SYSLOGD_UNSTUCK, "syslogd.unstuck", SYSLOGD, NOTICE,  false, "the queue {file} can be written again after {pause}",
      F(STR, file) F(DUR, pause))
EVENT(SYSLOGD_PACKED,  "syslogd.packed",  SYSLOGD, INFO,    false, "{file} packed: {count} messages, {octets} octets, with its index {packed}",
      F(STR, file) F(U64, count) F(U64, octets) F(U64, packed))
EVENT(SYSLOGD_PLAIN,   "syslogd.plain",   SYSLOGD, ERR,     false, "{file} cannot be packed: {reason}; it stays as it is, the next try is in {pause}",
      F(STR, file) F(STR, reason) F(DUR, pause))
EVENT(SYSLOGD_SEAL,    "syslogd.seal",    SYSLOGD, WARNING, false, "sealed log files in {file}: {reason}",
      F(STR, file) F(STR, reason))
EVENT(SYSLOGD_ZONE,    "syslogd.zone",    SYSLOGD, NOTICE,  false, "times of {ip} without a zone are in {zone}: from now on they are read so",
      F(IP, ip) F(STR, zone))
EVENT(SYSLOGD_CLOCK,   "syslogd.clock",   SYSLOGD, WARNING, false, "the clock of {ip} is {off} {way}",
      F(IP, ip) F(DUR, off) F(STR, way))
EVENT(SYSLOGD_RIGHT,   "syslogd.right",   SYSLOGD, NOTICE,  false, "the clock of {ip} is right again",
      F(IP, ip))
EVENT(SYSLOGD_GAP,     "syslogd.gap",     SYSLOGD, WARNING, false, "{count} messages of {ip} are missing by their sequence numbers since {since}",
      F(U64, count) F(IP, ip) F(TIME, since))
EVENT(SYSLOGD_CLOSED,  "syslogd.closed",  SYSLOGD, NOTICE,  false, "connection of {ip} closed: {reason}; {octets} octets of an unfinished message dropped",
      F(IP, ip) F(STR, reason) F(U64, octets))
EVENT(SYSLOGD_HELD,    "syslogd.held",    SYSLOGD, NOTICE,  false, "{count} messages of {from} held back in {time} by rule {rule}",
      F(U64, count) F(STR, from) F(DUR, time) F(STR, rule))
EVENT(SYSLOGD_LOST,    "syslogd.lost",    SYSLOGD, WARNING, false, "{count} messages for output {output} lost: {reason}",
      F(U64, count) F(STR, output) F(STR, reason))
EVENT(SYSLOGD_OUTPUT,  "syslogd.output",  SYSLOGD, WARNING, false, "output {output}: {reason}",
      F(STR, output) F(STR, reason))
EVENT(SYSLOGD_WELL,    "syslogd.well",    SYSLOGD, NOTICE,  false, "output {output} works again after {pause}",
      F(STR, output) F(DUR, pause))
EVENT(SYSLOGD_TLS,     "syslogd.tls",     SYSLOGD, WARNING, false, "no TLS with {ip}: {reason} (times: {count})",
      F(IP, ip) F(STR, reason) F(U64, count))
EVENT(SYSLOGD_COUNT,   "syslogd.count",   SYSLOGD, NOTICE,  false, "{ip} begins messages with counts of octets that cannot be: they are taken as lines (times: {count})",
      F(IP, ip) F(U64, count))
EVENT(SYSLOGD_CUT,     "syslogd.cut",     SYSLOGD, NOTICE,  false, "record {record} of {ip} is the beginning of a line of {octets} octets",
      F(IP, ip) F(U64, record) F(U64, octets))

/* arpd */
EVENT(ARPD_HOST,      "arpd.host",      ARPD, INFO,    true,  "{ip} is at {mac} ({state})",
      F(IP, ip) F(MAC, mac) F(STR, state) F(TIME, first) F(TIME, last) F(U64, count) F(STR, name) F(U64, vlan)
      F(STR, vendor) F(U64, changes) F(MAC, former) F(STR, lease))
EVENT(ARPD_NEW,       "arpd.new",       ARPD, NOTICE,  false, "new host {mac} with address {ip} {vendor}",
      F(IP, ip) F(MAC, mac) F(U64, vlan) F(STR, vendor))
EVENT(ARPD_CHANGED,   "arpd.changed",   ARPD, WARNING, false, "{ip} moved from {old} to {mac}",
      F(IP, ip) F(MAC, mac) F(MAC, old) F(U64, vlan) F(STR, vendor))
EVENT(ARPD_FLIPFLOP,  "arpd.flipflop",  ARPD, WARNING, false, "{ip} flips between {old} and {mac}",
      F(IP, ip) F(MAC, mac) F(MAC, old) F(U64, vlan) F(STR, vendor))
EVENT(ARPD_DUPLICATE, "arpd.duplicate", ARPD, ERR,     false, "{ip} is used by {mac} and {old} at the same time",
      F(IP, ip) F(MAC, mac) F(MAC, old) F(U64, vlan) F(STR, vendor))
EVENT(ARPD_MISMATCH,  "arpd.mismatch",  ARPD, WARNING, false, "{mac} sent ARP in the name of {claimed} for {ip}",
      F(IP, ip) F(MAC, mac) F(MAC, claimed) F(U64, vlan))
EVENT(ARPD_BOGUS,     "arpd.bogus",     ARPD, INFO,    false, "{mac} sent ARP of {claimed} with address {ip}, which no host can be",
      F(IP, ip) F(MAC, mac) F(MAC, claimed) F(U64, vlan))
EVENT(ARPD_STRANGER,  "arpd.stranger",  ARPD, WARNING, false, "{mac} has address {ip}, which is of none of our networks",
      F(IP, ip) F(MAC, mac) F(U64, vlan))
EVENT(ARPD_PROBE,     "arpd.probe",     ARPD, INFO,    false, "{mac} is about to use {ip}",
      F(IP, ip) F(MAC, mac) F(U64, vlan))
EVENT(ARPD_FLOOD,     "arpd.flood",     ARPD, WARNING, false, "{mac} sent {count} {what} within {period}",
      F(IP, ip) F(MAC, mac) F(U64, vlan) F(STR, what) F(U64, count) F(DUR, period))
EVENT(ARPD_UNASKED,   "arpd.unasked",   ARPD, WARNING, false, "{mac} told {to} that it has {ip}, which nobody asked",
      F(IP, ip) F(MAC, mac) F(MAC, to) F(U64, vlan))
EVENT(ARPD_UNANSWERED, "arpd.unanswered", ARPD, INFO,  false, "{mac} asked for {ip}, which nobody has, as {count} times before",
      F(IP, ip) F(MAC, mac) F(U64, vlan) F(U64, count))
EVENT(ARPD_SPOOF,     "arpd.spoof",     ARPD, ERR,     false, "{ip} is used by {mac}, but leased to {holder}",
      F(IP, ip) F(MAC, mac) F(MAC, holder) F(U64, vlan))
EVENT(ARPD_LEASELESS, "arpd.leaseless", ARPD, WARNING, false, "{ip} is used by {mac} without a lease",
      F(IP, ip) F(MAC, mac) F(U64, vlan))
EVENT(ARPD_SERVER,    "arpd.server",    ARPD, NOTICE,  false, "DHCP server {ip} at {mac}",
      F(IP, ip) F(MAC, mac) F(U64, vlan) F(U64, count))
EVENT(ARPD_ROGUE,     "arpd.rogue",     ARPD, ERR,     false, "rogue DHCP server {ip} at {mac}: {count} messages",
      F(IP, ip) F(MAC, mac) F(U64, vlan) F(U64, count))
EVENT(ARPD_OWNER,     "arpd.owner",     ARPD, NOTICE,  false, "the protected address {ip} is taken to be {mac}'s, the first that was seen with it",
      F(IP, ip) F(MAC, mac) F(U64, vlan))
EVENT(ARPD_PROTECTED, "arpd.protected", ARPD, CRIT,    false, "{mac} speaks as {ip}, which is protected and {owner}'s: {count} frames",
      F(IP, ip) F(MAC, mac) F(MAC, owner) F(U64, vlan) F(U64, count))
EVENT(ARPD_DEFENDED,  "arpd.defended",  ARPD, NOTICE,  false, "announced that {ip} is {mac}'s",
      F(IP, ip) F(MAC, mac) F(U64, vlan))
EVENT(ARPD_SCANNED,   "arpd.scanned",   ARPD, NOTICE,  false, "scan of {first} to {last} by {by}: {asked} addresses asked for, {answers} are there",
      F(IP, first) F(IP, last) F(STR, by) F(U64, asked) F(U64, answers))
EVENT(ARPD_MORE,      "arpd.more",      ARPD, NOTICE,  false, "{event}: {count} more that were not told",
      F(STR, event) F(U64, count))
EVENT(ARPD_FULL,      "arpd.full",      ARPD, WARNING, false, "host table full ({size}): the longest unseen host was dropped",
      F(U64, size))

/* net: the own stack */
EVENT(NET_ADDRESS,    "net.address",    NET, NOTICE,  false, "{device}: {ip} at {mac}",
      F(STR, device) F(IP, ip) F(MAC, mac))
EVENT(NET_GONE,       "net.gone",       NET, CRIT,    false, "the network device was taken away (errno {error})",
      F(U64, error))
EVENT(NET_LOST,       "net.lost",       NET, WARNING, false, "{count} frames were lost before they were read: more came to the network device than it could hold",
      F(U64, count))
EVENT(NET_CONFLICT,   "net.conflict",   NET, ERR,     false, "our address {ip} is used by {mac} too",
      F(IP, ip) F(MAC, mac))

/* clang-format on */

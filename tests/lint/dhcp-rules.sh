#!/bin/sh
# SPDX-License-Identifier: ISC
#
# services/dhcpd/docs/rules.md tells what the tests of DHCP's rules are: it is made from them.
. "$(dirname "$0")/lib.sh"

rules=$GYL_BUILD/tests/dhcp_rules
page=services/dhcpd/docs/rules.md
[ -x "$rules" ] || skip "dhcp_rules is not built"
"$rules" list >"$lint_tmp/page"
[ "${1:-}" != --update ] || cp "$lint_tmp/page" "$page"
same "$page" "$lint_tmp/page" "sh $0 --update"
finish "$(grep -c '^| .*`rfc' "$page") rules"

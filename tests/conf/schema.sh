#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The published JSON Schema against the samples. It is a schema; its defaults fit it; each key is described;
# what the reader accepts it accepts, defaults printed out or not; what the reader refuses for more than rules
# between keys it refuses, too, and nothing of the others.
set -eu
: "${GYL_BUILD:?where the build is}"
[ -x "$GYL_BUILD/bin/guyline" ] || { echo "skipped: guyline is not built here"; exit 77; }
python3 -c 'from jsonschema import Draft202012Validator' 2>/dev/null || { echo "skipped: needs python3-jsonschema"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
here=$(cd "$(dirname "$0")" && pwd)

"$GYL_BUILD/bin/guyline" run --schema >"$dir/schema.json"
"$GYL_BUILD/bin/guyline-dhcpd" --schema >"$dir/dhcpd.json"

# The examples of the manuals, as their readers see them.
for page in "$here"/../../services/*/man/*.conf.5; do
	awk -v out="$dir/$(basename "$page")" '/^\.Sh / { on = ($2 == "EXAMPLES") }
		on && /^\.Bd -literal/ { take = 1; n++; next }
		/^\.Ed/ { take = 0 }
		take { sub(/^\\&/, ""); print > (out "." n ".json") }' "$page"
done

# Samples that only rules between keys refuse: a schema has no word for these.
rules="bad-class-pool bad-class-rules bad-empty bad-forward-rules bad-arp-rules bad-arp-every-rules bad-transport-rules bad-transfer-rules bad-copy-rules bad-identities bad-interface bad-interfaces bad-keys
	bad-own-edges bad-pools bad-reservations bad-route bad-size bad-standby-secret bad-times bad-workers-rules"

cat >"$dir/check.py" <<'PY'
import glob, json, os, sys
from jsonschema import Draft202012Validator

dir, here, rules = sys.argv[1], sys.argv[2], sys.argv[3].split()
wrong = 0


def fail(what):
    global wrong
    wrong += 1
    print("FAILED: " + what)


def load(path):
    with open(path) as f:
        return json.load(f)


def walk(schema, path):
    """Every key with its description, and a default that it accepts itself."""
    cnt = 0
    for name, key in schema.get("properties", {}).items():
        at = path + "." + name
        cnt += 1
        if len(path) != 0 and not key.get("description"):
            fail(at + " has no description")
        if "default" in key:
            for e in Draft202012Validator(key).iter_errors(key["default"]):
                fail("default of " + at + ": " + e.message)
        cnt += walk(key, at) + walk(key.get("items", {}), at)
    return cnt


whole, own = load(dir + "/schema.json"), load(dir + "/dhcpd.json")
for schema in (whole, own):
    Draft202012Validator.check_schema(schema)
judge, own_judge = Draft202012Validator(whole), Draft202012Validator(own)
if walk(whole, "") < 150:
    fail("keys are missing")

good = [here + "/../../conf/event.json"]
for path in sorted(glob.glob(dir + "/*.conf.5.*.json")):
    with open(path) as f:
        if f.read(1) == "{":  # not a zone
            good.append(path)
for path in sorted(glob.glob(here + "/dhcpd/*.ok") + glob.glob(here + "/dns/*.ok")):
    good += [path, path[:-2] + "json"]
for path in good:
    for e in judge.iter_errors(load(path)):
        fail("%s: %s: %s" % (os.path.basename(path), "/".join(map(str, e.path)), e.message))
    if not own_judge.is_valid(load(path)):
        fail(os.path.basename(path) + " is refused by the schema of guyline-dhcpd")

bad = 0
for path in sorted(glob.glob(here + "/dhcpd/*.err") + glob.glob(here + "/dns/*.err")):
    name = os.path.basename(path)[:-4]
    if judge.is_valid(load(path[:-3] + "json")) != (name in rules):
        fail(name + (" is refused" if name in rules else " is accepted"))
    bad += 1
if len(good) < 14 or bad < 12:
    fail("samples are missing")
print("%d good, %d bad" % (len(good), bad))
sys.exit(wrong != 0)
PY
python3 "$dir/check.py" "$dir" "$here" "$rules"

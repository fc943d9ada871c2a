#!/usr/bin/env bash
# Published clients, their code untouched, on the real host names at port 443, in a network of their own without any way out.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mock=${CARGO_TARGET_DIR:-$here/../../target}/${MYINFO_PROFILE:-debug}/myinfo-mock
python=${MYINFO_PYTHON:-$here/../../target/python/bin/python}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! unshare --net --mount true 2>/dev/null; then
  echo "SKIPPED: this kernel or user may not make a network namespace, so no client was run on the real host names" >&2
  exit 0
fi

"$mock" export "$work/client" --state-dir "$work/state" >/dev/null
"$mock" hosts >"$work/hosts"
echo '127.0.0.1 localhost' >>"$work/hosts"

if [ ! -x "$python" ]; then
  echo "the packages of Python are missing: python3 -m venv target/python && target/python/bin/pip install -r $here/python/requirements.txt" >&2
  exit 1
fi

# the inner shell has these variables
# shellcheck disable=SC2016
unshare --net --mount env WORK="$work" MOCK="$mock" HERE="$here" PYTHON="$python" bash -euo pipefail -c '
  ip link set lo up
  mount --bind "$WORK/hosts" /etc/hosts
  "$MOCK" --http 127.0.0.1:0 --https 127.0.0.1:443 --state-dir "$WORK/state" >"$WORK/ready" &
  trap "kill $!" EXIT
  until grep -q "^ready https://127.0.0.1:443$" "$WORK/ready"; do kill -0 $!; sleep 0.1; done
  export NODE_EXTRA_CA_CERTS="$WORK/client/ca.pem"
  export REQUESTS_CA_BUNDLE="$NODE_EXTRA_CA_CERTS"
  person_of() {
    case "$1" in
      requests_oauth2client) "$PYTHON" "$HERE/python/relying_party.py" "$WORK/client" ;;
      singpass-client) SSL_CERT_FILE="$NODE_EXTRA_CA_CERTS" "$PYTHON" "$HERE/python/before_fapi.py" "$WORK/client" ;;
      *) node "$HERE/person.mjs" "$1" "$WORK/client" ;;
    esac
  }
  for client in node-test node-sandbox gov-client openid-client requests_oauth2client singpass-client; do
    person=$(person_of "$client" | grep "^person")
    printf "%s: %s\n" "$client" "$person"
    [ "$person" = "person S6005048A ANDY LAU" ]
  done
  # none of them broke a rule
  node --input-type=module -e "
    import { assertNoRuleBroken } from \"$HERE/mock.mjs\"
    await assertNoRuleBroken(\"https://localhost\", { token: 6, person: 3, par: 2, userinfo: 3 })
  "
'
echo "6 passed, 0 failed"

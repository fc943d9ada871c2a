# shellcheck shell=bash disable=SC2154
# A whole flow to ANDY LAU with programs as they were installed. `mock`, `connector` and `suite` are the commands, as arrays.

persona=S6005048A
curled() { curl --silent --show-error --fail-with-body --max-time 10 --noproxy '*' "$@"; }

# Starts the mock in the background and waits for its ready line: sets `base` and `mock_process`.
start_mock() {
  "${mock[@]}" --http 127.0.0.1:0 --auto-login "$persona" >mock.out 2>mock.err &
  mock_process=$!
  for _ in $(seq 200); do
    base="$(sed -n 's/^ready \(http:.*\)/\1/p' mock.out)"
    [ -z "$base" ] || return 0
    kill -0 "$mock_process" 2>/dev/null || failed "the mock ended: $(cat mock.err)"
    sleep 0.05
  done
  failed "the mock is not ready: $(cat mock.out mock.err)"
}

# Asks it to end: with 0, or what is given. What stands in front of it may end first, but nothing may be left.
stop_mock() {
  local code=0
  kill -TERM "$mock_process"
  wait "$mock_process" || code=$?
  [ "$code" = "${1:-0}" ] || failed "the mock ended with $code, and ${1:-0} was expected: $(cat mock.err)"
  for _ in $(seq 40); do
    curled "$base/_mock/health" >/dev/null 2>&1 || return 0
    sleep 0.05
  done
  failed "a mock still answers at $base"
}

# The browser: the mock logs in by itself, and sends it back at once.
browsed() { curled --output /dev/null --write-out '%{redirect_url}' "$1"; }

flow_v3() {
  export MYINFO_BASE_URL="$base"
  local url state
  url="$("${connector[@]}" login-url 2>state)"
  state="$(sed -n 's/^state: //p' state)"
  "${connector[@]}" person --callback "$(browsed "$url")" --state "$state" >person.json
  grep -q 'ANDY LAU' person.json || failed "v3: nobody called ANDY LAU: $(cat person.json)"
}

flow_fapi() {
  export MYINFO_FAPI_ISSUER="$base/fapi"
  local url
  url="$("${connector[@]}" --profile fapi login-url --kept kept.json)"
  "${connector[@]}" --profile fapi person --callback "$(browsed "$url")" --kept kept.json >person.json
  grep -q 'ANDY LAU' person.json || failed "FAPI: nobody called ANDY LAU: $(cat person.json)"
}

# Every rule was kept, and all of it went to this mock.
no_rule_broken() {
  curled "${admin[@]}" -H 'Content-Type: application/json' "$base/_mock/assertions" \
    -d '{"no_rule_broken": true, "called": {"token": 2, "person": 1, "userinfo": 1}}' >assertion.json ||
    failed "the assertion: $(cat assertion.json)"
}

# The suite judges the connector that is inside it by a few cases, and the mock as it judges servers.
judged() {
  "${suite[@]}" --only 'v3.callback.*' >suite.out || failed "the suite: $(cat suite.out)"
  "${suite[@]}" server "$base" --only 'v3.server-authorise.*' >suite.out || failed "the suite on the mock: $(cat suite.out)"
}

# What a client gets: its keys, in a format too old for OpenSSL's first provider as well.
exported() {
  "${mock[@]}" export exported >/dev/null
  openssl pkcs12 -legacy -in exported/client-legacy.p12 -passin pass:myinfo-mock -nokeys >/dev/null 2>&1 ||
    failed "client-legacy.p12 does not open"
}

whole_flow() {
  admin=()
  start_mock
  flow_v3
  flow_fapi
  no_rule_broken
  stop_mock "$@"
}

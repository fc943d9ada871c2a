//! What the console says at its usual level: every refusal, and of no request a secret, a token, a key or a person.

use crate::process::Mock;
use myinfo_fixtures::damage::{Damage, shown_in};
use myinfo_fixtures::keys::{CLIENT_ID, CLIENT_KEY_PEM, CLIENT_REDIRECT_URI, CLIENT_SECRET, ec};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const JSON: &str = "Content-Type: application/json\r\n";
/// A token of three parts, as clients have them: `{"alg":"RS256"}`, `{"sub":"S6005048A"}`, and a signature.
const TOKEN: &str =
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJTNjAwNTA0OEEifQ.c2lnbmF0dXJlLW9mLXRoaXMtdG9rZW4tYnktbm9ib2R5LWF0LWFsbA";

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Pairs, one of which has another value, or which there was not.
fn pairs(good: &[(&str, &str)], (name, value): (&str, &str)) -> String {
    let others = good.iter().filter(|(other, _)| *other != name);
    let all = others.copied().chain([(name, value)]);
    all.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

/// One line, as a header has it.
fn on_a_line(text: &str) -> String {
    text.replace(['\r', '\n', '"'], " ")
}

/// A request: its line, its headers and its body.
type Ask = (String, String, String);

fn get(address: &str) -> Ask {
    (format!("GET {address}"), String::new(), String::new())
}

fn post(path: &str, form: String) -> Ask {
    (format!("POST {path}"), FORM.to_owned(), form)
}

const AUTHORISE: [(&str, &str); 6] = [
    ("client_id", CLIENT_ID),
    ("attributes", "name"),
    ("purpose", "a test"),
    ("state", "s"),
    ("redirect_uri", CLIENT_REDIRECT_URI),
    ("response_type", "code"),
];
const EXCHANGE: [(&str, &str); 5] = [
    ("code", "c"),
    ("client_id", CLIENT_ID),
    ("client_secret", "another"),
    ("redirect_uri", CLIENT_REDIRECT_URI),
    ("grant_type", "authorization_code"),
];

/// A text in every parameter and path of v3 in which it does not belong. State and purpose are the client's own.
fn in_parameters_of_v3(wrong: &str) -> Vec<Ask> {
    let encoded = encode(wrong);
    let mut asks = Vec::new();
    for (context, unknown) in [("com", "zzz"), ("gov", wrong)] {
        let own = ["purpose", "state"];
        let names = AUTHORISE.iter().map(|(name, _)| *name).filter(|name| !own.contains(name));
        for name in names.chain([unknown, "authmode", "sp_esvcId"]) {
            asks.push(get(&format!("/{context}/v3/authorise?{}", pairs(&AUTHORISE, (name, wrong)))));
        }
        for name in EXCHANGE.iter().map(|(name, _)| *name).chain([unknown]) {
            asks.push(post(&format!("/{context}/v3/token"), pairs(&EXCHANGE, (name, wrong))));
        }
        asks.push(get(&format!("/{context}/v3/person/{encoded}/?client_id={encoded}&attributes={encoded}")));
        asks.push(get(&format!("/{context}/v3/person-basic/{encoded}?client_id={encoded}")));
        asks.push(get(&format!("/{context}/v3/person-sample/{encoded}?attributes={encoded}")));
        asks.push(get(&format!("/{context}/v3/{encoded}")));
    }
    asks.push(post("/com/v3/token", wrong.to_owned()));
    asks
}

/// The same in every field of a header.
fn in_headers(wrong: &str) -> Vec<Ask> {
    const FIELDS: [&str; 5] = ["app_id", "nonce", "signature_method", "signature", "timestamp"];
    let wrong = on_a_line(wrong);
    let person = |headers: String| (format!("GET /com/v3/person/x/?client_id={CLIENT_ID}&attributes=name"), headers);
    let mut asks = Vec::new();
    for field in FIELDS {
        let value = |name: &str| if name == field { wrong.clone() } else { "1".to_owned() };
        let header = FIELDS.map(|name| format!("{name}=\"{}\"", value(name))).join(",");
        let header = format!("Authorization: PKI_SIGN {header},Bearer {TOKEN}\r\n");
        let (line, form, body) = post("/com/v3/token", pairs(&EXCHANGE, ("zzz", "1")));
        asks.push((line, format!("{form}{header}"), body));
        let (line, header) = person(header);
        asks.push((line, header, String::new()));
    }
    for scheme in ["", "Bearer ", "DPoP ", "PKI_SIGN "] {
        let header = format!("Authorization: {scheme}{wrong}\r\nDPoP: {wrong}\r\n");
        let (line, header) = person(header);
        asks.push((line, header.clone(), String::new()));
        asks.push(("GET /fapi/userinfo".to_owned(), header, String::new()));
    }
    let persona = format!("X-Myinfo-Mock-Persona: {wrong}\r\n");
    let (line, _, body) = get(&format!("/com/v3/authorise?{}", pairs(&AUTHORISE, ("authmode", "SINGPASS"))));
    asks.push((line, persona, body));
    asks
}

/// The same in the parameters of FAPI.
fn in_parameters_of_fapi(wrong: &str) -> Vec<Ask> {
    let names = ["client_id", "scope", "redirect_uri", "response_type", "client_assertion_type", "grant_type", "zzz"];
    let each = names.iter().flat_map(|name| {
        let form = || pairs(&[], (name, wrong));
        [post("/fapi/par", form()), post("/fapi/token", form()), get(&format!("/fapi/auth?{}", form()))]
    });
    each.chain([post("/fapi/par", wrong.to_owned())]).collect()
}

/// Sends a text in every place of the protocols in which it does not belong: what was sent, and what was answered.
fn sent_everywhere(mock: &Mock, wrong: &str) -> Vec<(String, String)> {
    let asks = [in_parameters_of_v3(wrong), in_headers(wrong), in_parameters_of_fapi(wrong)].concat();
    asks.iter().map(|(line, headers, body)| (line.clone(), mock.send(line, headers, body))).collect()
}

#[test]
fn no_refusal_shows_a_registered_secret_a_token_or_a_person() {
    let mock = Mock::start(&["--log", "warn"], "");
    for wrong in [CLIENT_SECRET, TOKEN, &format!("Bearer {TOKEN}"), "S6005048A", "ANDI LAU"] {
        sent_everywhere(&mock, wrong);
    }
    let told = mock.console();
    let refused = told.matches(" refused: ").count();
    assert!(refused > 200, "{refused} refusals were told: {told}");
    assert!(told.contains("v3.authorise.response-type") && told.contains("fapi."), "of each kind: {told}");
    let shown = |text: &str| told.lines().find(|line| line.contains(text)).map(str::to_owned);
    for secret in [CLIENT_SECRET, TOKEN, TOKEN.rsplit('.').next().unwrap(), "S6005048A"] {
        assert_eq!(shown(secret), None, "{secret}");
    }
    // what was meant as a person's name is a person's; elsewhere it is any text
    let persona = told.lines().filter(|line| line.contains("persona"));
    assert_eq!(persona.filter(|line| line.contains("ANDI")).count(), 0, "{told}");
}

#[test]
fn a_key_that_was_sent_stands_neither_in_an_answer_nor_in_the_log_nor_in_the_journal() {
    let mock = Mock::start(&["--log", "debug"], "");
    let jwk = ec::private("client-sig-p256").unwrap().to_string();
    let damages = [Damage::Whole, Damage::FourHyphens, Damage::BareLine, Damage::Escaped, Damage::Cut];
    let pems = damages.map(|damage| (CLIENT_KEY_PEM, String::from_utf8(damage.done_to(CLIENT_KEY_PEM, 400)).unwrap()));
    for (key, text) in pems.into_iter().chain([(jwk.as_str(), jwk.clone())]) {
        let mut answers = sent_everywhere(&mock, &text);
        for (line, body) in [
            (
                "PUT /_mock/clients/X",
                format!(
                    r#"{{"redirect_uris":[],"v3":{{"secret":"abcdefgh","certificate":{0},"private_key":{0}}}}}"#,
                    quoted(&text)
                ),
            ),
            ("PUT /_mock/clients/X", format!(r#"{{"redirect_uris":[{0}],"name":{0},{0}:1}}"#, quoted(&text))),
            ("PUT /_mock/clients/X", text.clone()),
            (
                "POST /_mock/realms",
                format!(r#"{{"config":{{"service":{{"rsa":{{"key":{0},"certificate":{0}}}}}}}}}"#, quoted(&text)),
            ),
            ("POST /_mock/realms", format!(r#"{{"name":{0},"config":{{{0}:1}}}}"#, quoted(&text))),
            ("POST /_mock/faults", format!(r#"{{"id":{}}}"#, quoted(&text))),
            ("POST /_mock/logins", format!(r#"{{"next":[{}]}}"#, quoted(&text))),
            ("POST /_mock/clock", format!(r#"{{"set":{}}}"#, quoted(&text))),
            ("POST /_mock/keys", format!(r#"{{"change":{}}}"#, quoted(&text))),
        ] {
            answers.push((line.to_owned(), mock.send(line, JSON, &body)));
        }
        for path in ["exchanges?limit=1000", "exchanges.har", "transactions?limit=1000"] {
            answers.push((path.to_owned(), mock.get(&format!("/_mock/{path}"))));
        }
        for (request, answer) in answers {
            assert_eq!(shown_in(&answer, key), None, "{request}\n{answer}");
        }
        let log = mock.console();
        let line = log.lines().find(|line| shown_in(line, key).is_some());
        assert_eq!(line, None);
    }
    assert!(mock.console().contains("DEBUG in full"), "it was the whole log");
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

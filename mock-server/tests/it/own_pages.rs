//! The mock's own pages, without script: what they hold, what they escape, and what their forms do.

use crate::pages::{Visit, visit, visit_with};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The pages that need nothing to have happened.
const PAGES: [&str; 19] = [
    "/",
    "/_mock/",
    "/_mock/personas.html",
    "/_mock/clients.html",
    "/_mock/clients/TESTBED-CLIENT.html",
    "/_mock/faults.html",
    "/_mock/rules.html",
    "/_mock/openapi.html",
    "/_mock/openapi/v3.html",
    "/_mock/openapi/fapi.html",
    "/_mock/openapi/oidc.html",
    "/_mock/docs/",
    "/_mock/docs/fapi.html",
    "/_mock/docs/reports/mockpass.html",
    "/_mock/playground.html",
    "/_mock/playground.html?api=v3",
    "/_mock/playground.html?api=fapi-login",
    "/_mock/playground.html?api=oidc",
    "/_mock/realms.html",
];
const HOSTILE: &str = "%3Cscript%3Ealert(1)%3C/script%3E";

/// A realm called `side`, to visit below its own address.
pub(crate) async fn make_realm(visit: &Visit) {
    let made = visit.http.post(format!("{}/_mock/realms", visit.mock.base_url()));
    let made = made.header("content-type", "application/json").body(r#"{"name":"side"}"#).send().await.unwrap();
    assert_eq!(made.status(), 201);
}

/// The addresses of links, forms and files on a page.
pub(crate) fn addresses(page: &str) -> Vec<&str> {
    let of = |attribute: &'static str| page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
    of("href=\"").chain(of("action=\"")).chain(of("src=\"")).collect()
}

#[tokio::test]
async fn every_page_has_a_strict_policy_and_no_code_in_it() {
    let visit = visit().await;
    for path in PAGES {
        let answer = visit.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        for part in ["default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        let page = answer.text().await.unwrap();
        for code in ["style=", "onclick=", "<style", "javascript:"] {
            assert!(!page.contains(code), "{path} has {code}");
        }
        assert_eq!(page.matches("<script").count(), 1, "{path} has the script of all pages alone");
        assert_eq!(page.matches("aria-current=\"page\"").count(), 1, "{path} says in the navigation where it is");
    }
    let script = visit.get("/_mock/page.js").await;
    assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
}

#[tokio::test]
async fn links_of_a_realm_stay_in_it_and_all_lead_somewhere() {
    let visit = visit().await;
    make_realm(&visit).await;
    for path in PAGES {
        let page = visit.page(&format!("/_realm/side{path}")).await;
        let own = addresses(&page).into_iter().filter(|address| address.starts_with('/') && !address.starts_with("//"));
        for address in own.map(|address| address.replace("&amp;", "&").replace("&#38;", "&")) {
            // the last one says that it leads out
            let shared = ["/_mock/style.css", "/_mock/page.js", "/_mock/"].contains(&address.as_str());
            assert!(shared || address.starts_with("/_realm/side/"), "{path} leads out of its realm: {address}");
        }
    }
    for path in PAGES {
        let page = visit.page(&format!("/_realm/side{path}")).await;
        assert_eq!(page.matches("href=\"/_mock/\"").count(), 1, "{path} leads to the default realm once");
        let page = visit.page(path).await;
        let own = addresses(&page).into_iter().filter(|address| address.starts_with('/')).collect::<Vec<_>>();
        for address in own.iter().take(40) {
            let status = visit.get(address.split('#').next().unwrap()).await.status();
            assert!(status.is_success(), "{path} leads to {address}, which answers {status}");
        }
    }
}

#[tokio::test]
async fn what_somebody_searches_for_is_shown_and_not_run() {
    let visit = visit().await;
    for path in [
        "/_mock/",
        "/_mock/personas.html",
        "/_mock/clients.html",
        "/_mock/faults.html",
        "/_mock/rules.html",
        "/_mock/docs/",
    ] {
        let page = visit.page(&format!("{path}?q={HOSTILE}")).await;
        assert!(!page.contains("<script>") && page.contains("alert(1)"), "{path}");
    }
}

#[tokio::test]
async fn a_client_is_shown_with_its_keys_and_without_its_secret() {
    let visit = visit().await;
    let body = json!({
        "name": "<script>alert(1)</script>",
        "redirect_uris": ["http://localhost:8080/cb?a=<b>"],
        "v3": {"secret": "my-own-secret-of-v3", "certificate": myinfo_fixtures::keys::CLIENT_CERT_PEM},
    });
    let put = visit.http.put(format!("{}/_mock/clients/MINE", visit.mock.base_url()));
    let put = put.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    assert_eq!(put.status(), 200);
    let described: Value = serde_json::from_str(&visit.page("/_mock/clients/MINE").await).unwrap();
    let thumbprint = described["v3"]["key"]["thumbprint"].as_str().unwrap();
    assert_eq!(thumbprint.len(), 43, "SHA-256 in base64url");
    let page = visit.page("/_mock/clients/MINE.html").await;
    assert!(page.contains(thumbprint) && page.contains("http://localhost:8080/cb?a=&#60;b&#62;"), "{page}");
    assert!(!page.contains("my-own-secret-of-v3") && page.contains("MYINFO_CLIENT_SECRET=…"), "{page}");
    for page in [page, visit.page("/_mock/clients.html").await] {
        assert!(!page.contains("<script>alert"), "{page}");
    }
    let sample = visit.page("/_mock/clients/TESTBED-CLIENT.html").await;
    assert!(sample.contains("MYINFO_CLIENT_SECRET=testbed-client-secret"), "published secrets are of use");
    let fapi = visit.page("/_mock/clients/TESTBEDxMYINFOxAPPx0000000000001.html").await;
    assert!(fapi.contains("client-sig-p256") && fapi.contains("MYINFO_FAPI_ISSUER=http://HOST/fapi"), "{fapi}");
    assert_eq!(visit.get("/_mock/clients/NOBODY.html").await.status(), 404);
    let found = visit.page("/_mock/clients.html?q=login+fapi").await;
    assert!(found.contains("data-test=\"client-TESTBEDxLOGINxAPPx00000000000002\"") && !found.contains("client-MINE"));
}

async fn armed(visit: &Visit, base: &str) -> Vec<(String, Value, Value)> {
    let told: Value = serde_json::from_str(&visit.page(&format!("{base}/_mock/faults")).await).unwrap();
    let one = |one: &Value| (one["id"].as_str().unwrap().to_owned(), one["left"].clone(), one["client"].clone());
    told["armed"].as_array().unwrap().iter().map(one).collect()
}

#[tokio::test]
async fn faults_are_armed_and_disarmed_by_a_click() {
    let visit = visit().await;
    let path = "/_mock/faults.html";
    assert!(visit.page(path).await.contains("data-test=\"nothing-armed\""));
    let found = visit.page("/_mock/faults.html?q=tag+bit").await;
    assert!(found.contains("data-test=\"fault-jwe-tag\"") && !found.contains("data-test=\"fault-token-500\""));
    let done = visit.click(path, "q=tag+bit&times=1&client=TESTBED-CLIENT&arm=jwe-tag").await;
    assert_eq!(
        (done.status().as_u16(), &done.headers()["location"]),
        (303, &"/_mock/faults.html?q=tag%20bit".parse().unwrap())
    );
    visit.click(path, "times=&client=&arm=token-500").await;
    assert_eq!(
        armed(&visit, "").await,
        [("jwe-tag".to_owned(), json!(1), json!("TESTBED-CLIENT")), ("token-500".to_owned(), Value::Null, Value::Null)]
    );
    let page = visit.page(path).await;
    assert!(page.contains("1 left, for TESTBED-CLIENT only") && page.contains("data-test=\"disarm-token-500\""));
    assert_eq!(visit.click(path, "disarm=jwe-tag").await.status(), 303);
    assert_eq!(visit.click(path, "disarm=jwe-tag").await.status(), 303, "it may have struck in between");
    assert_eq!(armed(&visit, "").await.len(), 1);
    visit.click(path, "disarm=*").await;
    assert_eq!(armed(&visit, "").await.len(), 0);
}

#[tokio::test]
async fn a_click_in_a_realm_arms_there() {
    let visit = visit().await;
    make_realm(&visit).await;
    let done = visit.click("/_realm/side/_mock/faults.html", "arm=jwe-tag").await;
    assert_eq!(done.headers()["location"], "/_realm/side/_mock/faults.html?q=");
    assert_eq!((armed(&visit, "/_realm/side").await.len(), armed(&visit, "").await.len()), (1, 0));
}

#[tokio::test]
async fn what_cannot_be_armed_is_told_on_the_page() {
    let visit = visit().await;
    for (form, says) in [
        ("arm=%3Cscript%3E", "There is no fault `&#60;script&#62;`"),
        ("arm=jwe-tag&times=0", "`times` is 0"),
        ("arm=jwe-tag&times=often", "`times` is no number"),
        ("arm=jwe-tag&client=NOBODY", "The client `NOBODY` is not registered"),
        (
            "arm=token-500&client=TESTBEDxMYINFOxAPPx0000000000001",
            "is registered for fapi, oidc: it would never strike",
        ),
        ("arm=jwe-tag&disarm=jwe-tag", "either `arm` or `disarm`"),
        ("disarm=jwe-tga", "did you mean `jwe-tag`"),
    ] {
        let answer = visit.click("/_mock/faults.html", form).await;
        assert_eq!(answer.status(), 400, "{form}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(says) && !page.contains("<script>"), "{form}: {page}");
    }
    assert!(armed(&visit, "").await.is_empty());
}

#[tokio::test]
async fn a_form_of_another_page_changes_nothing() {
    let visit = visit().await;
    let url = format!("{}/_mock/faults.html", visit.mock.base_url());
    let own = visit.mock.base_url();
    let send = |headers: &[(&'static str, &str)]| {
        let request = visit.http.post(&url).body("arm=jwe-tag");
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send()
    };
    let form = ("content-type", "application/x-www-form-urlencoded");
    for headers in [
        &[form][..],
        &[form, ("origin", "http://elsewhere.example")],
        &[form, ("origin", "null")],
        &[form, ("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
        &[form, ("sec-fetch-site", "same-site")],
    ] {
        assert_eq!(send(headers).await.unwrap().status(), 403, "{headers:?}");
    }
    let json = [("content-type", "text/plain"), ("origin", own.as_str())];
    assert_eq!(send(&json).await.unwrap().status(), 415);
    assert!(armed(&visit, "").await.is_empty());
    assert_eq!(send(&[form, ("sec-fetch-site", "same-origin")]).await.unwrap().status(), 303);
}

#[tokio::test]
async fn rules_are_found_by_words_and_lead_to_their_documents() {
    let visit = visit().await;
    let page = visit.page("/_mock/rules.html").await;
    assert!(page.contains("id=\"fapi.dpop.ath\"") || page.contains("id=\"v3.signature.valid\""), "{page}");
    assert!(page.contains("https://www.rfc-editor.org/rfc/rfc9449#section-4.3"));
    let found = visit.page("/_mock/rules.html?q=nonce+once").await;
    assert!(
        found.contains("data-test=\"rule-v3.signature.nonce-once\"") && !found.contains("rule-v3.signature.valid\"")
    );
    assert!(found.contains("/_mock/?rule=v3.signature.nonce-once"));
}

#[tokio::test]
async fn the_documentation_is_served_and_searched() {
    let visit = visit().await;
    let contents = visit.page("/_mock/docs/").await;
    assert_eq!(contents.matches("<h1").count(), 1, "a title, and below it the parts");
    assert!(contents.contains("<h1>Documentation</h1>") && contents.contains("<h2 id=\"the-mock\">The mock</h2>"));
    assert!(contents.contains("<a href=\"fapi.html\">") && contents.contains("<a href=\"reports/mockpass.html\">"));
    let chapter = visit.page("/_mock/docs/migrating.html").await;
    assert!(chapter.contains("<table>") && chapter.contains("<h1 id=\"moving-to-fapi\">"));
    let found = visit.page("/_mock/docs/?q=playground").await;
    assert!(found.contains("sections found with") && found.contains("/_mock/docs/"), "{found}");
    let hits: Vec<&str> =
        found.split("data-test=\"found\"").skip(1).map(|hit| hit.split("</li>").next().unwrap()).collect();
    assert!(hits.len() > 1 && hits.iter().all(|hit| hit.to_lowercase().contains("<mark>playground")), "{hits:?}");
    assert!(hits.iter().all(|hit| hit.contains("class=\"why\">") && hit.contains("class=\"excerpt\">")), "{hits:?}");
    let repeated = visit.page(&format!("/_mock/docs/?q={}", "playground+".repeat(500))).await;
    assert_eq!(repeated.matches("data-test=\"found\"").count(), hits.len(), "a word counts once");
    assert!(visit.page("/_mock/docs/?q=no-such-word-anywhere").await.contains("Nothing found with"));
    for missing in
        ["/_mock/docs/fapi.md", "/_mock/docs/SUMMARY.html", "/_mock/docs/nothing.html", "/_mock/docs/reports/"]
    {
        assert_eq!(visit.get(missing).await.status(), 404, "{missing}");
    }
}

/// Sends the token request of the corpus, and gives back the number of its exchange.
async fn send_token_request(visit: &Visit) -> u64 {
    let request = include_str!("corpus/token.http");
    let (head, form) = request.split_once("\n\n").unwrap();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    let sent = visit.http.post(format!("{}/com/v3/token", visit.mock.base_url()));
    let sent = sent.header("host", "127.0.0.1:5156").header("authorization", header("Authorization: "));
    let sent = sent.header("content-type", header("Content-Type: ")).header("x-note", "it's <script>");
    sent.body(form.trim_end().to_owned()).send().await.unwrap();
    1
}

/// A JWT that nobody signed.
fn token(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2lnbmF0dXJl", part(header), part(claims))
}

#[tokio::test]
async fn a_transaction_is_a_waterfall_with_the_broken_rule_on_top() {
    let visit = visit().await;
    let number = send_token_request(&visit).await;
    let page = visit.page(&format!("/_mock/transactions/{number}.html")).await;
    let (top, below) = page.split_once("data-test=\"waterfall\"").unwrap();
    let rule = top.split("data-test=\"broken-rule\">").nth(1).unwrap().split('<').next().unwrap();
    assert!(rule.len() > 10 && top.contains("data-test=\"fix\""), "{top}");
    assert!(top.contains("href=\"/_mock/rules.html#v3.") && top.contains("https://public.cloud.myinfo.gov.sg/"));
    assert!(below.contains("<rect x=\"0\"") && below.contains("+0 ms"), "{below}");
    let curl = below.split("data-test=\"curl\">").nth(1).unwrap().split("</pre>").next().unwrap();
    assert!(curl.contains("curl -i -X POST &#39;http://127.0.0.1:5156/com/v3/token&#39;"), "{curl}");
    assert!(curl.contains("client_secret=[redacted]") && !page.contains("testbed-client-secret"), "{curl}");
    assert!(curl.contains("it&#39;\\&#39;&#39;s &#60;script&#62;") && below.contains("data-test=\"curl-masked\""));
    assert!(!page.contains("<script>"), "what came is shown and not run");
}

#[tokio::test]
async fn a_base_string_of_ones_own_is_held_against_the_expected_one() {
    let visit = visit().await;
    let number = send_token_request(&visit).await;
    let path = format!("/_mock/compare/{number}");
    let compare = async |own: &str| {
        let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("own", own).finish();
        let answer = visit.click(&path, &form).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, other) = compare("POST&http://127.0.0.1:5156/com/v3/token/<script>").await;
    assert_eq!(status, 200);
    assert!(
        other.contains("data-test=\"differs\"") && other.contains("<mark>") && !other.contains("<script>"),
        "{other}"
    );
    assert!(!other.contains("testbed-client-secret"), "the expected one is masked");
    let expected = other.split("<pre").nth(1).unwrap().split('>').skip(1).collect::<Vec<_>>().join(">");
    let expected = expected.split("</pre").next().unwrap().replace("<mark>", "").replace("</mark>", "");
    let expected = expected.replace("&#38;", "&").replace("&#34;", "\"");
    let (_, masked) = compare(&expected).await;
    assert!(masked.contains("data-test=\"masked\""), "{expected}: {masked}");
    let code = include_str!("corpus/token.http").split("code=").nth(1).unwrap().split('&').next().unwrap();
    assert!(!other.contains(code), "{other}");
    let whole = expected.replace("code=[redacted]", &format!("code={code}"));
    let whole = whole.replace("[redacted]", "testbed-client-secret");
    assert!(!whole.contains("…"), "{whole}");
    let (_, same) = compare(&format!("\r\n{whole}\r\n")).await;
    assert!(same.contains("data-test=\"same\""), "{whole}: {same}");
}

#[tokio::test]
async fn what_cannot_be_compared_says_why() {
    let visit = visit().await;
    let number = send_token_request(&visit).await;
    let path = format!("/_mock/compare/{number}");
    for (form, says) in [
        ("own=".to_owned(), "Nothing was pasted"),
        (format!("own={}", "x".repeat(16 * 1024 + 1)), "too long"),
        ("own=-----BEGIN+PRIVATE+KEY-----".to_owned(), "That is a key"),
        (format!("own={}", token(&json!({"typ": "dpop+jwt"}), &json!({}))), "no token of this kind"),
    ] {
        let answer = visit.click(&path, &form).await;
        assert_eq!(answer.status(), 400, "{says}");
        let page = answer.text().await.unwrap();
        assert!(
            page.contains("data-test=\"unusable\"") && page.contains(says) && !page.contains("PRIVATE KEY-"),
            "{page}"
        );
    }
    let foreign = visit.http.post(format!("{}{path}", visit.mock.base_url())).body("own=x").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    assert_eq!(visit.click("/_mock/compare/99", "own=x").await.status(), 404);
    visit.begin("name").await;
    let unsigned = visit.click("/_mock/compare/2", "own=x").await;
    assert_eq!(unsigned.status(), 404, "a browser signs nothing");
}

#[tokio::test]
async fn assertion_and_proof_are_compared_member_by_member() {
    let visit = visit().await;
    let client = "TESTBEDxMYINFOxAPPx0000000000001";
    let claims = json!({"iss": client, "sub": client, "aud": "http://127.0.0.1/fapi", "jti": "1", "exp": 5});
    let assertion = token(&json!({"alg": "ES256", "kid": "client-sig-p256"}), &claims);
    let proof = token(&json!({"typ": "dpop+jwt"}), &json!({"htm": "POST", "htu": "http://127.0.0.1/fapi/par"}));
    let form = format!("client_id={client}&client_assertion={assertion}");
    let sent = visit.http.post(format!("{}/fapi/par", visit.mock.base_url())).header("dpop", &proof);
    let sent = sent.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
    assert!(sent.status().is_client_error());
    let page = visit.page("/_mock/transactions/1.html").await;
    assert!(page.contains("Compare with your own client assertion or DPoP proof"), "{page}");
    let own = json!({"iss": client, "sub": client, "aud": "<script>", "jti": "2", "exp": 5, "more": true});
    let own = token(&json!({"alg": "ES256", "kid": "client-sig-p256"}), &own);
    let page = visit.click("/_mock/compare/1", &format!("own={own}")).await.text().await.unwrap();
    assert!(page.contains("differs in 2 members") && !page.contains("<script>"), "{page}");
    let verdict = |name: &str| {
        let member = page.split(&format!("data-test=\"member-{name}\"")).nth(1).unwrap();
        member.split("class=\"badge\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    let verdicts = ["kid", "iss", "aud", "jti", "more"].map(verdict);
    assert_eq!(verdicts, ["the same", "the same", "differs", "new in every request", "differs"]);
    let page = visit.click("/_mock/compare/1", &format!("own=DPoP:+{proof}")).await.text().await.unwrap();
    assert!(page.contains("Your DPoP proof has what came"), "{page}");
}

#[tokio::test]
async fn pages_and_forms_want_the_admin_token_where_there_is_one() {
    let visit = visit_with("[server]\nadmin_token = \"a-long-token\"").await;
    for path in PAGES {
        assert_eq!(visit.get(path).await.status(), 401, "{path}");
    }
    assert_eq!(visit.click("/_mock/faults.html", "arm=jwe-tag").await.status(), 401);
    assert_eq!(visit.click("/_mock/realms.html", "delete=side").await.status(), 401);
    let url = format!("{}/_mock/faults.html", visit.mock.base_url());
    let form = |request: reqwest::RequestBuilder| {
        let request = request.header("origin", visit.mock.base_url()).body("arm=jwe-tag");
        request.header("content-type", "application/x-www-form-urlencoded")
    };
    // what a browser sends once it has asked for a password
    let with_token = form(visit.http.post(&url).basic_auth("any", Some("a-long-token")));
    assert_eq!(with_token.send().await.unwrap().status(), 303);
}

//! The connector's REST service: its contract, and the state that is bound to the browser.

use myinfo_conformance::http::client as http;
use myinfo_connector::Connector;
use myinfo_connector::service::{ATTRIBUTES, Service};
use myinfo_connector::v3::{Config, Environment, Flavour};
use myinfo_fixtures::keys;
use myinfo_mock_server::MockServer;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use tokio::sync::oneshot;

/// A mock, the service in front of it, and a browser without script that keeps one cookie.
struct Stage {
    mock: MockServer,
    home: String,
    http: Client,
    _stop: oneshot::Sender<()>,
}

async fn begin_stage() -> Stage {
    let mock = MockServer::builder().auto_login("S6005048A").start().await.unwrap();
    let config = Config::builder(Environment::Custom { base_url: mock.base_url(), flavour: Flavour::Protected })
        .client(keys::CLIENT_ID, keys::CLIENT_SECRET)
        .redirect_uri(keys::CLIENT_REDIRECT_URI)
        .attributes(ATTRIBUTES)
        .private_key(keys::CLIENT_KEY_PEM.as_bytes(), None)
        .unwrap()
        .myinfo_key(keys::MYINFO_CERT_PEM.as_bytes())
        .unwrap();
    let connector = Connector::new(config.build().unwrap()).unwrap();
    let service = Service::bind(connector, ([127, 0, 0, 1], 0).into()).await.unwrap();
    let home = format!("http://{}", service.address().unwrap());
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(service.run(async move { drop(stopped.await) }));
    Stage { mock, home, http: http().unwrap(), _stop: stop }
}

impl Stage {
    async fn get(&self, path: &str, cookie: Option<&str>) -> Response {
        let request = self.http.get(format!("{}{path}", self.home));
        match cookie {
            Some(cookie) => request.header("Cookie", cookie).send().await.unwrap(),
            None => request.send().await.unwrap(),
        }
    }

    /// Begins a login: the address, the state, the browser's cookie.
    async fn begin(&self, path: &str) -> (String, String, String) {
        let answer = self.get(path, None).await;
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["message"], "OK");
        let text = |name: &str| body["data"][name].as_str().unwrap().to_owned();
        (text("url"), text("state"), cookie.split(';').next().unwrap().to_owned())
    }

    /// Visits the mock and returns the query of the callback.
    async fn visit(&self, url: &str) -> String {
        let answer = self.http.get(url).send().await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        location.split_once('?').unwrap().1.to_owned()
    }
}

impl Stage {
    /// What a browser gets: the status, and the page that it shows.
    async fn page(&self, path: &str, cookie: &str) -> (u16, String) {
        let request = self.http.get(format!("{}{path}", self.home)).header("Cookie", cookie);
        let answer = request.header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8").send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// A login that worked: where the page behind it leads a browser, and the cookie with which it goes there.
    async fn log_in(&self) -> (String, String) {
        let (url, _, cookie) = self.begin("/users/me/external/myinfo-redirect-login").await;
        let (status, page) = self.page(&format!("/callback?{}", self.visit(&url).await), &cookie).await;
        assert_eq!(status, 200);
        let link = page.split("<noscript>").nth(1).unwrap().split("href=\"").nth(1).unwrap().split('"').next().unwrap();
        (link.replace("&#38;", "&"), cookie)
    }

    async fn arm(&self, fault: &str) {
        let armed = self.http.post(format!("{}/_mock/faults", self.mock.base_url())).json(&json!({"id": fault}));
        assert_eq!(armed.send().await.unwrap().status(), 200);
    }
}

fn code_of(query: &str) -> String {
    query.strip_prefix("code=").unwrap().split('&').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_whole_service_as_the_python_connector_offers_it() {
    let rig = begin_stage().await;
    for (login, person) in [
        ("/users/me/external/myinfo-redirect-login", "/users/me/external/myinfo"),
        ("/users/me/external/myinfo/redirect-login", "/user/me/external/myinfo"),
        ("/user/me/external/myinfo-redirect-login", "/users/me/external/myinfo"),
        ("/user/me/external/myinfo/redirect-login", "/user/me/external/myinfo"),
    ] {
        let (url, state, cookie) = rig.begin(login).await;
        assert!(url.starts_with(&format!("{}/com/v3/authorise?", rig.mock.base_url())) && url.contains(&state));
        let query = rig.visit(&url).await;
        let page = rig.get(&format!("/callback?{query}"), Some(&cookie)).await;
        assert_eq!(page.status(), 200);
        assert_eq!(page.headers()["referrer-policy"], "no-referrer");
        let page = page.text().await.unwrap();
        assert!(
            page.contains("/assets/callback.js") && page.contains(&code_of(&query)),
            "the page fetches the person by itself"
        );
        let answer: Value =
            rig.get(&format!("{person}?code={}", code_of(&query)), Some(&cookie)).await.json().await.unwrap();
        let names: Vec<&String> = answer["data"].as_object().unwrap().keys().collect();
        assert_eq!(names, ATTRIBUTES);
        assert_eq!(answer["data"]["regadd"]["block"]["value"], "319");
        let mut flat = answer;
        flat["data"].as_object_mut().unwrap().remove("regadd");
        assert_eq!(
            flat,
            json!({"message": "OK", "data": {
                "dob": "1988-10-06", "sex": "M", "name": "ANDY LAU", "birthcountry": "SG", "nationality": "SG", "uinfin": "S6005048A"
            }})
        );
    }
}

#[tokio::test]
async fn whoever_asks_gets_the_meanings_of_the_codes_beside_them() {
    let rig = begin_stage().await;
    let (url, _, cookie) = rig.begin("/users/me/external/myinfo-redirect-login").await;
    let query = rig.visit(&url).await;
    rig.get(&format!("/callback?{query}"), Some(&cookie)).await;
    let path = format!("/users/me/external/myinfo?code={}&meanings=1", code_of(&query));
    let answer: Value = rig.get(&path, Some(&cookie)).await.json().await.unwrap();
    assert_eq!(answer["data"]["sex"], "M", "the data stay as they are");
    assert_eq!(
        answer["meanings"],
        json!({"sex": "MALE", "birthcountry": "SINGAPORE", "nationality": "SINGAPORE CITIZEN"})
    );
}

#[tokio::test]
async fn without_script_a_browser_is_led_to_a_page_with_the_meanings_and_a_program_still_gets_json() {
    let rig = begin_stage().await;
    let (path, cookie) = rig.log_in().await;
    let (status, page) = rig.page(&path, &cookie).await;
    assert_eq!(status, 200);
    for part in [
        "<title>Your data</title>",
        "<dt>Sex</dt><dd data-test=\"sex\">MALE</dd>",
        "data-test=\"birthcountry\">SINGAPORE</dd>",
        "data-test=\"nationality\">SINGAPORE CITIZEN</dd>",
        "data-test=\"regadd\">319 ANCHORVALE DRIVE #38-10, SINGAPORE 542319</dd>",
    ] {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
    let (status, page) = rig.page(&path, &cookie).await;
    assert_eq!(status, 403, "the second time");
    assert!(page.contains("This code did not come back to this browser&#39;s callback, or was used before."), "{page}");
    assert!(page.contains("/_mock/?state=") && page.contains("what the mock saw of this login"), "{page}");
    for accept in ["*/*", "application/json", "application/json, text/html;q=0", ""] {
        let (path, cookie) = rig.log_in().await;
        let asked = rig.http.get(format!("{}{path}", rig.home)).header("Cookie", cookie).header("Accept", accept);
        let answer: Value = asked.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["data"]["sex"], "M", "{accept}");
    }
}

#[tokio::test]
async fn the_page_behind_a_login_waits_only_where_a_script_does() {
    let rig = begin_stage().await;
    let (url, _, cookie) = rig.begin("/users/me/external/myinfo-redirect-login").await;
    let (_, page) = rig.page(&format!("/callback?{}", rig.visit(&url).await), &cookie).await;
    let waiting = page.lines().find(|line| line.contains("This takes a moment")).unwrap();
    assert!(waiting.starts_with("<p hidden "), "{waiting}");
    assert!(page.contains("<title>Your login worked</title>") && page.contains(">Show your data</a>"), "{page}");
}

#[tokio::test]
async fn data_that_cannot_be_fetched_are_told_in_one_sentence_with_a_title_a_reason_and_a_way_on() {
    let rig = begin_stage().await;
    let (path, cookie) = rig.log_in().await;
    rig.arm("person-503").await;
    let (status, page) = rig.page(&path, &cookie).await;
    assert_eq!(status, 502);
    for part in [
        "<title>Your data could not be fetched</title>",
        "<h1 data-test=\"heading\">Your data could not be fetched</h1>",
        "<p>Myinfo is not available: the person endpoint answered 503; try again later.</p>",
        "<code data-test=\"code\">upstream</code>",
        "<a class=\"button\" href=\"/\" data-test=\"again\">Start again</a>",
        "what the mock saw of this login",
    ] {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
    assert!(!page.contains("Please start again"), "later is not now: {page}");
}

#[tokio::test]
async fn of_a_server_that_does_not_answer_the_page_tells_the_address_and_leads_to_nothing_there() {
    let rig = begin_stage().await;
    let (path, cookie) = rig.log_in().await;
    let address = rig.mock.base_url();
    let Stage { mock, home, http, _stop } = rig;
    mock.stop().await;
    let asked = http.get(format!("{home}{path}")).header("Cookie", cookie).header("Accept", "text/html");
    let page = asked.send().await.unwrap().text().await.unwrap();
    let told = format!("<p>The token endpoint at {address} could not be reached: no connection could be made.</p>");
    assert!(page.contains(&told) && page.contains("data-test=\"code\">transport<"), "{page}");
    assert!(!page.contains("the mock") && !page.contains("/_mock/"), "it saw nothing of this: {page}");
}

#[tokio::test]
async fn a_refused_login_leads_to_what_the_mock_saw_of_it() {
    let rig = begin_stage().await;
    let (url, state, cookie) = rig.begin("/users/me/external/myinfo-redirect-login").await;
    let query = format!("error=access_denied&state={state}");
    let page = rig.get(&format!("/callback?{query}"), Some(&cookie)).await.text().await.unwrap();
    let journal = format!("{}/_mock/?state={state}", rig.mock.base_url());
    assert!(page.contains(&format!("href=\"{journal}\"")), "{page}");
    rig.visit(&url).await;
    let seen = rig.http.get(&journal).send().await.unwrap().text().await.unwrap();
    assert!(seen.contains("data-test=\"transaction-1\""), "{seen}");
    let (_, _, cookie) = rig.begin("/users/me/external/myinfo-redirect-login").await;
    let hostile = rig.get("/callback?error=x&state=%22%3E%3Cscript%3E", Some(&cookie)).await.text().await.unwrap();
    assert!(!hostile.contains("<script>") && hostile.contains("state=%22%3E%3Cscript%3E"), "{hostile}");
}

#[tokio::test]
async fn a_callback_is_refused_in_another_browser_with_another_state_and_the_second_time() {
    let rig = begin_stage().await;
    let (url, state, cookie) = rig.begin("/users/me/external/myinfo-redirect-login").await;
    let (_, _, other) = rig.begin("/users/me/external/myinfo-redirect-login").await;
    let query = rig.visit(&url).await;
    let forged = query.replace(&state, &"0".repeat(32));
    for (query, cookie) in [(&query, None), (&query, Some(&other)), (&forged, Some(&cookie))] {
        let page = rig.get(&format!("/callback?{query}"), cookie.map(String::as_str)).await;
        assert_eq!(page.status(), 403);
        assert!(page.text().await.unwrap().contains("data-test=\"code\">state<"));
    }
    // a code that never came back to a callback cannot be redeemed
    let early = rig.get(&format!("/users/me/external/myinfo?code={}", code_of(&query)), Some(&cookie)).await;
    assert_eq!(early.status(), 403);
    assert_eq!(rig.get(&format!("/callback?{query}"), Some(&cookie)).await.status(), 200);
    assert_eq!(rig.get(&format!("/callback?{query}"), Some(&cookie)).await.status(), 403);
    let person = format!("/users/me/external/myinfo?code={}", code_of(&query));
    assert_eq!(rig.get(&person, Some(&other)).await.status(), 403);
    assert_eq!(rig.get(&person, Some(&cookie)).await.status(), 200);
    assert_eq!(rig.get(&person, Some(&cookie)).await.status(), 403);
}

#[tokio::test]
async fn refusals_have_a_page_and_a_code_and_repeat_nothing() {
    let rig = begin_stage().await;
    let (_, state, cookie) = rig.begin("/users/me/external/myinfo-redirect-login").await;
    let query = format!("error=access_denied&error-description=%3Cscript%3E&state={state}");
    let page = rig.get(&format!("/callback?{query}"), Some(&cookie)).await;
    assert_eq!(page.status(), 403);
    let page = page.text().await.unwrap();
    assert!(page.contains("access_denied") && !page.contains("<script>"), "{page}");
    let (url, _, cookie) = rig.begin("/users/me/external/myinfo-redirect-login").await;
    let query = rig.visit(&url).await;
    rig.get(&format!("/callback?{query}"), Some(&cookie)).await;
    let Stage { mock, home, http, _stop } = rig;
    mock.stop().await;
    let person = http.get(format!("{home}/users/me/external/myinfo?code={}", code_of(&query))).header("Cookie", cookie);
    let answer = person.send().await.unwrap();
    assert_eq!(answer.status(), 502);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        body,
        json!({"message": "the token endpoint could not be reached: no connection could be made", "code": "transport"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_or_not_all_end() {
    let mock = MockServer::builder().start().await.unwrap();
    let config = Config::builder(Environment::Custom { base_url: mock.base_url(), flavour: Flavour::Sandbox })
        .client(keys::CLIENT_ID, keys::CLIENT_SECRET)
        .redirect_uri(keys::CLIENT_REDIRECT_URI)
        .attributes(ATTRIBUTES)
        .myinfo_key(keys::MYINFO_CERT_PEM.as_bytes())
        .unwrap();
    let connector = Connector::new(config.build().unwrap()).unwrap();
    let service = Service::bind(connector, ([127, 0, 0, 1], 0).into()).await.unwrap().patience(Duration::from_secs(1));
    let address = service.address().unwrap();
    let (_stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(service.run(async move { drop(stopped.await) }));
    let ended = tokio::task::spawn_blocking(move || {
        let said = [
            "",
            "GET / HT",
            "GET / HTTP/1.1\r\nHost: x\r\n",
            "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
            "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        ];
        let mut streams: Vec<TcpStream> = said
            .iter()
            .cycle()
            .take(100)
            .map(|text| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                stream.write_all(text.as_bytes()).unwrap();
                stream
            })
            .collect();
        streams.iter_mut().all(|stream| stream.read_to_end(&mut Vec::new()).is_ok())
    });
    assert!(ended.await.unwrap(), "every one of them is closed by the service");
}

#[tokio::test]
async fn odd_requests_get_clear_answers() {
    let rig = begin_stage().await;
    for (path, status) in [
        ("/nope", 404),
        ("/users/me/external/myinfo", 400),
        ("/users/me/external/myinfo?code=a&code=b", 400),
        ("/users/me/external/myinfo?code=unknown", 403),
        ("/callback", 403),
        ("/callback?state=%ff&code=%00", 403),
        ("/", 302),
    ] {
        assert_eq!(rig.get(path, None).await.status(), status, "{path}");
    }
    let (status, page) = rig.page("/nope", "").await;
    assert_eq!(status, 404);
    assert!(page.contains("Nothing is served at this path.") && page.contains("href=\"/\""), "{page}");
    let lost: Value = rig.get("/nope", None).await.json().await.unwrap();
    assert_eq!(lost, json!({"message": "nothing is served at this path", "code": "request"}), "to a program");
    assert_eq!(rig.get("/favicon.ico", None).await.status(), 204, "browsers ask for it by themselves");
    let post = rig.http.post(format!("{}/callback", rig.home)).send().await.unwrap();
    assert_eq!(post.status(), 405);
}

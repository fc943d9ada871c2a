//! The pages, as snapshots: what a browser gets, without the parts that change from run to run.

use myinfo_mock_server::MockServer;
use myinfo_mock_server::ambient::{Clock, ManualClock, Timestamp};
use myinfo_mock_server::config::Config;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use std::path::Path;

pub(crate) struct Visit {
    pub(crate) mock: MockServer,
    pub(crate) http: Client,
}

/// A browser without script at a mock whose clock stands still.
pub(crate) async fn visit() -> Visit {
    visit_with("").await
}

/// The same at a mock with a configuration of its own.
pub(crate) async fn visit_with(config: &str) -> Visit {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let clock = Clock::Manual(ManualClock::starting_at(Timestamp(1_700_000_000_000)));
    let config = Config::from_toml(config, Path::new(".")).unwrap();
    let mock = MockServer::builder().config(config).address(([127, 0, 0, 1], 0).into()).clock(clock).seed(1);
    let mock = mock.start().await.unwrap();
    Visit { mock, http: Client::builder().redirect(Policy::none()).no_proxy().build().unwrap() }
}

impl Visit {
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.mock.base_url())).send().await.unwrap()
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        self.get(path).await.text().await.unwrap().replace(&self.mock.address().to_string(), "HOST")
    }

    /// Sends a form as a browser on a page of the mock does.
    pub(crate) async fn click(&self, path: &str, form: &str) -> Response {
        let request = self.http.post(format!("{}{path}", self.mock.base_url())).header("origin", self.mock.base_url());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(form.to_owned()).send().await.unwrap()
    }

    /// The path of the login page of a fresh transaction.
    pub(crate) async fn begin(&self, attributes: &str) -> String {
        let path = format!(
            "/com/v3/authorise?client_id=TESTBED-CLIENT&attributes={attributes}&purpose=a%20test&state=s&redirect_uri=http://localhost:3001/callback"
        );
        self.get(&path).await.headers()["location"].to_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn the_login_page_searches_and_offers_personas() {
    let visit = visit().await;
    let login = visit.begin("name").await;
    insta::assert_snapshot!(visit.page(&format!("{login}&q=andy")).await);
    let all = visit.page(&login).await;
    assert_eq!(all.matches("data-test=\"persona-").count(), 54);
    assert!(!all.contains("<script") && !all.contains("style="), "no script and no inline style");
}

/// The ids of the persons on a page.
pub(crate) fn people(page: &str) -> Vec<&str> {
    page.split("data-test=\"persona-").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn people_are_found_by_what_they_are_on_both_pages_and_over_the_api_alike() {
    let visit = visit().await;
    let login = visit.begin("name").await;
    for (words, count) in [("PR", 9), ("over+60", 14), ("no+data", 2), ("nobody+at+all", 0)] {
        let page = visit.page(&format!("/_mock/personas.html?q={words}")).await;
        assert_eq!(people(&page).len(), count, "{words}");
        assert!(page.contains(&format!("{count} of 54")), "{words}");
        assert_eq!(people(&visit.page(&format!("{login}&q={words}")).await), people(&page), "{words}");
        let answer = visit.page(&format!("/_mock/personas?q={words}")).await;
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let ids: Vec<&str> =
            answer["personas"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, people(&page), "{words}");
    }
}

#[tokio::test]
async fn the_login_page_begins_with_the_personas_most_look_for_and_folds_the_others() {
    let visit = visit().await;
    let login = visit.begin("name").await;
    let all = visit.page(&login).await;
    let (open, folded) = all.split_once("<details data-test=\"more\"").unwrap();
    assert!(open.contains("persona-S6005048A") && open.contains("fail-access-denied"), "failures stand above");
    assert_eq!((people(open).len(), people(folded).len()), (15, 39));
    assert!(!visit.page(&format!("{login}&q=female")).await.contains("data-test=\"more\""), "what is found is shown");
}

#[tokio::test]
async fn a_person_has_a_page_with_the_document_of_both_versions() {
    let visit = visit().await;
    let page = visit.page("/_mock/personas/S6005048A.html").await;
    assert!(page.contains("citizen · male · 35 years"), "the realm's clock tells the age");
    let document = |name: &str| {
        let start = page.split(&format!("data-test=\"document-{name}\" tabindex=\"0\">")).nth(1).unwrap();
        let text =
            start.split("</pre>").next().unwrap().replace("&#34;", "\"").replace("&#38;", "&").replace("&#39;", "'");
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    assert_eq!(document("v3")["name"]["value"], "ANDY LAU");
    assert_eq!(document("v5")["person_info"]["name"]["value"], "ANDY LAU");
    let without = visit.page("/_mock/personas/G0000012X.html").await;
    assert!(without.contains("Myinfo has no data") && !without.contains("data-test=\"document-"), "{without}");
    let nobody = visit.get("/_mock/personas/NOBODY.html").await;
    assert_eq!(nobody.status(), 404);
}

#[tokio::test]
async fn the_list_of_logins_is_searched_and_tells_the_cause() {
    let visit = visit().await;
    visit.begin("name").await;
    visit.get("/com/v3/authorise?client_id=TESTBED-CLEINT&attributes=name&purpose=p&state=lost").await;
    let all = visit.page("/_mock/").await;
    assert_eq!(all.matches("data-test=\"transaction-").count(), 2);
    let refused = visit.page("/_mock/?q=refused").await;
    assert_eq!(refused.matches("data-test=\"transaction-").count(), 1);
    assert!(refused.contains("data-test=\"cause\"") && refused.contains("TESTBED-CLIENT"), "{refused}");
    assert!(refused.contains("1 with “refused”") && refused.contains("just now"));
    assert_eq!(visit.page("/_mock/?q=refused+name").await.matches("data-test=\"transaction-").count(), 0);
    assert_eq!(visit.page("/_mock/?event=authorise&client=TESTBED-CLIENT").await.matches("transaction-").count(), 1);
    let wrong = visit.get("/_mock/?page=0").await;
    assert_eq!(
        (wrong.status().as_u16(), wrong.text().await.unwrap().contains("a number from 1 is expected")),
        (400, true)
    );
}

#[tokio::test]
async fn the_list_of_logins_is_narrowed_down_by_what_stands_in_it_and_keeps_what_was_chosen() {
    let visit = visit().await;
    let empty = visit.page("/_mock/").await;
    assert!(!empty.contains("<select"), "there is nothing to choose from: {empty}");
    visit.begin("name").await;
    visit.get("/com/v3/authorise?client_id=TESTBED-CLEINT&attributes=name&purpose=p&state=lost").await;
    let shown = |page: &str| page.matches("data-test=\"transaction-").count();
    let all = visit.page("/_mock/").await;
    for (name, value) in [
        ("outcome", "under-way"),
        ("client", "TESTBED-CLIENT"),
        ("event", "authorise"),
        ("status", "302"),
        ("rule", "v3.authorise.client-registered"),
    ] {
        let select =
            all.split(&format!("<label for=\"{name}\">")).nth(1).and_then(|rest| rest.split("</select>").next());
        let select = select.unwrap_or_else(|| panic!("{name}: {all}"));
        assert!(select.contains(&format!("<select id=\"{name}\" name=\"{name}\"")), "{select}");
        assert!(select.contains("<option value=\"\">any</option>") && !select.contains(" selected"), "{select}");
        assert!(select.contains(&format!("<option>{value}</option>")), "{select}");
    }
    // as the form sends it: with every box, filled or not
    let form = "state=s&q=&outcome=under-way&client=TESTBED-CLIENT&event=&status=&rule=";
    let page = visit.page(&format!("/_mock/?{form}")).await;
    assert_eq!(shown(&page), 1, "{page}");
    for kept in [
        "<option selected>under-way<",
        "<option selected>TESTBED-CLIENT<",
        "type=\"hidden\" name=\"state\" value=\"s\"",
    ] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    assert!(page.contains("data-test=\"without-outcome\"") && page.contains(">Show all</a>"), "{page}");
    assert_eq!(page.matches("<input type=\"hidden\"").count(), 1, "what is chosen is sent once: {page}");
    let refused = visit.page("/_mock/?outcome=refused").await;
    assert!(shown(&refused) == 1 && refused.contains("TESTBED-CLEINT"), "{refused}");
    let none = visit.page("/_mock/?outcome=complete&client=NOBODY").await;
    assert!(shown(&none) == 0 && none.contains("No login fits") && none.contains("selected>NOBODY<"), "{none}");
}

#[tokio::test]
async fn what_the_list_of_logins_cannot_be_asked_for_is_told_on_a_page() {
    let visit = visit().await;
    for (query, says) in [
        ("outcome=refsued", "`outcome` is `refsued`; there are under-way, complete, ended, broken-off, refused"),
        ("outcom=refused", "`outcom` is no parameter here"),
        ("rule=nonsense", "`nonsense` is no rule"),
        ("status=bad", "a number is expected"),
        ("page=0", "a number from 1 is expected"),
        ("q=%FF", "bytes that are not UTF-8"),
    ] {
        let asked = visit.http.get(format!("{}/_mock/?{query}", visit.mock.base_url()));
        let answer = asked.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8").send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let (status, page) = (answer.status(), answer.text().await.unwrap());
        assert!(status == 400 && kind.starts_with("text/html"), "{query}: {status} {kind}");
        assert!(page.contains(says) && page.contains("data-test=\"back\""), "{query}: {page}");
        let bare = visit.http.get(format!("{}/_mock?{query}", visit.mock.base_url()));
        let bare = bare.header("accept", "text/html").send().await.unwrap().text().await.unwrap();
        assert!(bare.contains("data-test=\"back\""), "without the slash: {bare}");
        let told = visit.get(&format!("/_mock/?{query}")).await;
        assert_eq!(told.headers()["content-type"], "application/json", "a program is told as ever");
    }
}

#[tokio::test]
async fn more_logins_than_fit_have_a_second_page() {
    let visit = visit().await;
    for _ in 0..51 {
        visit.begin("name").await;
    }
    let (first, second) = (visit.page("/_mock/").await, visit.page("/_mock/?page=2").await);
    assert_eq!([&first, &second].map(|page| page.matches("data-test=\"transaction-").count()), [50, 1]);
    assert!(
        first.contains("page=2")
            && !first.contains("page=0")
            && second.contains("page=1")
            && !second.contains("page=3")
    );
}

#[tokio::test]
async fn the_consent_page_shows_application_purpose_and_every_item() {
    let visit = visit().await;
    let login = visit.begin("uinfin,name,regadd,noahistory,vehicles.make,vehicles.vehicleno,mobileno,gstvoucher").await;
    let transaction = login.split("transaction=").nth(1).unwrap();
    let form = format!("transaction={transaction}&persona=S6005048A");
    let chosen = visit.http.post(format!("{}/com/v3/login", visit.mock.base_url())).body(form).send().await.unwrap();
    insta::assert_snapshot!(visit.page(chosen.headers()["location"].to_str().unwrap()).await);
}

#[tokio::test]
async fn the_start_page_says_how_to_point_a_connector_at_it() {
    insta::assert_snapshot!(visit().await.page("/").await);
}

#[tokio::test]
async fn every_address_and_command_of_the_start_page_is_there_to_be_copied() {
    let visit = visit().await;
    let page = visit.page("/").await;
    let script = visit.page("/_mock/page.js").await;
    assert!(script.contains("document.querySelectorAll(\"[data-copy]\")"), "whatever element it is: {script}");
    for address in ["http://HOST/fapi", "http://HOST/com/v3", "http://HOST/gov/v3", "http://HOST"] {
        let element = page.split(&format!(">{address}<")).next().and_then(|before| before.rsplit('<').next()).unwrap();
        assert!(element.starts_with("code data-copy"), "{address}: {element}");
    }
    let commands: Vec<&str> = page.split(">myinfo-mock export").collect();
    assert!(commands.len() > 3, "one for all clients, and one for each: {page}");
    for before in &commands[..commands.len() - 1] {
        let element = before.rsplit('<').next().unwrap();
        assert!(element.starts_with("pre data-copy tabindex=\"0\""), "{element}");
    }
}

#[tokio::test]
async fn a_refusal_on_a_page_says_what_to_change() {
    let visit = visit().await;
    insta::assert_snapshot!(visit.page("/com/v3/authorise?client_id=TESTBED-CLEINT").await);
    insta::assert_snapshot!(
        visit.page("/com/v3/authorise?client_id=TESTBED-CLIENT&redirect_uri=http://localhost:3001/callback/").await
    );
}

#[tokio::test]
async fn pages_of_a_login_forbid_scripts_framing_and_referrers() {
    let visit = visit().await;
    let answer = visit.get(&visit.begin("name").await).await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "no-store");
}

#[tokio::test]
async fn error_bodies_are_the_documented_ones() {
    let visit = visit().await;
    let mut told = Vec::new();
    for path in [
        "/nope",
        "/com/v3/person/x",
        "/com/v3/person-basic/x",
        "/com/v3/person-sample/x",
        "/com/v3/token",
        "/biz/v2/person",
        "/_mock/health",
    ] {
        let answer = visit.get(path).await;
        let status = answer.status().as_u16();
        told.push(format!("GET {path}\n{status} {}", answer.text().await.unwrap()));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[tokio::test]
async fn names_in_messages_are_code() {
    let visit = visit().await;
    for path in ["/_mock/rules.html", "/com/v3/authorise?client_id=TESTBED-CLEINT"] {
        let page = visit.page(path).await;
        assert!(page.contains("<code>") && !page.contains('`'), "{path}: {page}");
    }
}

//! The list of logins and the page of one: what a search finds, what a filter that fits nothing says, how a login ended.

use crate::pages::{Visit, visit};
use serde_json::Value;

/// Logs in, or ends the login, as whoever chooses this on its login page.
async fn choose(visit: &Visit, persona: &str) {
    let login = visit.begin("name").await;
    let transaction = login.split("transaction=").nth(1).unwrap();
    visit.click("/com/v3/login", &format!("transaction={transaction}&persona={persona}")).await;
}

/// Begins a login with this state.
async fn begin_with_state(visit: &Visit, state: &str) {
    let path = "/com/v3/authorise?client_id=TESTBED-CLIENT&attributes=name&purpose=p&redirect_uri=http://localhost:3001/callback";
    assert!(visit.get(&format!("{path}&state={state}")).await.status().is_redirection());
}

/// Cancels a login whose redirect is changed by a fault.
async fn strike(visit: &Visit) {
    assert_eq!(visit.click("/_mock/faults.html", "arm=callback-state-missing&times=1").await.status(), 303);
    choose(visit, "error:access_denied").await;
}

/// The numbers of the logins on a page, newest first.
fn logins(page: &str) -> Vec<&str> {
    page.split("data-test=\"transaction-").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// What stands in the element that a test knows by this name, with its markup.
fn told<'p>(page: &'p str, name: &str) -> &'p str {
    let start = page.split(&format!("data-test=\"{name}\">")).nth(1);
    assert!(start.is_some(), "no {name}: {page}");
    start.unwrap().split("</p>").next().unwrap().split("</span>").next().unwrap()
}

#[tokio::test]
async fn a_filter_that_fits_no_login_says_so_and_leads_to_all() {
    let visit = visit().await;
    assert!(told(&visit.page("/_mock/?state=zzz").await, "empty").starts_with("Nothing came yet"));
    visit.begin("name").await;
    for (query, says) in [
        ("state=zzz", "state <code>zzz</code>)"),
        ("client=NOBODY", "client <code>NOBODY</code>)"),
        ("q=zzz", "words “zzz”)"),
        ("client=NOBODY&q=zzz", "client <code>NOBODY</code>, words “zzz”)"),
        ("state=%3Cscript%3E&event=authorise", "state <code>&#60;script&#62;</code>, event <code>authorise</code>)"),
    ] {
        let page = visit.page(&format!("/_mock/?{query}")).await;
        let empty = told(&page, "empty");
        assert!(empty.starts_with("No login fits this filter (") && empty.contains(says), "{query}: {empty}");
        assert!(empty.ends_with("<a href=\"/_mock/\">Show all</a>") && !page.contains("Nothing came yet"), "{empty}");
    }
    let beyond = visit.page("/_mock/?page=99&client=TESTBED-CLIENT").await;
    let empty = told(&beyond, "empty");
    assert!(empty.starts_with("There is no page 99: the last one is 1."), "{empty}");
    assert!(empty.contains("<a href=\"?client=TESTBED-CLIENT\">"), "{empty}");
}

#[tokio::test]
async fn each_condition_of_the_address_is_shown_and_taken_away_by_itself() {
    let visit = visit().await;
    visit.begin("name").await;
    let page = visit.page("/_mock/?client=TESTBED-CLIENT&state=s&q=authorise&page=1").await;
    let filters = told(&page, "filters");
    assert!(filters.contains("client <code>TESTBED-CLIENT</code> (<a href=\"?state=s&#38;q=authorise\""), "{filters}");
    assert!(filters.contains("state <code>s</code> (<a href=\"?client=TESTBED-CLIENT&#38;q=authorise\""), "{filters}");
    let count = told(&page, "count");
    assert!(count.contains("<a href=\"?client=TESTBED-CLIENT&#38;state=s\" data-test=\"without-q\">"), "{count}");
    let form = page.split("role=\"search\"").nth(1).unwrap().split("</form>").next().unwrap();
    assert!(form.contains("<input type=\"hidden\" name=\"state\" value=\"s\">"), "a search stays inside the filter");
    let lists = "<details class=\"narrow\"";
    assert!(page.contains(&format!("{lists} open>")), "a choice that is made is seen");
    let searched = visit.page("/_mock/?q=authorise&refresh=0").await;
    assert!(!searched.contains("data-test=\"filters\"") && searched.contains(&format!("{lists}>")));
    assert!(
        searched.contains("<input type=\"hidden\" name=\"refresh\" value=\"0\">"),
        "a page that stands still stays so"
    );
}

#[tokio::test]
async fn the_pages_of_a_filtered_list_stay_filtered() {
    let visit = visit().await;
    for _ in 0..51 {
        visit.begin("name").await;
    }
    let page = visit.page("/_mock/?client=TESTBED-CLIENT").await;
    assert!(page.contains("<a href=\"?client=TESTBED-CLIENT&#38;page=2\">Older</a>"), "{page}");
}

#[tokio::test]
async fn a_search_finds_persons_errors_and_faults() {
    let visit = visit().await;
    choose(&visit, "S6005048A").await;
    choose(&visit, "S9812381D").await;
    choose(&visit, "error:access_denied").await;
    strike(&visit).await;
    let all = visit.page("/_mock/").await;
    let [struck, denied, another, andy] = logins(&all)[..] else { panic!("{all}") };
    for (words, found) in [
        ("S9812381D", vec![another]),
        ("s9812381d", vec![another]),
        ("ANDY+LAU", vec![andy]),
        ("andy+lau+TESTBED-CLIENT", vec![andy]),
        ("access_denied", vec![struck, denied]),
        ("ended+access_denied+sent", vec![struck, denied]),
        ("fault", vec![struck]),
        ("fault:", vec![struck]),
        ("callback-state-missing", vec![struck]),
    ] {
        assert_eq!(logins(&visit.page(&format!("/_mock/?q={words}")).await), found, "{words}");
    }
    let found = visit.page("/_mock/?q=ANDY+LAU").await;
    let card = found.split("data-test=\"transaction-").nth(1).unwrap();
    assert!(card.contains("*****048A") && !card.contains("S6005048A"), "what is shown stays masked: {card}");
}

#[tokio::test]
async fn a_login_that_ended_says_how_on_its_card_and_on_its_page() {
    let visit = visit().await;
    choose(&visit, "error:access_denied").await;
    let denied = visit.page("/_mock/").await;
    assert_eq!(told(&denied, "ended"), "access_denied, sent to the application");
    let page = visit.page("/_mock/transactions/1.html").await;
    assert_eq!(told(&page, "ended"), "It ended with access_denied, sent to the application.");
    choose(&visit, "error:503").await;
    let all = visit.page("/_mock/").await;
    assert_eq!(told(&all, "ended"), "503, sent to the application");
    let told: Value = serde_json::from_str(&visit.page("/_mock/transactions").await).unwrap();
    assert_eq!(told["transactions"][1]["ended"], "access_denied, sent to the application");
    visit.begin("name").await;
    let told: Value = serde_json::from_str(&visit.page("/_mock/transactions").await).unwrap();
    assert_eq!(told["transactions"][0]["ended"], Value::Null, "it has not ended");
}

#[tokio::test]
async fn a_transaction_in_which_a_fault_struck_says_so_at_its_top() {
    let visit = visit().await;
    visit.begin("name").await;
    strike(&visit).await;
    let top = |page: String| page.split("data-test=\"waterfall\"").next().unwrap().to_owned();
    let number = logins(&visit.page("/_mock/").await)[0].to_owned();
    let struck = top(visit.page(&format!("/_mock/transactions/{number}.html")).await);
    assert!(told(&struck, "struck").contains("<code>callback-state-missing</code>"), "{struck}");
    assert!(!top(visit.page("/_mock/transactions/1.html").await).contains("data-test=\"struck\""));
}

#[tokio::test]
async fn a_random_state_is_shown_and_repeated_as_it_came_and_a_number_in_it_is_not() {
    let visit = visit().await;
    let random = "f084b90f73d3500868da38f3500868d914dcfca0";
    begin_with_state(&visit, random).await;
    let page = visit.page("/_mock/transactions/1.html").await;
    assert!(page.contains(&format!("<dt>State</dt><dd><code>{random}</code></dd>")), "{page}");
    let curl = page.split("data-test=\"curl\">").nth(1).unwrap().split("</pre>").next().unwrap();
    assert!(curl.contains(random) && !page.contains("*****"), "{curl}");
    begin_with_state(&visit, "a%3AS6005048A%26b").await;
    let page = visit.page("/_mock/transactions/2.html").await;
    assert!(page.contains("*****048A") && !page.contains("S6005048A"), "{page}");
}

#[tokio::test]
async fn a_page_that_loads_itself_again_says_first_how_to_hold_it_and_gives_time_to_type() {
    let visit = visit().await;
    visit.begin("name").await;
    for (path, below) in [("/_mock/?q=name", "<form"), ("/_mock/transactions/1.html", "<dl")] {
        let page = visit.page(path).await;
        assert!(page.contains("<noscript><meta http-equiv=\"refresh\" content=\"15\"></noscript>"), "{path}");
        let (top, _) = page.split_once(below).unwrap();
        assert!(top.contains("data-test=\"hold\">Hold it still</a>"), "{path}: {top}");
    }
    let held = visit.page("/_mock/?q=name&refresh=0").await;
    assert!(!held.contains("http-equiv=\"refresh\"") && held.contains("<a href=\"?q=name\">Load it again by itself"));
}

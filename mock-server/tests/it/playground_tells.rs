//! What the playground tells beside an answer: what a relying party refuses, what fault struck, where the login page is, and what is
//! wrong with a form.

use crate::pages::{Visit, visit};
use crate::playground::{Boxes, PATH, after, boxes, plain, send, with};
use serde_json::Value;

#[tokio::test]
async fn what_comes_back_otherwise_than_it_was_sent_is_to_be_refused() {
    for (api, fault, steps, name, says) in [
        ("v3", "callback-state-wrong", 1, "state", "The callback is not of this login"),
        ("v3", "callback-state-missing", 1, "state", "<dt>Came</dt><dd>none</dd>"),
        ("v3", "callback-state-twice", 1, "state", " and "),
        ("v3", "callback-code-twice", 1, "code", "<dt>Expected</dt><dd>one</dd>"),
        ("fapi", "fapi-callback-iss-wrong", 2, "iss", "https://nobody.invalid/fapi"),
        ("fapi", "fapi-callback-iss-missing", 2, "iss", "<dt>Came</dt><dd>none</dd>"),
        ("fapi-login", "fapi-id-token-nonce", 3, "nonce", "The ID token is not of this login"),
        ("oidc", "oidc-id-token-no-nonce", 2, "nonce", "<dt>Came</dt><dd>none</dd>"),
    ] {
        let visit = visit().await;
        visit.click("/_mock/faults.html", &format!("times=1&client=&arm={fault}")).await;
        let page = after(&visit, &format!("{PATH}?api={api}"), steps).await;
        assert_eq!(page.matches("data-test=\"unlike-").count(), 1, "{fault}: {page}");
        assert!(page.contains(&format!("data-test=\"unlike-{name}\"")) && page.contains(says), "{fault}: {page}");
        assert!(page.contains("a relying party refuses it") && !page.contains("data-test=\"done\""), "{fault}: {page}");
        assert!(
            page.contains(&format!(
                "data-test=\"struck\">An armed fault struck here: <a href=\"/_mock/faults.html?q={fault}\""
            )),
            "{fault}: {page}"
        );
        let again = after(&visit, &format!("{PATH}?api={api}"), steps).await;
        assert!(!again.contains("data-test=\"unlike-") && !again.contains("data-test=\"struck\""), "{fault}: {again}");
    }
}

#[tokio::test]
async fn what_a_person_sends_instead_is_what_has_to_come_back() {
    let visit = visit().await;
    for (api, place, steps) in [("oidc", "url", 1), ("fapi", "body", 2)] {
        let request = boxes(&after(&visit, &format!("{PATH}?api={api}"), 0).await);
        let memo: Value = serde_json::from_str(&request["memo"]).unwrap();
        let changed = request[place].replace(memo["state"].as_str().unwrap(), "a-state-of-my-own");
        let mut page = send(&visit, &with(&request, place, &changed), "sign").await.1;
        for _ in 1..steps {
            page = send(&visit, &boxes(&page), "send").await.1;
        }
        assert!(page.contains("state=a-state-of-my-own") && !page.contains("data-test=\"unlike-"), "{api}: {page}");
    }
}

#[tokio::test]
async fn without_the_persona_header_the_login_page_is_a_click_away() {
    let visit = visit().await;
    for (api, steps) in [("v3", 0), ("fapi", 1), ("oidc", 0)] {
        let request = boxes(&after(&visit, &format!("{PATH}?api={api}"), steps).await);
        let (_, page) = send(&visit, &with(&request, "headers", ""), "send").await;
        let link = page.split("data-test=\"login\">").nth(1).and_then(|rest| rest.split("href=\"").nth(1));
        let link = plain(link.unwrap_or_else(|| panic!("{api}: {page}")).split('"').next().unwrap());
        let login = visit.page(&link).await;
        assert!(login.contains("S6005048A"), "{api}: {link}: {login}");
        assert!(!page.contains("data-test=\"unlike-"), "a login page is no callback: {page}");
        let (_, page) = send(&visit, &request, "send").await;
        assert!(!page.contains("data-test=\"login\"") && page.contains("code="), "{api}: {page}");
    }
}

/// Where a login on the login page ends: the address that the browser shows at last.
async fn ended_at(visit: &Visit, login: &str) -> String {
    let submitted = async |page: &str, field: &str| {
        let (path, transaction) = page.split_once('?').unwrap();
        let answer = visit.http.post(format!("{}{path}", visit.mock.base_url()));
        let answer = answer.body(format!("{transaction}&{field}")).send().await.unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    let next = submitted(login, "persona=S6005048A").await;
    // a login that hands over no data asks for no consent
    if next.starts_with('/') { submitted(&next, "decision=agree").await } else { next }
}

/// The boxes of the form that takes the address at which a login ended, with an address in it.
fn pasted(page: &str, address: &str) -> Boxes {
    let form = page.split("data-test=\"callback-form\">").nth(1).unwrap().split("</form>").next().unwrap();
    with(&boxes(&format!("data-test=\"request\">{form}</form>")), "callback", address)
}

#[tokio::test]
async fn a_login_on_the_login_page_goes_on_with_the_address_at_which_it_ended() {
    let visit = visit().await;
    for (api, steps) in [("v3", 0), ("fapi", 1), ("fapi-login", 1), ("oidc", 0)] {
        let request = boxes(&after(&visit, &format!("{PATH}?api={api}"), steps).await);
        let (_, waits) = send(&visit, &with(&request, "headers", ""), "send").await;
        let login = plain(waits.split("href=\"").find(|link| link.contains("/login?transaction=")).unwrap());
        let ended = ended_at(&visit, login.split('"').next().unwrap()).await;
        // what is no address of an end changes nothing, and the box is there again
        for (wrong, says) in [
            ("http://localhost:3001/callback", "There is no code in it: paste the whole address"),
            (
                "http://localhost:3001/callback?error=access_denied",
                "The login ended without a code, with `error=access_denied`",
            ),
            ("😀\u{1}", "The address holds a character that none can have"),
        ] {
            let (status, page) = send(&visit, &pasted(&waits, wrong), "callback").await;
            assert!(status == 400 && plain(&page).contains(&format!("It does not go on. {says}")), "{api}: {page}");
            if wrong.contains("error=") {
                assert!(!page.contains("callback-form"), "{api}: the login page is used up: {page}");
                continue;
            }
            assert!(plain(&page).contains(&format!("value=\"{wrong}\"")), "{api}: what was pasted is there: {page}");
            assert_eq!(pasted(&page, ""), pasted(&waits, ""), "{api}");
        }
        let other = ended.replace("state=", "state=not-");
        let (_, page) = send(&visit, &pasted(&waits, &other), "callback").await;
        assert_eq!(page.contains("data-test=\"unlike-state\""), ended.contains("state="), "{api}: {page}");
        // where it came is as much of the login as what stands in it
        for elsewhere in ["http://localhost:3001/another", "https://elsewhere.example/callback"] {
            let there = ended.replace("http://localhost:3001/callback", elsewhere);
            let (status, page) = send(&visit, &pasted(&waits, &there), "callback").await;
            assert!(status == 200 && page.contains("data-test=\"unlike-redirect_uri\""), "{api}: {page}");
            assert_eq!(page.matches("data-test=\"unlike-").count(), 1, "{api}: {page}");
            assert!(page.contains("<dd>http://localhost:3001/callback</dd>"), "{api}: {page}");
            assert!(page.contains(&format!("<dd>{elsewhere}</dd>")), "{api}: {page}");
        }
        let (_, page) = send(&visit, &pasted(&waits, &format!("{ended}&code=another")), "callback").await;
        assert!(page.contains("data-test=\"unlike-code\"") && page.contains(" and another</dd>"), "{api}: {page}");
        let (status, mut page) = send(&visit, &pasted(&waits, &format!(" {ended}\n")), "callback").await;
        assert!(status == 200 && !page.contains("data-test=\"unlike-"), "{api}: {page}");
        assert!(!page.contains("data-test=\"login\""), "{api}: {page}");
        assert_eq!(boxes(&page)["step"], (steps + 1).to_string(), "{api}");
        while !page.contains("data-test=\"done\"") {
            let (_, next) = send(&visit, &boxes(&page), "send").await;
            assert!(next.contains("data-test=\"status\">200 OK"), "{api}: {next}");
            page = next;
        }
    }
}

#[tokio::test]
async fn an_address_is_no_answer_where_no_browser_was_sent_away() {
    let visit = visit().await;
    let first = boxes(&after(&visit, PATH, 0).await);
    let form = with(&first, "callback", "http://localhost:3001/callback?code=x");
    let (status, page) =
        send(&visit, &with(&form, "login", "https://elsewhere.example/login?transaction=x"), "callback").await;
    assert!(status == 400 && boxes(&page)["step"] == "0" && !page.contains("elsewhere.example"), "{page}");
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_told_on_the_page() {
    let visit = visit().await;
    let large = format!("memo={}", "x".repeat(1024 * 1024));
    for (form, says) in [
        ("memo=<script>&step=0", "It was not sent. `memo`, what the page knows of this login, was changed"),
        ("memo={}&step=9", "`step` is none of this login."),
        ("memo={}&api=fapy", "did you mean `fapi`? A new login begins below."),
        (&large, "The request body is larger than 1048576 bytes."),
    ] {
        let answer = visit.click(PATH, form).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (400, &"text/html; charset=utf-8".parse().unwrap()),
            "{says}"
        );
        let page = answer.text().await.unwrap();
        assert!(plain(&page).contains(says) && !page.contains("<script>"), "{says}: {page}");
        assert!(page.contains("data-test=\"play-0\"") && boxes(&page)["url"].ends_with("/fapi/par"), "{says}: {page}");
    }
}

#[tokio::test]
async fn a_step_that_a_fault_let_fail_looks_like_one() {
    let visit = visit().await;
    visit.click("/_mock/faults.html", "times=1&client=&arm=token-503").await;
    after(&visit, &format!("{PATH}?api=v3"), 2).await;
    let page = visit.page("/_mock/transactions/1.html").await;
    assert!(page.contains("class=\"failed\" data-test=\"step-token\""), "{page}");
    assert!(page.contains("class=\"kept\" data-test=\"step-authorise\""), "{page}");
}

//! What the playground tells beside an answer: what a relying party refuses, what fault struck, where the login page is, and what is
//! wrong with a form.

use crate::pages::visit;
use crate::playground::{PATH, after, boxes, plain, send, with};
use serde_json::Value;

#[tokio::test]
async fn what_comes_back_otherwise_than_it_was_sent_is_to_be_refused() {
    for (api, fault, steps, name, says) in [
        ("v3", "callback-state-wrong", 1, "state", "The callback is not of this login"),
        ("v3", "callback-state-missing", 1, "state", "<dt>Came</dt><dd>none</dd>"),
        ("v3", "callback-state-twice", 1, "state", " and "),
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

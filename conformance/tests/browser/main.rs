//! A real browser clicks through `myinfo-connector serve` and `myinfo-mock`, over v3 and over FAPI: Agree and Cancel.
//!
//! Needs Debian's `chromium` and `chromium-driver`, and the programs built: run by `.ci/run` with `--test browser`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test fail it by panicking"
)]

mod axe;
mod stage;

use fantoccini::Locator;
use myinfo_conformance::clock::milliseconds;
use myinfo_conformance::server::client::v3::OracleClient;
use stage::{Protocol, own, stage, stage_of};

#[tokio::test]
async fn a_person_logs_in_agrees_and_sees_the_data() {
    for width in [1280, 390] {
        let stage = stage(width).await;
        stage.browser.goto(&stage.home).await.unwrap();
        stage.look(&format!("{width}-1-start")).await;
        stage.click("login").await;
        stage.arrive("/v3/login").await;
        stage.wait_for("search").await.send_keys("andy lau").await.unwrap();
        stage.look(&format!("{width}-2-login")).await;
        stage.click("search-submit").await;
        stage.arrive("&q=andy").await;
        stage.click("persona-S6005048A").await;
        stage.arrive("/consent").await;
        assert_eq!(stage.text("application").await, "Testbed client");
        assert!(stage.text("item-regadd").await.contains("319 ANCHORVALE DRIVE #38-10"));
        stage.look(&format!("{width}-3-consent")).await;
        stage.click("agree").await;
        stage.arrive("/callback").await;
        assert_eq!(stage.text("name").await, "ANDY LAU");
        assert_eq!(stage.text("uinfin").await, "S6005048A");
        assert_eq!(stage.text("dob").await, "1988-10-06");
        assert_eq!(stage.text("sex").await, "MALE", "a meaning, not a code");
        assert_eq!(stage.text("regadd").await, "319 ANCHORVALE DRIVE #38-10, SINGAPORE 542319");
        let address = stage.browser.current_url().await.unwrap();
        assert_eq!(address.query(), None, "the code has left the address bar");
        stage.look(&format!("{width}-4-result")).await;
        stage.browser.clone().close().await.unwrap();
    }
}

#[tokio::test]
async fn data_that_cannot_be_fetched_are_told_in_heading_and_title() {
    let stage = stage(390).await;
    let armed = myinfo_conformance::http::client().unwrap().post(format!("{}/_mock/faults", stage.mock));
    assert_eq!(armed.json(&serde_json::json!({"id": "person-503"})).send().await.unwrap().status(), 200);
    stage.browser.goto(&stage.home).await.unwrap();
    stage.click("login").await;
    stage.arrive("/v3/login").await;
    stage.click("persona-S6005048A").await;
    stage.arrive("/consent").await;
    stage.click("agree").await;
    stage.arrive("/callback").await;
    assert_eq!(stage.text("code").await, "upstream");
    assert_eq!(stage.text("heading").await, "Your data could not be fetched");
    assert_eq!(stage.browser.title().await.unwrap(), "Your data could not be fetched");
    stage.look("390-4-unfetched").await;
    stage.click("again").await;
    stage.wait_for("login").await;
    stage.browser.clone().close().await.unwrap();
}

#[tokio::test]
async fn the_suites_page_has_landmarks_and_room_for_fingers() {
    for width in [1280, 390] {
        let stage = stage(width).await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("report.html");
        let mut judge = own("myinfo-conformance");
        judge.args(["--only", "v3.callback.*", "--report", &format!("html={}", file.display())]);
        assert!(judge.output().unwrap().status.success());
        stage.browser.goto(&format!("file://{}", file.display())).await.unwrap();
        stage.look(&format!("{width}-15-report")).await;
        let smallest = "const boxes = [...document.querySelectorAll('.filter input[type=checkbox]')];
            return Math.min(...boxes.flatMap((box) => { const size = box.getBoundingClientRect(); return [size.width, size.height] }))";
        let smallest = stage.browser.execute(smallest, vec![]).await.unwrap();
        assert!(smallest.as_f64().unwrap() >= 24.0, "WCAG 2.5.8: {smallest}");
        stage.browser.clone().close().await.unwrap();
    }
}

#[tokio::test]
async fn a_person_cancels_and_is_told_so() {
    let stage = stage(390).await;
    stage.browser.goto(&stage.home).await.unwrap();
    stage.click("login").await;
    stage.arrive("/v3/login").await;
    stage.click("persona-S6005048A").await;
    stage.arrive("/consent").await;
    stage.click("cancel").await;
    stage.arrive("/callback").await;
    assert_eq!(stage.text("code").await, "access_denied");
    stage.look("390-5-cancelled").await;
    stage.click("journal").await;
    stage.arrive("/_mock/?state=").await;
    stage.wait_for("transaction-1").await;
    stage.browser.clone().close().await.unwrap();
}

#[tokio::test]
async fn a_person_logs_in_over_fapi_and_sees_the_data_once() {
    for width in [1280, 390] {
        let stage = stage_of(Protocol::Fapi, width).await;
        stage.browser.goto(&stage.home).await.unwrap();
        stage.click("login").await;
        stage.arrive("/fapi/login").await;
        stage.look(&format!("{width}-11-fapi-login")).await;
        stage.click("persona-S6005048A").await;
        stage.arrive("/fapi/consent").await;
        assert_eq!(stage.text("application").await, "Testbed app");
        assert!(stage.text("item-regadd").await.contains("319 ANCHORVALE DRIVE #38-10"));
        stage.look(&format!("{width}-12-fapi-consent")).await;
        stage.click("agree").await;
        stage.arrive("/callback").await;
        assert_eq!(stage.text("name").await, "ANDY LAU");
        assert_eq!(stage.text("uinfin").await, "S6005048A");
        assert_eq!(stage.browser.current_url().await.unwrap().query(), None, "the code has left the address bar");
        stage.browser.refresh().await.unwrap();
        assert!(!stage.text("code").await.is_empty(), "the result is shown once");
        stage.browser.clone().close().await.unwrap();
    }
}

#[tokio::test]
async fn a_person_cancels_over_fapi_and_is_told_so() {
    let stage = stage_of(Protocol::Fapi, 390).await;
    stage.browser.goto(&stage.home).await.unwrap();
    stage.click("login").await;
    stage.arrive("/fapi/login").await;
    stage.click("persona-S6005048A").await;
    stage.arrive("/fapi/consent").await;
    stage.click("cancel").await;
    stage.arrive("/callback").await;
    assert_eq!(stage.text("code").await, "access_denied");
    stage.click("journal").await;
    stage.arrive("/_mock/?state=").await;
    let found = stage.browser.find_all(Locator::Css("ol.transactions li")).await.unwrap();
    assert_eq!(found.len(), 1, "the login that was cancelled");
    stage.browser.clone().close().await.unwrap();
}

/// A login whose token request has a URL with a slash too many in its base string.
async fn sign_wrongly(mock: &str, port: &str) {
    let mut client = OracleClient::new(mock, "com", milliseconds).unwrap();
    client.redirect_uri = format!("{port}callback");
    let mut draft = client.token_draft(&client.code("uinfin,name", "S6005048A").await.unwrap());
    draft.signed_url.push('/');
    assert_eq!(client.send(&draft).await.unwrap().status(), 500);
}

#[tokio::test]
async fn a_wrong_signature_is_explained_on_the_page_of_its_transaction() {
    for width in [1280, 390] {
        let stage = stage(width).await;
        let pages = format!("{}/_mock/", stage.mock);
        // a list that stands still: what is found on a page is gone once that has loaded itself again
        let list = format!("{pages}?refresh=0");
        stage.browser.goto(&list).await.unwrap();
        assert!(stage.text("empty").await.contains("Nothing came yet"));
        stage.browser.goto(&stage.home).await.unwrap();
        stage.click("login").await;
        stage.arrive("/v3/login").await;
        stage.click("persona-S6005048A").await;
        stage.arrive("/consent").await;
        stage.click("agree").await;
        stage.arrive("/callback").await;
        sign_wrongly(&stage.mock, &stage.home).await;
        stage.browser.goto(&list).await.unwrap();
        stage.look(&format!("{width}-6-transactions")).await;
        let listed = stage.browser.find_all(Locator::Css("ol.transactions li")).await.unwrap();
        assert_eq!(listed.len(), 2);
        assert!(listed[0].text().await.unwrap().contains("v3.signature.valid"), "the newest stands first");
        assert!(
            listed[1].text().await.unwrap().contains("authorise → login → login → consent → consent → token → person")
        );
        listed[0].find(Locator::Css("a")).await.unwrap().click().await.unwrap();
        stage.arrive("/transactions/").await;
        assert!(stage.text("cause").await.contains("the URL was signed with a slash at the end more"));
        assert!(stage.text("fix").await.contains("sign the path exactly as it is called"));
        assert_eq!(stage.text("diagnosis").await, "SIG-BASE");
        stage.look(&format!("{width}-7-transaction")).await;
        let sides = stage.browser.find_all(Locator::Css("[data-test='difference'] mark")).await.unwrap();
        assert_eq!(sides.len(), 2, "both base strings, each with the range marked that differs");
        stage.wait_for("own").await.send_keys("POST&http://localhost/com/v3/token").await.unwrap();
        stage.click("compare").await;
        stage.arrive("/_mock/compare/").await;
        stage.wait_for("differs").await;
        stage.look(&format!("{width}-7-compared")).await;
        stage.browser.goto(&format!("{pages}transactions/1.html?refresh=0")).await.unwrap();
        assert_eq!(stage.text("outcome").await, "complete");
        stage.look(&format!("{width}-8-complete")).await;
        stage.browser.goto(&stage.mock).await.unwrap();
        stage.look(&format!("{width}-9-mock")).await;
        stage.browser.clone().close().await.unwrap();
    }
}

#[tokio::test]
async fn the_mocks_own_pages_are_clicked_through() {
    for width in [1280, 390] {
        let stage = stage(width).await;
        let page = |name: &str| format!("{}/_mock/{name}", stage.mock);
        stage.browser.goto(&stage.mock).await.unwrap();
        let copies = stage.browser.find_all(Locator::Css("[data-copy] + button.copy")).await.unwrap();
        assert!(copies.len() > 20, "the script puts a button behind every text to be copied: {}", copies.len());
        stage.browser.find(Locator::Css("[data-test=issuer] + button.copy")).await.unwrap();
        stage.browser.goto(&page("faults.html?q=jwe-tag")).await.unwrap();
        stage.click("arm-jwe-tag").await;
        stage.click("disarm-jwe-tag").await;
        stage.wait_for("nothing-armed").await;
        for name in [
            "faults.html",
            "clients.html",
            "clients/TESTBED-CLIENT.html",
            "rules.html",
            "openapi.html",
            "openapi/fapi.html",
            "docs/",
            "docs/fapi.html",
            "docs/?q=dpop+nonce",
            "realms.html",
        ] {
            stage.browser.goto(&page(name)).await.unwrap();
            stage.look(&format!("{width}-13-{}", name.replace(['/', '?'], "-"))).await;
        }
        for api in ["v3", "fapi-login", "oidc"] {
            stage.browser.goto(&page(&format!("playground.html?api={api}"))).await.unwrap();
            for next in ["play-1", "play-2", "done"] {
                stage.look(&format!("{width}-14-{api}-before-{next}")).await;
                stage.click("send").await;
                stage.wait_for(next).await;
            }
            assert_eq!(stage.text("status").await, "200 OK");
            stage.wait_for("opened").await;
            stage.look(&format!("{width}-14-{api}-done")).await;
        }
        stage.browser.clone().close().await.unwrap();
    }
}

#[tokio::test]
async fn a_saved_page_stands_alone() {
    let stage = stage(390).await;
    sign_wrongly(&stage.mock, &stage.home).await;
    let url = format!("{}/_mock/transactions/1.html?download=1", stage.mock);
    let answer = myinfo_conformance::http::client().unwrap().get(url).send().await.unwrap();
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"myinfo-transaction-1.html\"");
    let saved = answer.text().await.unwrap();
    for outside in ["href=\"/", "src=", "http-equiv=\"refresh\"", "<script"] {
        assert!(!saved.contains(outside), "a file that is sent to a colleague has no {outside}");
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("saved.html");
    std::fs::write(&file, &saved).unwrap();
    stage.browser.goto(&format!("file://{}", file.display())).await.unwrap();
    assert!(stage.text("cause").await.contains("a slash at the end more"));
    stage.look("390-10-saved").await;
    stage.browser.clone().close().await.unwrap();
}

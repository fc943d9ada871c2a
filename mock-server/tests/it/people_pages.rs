//! Searches for people that are one click away, and the commands that pages offer: they do what they say.

use crate::command_line::{mock, text};
use crate::pages::{Visit, people, visit};
use serde_json::{Value, json};
use std::fs;

/// The quick searches of a page: what is searched for, and what stands on them.
fn chips(page: &str) -> Vec<(String, String)> {
    let list = page.split("<ul class=\"chips\"").nth(1).unwrap().split("</ul>").next().unwrap();
    let chip = |link: &str| {
        let (address, rest) = link.split_once('"').unwrap();
        let label = rest.split('>').nth(1).unwrap().split('<').next().unwrap();
        (address.split("q=").nth(1).unwrap().to_owned(), label.to_owned())
    };
    list.split("href=\"").skip(1).map(chip).collect()
}

/// The ids of whom a search finds over the API.
async fn found(visit: &Visit, words: &str) -> Vec<String> {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish();
    let answer: Value = serde_json::from_str(&visit.page(&format!("/_mock/personas?{query}")).await).unwrap();
    let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
    answer["personas"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn each_quick_search_finds_somebody_and_its_words_when_typed_find_the_same() {
    let visit = visit().await;
    let login = visit.begin("name").await;
    let offered = chips(&visit.page("/_mock/personas.html").await);
    assert!(offered.len() >= 9, "{offered:?}");
    assert_eq!(offered, chips(&visit.page(&login).await), "on both pages");
    for (query, label) in offered {
        let page = visit.page(&format!("/_mock/personas.html?q={query}")).await;
        assert!(!people(&page).is_empty(), "{label} leads to nobody");
        assert_eq!(people(&page), found(&visit, &label).await, "{label}");
        assert_eq!(people(&page), found(&visit, &label.to_lowercase()).await, "{label}");
        assert!(page.contains(&format!("aria-current=\"true\">{label}<")), "{label}");
    }
}

#[tokio::test]
async fn a_quick_search_is_offered_only_where_it_finds_somebody() {
    let visit = visit().await;
    let offered = async || {
        let chips = chips(&visit.page("/_mock/personas.html").await);
        chips.iter().any(|(_, label)| label == "Under 21")
    };
    assert_eq!(offered().await, !found(&visit, "under 21").await.is_empty());
    let young = json!({"person": {"dob": {"value": "2015-03-01"}}});
    let put = visit.http.put(format!("{}/_mock/personas/S0000099Z?base=S6005048A", visit.mock.base_url()));
    let put = put.header("content-type", "application/json").body(young.to_string()).send().await.unwrap();
    assert!(put.status().is_success(), "{}", put.text().await.unwrap());
    assert!(offered().await && found(&visit, "under 21").await.contains(&"S0000099Z".to_owned()));
}

#[tokio::test]
async fn the_export_that_a_page_offers_writes_the_address_of_that_page() {
    let visit = visit().await;
    let client = "TESTBEDxMYINFOxAPPx0000000000001";
    for (path, name, wanted) in [
        ("/".to_owned(), "export".to_owned(), "MYINFO_BASE_URL="),
        ("/".to_owned(), format!("export-{client}"), "MYINFO_FAPI_ISSUER="),
        (format!("/_mock/clients/{client}.html"), "export".to_owned(), "MYINFO_FAPI_ISSUER="),
    ] {
        let page = visit.get(&path).await.text().await.unwrap();
        let command = page.split(&format!("data-test=\"{name}\">")).nth(1).unwrap().split('<').next().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_str().unwrap();
        let words = command.split(' ').map(|word| if ["myinfo-client", "DIR"].contains(&word) { place } else { word });
        let words: Vec<&str> = words.collect();
        assert_eq!(words[0], "myinfo-mock");
        let output = mock(&words[1..]);
        assert_eq!(output.status.code(), Some(0), "{command}: {}", text(&output.stderr));
        let env = fs::read_to_string(folder.path().join("env")).unwrap();
        assert!(env.contains(&format!("{wanted}'{}", visit.mock.base_url())), "{command}: {env}");
        assert!(!env.contains(":5156"), "{command}: {env}");
    }
}

#[tokio::test]
async fn what_the_page_of_clients_says_of_secrets_is_true() {
    let visit = visit().await;
    let page = visit.page("/_mock/clients.html").await;
    assert!(page.contains("The secrets of clients that you register are on no page"), "{page}");
    assert!(page.contains("are published for testing, and shown"), "{page}");
}

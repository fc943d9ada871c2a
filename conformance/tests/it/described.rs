//! The descriptions of the profiles' endpoints, held against what the mock does: every refusal is described, and what is required is
//! missed, and nothing else.

use crate::support::{rig, told};
use reqwest::StatusCode;
use serde_json::Value;
use url::Url;

/// What a description says of a method at a path: of two rows that fit, the one with fewer placeholders.
pub(crate) fn operation<'d>(document: &'d Value, method: &str, path: &str) -> Option<&'d Value> {
    let fits = |pattern: &str| {
        let (wanted, found): (Vec<&str>, Vec<&str>) =
            (pattern.split('/').collect(), path.trim_end_matches('/').split('/').collect());
        let same = |(wanted, found): (&&str, &&str)| wanted.starts_with('{') || wanted == found;
        wanted.len() == found.len() && wanted.iter().zip(&found).all(same)
    };
    let paths = document["paths"].as_object().unwrap().iter().filter(|(pattern, _)| fits(pattern));
    let (_, methods) = paths.min_by_key(|(pattern, _)| pattern.matches('{').count())?;
    methods.get(method.to_lowercase())
}

/// Asserts that a refusal is one of those that the description has: its rule, its status, and its name on the wire.
pub(crate) fn assert_described(document: &Value, exchange: &Value, (rule, status, error): (&str, u16, &str)) {
    // what belongs to no endpoint is described nowhere
    if ["http.", "mock."].iter().any(|start| rule.starts_with(start)) {
        return;
    }
    let url = Url::parse(exchange["request"]["url"].as_str().unwrap()).unwrap();
    let method = exchange["request"]["method"].as_str().unwrap();
    let operation = operation(document, method, url.path()).unwrap_or_else(|| panic!("{method} {url}: {rule}"));
    assert!(operation["x-rules"].as_array().unwrap().iter().any(|id| id == rule), "{url}: {rule}");
    let answer = &operation["responses"][status.to_string()];
    assert!(answer.is_object(), "{url}: {status}, of {rule}");
    let content = answer["content"].as_object().into_iter().flatten().map(|(media, _)| media.as_str());
    let sent = exchange["answer"]["headers"].as_array().unwrap().iter().find(|pair| pair[0] == "content-type");
    let sent = sent.and_then(|pair| pair[1].as_str()).unwrap_or_default();
    let described: Vec<&str> = content.collect();
    assert!(status == 302 || described.iter().any(|media| sent.starts_with(media)), "{rule}: {sent}, {described:?}");
    let names = &answer["content"]["application/json"]["schema"]["allOf"][1]["properties"]["error"]["enum"];
    if let Some(names) = names.as_array().filter(|_| !error.is_empty()) {
        assert!(names.iter().any(|name| name == error), "{url}: {status} {error}, of {rule}");
    }
}

/// The parameters of an operation at a place, each with whether it is required.
pub(crate) fn parameters(document: &Value, method: &str, path: &str, place: &str) -> Vec<(String, bool)> {
    let operation = operation(document, method, path).unwrap();
    if place == "form" {
        let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"];
        let required = |name: &str| form["required"].as_array().unwrap().iter().any(|required| required == name);
        let names = form["properties"].as_object().unwrap().keys();
        return names.map(|name| (name.clone(), required(name))).collect();
    }
    let here = operation["parameters"].as_array().unwrap().iter().filter(|parameter| parameter["in"] == place);
    here.map(|parameter| (parameter["name"].as_str().unwrap().to_owned(), parameter["required"] == true)).collect()
}

const ATTRIBUTES: &str = "uinfin,name";

/// What v3 answers in a context to a good request without this parameter, at each endpoint.
async fn without(context: &'static str, endpoint: &str, name: &str) -> bool {
    let rig = rig(context).await;
    let client = &rig.client;
    if endpoint == "authorise" {
        let mut url = client.authorise_url(ATTRIBUTES, "a state").unwrap();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        let answer = client.http.get(url).header("x-myinfo-mock-persona", "S6005048A").send().await.unwrap();
        let to = answer.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
        return answer.status() == StatusCode::FOUND && to.contains("code=");
    }
    let code = client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    let mut draft = match endpoint {
        "token" => client.token_draft(&code),
        _ => client.person_draft(&client.token(&code).await.unwrap(), ATTRIBUTES),
    };
    draft.remove(name);
    told(client.send(&draft).await.unwrap()).await.0 == 200
}

#[tokio::test]
async fn v3_misses_what_is_required_and_nothing_else() {
    for context in ["com", "gov"] {
        let document = crate::support::admin(&rig(context).await, "openapi/v3.json").await;
        for (method, endpoint, place) in
            [("GET", "authorise", "query"), ("POST", "token", "form"), ("GET", "person", "query")]
        {
            let segment = if endpoint == "person" { "/x" } else { "" };
            let path = format!("/{context}/v3/{endpoint}{segment}");
            for (name, required) in parameters(&document, method, &path, place) {
                assert_eq!(without(context, endpoint, &name).await, !required, "{path} without {name}");
            }
        }
    }
}

//! A profile's endpoints as a document of `OpenAPI` 3.1: from the table of its endpoints, their operations and its rules.

use crate::operation::{OF_PAGES, Operation, Parameters, Reply};
use crate::protocol::{Endpoint, Kind, Protocol, Protocols};
use crate::rule::Rule;
use serde_json::{Map, Value, json};

/// The document; `base` stands before every path, as a realm has it.
pub(crate) fn document(protocols: &Protocols, protocol: &Protocol, base: &str) -> Value {
    let description = protocol.description;
    let mut paths = Map::new();
    let own: Vec<&Endpoint> = protocols.endpoints().filter(|endpoint| endpoint.profile == protocol.id).collect();
    for endpoint in &own {
        for path in paths_of(endpoint) {
            let at_path = paths.entry(path.clone()).or_insert_with(|| json!({}));
            if let Some(methods) = at_path.as_object_mut() {
                methods.insert(endpoint.method.as_str().to_lowercase(), operation(protocol, endpoint, &path));
            }
        }
    }
    let schemes = description.schemes.iter().map(|(name, scheme, says)| {
        ((*name).to_owned(), json!({"type": "http", "scheme": scheme, "description": says}))
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": description.title,
            "version": env!("CARGO_PKG_VERSION"),
            "description": description.says,
        },
        "servers": [{"url": format!("{base}/"), "description": "This mock."}],
        "tags": tags(&own),
        "paths": paths,
        "components": {
            "schemas": (description.schemas)(),
            "securitySchemes": schemes.collect::<Map<_, _>>(),
        },
    })
}

/// The parts of a flow, in its order.
const TAGS: [(Kind, &str); 7] = [
    (Kind::Metadata, "Published for everybody."),
    (Kind::Pushed, "A request is pushed before the browser begins."),
    (Kind::Authorisation, "The browser begins here."),
    (Kind::Page, "The mock's pages, between there and the way back."),
    (Kind::Token, "Tokens are given out here."),
    (Kind::Person, "Personal data are given out here."),
    (Kind::Astray, "Not served, and called all the same: the answer says why."),
];

const fn tag(kind: Kind) -> &'static str {
    match kind {
        Kind::Metadata => "published",
        Kind::Pushed => "pushed",
        Kind::Authorisation => "authorisation",
        Kind::Page => "pages",
        Kind::Token => "token",
        Kind::Person => "person",
        Kind::Astray => "not-served",
    }
}

/// Those that endpoints are of.
fn tags(endpoints: &[&Endpoint]) -> Vec<Value> {
    let used = TAGS.iter().filter(|(kind, _)| endpoints.iter().any(|endpoint| endpoint.kind == *kind));
    used.map(|(kind, says)| json!({"name": tag(*kind), "description": says})).collect()
}

/// The paths at which an endpoint is: `/com/v3/person/{sub}` and `/gov/v3/person/{sub}`.
fn paths_of(endpoint: &Endpoint) -> Vec<String> {
    let segment = endpoint.segment().map(|name| format!("/{{{name}}}")).unwrap_or_default();
    endpoint.addresses().into_iter().map(|address| address + &segment).collect()
}

fn operation(protocol: &Protocol, endpoint: &Endpoint, path: &str) -> Value {
    let operation = endpoint.operation;
    let rules: Vec<&Rule> = endpoint.rules.iter().copied().flatten().copied().collect();
    let mut described = json!({
        "operationId": operation_id(endpoint, path),
        "tags": [tag(endpoint.kind)],
        "summary": operation.summary,
        "description": sentences(&rules),
        "parameters": parameters(protocol, endpoint, path),
        "responses": operation.replies.iter().map(reply).chain([other_errors()]).collect::<Map<_, _>>(),
        "x-rules": rules.iter().map(|rule| rule.id).collect::<Vec<_>>(),
    });
    if let Some(described) = described.as_object_mut() {
        let form = body(protocol, &operation.form, path).map(|body| ("requestBody".to_owned(), body));
        described.extend(form);
        let security = (!operation.schemes.is_empty()).then(|| security(operation));
        described.extend(security.map(|security| ("security".to_owned(), security)));
    }
    described
}

/// `get-com-v3-person-sub`.
fn operation_id(endpoint: &Endpoint, path: &str) -> String {
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let method = endpoint.method.as_str().to_lowercase();
    std::iter::once(method.as_str()).chain(words).collect::<Vec<_>>().join("-")
}

/// What the rules say, each with its source.
fn sentences(rules: &[&Rule]) -> String {
    let told = rules.iter().map(|rule| format!("- `{}`: {} ({})", rule.id, rule.says, rule.source()));
    let told: Vec<String> = told.collect();
    if told.is_empty() { String::new() } else { format!("Its rules:\n\n{}", told.join("\n")) }
}

fn says<'p>(protocol: &'p Protocol, name: &str) -> &'p str {
    let all = protocol.description.parameters.iter().chain(OF_PAGES);
    all.copied().find(|(known, _)| *known == name).map_or("", |(_, says)| says)
}

/// Those of path, query and headers.
fn parameters(protocol: &Protocol, endpoint: &Endpoint, path: &str) -> Vec<Value> {
    let one = |name: &str, place: &str, required: bool, says: &str| {
        json!({
            "name": name,
            "in": place,
            "required": required,
            "description": says,
            "schema": {"type": "string"},
        })
    };
    let operation = endpoint.operation;
    let segment = endpoint.segment().map(|name| one(name, "path", true, says(protocol, name)));
    let query = operation.query.known.iter();
    let query = query.map(|name| one(name, "query", operation.query.requires(name, path), says(protocol, name)));
    let headers = operation.headers.iter().map(|header| one(header.name, "header", header.required, header.says));
    segment.into_iter().chain(query).chain(headers).collect()
}

/// The form; nothing where the endpoint takes none.
fn body(protocol: &Protocol, form: &Parameters, path: &str) -> Option<Value> {
    if form.known.is_empty() {
        return None;
    }
    let members = form
        .known
        .iter()
        .map(|name| ((*name).to_owned(), json!({"type": "string", "description": says(protocol, name)})));
    let required: Vec<&&str> = form.known.iter().filter(|name| form.requires(name, path)).collect();
    let schema = json!({"type": "object", "required": required, "properties": members.collect::<Map<_, _>>()});
    Some(json!({"required": true, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}))
}

fn security(operation: &Operation) -> Value {
    let one = |name: &str| std::iter::once((name.to_owned(), json!([]))).collect::<Map<_, _>>();
    operation.schemes.iter().map(|name| Value::Object(one(name))).collect()
}

fn reply(reply: &Reply) -> (String, Value) {
    let errors: Vec<String> = reply.errors.iter().map(|error| format!("`{error}`")).collect();
    let errors = if errors.is_empty() { String::new() } else { format!(" `error`: {}.", errors.join(", ")) };
    let mut described = json!({"description": format!("{}{errors}", reply.says)});
    if let Some(described) = described.as_object_mut() {
        let headers = reply
            .headers
            .iter()
            .map(|(name, says)| ((*name).to_owned(), json!({"description": says, "schema": {"type": "string"}})));
        let headers: Map<String, Value> = headers.collect();
        described.extend((!headers.is_empty()).then(|| ("headers".to_owned(), Value::Object(headers))));
        let content =
            reply.bodies.iter().map(|(media, name)| ((*media).to_owned(), json!({"schema": schema(reply, name)})));
        let content: Map<String, Value> = content.collect();
        described.extend((!content.is_empty()).then(|| ("content".to_owned(), Value::Object(content))));
    }
    (reply.status.to_string(), described)
}

fn schema(reply: &Reply, name: &str) -> Value {
    if name.is_empty() {
        return json!({"type": "string"});
    }
    let reference = json!({"$ref": format!("#/components/schemas/{name}")});
    if reply.errors.is_empty() {
        return reference;
    }
    json!({"allOf": [reference, {"properties": {"error": {"enum": reply.errors}}}]})
}

/// What no rule of an endpoint says: bodies that do not arrive, faults that are armed, a failure of the mock.
fn other_errors() -> (String, Value) {
    let reference = json!({"$ref": "#/components/schemas/Error"});
    let says = "An error that no rule of this endpoint makes: the body is too large (413) or does not come (408), the mock failed (503), or a fault is armed that answers so.";
    ("default".to_owned(), json!({"description": says, "content": {"application/json": {"schema": reference}}}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{ALL, protocols};
    use std::collections::BTreeSet;

    fn documents() -> Vec<(&'static Protocol, Value)> {
        let protocols = protocols(ALL);
        let all: Vec<&Protocol> = protocols.all().collect();
        all.into_iter().map(|protocol| (protocol, document(&protocols, protocol, ""))).collect()
    }

    /// Every operation: method in capitals, path, and what is said of it.
    fn operations(document: &Value) -> Vec<(String, &str, &Value)> {
        let paths = document["paths"].as_object().unwrap().iter();
        let all = paths.flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (method.to_uppercase(), path.as_str(), operation))
        });
        all.collect()
    }

    /// What can be sent with an operation.
    fn names(operation: &Value) -> BTreeSet<&str> {
        let parameters = operation["parameters"].as_array().unwrap().iter();
        let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"];
        let form = form.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        parameters.map(|parameter| parameter["name"].as_str().unwrap()).chain(form).collect()
    }

    #[test]
    fn every_row_of_the_table_is_described_and_nothing_else() {
        for (protocol, document) in documents() {
            let table = protocols(ALL);
            let rows = table.endpoints().filter(|endpoint| endpoint.profile == protocol.id);
            let rows: BTreeSet<(String, String)> =
                rows.flat_map(|row| paths_of(row).into_iter().map(|path| (row.method.to_string(), path))).collect();
            let described = operations(&document);
            assert_eq!(described.len(), rows.len(), "no two rows are one operation");
            let described = described.into_iter().map(|(method, path, _)| (method, path.to_owned()));
            assert_eq!(described.collect::<BTreeSet<_>>(), rows, "{}", protocol.id);
        }
    }

    #[test]
    fn every_parameter_that_a_rule_names_is_described_where_the_rule_holds() {
        let mut found = 0;
        for (protocol, document) in documents() {
            let known: Vec<&str> = protocol.description.parameters.iter().map(|(name, _)| *name).collect();
            for (_, path, operation) in operations(&document) {
                let names = names(operation);
                for id in operation["x-rules"].as_array().unwrap() {
                    let rule = protocols(ALL).rules().find(|rule| id == rule.id).unwrap();
                    for name in named(rule, path, &known) {
                        assert!(names.contains(name.as_str()), "{path}: {} names {name}: {names:?}", rule.id);
                        found += 1;
                    }
                }
            }
        }
        assert!(found > 60, "{found} names");
    }

    /// The parameters that a rule names: words with an underscore, and the end of the id of a rule that is this endpoint's own.
    fn named(rule: &Rule, path: &str, known: &[&str]) -> Vec<String> {
        let words = rule.says.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let words = words.filter(|word| word.contains('_') || *word == "sp_esvcId").map(str::to_owned);
        let id: Vec<&str> = rule.id.split('.').collect();
        let own = path.split('/').any(|segment| segment == id[1]).then(|| id[id.len() - 1].replace('-', "_"));
        // a verifier is compared with what another request had
        let elsewhere = |name: &str| rule.id.ends_with(".code-verifier") && name == "code_challenge";
        words.chain(own).filter(|name| known.contains(&name.as_str()) && !elsewhere(name)).collect()
    }

    #[test]
    fn nothing_is_described_without_words_and_every_reference_leads_somewhere() {
        for (protocol, document) in documents() {
            let mut ids = BTreeSet::new();
            for (_, path, operation) in operations(&document) {
                assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{path}");
                let form =
                    &operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"];
                let form = form.as_object().into_iter().flatten().map(|(_, member)| member);
                for parameter in operation["parameters"].as_array().unwrap().iter().chain(form) {
                    assert!(parameter["description"].as_str().unwrap().len() > 3, "{path}: {parameter}");
                }
                for scheme in operation["security"].as_array().into_iter().flatten() {
                    let name = scheme.as_object().unwrap().keys().next().unwrap();
                    assert!(document["components"]["securitySchemes"][name].is_object(), "{path}: {name}");
                }
            }
            let references = document.to_string();
            for reference in references.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
                assert!(document.pointer(reference).is_some(), "{reference}");
            }
            let sent: BTreeSet<&str> =
                operations(&document).iter().flat_map(|(_, _, operation)| names(operation)).collect();
            for (name, _) in protocol.description.parameters {
                assert!(sent.contains(name), "{}: {name} is no parameter of any endpoint", protocol.id);
            }
        }
    }

    #[test]
    fn what_is_required_is_known_and_what_the_government_alone_sends_is_required_there_alone() {
        for endpoint in protocols(ALL).endpoints() {
            for parameters in [&endpoint.operation.query, &endpoint.operation.form] {
                for name in parameters.required.iter().chain(parameters.required_below.iter().map(|(_, name)| name)) {
                    assert!(parameters.known.contains(name), "{}: {name}", endpoint.path);
                }
            }
        }
        let (_, document) = documents().remove(0);
        let required = |path: &str| {
            let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
            parameters.iter().find(|parameter| parameter["name"] == "sp_esvcId").unwrap()["required"].clone()
        };
        assert_eq!(
            (required("/com/v3/authorise"), required("/gov/v3/authorise"), required("/gov/v3/person/{sub}")),
            (json!(false), json!(true), json!(true))
        );
    }
}

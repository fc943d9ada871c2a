//! A description of an API as a page to read.

use super::render;
use crate::http::exchange::Answer;
use crate::refusal::Failure;
use askama::Template;
use serde_json::{Map, Value};

/// The page.
#[derive(Template)]
#[template(path = "api.html")]
pub(crate) struct ApiPage<'a> {
    base: &'a str,
    title: &'a str,
    /// Where the document is, below `/_mock/`.
    address: &'a str,
    /// The profiles, which have a page each.
    profiles: Vec<&'a str>,
    /// What it says of itself, a paragraph each.
    says: Vec<&'a str>,
    groups: Vec<Group<'a>>,
    schemas: Vec<Schema<'a>>,
}

/// The operations of one tag.
struct Group<'a> {
    name: &'a str,
    says: &'a str,
    operations: Vec<Operation<'a>>,
}

/// An operation, its references followed.
struct Operation<'a> {
    id: &'a str,
    method: String,
    path: &'a str,
    summary: &'a str,
    says: &'a str,
    /// The rules of a profile that it is examined for; they are what is said of it.
    rules: Vec<&'a str>,
    parameters: Vec<Parameter<'a>>,
    /// What its body is, and an example; where it takes one.
    body: Option<Content>,
    answers: Vec<(&'a str, &'a str)>,
    /// An example of the answer.
    example: Option<String>,
}

struct Parameter<'a> {
    name: &'a str,
    place: &'a str,
    required: bool,
    says: &'a str,
}

struct Content {
    schema: String,
    example: Option<String>,
}

/// A named schema with its members.
struct Schema<'a> {
    name: &'a str,
    says: &'a str,
    members: Vec<(&'a str, String, &'a str)>,
}

impl<'a> ApiPage<'a> {
    /// A text in pieces: those in backticks are code.
    fn pieces(text: &str) -> impl Iterator<Item = (bool, &str)> {
        text.split('`').enumerate().map(|(place, piece)| (place % 2 == 1, piece))
    }

    /// Whether the page is made from the document at this address.
    fn is_shown(&self, address: impl AsRef<str>) -> bool {
        self.address == address.as_ref()
    }

    pub(crate) fn new(base: &'a str, (address, profiles): (&'a str, Vec<&'a str>), document: &'a Value) -> Self {
        let description = Document(document);
        let tags = list(document, "/tags");
        Self {
            base,
            title: text(document, "/info/title"),
            address,
            profiles,
            says: text(document, "/info/description").split("\n\n").collect(),
            groups: tags.map(|tag| description.group(tag)).collect(),
            schemas: description.schemas().collect(),
        }
    }
}

/// The whole document, in which references are followed.
#[derive(Clone, Copy)]
struct Document<'a>(&'a Value);

impl<'a> Document<'a> {
    fn group(self, tag: &'a Value) -> Group<'a> {
        let name = text(tag, "/name");
        let paths = members(self.0, "/paths").flat_map(|(path, methods)| {
            methods.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
        });
        let own = paths.filter(|(_, _, operation)| list(operation, "/tags").any(|tag| tag == name));
        let operations = own.map(|(path, method, operation)| self.operation(path, method, operation));
        Group { name, says: text(tag, "/description"), operations: operations.collect() }
    }

    fn operation(self, path: &'a str, method: &str, operation: &'a Value) -> Operation<'a> {
        let rules: Vec<&str> = list(operation, "/x-rules").filter_map(Value::as_str).collect();
        let answers = members(operation, "/responses").map(|(status, answer)| (status, self.followed(answer)));
        let answers: Vec<(&str, &Value)> = answers.collect();
        let good = answers.iter().find(|(status, _)| status.starts_with('2')).map(|(_, answer)| *answer);
        Operation {
            id: text(operation, "/operationId"),
            method: method.to_uppercase(),
            path,
            summary: text(operation, "/summary"),
            says: if rules.is_empty() { text(operation, "/description") } else { "" },
            rules,
            parameters: self.parameters(operation),
            body: operation.get("requestBody").and_then(content),
            answers: answers.iter().map(|(status, answer)| (*status, text(answer, "/description"))).collect(),
            example: good.and_then(content).and_then(|content| content.example),
        }
    }

    /// Those of path, query and headers, and of a form.
    fn parameters(self, operation: &'a Value) -> Vec<Parameter<'a>> {
        let parameters = list(operation, "/parameters").map(|parameter| self.followed(parameter));
        let parameters = parameters.map(|parameter| Parameter {
            name: text(parameter, "/name"),
            place: text(parameter, "/in"),
            required: parameter.get("required") == Some(&Value::Bool(true)),
            says: text(parameter, "/description"),
        });
        let schemes = list(operation, "/security").flat_map(|scheme| members(scheme, ""));
        let schemes = schemes.filter_map(|(name, _)| self.0.pointer("/components/securitySchemes")?.get(name));
        let says = |scheme: &'a Value| text(scheme, "/description");
        let schemes = schemes.map(|scheme| Parameter {
            name: "Authorization",
            place: "header",
            required: false,
            says: says(scheme),
        });
        let form = operation.pointer("/requestBody/content/application~1x-www-form-urlencoded/schema");
        let form = form.into_iter().flat_map(|form| {
            let required = |name: &str| list(form, "/required").any(|required| required == name);
            members(form, "/properties").map(move |(name, member)| (name, required(name), text(member, "/description")))
        });
        let form = form.map(|(name, required, says)| Parameter { name, place: "form", required, says });
        parameters.chain(schemes).chain(form).collect()
    }

    fn schemas(self) -> impl Iterator<Item = Schema<'a>> {
        members(self.0, "/components/schemas").map(|(name, schema)| {
            let of = |(name, member): (&'a str, &'a Value)| (name, kind(member), text(member, "/description"));
            Schema {
                name,
                says: text(schema, "/description"),
                members: members(schema, "/properties").map(of).collect(),
            }
        })
    }

    /// The value that a reference leads to, or the value itself.
    fn followed(self, value: &'a Value) -> &'a Value {
        let reference = value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        reference.and_then(|place| self.0.pointer(place)).unwrap_or(value)
    }
}

/// What a body or an answer holds, in the first of its forms.
fn content(value: &Value) -> Option<Content> {
    let (_, form) = members(value, "/content").next()?;
    let written = |example: &Value| example.as_str().map_or_else(|| format!("{example:#}"), str::to_owned);
    let example = form.get("example").map(written);
    Some(Content { schema: form.get("schema").map(kind).unwrap_or_default(), example })
}

/// What a value is, in a few words: `Exchange`, `list of text`, `text or null`.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(choices) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match schema.get("type") {
        Some(Value::String(name)) if name == "array" => {
            format!("list of {}", schema.get("items").map(kind).unwrap_or_default())
        }
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    }
}

fn text<'v>(value: &'v Value, place: &str) -> &'v str {
    value.pointer(place).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, place: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.pointer(place).and_then(Value::as_array).into_iter().flatten()
}

fn members<'v>(value: &'v Value, place: &str) -> impl Iterator<Item = (&'v str, &'v Value)> + use<'v> {
    let members: Option<&Map<String, Value>> = value.pointer(place).and_then(Value::as_object);
    members.into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}

/// Renders the description.
pub(crate) fn api(page: &ApiPage<'_>) -> Result<Answer, Failure> {
    render(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_schema_is_told_in_a_few_words() {
        for (schema, told) in [
            (json!({"$ref": "#/components/schemas/Exchange"}), "Exchange"),
            (json!({"type": "array", "items": {"type": "string"}}), "list of string"),
            (json!({"type": ["string", "null"]}), "string or null"),
            (json!({"oneOf": [{"$ref": "#/x/Problem"}, {"type": "null"}]}), "Problem or null"),
            (json!({}), "any"),
        ] {
            assert_eq!(kind(&schema), told);
        }
    }
}

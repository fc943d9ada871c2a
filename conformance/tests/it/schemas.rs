//! The JSON Schemas of the files that people write: committed as the code has them, with the keys that are read, and fitting every
//! file of the repository.

use crate::suite::{program, text};
use myinfo_conformance::baseline::Baseline;
use myinfo_conformance::connector::driver::app::Apps;
use myinfo_conformance::schema::{ALL, Schema};
use myinfo_conformance::server::target_file::Described;
use myinfo_mock_server::config::Config;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use time::macros::date;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn the_committed_schemas_are_those_of_the_code() {
    for schema in &ALL {
        let written = format!("{:#}\n", schema.document());
        let file = root().join("docs/schemas").join(format!("{}.schema.json", schema.name));
        if std::env::var_os("MYINFO_UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &written).unwrap();
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(committed == written, "{} is not what the code says: MYINFO_UPDATE_DOCS=1 writes it", file.display());
        assert_eq!(text(&program(&["schema", schema.name]).stdout), written);
    }
}

/// What reading a file of a kind complains of.
fn complaint(kind: &str, file: &Path) -> String {
    let error = match kind {
        "app" => Apps::read(file).err(),
        "target" => Described::read(file).err(),
        "baseline" => Baseline::read(file, |_| None, date!(2026 - 01 - 01)).err(),
        _ => panic!("{kind}"),
    };
    error.map(|error| format!("{error:#}")).unwrap_or_default()
}

/// The keys of an object of a schema.
fn keys(object: &Value) -> BTreeSet<String> {
    object["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_keys_of_every_table_are_those_that_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.toml");
    let document = |name: &str| Schema::find(name).unwrap().document();
    let (app, target, baseline) = (document("app"), document("target"), document("baseline"));
    for (kind, content, object) in [
        ("app", "x = 1", &app),
        ("app", "[success]\nx = 1", &app["properties"]["success"]),
        ("app", "[failure]\nx = 1", &app["properties"]["failure"]),
        ("target", "profile = 'fapi'\nx = 1", &target["anyOf"][0]),
        ("target", "profile = 'fapi'\n[client]\nx = 1", &target["anyOf"][0]["properties"]["client"]),
        ("target", "x = 1", &target["anyOf"][1]),
        ("target", "[client]\nx = 1", &target["anyOf"][1]["properties"]["client"]),
        ("target", "[login]\nx = 1", &target["anyOf"][1]["properties"]["login"]),
        ("baseline", "x = 1", &baseline),
        ("baseline", "[[known]]\nx = 1", &baseline["properties"]["known"]["items"]),
    ] {
        std::fs::write(&file, content).unwrap();
        let said = complaint(kind, &file);
        let (_, expected) = said.split_once("expected ").unwrap_or_else(|| panic!("{content}: {said}"));
        let read: BTreeSet<String> = expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert_eq!(keys(object), read, "{kind}: {content}");
    }
}

/// What of a value a schema does not allow; of the language what these schemas use.
fn problems(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(forms) = schema["anyOf"].as_array() {
        let all = forms.iter().map(|form| problems(form, value, at));
        return all.min_by_key(Vec::len).unwrap();
    }
    let is_right = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some(other) => panic!("{other}"),
        None => true,
    };
    let number = value.as_u64().unwrap_or_default();
    let is_within = schema["maximum"].as_u64().is_none_or(|most| number <= most);
    let is_named = schema["enum"].as_array().is_none_or(|all| all.contains(value));
    let is_const = schema.get("const").is_none_or(|only| only == value);
    let pattern = schema["pattern"].as_str().map(|pattern| Regex::new(pattern).unwrap());
    let is_fitting = pattern.is_none_or(|pattern| pattern.is_match(value.as_str().unwrap_or_default()));
    let mut found = Vec::new();
    if !(is_right && is_within && is_named && is_const && is_fitting) {
        found.push(format!("{at} is {value}"));
    }
    for item in value.as_array().into_iter().flatten() {
        found.extend(problems(&schema["items"], item, at));
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(known), _) => found.extend(problems(known, inner, &at)),
            (None, Value::Bool(false)) => found.push(format!("{at} is unknown")),
            (None, others) => found.extend(problems(others, inner, &at)),
        }
    }
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    found.extend(required.filter(|name| value.get(name).is_none()).map(|name| format!("{at}.{name} is missing")));
    found
}

/// What is wrong with a text of TOML by the schema of a kind.
fn wrong(kind: &str, toml: &str) -> Vec<String> {
    let value = serde_json::to_value(toml.parse::<toml::Table>().unwrap()).unwrap();
    let document = Schema::find(kind).map_or_else(Config::schema, Schema::document);
    problems(&document, &value, "")
}

#[test]
fn every_file_of_the_repository_fits_its_schema() {
    let files = |folder: &str| -> Vec<PathBuf> {
        let all = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        all.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect()
    };
    let mut seen = BTreeSet::new();
    for file in ["conformance/drivers", "conformance/servers", "conformance/templates"].into_iter().flat_map(files) {
        let shown = file.to_str().unwrap();
        let kind = match shown {
            _ if shown.ends_with(".baseline.toml") => "baseline",
            _ if shown.contains("/servers/") => "target",
            _ => "app",
        };
        assert_eq!(wrong(kind, &std::fs::read_to_string(&file).unwrap()), Vec::<String>::new(), "{shown}");
        seen.insert(kind);
    }
    assert_eq!(seen.len(), ALL.len(), "a file of each kind: {seen:?}");
}

#[test]
fn every_file_that_a_page_shows_fits_its_schema() {
    for (page, kind, number) in
        [("configuration", "configuration", 2), ("judging-servers", "target", 2), ("baseline", "baseline", 1)]
    {
        let page = std::fs::read_to_string(root().join(format!("docs/{page}.md"))).unwrap();
        let blocks: Vec<&str> =
            page.split("```toml\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0)).collect();
        assert!(blocks.len() >= number, "{kind}: {}", blocks.len());
        for block in blocks {
            assert_eq!(wrong(kind, block), Vec::<String>::new(), "{block}");
        }
    }
    let own = std::fs::read_to_string(root().join("mock-server/tests/it/corpus/client.toml")).unwrap();
    assert_eq!(wrong("configuration", &own), Vec::<String>::new());
}

#[test]
fn what_cannot_be_read_fits_no_schema() {
    let good = include_str!("../../templates/app.toml");
    for (from, to, says) in [
        ("start_seconds = 10", "start_second = 10", ".start_second is unknown"),
        ("start_seconds = 10", "start_seconds = '10'", ".start_seconds is \"10\""),
        ("start_seconds = 10", "start_seconds = 601", ".start_seconds is 601"),
        ("profiles = [\"fapi\"]", "profiles = [\"v9\"]", ".profiles is \"v9\""),
        ("text = \"Welcome\"", "texts = 'x'", ".success.text is missing"),
    ] {
        let found = wrong("app", &good.replace(from, to));
        assert!(found.contains(&says.to_owned()), "{to}: {found:?}");
    }
    assert_eq!(
        wrong("baseline", "[[known]]\ncase = 'x'\nreason = 'r'\nexpires = 'never'"),
        [".known.expires is \"never\""]
    );
    let fapi = "profile = 'fapi'\nname = 'x'\nissuer = 'i'\nclient = { id = 'c', redirect_uri = 'r', secret = 's' }";
    assert_eq!(wrong("target", fapi), [".client.secret is unknown"]);
    assert_eq!(wrong("configuration", "[server]\nflavor = 'test'"), [".server.flavor is unknown"]);
    assert_eq!(wrong("configuration", "[server]\nflavour = 'best'"), [".server.flavour is \"best\""]);
}

#[test]
fn a_file_to_begin_with_names_its_schema_which_stands_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    assert_eq!(program(&["app", "init", file.to_str().unwrap()]).status.code(), Some(0));
    let first = std::fs::read_to_string(&file).unwrap();
    assert!(first.starts_with("#:schema ./mine.schema.json\n"), "{first}");
    let schema = std::fs::read_to_string(folder.path().join("mine.schema.json")).unwrap();
    assert_eq!(schema, text(&program(&["schema", "app"]).stdout));
}

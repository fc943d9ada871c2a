//! The house rules that no compiler holds: imports point down, rings are small, each crate is known in one place.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The floors of the mock, from the ground up; a longer start of a file's path goes before a shorter one.
const MOCK: &[(&str, usize)] = &[
    ("text", 0),
    ("quote", 0),
    ("ambient", 0),
    ("generation", 0),
    ("store", 0),
    ("parts", 0),
    ("owned", 0),
    ("http", 1),
    ("fetch", 1),
    ("jose", 1),
    ("tls", 1),
    ("persona", 1),
    ("rule", 2),
    ("refusal", 2),
    ("examination", 2),
    ("searches", 2),
    ("fault", 2),
    ("protocol", 2),
    ("operation", 2),
    ("description", 2),
    ("config", 2),
    ("book", 2),
    ("journal", 2),
    ("page", 2),
    ("doctor/catalogue", 2),
    ("doctor/difference", 2),
    ("doctor/mistake", 2),
    ("doctor/recover", 2),
    ("doctor/written", 2),
    ("app", 3),
    ("realms", 3),
    ("logins", 3),
    ("login", 3),
    ("book_changes", 3),
    ("call", 3),
    ("conclude", 3),
    ("profile", 4),
    ("admin", 5),
    ("doctor", 5),
    ("export", 5),
    ("faults", 5),
    ("health", 5),
    ("listen", 5),
    ("personas", 5),
    ("show", 5),
    ("trust", 5),
    ("docs", 6),
    ("environment", 6),
    ("another_profile", 6),
    ("start", 6),
    ("reload", 6),
    ("watch", 6),
    ("help", 6),
    ("given", 6),
    ("lib", 6),
    ("cli", 6),
    ("stop", 6),
    ("main", 6),
];

/// How many files may import each other in a ring.
const LARGEST_RING: usize = 4;

/// A crate's files, each with the files of the crate that it imports; tests inside files do not count.
struct Imports(BTreeMap<String, BTreeSet<String>>);

impl Imports {
    fn of(source: &Path) -> Self {
        let files = files_below(source);
        let names: BTreeSet<String> = files.iter().map(|file| module_of(source, file)).collect();
        let imports = files.iter().map(|file| {
            let (name, text) = (module_of(source, file), fs::read_to_string(file).unwrap());
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let found = paths_of(code).filter_map(|path| leads_to(&path, &name, &names));
            let found = found.filter(|other| *other != name).collect();
            (name, found)
        });
        Self(imports.collect())
    }

    /// Every file that can be reached from one, itself only where a way leads back.
    fn reachable(&self, from: &str) -> BTreeSet<&str> {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut next: Vec<&str> = vec![from];
        while let Some(file) = next.pop() {
            for other in self.0.get(file).into_iter().flatten() {
                if reached.insert(other) {
                    next.push(other);
                }
            }
        }
        reached
    }

    /// The sets of files that import each other.
    fn rings(&self) -> BTreeSet<Vec<&str>> {
        let reachable: BTreeMap<&str, BTreeSet<&str>> =
            self.0.keys().map(|file| (file.as_str(), self.reachable(file))).collect();
        let ring_of = |file: &str| -> Vec<&str> {
            let there_and_back = reachable[file].iter().filter(|other| reachable[**other].contains(file));
            there_and_back.copied().collect()
        };
        reachable.keys().map(|file| ring_of(file)).filter(|ring| ring.len() > 1).collect()
    }
}

/// The folder of the whole project.
pub(crate) fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// `journal/view` for a file, `journal` for the file that a folder begins with.
fn module_of(source: &Path, file: &Path) -> String {
    let name = file.strip_prefix(source).unwrap().with_extension("");
    name.to_str().unwrap().trim_end_matches("/mod").to_owned()
}

/// The paths that code names: each one of a `use`, and those that begin with `crate::` in between.
fn paths_of(code: &str) -> impl Iterator<Item = String> {
    static STATEMENT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^\s*(?:pub(?:\([^)]*\))? )?use ([^;]+);").unwrap());
    static INLINE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bcrate(?:::\w+)+").unwrap());
    let used: Vec<String> = STATEMENT.captures_iter(code).flat_map(|found| spread(&found[1])).collect();
    let named: Vec<String> = INLINE.find_iter(code).map(|found| found.as_str().to_owned()).collect();
    used.into_iter().chain(named)
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn spread(path: &str) -> Vec<String> {
    let Some((start, inner)) = path.split_once('{') else {
        return vec![path.split(" as ").next().unwrap().split_whitespace().collect()];
    };
    let inner = &inner[..inner.rfind('}').unwrap()];
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for character in inner.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(character);
    }
    let whole = parts.iter().filter(|part| !part.trim().is_empty());
    whole.flat_map(|part| spread(&format!("{start}{}", part.trim()))).collect()
}

/// The file that a path leads to, if it is one of these.
fn leads_to(path: &str, from: &str, names: &BTreeSet<String>) -> Option<String> {
    let mut segments = path.split("::").peekable();
    let mut place: Vec<&str> = if from == "lib" || from == "main" { Vec::new() } else { from.split('/').collect() };
    match *segments.peek()? {
        "crate" => {
            place.clear();
            segments.next();
        }
        "self" => drop(segments.next()),
        "super" => {
            while segments.next_if_eq(&"super").is_some() {
                place.pop();
            }
        }
        _ => return None,
    }
    for segment in segments {
        let next = [&place[..], &[segment]].concat().join("/");
        let is_module = names.iter().any(|name| *name == next || name.starts_with(&format!("{next}/")));
        if !is_module {
            break;
        }
        place.push(segment);
    }
    let place = place.join("/");
    if place.is_empty() { names.get("lib").cloned() } else { names.get(&place).cloned() }
}

fn floor_of(file: &str) -> usize {
    let fits = |start: &str| file == start || file.starts_with(&format!("{start}/"));
    let found = MOCK.iter().filter(|(start, _)| fits(start)).max_by_key(|(start, _)| start.len());
    found.unwrap_or_else(|| panic!("{file} has no floor: give it one in this test")).1
}

#[test]
fn imports_of_the_mock_point_down() {
    let imports = Imports::of(&workspace().join("mock-server/src"));
    assert!(imports.0["profile/v3/token"].contains("profile/v3/call"), "the imports are read");
    let arrows = imports.0.iter().flat_map(|(file, others)| others.iter().map(move |other| (file, other)));
    let up: Vec<String> = arrows
        .filter(|(file, other)| floor_of(other) > floor_of(file))
        .map(|(file, other)| format!("{file} (floor {}) imports {other} (floor {})", floor_of(file), floor_of(other)))
        .collect();
    assert!(up.is_empty(), "{}", up.join("\n"));
}

#[test]
fn no_crate_has_a_ring_of_more_than_a_few_files() {
    for (source, largest) in [
        ("mock-server/src", LARGEST_RING),
        ("connector/src", LARGEST_RING),
        ("conformance/src", LARGEST_RING),
        ("conformance/oracle/src", LARGEST_RING),
        ("fixtures/src", LARGEST_RING),
    ] {
        let imports = Imports::of(&workspace().join(source));
        let large: Vec<String> =
            imports.rings().iter().filter(|ring| ring.len() > largest).map(|ring| ring.join(", ")).collect();
        assert!(large.is_empty(), "{source}: {}", large.join("\n"));
    }
}

#[test]
fn the_suite_knows_the_mock_in_one_file_and_the_connector_in_another() {
    let source = workspace().join("conformance/src");
    for (name, home) in
        [("myinfo_mock_server", "connector/testbed"), ("myinfo_connector", "connector/driver/reference")]
    {
        let knowing: Vec<String> = files_below(&source)
            .iter()
            .filter(|file| fs::read_to_string(file).unwrap().contains(&format!("{name}::")))
            .map(|file| module_of(&source, file))
            .collect();
        assert_eq!(knowing, [home], "{name}");
    }
}

#[test]
fn no_crate_of_ours_is_known_where_it_must_not_be() {
    for (source, forbidden) in [
        ("connector/src", "myinfo_(fixtures|mock_server|oracle|conformance)::"),
        ("mock-server/src", "myinfo_(connector|oracle|conformance)::"),
        ("conformance/oracle/src", "myinfo_(connector|mock_server|conformance)::"),
        ("fixtures/src", "myinfo_(connector|mock_server|oracle|conformance)::"),
    ] {
        let forbidden = Regex::new(forbidden).unwrap();
        for file in files_below(&workspace().join(source)) {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            assert!(!forbidden.is_match(code), "{}", file.display());
        }
    }
}

#[test]
fn v3_is_named_in_the_list_of_profiles_alone() {
    let source = workspace().join("mock-server/src");
    let naming: Vec<String> = files_below(&source)
        .iter()
        .filter(|file| fs::read_to_string(file).unwrap().contains("v3::"))
        .map(|file| module_of(&source, file))
        .filter(|module| !module.starts_with("profile/v3"))
        .collect();
    assert_eq!(naming, ["profile"]);
}

#[test]
fn an_arrow_up_and_a_ring_would_be_seen() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("text.rs", "use crate::store;\npub(crate) use super::app::{self, App as Whole};\n");
    write("store.rs", "fn long() { crate::app::start() }\n");
    write("app.rs", "use crate::text::{encode, visible};\n#[cfg(test)]\nmod tests { use crate::cli; }\n");
    write("cli.rs", "");
    let imports = Imports::of(folder.path());
    assert_eq!(imports.0["text"], BTreeSet::from(["app".to_owned(), "store".to_owned()]));
    assert_eq!(imports.0["app"], BTreeSet::from(["text".to_owned()]));
    assert_eq!(imports.rings(), BTreeSet::from([vec!["app", "store", "text"]]));
    assert!(floor_of("app") > floor_of("text"));
}

//! The documents: every link leads somewhere, and the README stays short enough to be read.

use crate::floors::workspace;
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_link_of_the_documents_leads_to_a_file_and_its_heading() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut broken = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for target in link.captures_iter(&text).map(|found| found[1].to_owned()) {
            if !target.contains("://") && !leads_somewhere(&document, &target) {
                broken.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The book and the mock's pages have what is below `docs/`, and nothing else of the repository.
#[test]
fn no_link_of_a_chapter_leaves_the_book() {
    let link = Regex::new(r"\]\(((?:\.\./)+[^)\s]+)\)").unwrap();
    let docs = workspace().join("docs");
    let mut outside = Vec::new();
    for chapter in documents().into_iter().filter(|document| document.starts_with(&docs)) {
        let text = fs::read_to_string(&chapter).unwrap();
        // a report is one folder down, and leads up to its neighbours of `docs/`
        let up = "../".repeat(chapter.strip_prefix(&docs).unwrap().components().count());
        let leaving =
            link.captures_iter(&text).map(|found| found[1].to_owned()).filter(|target| target.starts_with(&up));
        outside.extend(leaving.map(|target| format!("{}: {target}", chapter.display())));
    }
    assert!(outside.is_empty(), "name these files instead of linking to them: {outside:#?}");
}

#[test]
fn the_readme_has_fewer_than_nine_hundred_words() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    assert!(readme.split_whitespace().count() < 900);
}

/// The Markdown files of the project's top, of `docs` and its reports, and of the examples.
fn documents() -> Vec<PathBuf> {
    let folders = ["", "docs", "docs/reports", "examples", "packaging"].map(|folder| workspace().join(folder));
    let files =
        folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

fn leads_somewhere(document: &Path, target: &str) -> bool {
    let (file, heading) = target.split_once('#').map_or((target, None), |(file, heading)| (file, Some(heading)));
    let path = if file.is_empty() { document.to_owned() } else { document.with_file_name(file) };
    let Some(heading) = heading else { return path.exists() };
    fs::read_to_string(path).is_ok_and(|text| anchors(&text).contains(heading))
}

/// The anchors that GitHub gives a document's headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let written = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    let kept = |text: String| text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>();
    written.map(|heading| kept(heading).replace(' ', "-")).collect()
}

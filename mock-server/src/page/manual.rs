//! The documentation as pages: the chapters of `docs/`, written as HTML and searched by words.

#![expect(clippy::wildcard_enum_match_arm, reason = "what a parser of Markdown may tell one day is passed on as it is")]

use super::excerpt::{Piece, excerpt, marked};
use super::render;
use super::rules::hold;
use crate::http::exchange::Answer;
use crate::refusal::Failure;
use askama::Template;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A chapter of the documentation.
struct Chapter {
    /// Its file below `docs/`.
    file: &'static str,
    markdown: &'static str,
}

macro_rules! chapters {
    ($($file:literal)*) => {
        &[$(Chapter { file: $file, markdown: include_str!(concat!("../../../docs/", $file)) }),*]
    };
}

/// All of them; the first is the contents. A test holds the list against the folder and against the contents.
const CHAPTERS: &[Chapter] = chapters![
    "SUMMARY.md" "fapi.md" "migrating.md" "v3.md" "clients.md" "ci.md" "real-names.md" "install.md" "configuration.md"
    "rules.md" "doctor.md" "admin-api.md" "security.md" "benchmarks.md" "judging-connectors.md" "driver-protocol.md"
    "web-app-target.md" "baseline.md" "judging-servers.md" "reports/gov-client.md" "reports/nodejs-connector.md"
    "reports/openid-client.md" "reports/openid-client-checks.md" "reports/requests-oauth2client.md"
    "reports/singpass-client.md" "reports/reference.md" "reports/mockpass.md" "reports/oidc-provider.md"
    "kill-matrix.md" "kill-matrix-fapi.md" "kill-matrix-oidc.md" "kill-matrix-servers.md"
];

/// A chapter, or the contents with what a search found.
#[derive(Template)]
#[template(path = "manual.html")]
struct ManualPage<'a> {
    base: &'a str,
    title: String,
    /// HTML of Markdown that is part of this program; what is HTML in it stands there as text.
    text: String,
    /// Only the contents are searched.
    search: Option<&'a str>,
    found: Vec<Found>,
}

/// A section that was found.
struct Found {
    section: &'static Section,
    heading: Vec<Piece>,
    /// A line or two around what was found.
    excerpt: Vec<Piece>,
}

impl Found {
    fn new(searched: &'static Searched, words: &str) -> Self {
        let section = &searched.section;
        Self { section, heading: marked(&section.heading, words), excerpt: excerpt(&searched.text, words) }
    }
}

/// A part of a chapter below one heading.
#[derive(Debug)]
struct Section {
    chapter: String,
    heading: String,
    address: String,
}

/// How many sections a search shows.
const SHOWN: usize = 50;

/// How many words of a search are looked for.
const WORDS: usize = 20;

/// The contents, and the sections in which every word of a search stands.
pub(crate) fn contents(base: &str, search: &str) -> Result<Answer, Failure> {
    let words = &searched_words(search);
    let found = if words.is_empty() { Vec::new() } else { sections_with(words) };
    let found = found.into_iter().map(|searched| Found::new(searched, words)).collect();
    let text = CHAPTERS.first().map(|contents| written(contents, parts(events(contents)))).unwrap_or_default();
    render(&ManualPage { base, title: "Documentation".to_owned(), text, search: Some(search), found })
}

/// The contents below their title, which the page has above the search: mdBook wants a heading of the first level for each part.
fn parts(events: Vec<Event<'static>>) -> Vec<Event<'static>> {
    let below = events.into_iter().skip_while(|event| !matches!(event, Event::End(TagEnd::Heading(_)))).skip(1);
    let lowered = below.map(|event| match event {
        Event::Start(Tag::Heading { level: HeadingLevel::H1, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, id, classes, attrs })
        }
        Event::End(TagEnd::Heading(HeadingLevel::H1)) => Event::End(TagEnd::Heading(HeadingLevel::H2)),
        other => other,
    });
    lowered.collect()
}

/// The words of a search, each once: not more of them than anybody would type.
fn searched_words(search: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in search.split_whitespace().take(WORDS) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(" ")
}

/// The chapter at an address below `docs/`, like `fapi.html`; nothing where there is none.
pub(crate) fn chapter(base: &str, address: &str) -> Option<Result<Answer, Failure>> {
    let name = address.strip_suffix(".html")?;
    let chapter = CHAPTERS.iter().skip(1).find(|chapter| chapter.file.strip_suffix(".md") == Some(name))?;
    let events = events(chapter);
    let title = title(&events);
    let page = ManualPage { base, title, text: written(chapter, events), search: None, found: Vec::new() };
    Some(render(&page))
}

impl Chapter {
    /// Its address, seen from the contents.
    fn address(&self) -> String {
        self.file.replace(".md", ".html")
    }

    /// The chapter that a link in this one leads to, and the anchor behind it.
    fn linked<'l>(&self, link: &'l str) -> Option<(&'static Self, &'l str)> {
        let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
        let path = match (self.file.rsplit_once('/'), path.strip_prefix("../")) {
            (Some(_), Some(above)) => above.to_owned(),
            (Some((folder, _)), None) => format!("{folder}/{path}"),
            (None, _) => path.to_owned(),
        };
        Some((CHAPTERS.iter().find(|chapter| chapter.file == path)?, anchor))
    }
}

fn events(chapter: &Chapter) -> Vec<Event<'static>> {
    Parser::new_ext(chapter.markdown, Options::ENABLE_TABLES).collect()
}

/// The text of the first heading.
fn title(events: &[Event<'static>]) -> String {
    headings(events).next().map(|heading| heading.text).unwrap_or_default()
}

/// The HTML of a chapter.
fn written(chapter: &Chapter, events: Vec<Event<'static>>) -> String {
    let mut anchors = headings(&events).map(|heading| heading.anchor).collect::<Vec<_>>().into_iter();
    let mut kept = Vec::new();
    let events = events.into_iter().flat_map(|event| adapted(chapter, event, (&mut anchors, &mut kept)));
    let mut text = String::new();
    html::push_html(&mut text, events);
    accessible(&text)
}

/// With a name of its own for each table's region, and without headers that say nothing: as axe wants it.
fn accessible(text: &str) -> String {
    let mut parts = text.split(REGION);
    let first = parts.next().unwrap_or_default().to_owned();
    let numbered = parts.enumerate().fold(first, |text, (before, part)| {
        format!("{text}<div class=\"wide\" role=\"region\" aria-label=\"Table {}\" tabindex=\"0\">{part}", before + 1)
    });
    // code and drawings keep their lines, and are moved sideways: by the keyboard, too
    numbered.replace("<th></th>", "<td></td>").replace("<pre>", "<pre tabindex=\"0\">")
}

/// What stands before a table until it is numbered. No Markdown writes it: there it is text.
const REGION: &str = "<div class=\"wide\">";

/// An event as a page has it: headings can be linked to, wide tables move for themselves, links lead to other chapters where the
/// repository has files, and nothing is HTML that was not Markdown.
fn adapted(
    chapter: &Chapter,
    event: Event<'static>,
    (anchors, kept): (&mut impl Iterator<Item = String>, &mut Vec<bool>),
) -> Vec<Event<'static>> {
    match event {
        Event::Start(Tag::Heading { level, .. }) => {
            let id = anchors.next().map(CowStr::from);
            vec![Event::Start(Tag::Heading { level, id, classes: Vec::new(), attrs: Vec::new() })]
        }
        Event::Start(Tag::Table(_)) => vec![Event::Html(REGION.into()), event],
        Event::End(TagEnd::Table) => vec![event, Event::Html("</div>".into())],
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let address = address(chapter, &dest_url);
            kept.push(address.is_some());
            let link = |address: String| Event::Start(Tag::Link { link_type, dest_url: address.into(), title, id });
            address.map(link).into_iter().collect()
        }
        Event::End(TagEnd::Link) => kept.pop().filter(|kept| *kept).map(|_| event).into_iter().collect(),
        Event::Html(text) | Event::InlineHtml(text) if text.starts_with("<!--") => Vec::new(),
        Event::Html(text) | Event::InlineHtml(text) => vec![Event::Text(text)],
        other => vec![other],
    }
}

/// Where a link leads on these pages; nowhere where it is a file of the repository that is no chapter.
fn address(chapter: &Chapter, link: &str) -> Option<String> {
    if link.starts_with('#') || link.starts_with("https://") || link.starts_with("http://") {
        return Some(link.to_owned());
    }
    let (to, anchor) = chapter.linked(link)?;
    let up = if chapter.file.contains('/') { "../" } else { "" };
    let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
    Some(format!("{up}{}{anchor}", to.address()))
}

/// A heading as links find it.
#[derive(Debug)]
struct Heading {
    level: HeadingLevel,
    text: String,
    anchor: String,
}

/// The headings of a chapter, with the anchors that GitHub gives them.
fn headings(events: &[Event<'static>]) -> impl Iterator<Item = Heading> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let starts = events.iter().enumerate().filter_map(|(place, event)| match event {
        Event::Start(Tag::Heading { level, .. }) => Some((place, *level)),
        _ => None,
    });
    starts.map(move |(place, level)| {
        let inside = events.iter().skip(place).take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let text: String = inside.filter_map(text_of).collect();
        let plain = anchor(&text);
        let again = seen.entry(plain.clone()).and_modify(|times| *times += 1).or_default();
        let anchor = if *again == 0 { plain } else { format!("{plain}-{again}") };
        Heading { level, text, anchor }
    })
}

fn text_of<'e>(event: &'e Event<'static>) -> Option<&'e str> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        Event::SoftBreak | Event::HardBreak => Some(" "),
        _ => None,
    }
}

/// Small letters, figures, `-` and `_`; blanks become `-`.
fn anchor(heading: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(kept).map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// A section with the text below its heading, which is searched, too.
#[derive(Debug)]
struct Searched {
    section: Section,
    text: String,
}

/// The sections of all chapters, read once: they are part of this program.
static SECTIONS: LazyLock<Vec<Searched>> = LazyLock::new(|| CHAPTERS.iter().skip(1).flat_map(sections).collect());

/// The sections in which every word stands: chapters before reports on somebody's software, and of each those of a heading with the
/// words first.
fn sections_with(words: &str) -> Vec<&'static Searched> {
    let matching = SECTIONS.iter().filter(|searched| hold(&[&searched.section.heading, &searched.text], words));
    let mut found: Vec<&Searched> = matching.collect();
    let is_report = |section: &Section| section.address.starts_with("reports/");
    found.sort_by_cached_key(|Searched { section, .. }| (is_report(section), !hold(&[&section.heading], words)));
    found.truncate(SHOWN);
    found
}

fn sections(chapter: &Chapter) -> Vec<Searched> {
    let events = events(chapter);
    let is_heading = |event: &Event<'_>| matches!(event, Event::Start(Tag::Heading { .. }));
    let title = title(&events);
    // what stands before the first heading is nothing: every chapter begins with one
    let texts = events.chunk_by(|_, next| !is_heading(next)).filter(|chunk| chunk.first().is_some_and(is_heading));
    let searched = headings(&events).zip(texts).map(|(heading, chunk)| {
        let own = if heading.level == HeadingLevel::H1 { String::new() } else { format!("#{}", heading.anchor) };
        let address = format!("{}{own}", chapter.address());
        // text that is marked up in the middle is one text
        let below = chunk.iter().skip_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let text = below.map(|event| text_of(event).unwrap_or(" ")).collect();
        Searched { section: Section { chapter: title.clone(), heading: heading.text, address }, text }
    });
    searched.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    fn docs() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
    }

    fn files(folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(docs().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        let names = entries.map(|name| name.into_string().unwrap()).filter(|name| name.strip_suffix(".md").is_some());
        names.map(|name| if folder.is_empty() { name } else { format!("{folder}/{name}") }).collect()
    }

    #[test]
    fn every_file_is_a_chapter_and_stands_in_the_contents() {
        let mut all = [files(""), files("reports")].concat();
        let mut known: Vec<String> = CHAPTERS.iter().map(|chapter| chapter.file.to_owned()).collect();
        all.sort();
        known.sort();
        assert_eq!(known, all);
        for chapter in CHAPTERS.iter().skip(1) {
            assert!(
                CHAPTERS[0].markdown.contains(&format!("]({})", chapter.file)),
                "{} is not in SUMMARY.md",
                chapter.file
            );
        }
    }

    #[test]
    fn links_between_chapters_lead_to_headings_that_are_there() {
        for chapter in CHAPTERS {
            for event in events(chapter) {
                let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
                let (to, anchor) = match dest_url.strip_prefix('#') {
                    Some(anchor) => (chapter, anchor),
                    None => match chapter.linked(&dest_url) {
                        Some(found) => found,
                        None => continue,
                    },
                };
                let known = anchor.is_empty() || headings(&events(to)).any(|heading| heading.anchor == anchor);
                assert!(known, "{} links to {dest_url}", chapter.file);
            }
        }
    }

    #[test]
    fn markup_is_text_and_files_of_the_repository_are_no_links() {
        let chapter = Chapter {
            file: "reports/x.md",
            markdown: "# A `b` c!\n\n<script>alert(1)</script>\n\n[there](../fapi.md#keys) [file](../../Cargo.toml) <!-- gone -->\n\n# A b c",
        };
        let text = written(&chapter, events(&chapter));
        assert!(text.contains("&lt;script&gt;alert(1)"), "{text}");
        assert!(!text.contains("<script") && !text.contains("gone"), "{text}");
        assert!(text.contains("<a href=\"../fapi.html#keys\">there</a> file"), "{text}");
        assert!(text.contains("<h1 id=\"a-b-c\">") && text.contains("<h1 id=\"a-b-c-1\">"), "{text}");
    }

    #[test]
    fn each_table_has_a_name_and_an_empty_header_is_none() {
        let chapter =
            Chapter { file: "x.md", markdown: "| | a |\n|---|---|\n| b | c |\n\nand\n\n| d |\n|---|\n| e |\n" };
        let text = written(&chapter, events(&chapter));
        assert!(text.contains("aria-label=\"Table 1\"") && text.contains("aria-label=\"Table 2\""), "{text}");
        assert!(text.contains("<td></td><th>a</th>") && !text.contains("<th></th>"), "{text}");
    }

    #[test]
    fn a_search_finds_chapters_before_reports_and_headings_before_texts() {
        let found = sections_with("discovery");
        let is_report = |searched: &&&Searched| searched.section.address.starts_with("reports/");
        let (reports, chapters): (Vec<_>, Vec<_>) = found.iter().partition(is_report);
        assert!(chapters.len() > 3 && !reports.is_empty(), "{found:?}");
        assert!(!found.iter().take(chapters.len()).any(|searched| is_report(&searched)), "{found:?}");
        let in_heading = |searched: &&Searched| searched.section.heading.to_lowercase().contains("discovery");
        for part in [chapters, reports] {
            assert!(part.iter().copied().is_sorted_by_key(|searched| !in_heading(&searched)), "{part:?}");
        }
        assert!(sections_with("no-such-word-anywhere").is_empty());
        let again = sections_with("discovery");
        assert!(found.iter().zip(&again).all(|(one, other)| std::ptr::eq(*one, *other)), "chapters are read once");
    }
}

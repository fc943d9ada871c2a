//! Accessibility of what a browser shows, judged by axe-core (npm), which knows nothing of this project.

use fantoccini::Client;
use serde_json::Value;
use std::path::Path;

/// Asserts that axe finds nothing on the page: every rule of its standard set, WCAG 2 A and AA and its good practices.
pub(crate) async fn assert_accessible(browser: &Client, page: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("strangers/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; `.ci/fetch conformance/strangers` gets it", file.display()));
    // a script of WebDriver, which the page's Content-Security-Policy does not bind
    let script = format!("{axe}\nconst done = arguments[0]; axe.run().then(done, (error) => done(String(error)))");
    let judged = match browser.execute_async(&script, vec![]).await {
        Ok(judged) => judged,
        // a page that had something new to show loaded itself again meanwhile
        Err(_) => browser.execute_async(&script, vec![]).await.unwrap(),
    };
    let passes = judged["passes"].as_array().unwrap_or_else(|| panic!("axe could not judge {page}: {judged}"));
    assert!(passes.len() > 5, "{page}: axe looked at next to nothing: {judged}");
    let violations = judged["violations"].as_array().unwrap();
    assert!(violations.is_empty(), "{page}: {}", violations.iter().map(told).collect::<String>());
}

/// A violation: the rule, and where it is broken.
fn told(violation: &Value) -> String {
    let places = violation["nodes"].as_array().unwrap().iter();
    let places: String = places.map(|node| format!("\n    {}\n    {}", node["html"], node["failureSummary"])).collect();
    format!("\n  {} ({}){places}", violation["id"], violation["help"])
}

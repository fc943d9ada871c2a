//! Templates of drivers: working ones, to be filled in.

use crate::text::meant;
use anyhow::{Context, Result, bail, ensure};
use std::path::Path;

/// A template: its language, its files, and how it is run.
struct Template {
    language: &'static str,
    files: &'static [(&'static str, &'static str)],
    run: &'static str,
}

const TEMPLATES: &[Template] = &[
    Template {
        language: "rust",
        files: &[
            ("Cargo.toml", include_str!("../../../templates/driver/rust/Cargo.toml")),
            ("src/main.rs", include_str!("../../../templates/driver/rust/src/main.rs")),
        ],
        run: "cargo run --quiet --manifest-path {dir}/Cargo.toml",
    },
    Template {
        language: "node",
        files: &[("driver.mjs", include_str!("../../../templates/driver/node/driver.mjs"))],
        run: "node {dir}/driver.mjs",
    },
    Template {
        language: "python",
        files: &[("driver.py", include_str!("../../../templates/driver/python/driver.py"))],
        run: "python3 {dir}/driver.py",
    },
    Template {
        language: "java",
        files: &[("Driver.java", include_str!("../../../templates/driver/java/Driver.java"))],
        run: "java {dir}/Driver.java",
    },
    Template {
        language: "go",
        files: &[
            ("go.mod", include_str!("../../../templates/driver/go/go.mod")),
            ("driver.go", include_str!("../../../templates/driver/go/driver.go")),
        ],
        run: "go run {dir}/driver.go",
    },
    Template {
        language: "ruby",
        files: &[("driver.rb", include_str!("../../../templates/driver/ruby/driver.rb"))],
        run: "ruby {dir}/driver.rb",
    },
];

/// The languages.
pub fn languages() -> Vec<&'static str> {
    TEMPLATES.iter().map(|template| template.language).collect()
}

/// Writes a template; gives back the command that runs it. Nothing is overwritten.
///
/// # Errors
/// When there is no such language, a file exists, or one cannot be written.
pub fn write(language: &str, folder: &Path) -> Result<String> {
    let Some(template) = TEMPLATES.iter().find(|template| template.language == language) else {
        let all = languages().join(", ");
        bail!("there is no template for `{language}`; there are {all}{}", meant(language, languages()));
    };
    for (name, _) in template.files {
        let path = folder.join(name);
        ensure!(!path.exists(), "{} exists already; name another folder", path.display());
    }
    for (name, content) in template.files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
        }
        std::fs::write(&path, content).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(template.run.replace("{dir}", &folder.display().to_string()))
}

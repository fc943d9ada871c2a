//! `myinfo-mock faults`: the catalogue of faults as text.

use crate::profile;
use std::fmt::Write;

/// Every fault under its stage, one sentence each.
pub fn list() -> String {
    let mut text = String::new();
    let mut stage = None;
    for fault in profile::protocols(profile::ALL).faults() {
        if stage != Some(fault.stage) {
            stage = Some(fault.stage);
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{}", fault.stage.name());
        }
        let _ = writeln!(text, "  {:<32} {}", fault.id, fault.says);
    }
    text.push_str("\nArm one: curl -d '{\"id\":\"ID\",\"times\":1}' -H 'Content-Type: application/json' http://127.0.0.1:5156/_mock/faults\n");
    text
}

/// One fault in full.
///
/// # Errors
/// When there is none of this id; the message names the nearest.
pub fn show(id: &str) -> anyhow::Result<String> {
    let found = profile::protocols(profile::ALL).fault(id);
    let fault = found.map_err(|unknown| anyhow::anyhow!("{unknown}; `myinfo-mock faults` lists them"))?;
    Ok(format!(
        "{}\n  stage        {}\n  the server   {}\n  violates     {}\n  good client  {}\n",
        fault.id,
        fault.stage.name(),
        fault.says,
        fault.clause,
        fault.good_client
    ))
}

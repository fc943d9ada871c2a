//! A request as a command of curl: what was masked stays masked, and has to be put in again.

use crate::journal::view::RequestView;
use std::fmt::Write;

/// Headers that curl writes by itself.
const BY_ITSELF: [&str; 4] = ["host", "content-length", "connection", "transfer-encoding"];
/// What stands where something was masked.
const MASKS: [&str; 6] = ["[redacted]", "[token]", "[personal]", "[not shown", "*****", "…"];

/// A command, and whether something in it was masked.
pub(crate) struct Command {
    pub(crate) text: String,
    pub(crate) masked: bool,
}

/// The command that sends a request again.
pub(crate) fn command(request: &RequestView) -> Command {
    let mut text = format!("curl -i -X {} {}", request.method, quoted(&request.url));
    for (name, value) in request.headers.iter().filter(|(name, _)| !BY_ITSELF.contains(&name.as_str())) {
        let _ = write!(text, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
    }
    if !request.body.is_empty() {
        let _ = write!(text, " \\\n  --data-raw {}", quoted(&request.body));
    }
    let masked = MASKS.iter().any(|mask| text.contains(mask));
    Command { text, masked }
}

/// A word for a shell: nothing in single quotes means anything but the quote itself.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)], body: &str) -> RequestView {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        RequestView {
            method: "POST".to_owned(),
            url: "http://localhost/it's?a=$HOME".to_owned(),
            headers: headers.collect(),
            query: Vec::new(),
            form: Vec::new(),
            body: body.to_owned(),
            body_problem: None,
            peer: None,
        }
    }

    #[test]
    fn a_shell_reads_the_command_as_it_was_sent() {
        let sent = request(&[("host", "localhost"), ("x-a", "`id`"), ("content-length", "3")], "code=1&x='");
        let command = command(&sent);
        let wanted = "curl -i -X POST 'http://localhost/it'\\''s?a=$HOME' \\\n  -H 'x-a: `id`' \\\n  --data-raw 'code=1&x='\\'''";
        assert_eq!((command.text.as_str(), command.masked), (wanted, false));
    }

    #[test]
    fn what_is_masked_is_told() {
        assert!(command(&request(&[("authorization", "Bearer [token]")], "")).masked);
        assert!(command(&request(&[], "client_secret=[redacted]")).masked);
        assert!(!command(&request(&[("accept", "*/*")], "")).masked);
    }
}

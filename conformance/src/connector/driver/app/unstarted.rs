//! Why an application does not start: what was run, what it did, what was expected, and what to do.

use crate::connector::driver::Unstarted;
use crate::program::{NotUp, last_words};

/// What a shell answers where it may not run a program, and where it finds none (POSIX, Shell Command Language §2.8.2).
const NOT_RUNNABLE: i32 = 126;
const NOT_FOUND: i32 = 127;

/// Of a command as the target file has it, which was to answer at an address.
pub(super) fn told(error: &NotUp, start: &str, ready: &str) -> Unstarted {
    let (did, fix) = match error {
        NotUp::Ended { status, code, words } => {
            let words = last_words(words);
            (
                format!("it ended with {status} before {ready} (`ready`) answered with a status of 2xx{words}"),
                of_end(*code),
            )
        }
        NotUp::Late { answered: None, .. } => (error.to_string(), SILENT.to_owned()),
        NotUp::Late { answered: Some(_), .. } => (error.to_string(), ELSEWHERE.to_owned()),
        NotUp::Taken(_) => (error.to_string(), TAKEN.to_owned()),
        NotUp::NotStarted(_) => (error.to_string(), SHELL.to_owned()),
    };
    Unstarted { cause: format!("`start` is `{start}`; {did}"), fix }
}

const SILENT: &str = "Look whether it listens at the host and port of `ready`: {port} has to reach it in `start`, [env] or [files]; give it longer with `start_seconds` where it is slow";
const ELSEWHERE: &str = "Put an address into `ready` that the application answers with 200 as soon as it is up, without a login: a page, or a health check";
const TAKEN: &str = "End the other program; or write {port} into `ready`, `redirect_uri` and `login`, so that every start has a free port of its own";
const SHELL: &str =
    "The suite starts it with `sh -c`: look whether this machine has a shell, and lets programs be started";

fn of_end(code: Option<i32>) -> String {
    let advice = match code {
        Some(NOT_FOUND) => {
            "The shell found no such program: install it, or write its whole path into `start`. The folder is the one in which myinfo-conformance was called"
        }
        Some(NOT_RUNNABLE) => "The shell may not run it: make the file executable, or name the program that runs it",
        Some(0) => {
            "It ended without an error: `start` has to stay in the foreground, without `&` and without an option that makes a daemon of it; the suite ends it"
        }
        _ => {
            "Run the command by hand, with the variables of [env], and mend what its log says; where it misses a setting, give it in [env] or [files]"
        }
    };
    advice.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(error: &NotUp) -> Unstarted {
        told(error, "npm start", "http://localhost:1/")
    }

    fn ended(code: Option<i32>) -> NotUp {
        NotUp::Ended { status: "exit status: 1".to_owned(), code, words: "sh: npm: not found".to_owned() }
    }

    fn late(answered: Option<&str>) -> NotUp {
        NotUp::Late { ready: "http://localhost:1/".to_owned(), seconds: 10, answered: answered.map(str::to_owned) }
    }

    #[test]
    fn every_way_not_to_start_says_what_was_run_and_what_to_do() {
        let all = [
            (ended(Some(127)), "found no such program"),
            (ended(Some(126)), "executable"),
            (ended(Some(0)), "in the foreground"),
            (ended(Some(1)), "by hand"),
            (ended(None), "by hand"),
            (late(None), "`start_seconds`"),
            (late(Some("404 Not Found")), "with 200"),
            (NotUp::Taken("http://localhost:1/".to_owned()), "End the other program"),
            (NotUp::NotStarted("no sh".to_owned()), "shell"),
        ];
        for (error, advice) in all {
            let Unstarted { cause, fix } = of(&error);
            assert!(cause.starts_with("`start` is `npm start`; "), "{cause}");
            assert!(fix.contains(advice), "{fix}");
        }
    }

    #[test]
    fn an_end_is_told_with_its_code_its_last_words_and_what_was_awaited() {
        assert_eq!(
            of(&ended(Some(1))).cause,
            "`start` is `npm start`; it ended with exit status: 1 before http://localhost:1/ (`ready`) answered with a status of 2xx: sh: npm: not found"
        );
    }
}

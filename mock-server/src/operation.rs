//! What an endpoint takes and answers, as data: its description in `OpenAPI` is made of it.

use serde_json::Value;

/// What a profile says of all its endpoints.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) title: &'static str,
    pub(crate) says: &'static str,
    /// Every parameter of queries, forms and paths, with what it is.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
    /// The schemes of the `Authorization` header: name, scheme, and what it is.
    pub(crate) schemes: &'static [(&'static str, &'static str, &'static str)],
    /// The schemas that answers refer to; one is called `Error`.
    pub(crate) schemas: fn() -> Value,
}

/// What an endpoint takes and answers, beside its path, method and rules.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) summary: &'static str,
    pub(crate) query: Parameters,
    pub(crate) form: Parameters,
    pub(crate) headers: &'static [Header],
    /// The schemes of which its `Authorization` header has one; none where it wants no header.
    pub(crate) schemes: &'static [&'static str],
    pub(crate) replies: &'static [Reply],
}

impl Operation {
    /// One that takes nothing.
    pub(crate) const fn new(summary: &'static str, replies: &'static [Reply]) -> Self {
        let none = Parameters { known: &[], required: &[], required_below: &[] };
        let form = Parameters { known: &[], required: &[], required_below: &[] };
        Self { summary, query: none, form, headers: &[], schemes: &[], replies }
    }
}

/// The parameters of a query or form.
#[derive(Debug)]
pub(crate) struct Parameters {
    pub(crate) known: &'static [&'static str],
    /// Those without which a request is refused.
    pub(crate) required: &'static [&'static str],
    /// The same below a path alone.
    pub(crate) required_below: &'static [(&'static str, &'static str)],
}

impl Parameters {
    pub(crate) const fn new(known: &'static [&'static str], required: &'static [&'static str]) -> Self {
        Self { known, required, required_below: &[] }
    }

    /// Whether a request to this path is refused without it.
    pub(crate) fn requires(&self, name: &str, path: &str) -> bool {
        let below = |(start, required): &(&str, &str)| *required == name && path.starts_with(start);
        self.required.contains(&name) || self.required_below.iter().any(below)
    }
}

/// A header beside `Authorization`.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) says: &'static str,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) says: &'static str,
    /// Media types, each with the name of a schema; a text where that is empty.
    pub(crate) bodies: &'static [(&'static str, &'static str)],
    /// What the member `error` may be, where an error has one.
    pub(crate) errors: &'static [&'static str],
    pub(crate) headers: &'static [(&'static str, &'static str)],
}

impl Reply {
    /// One without errors and headers.
    pub(crate) const fn new(status: u16, says: &'static str, bodies: &'static [(&'static str, &'static str)]) -> Self {
        Self { status, says, bodies, errors: &[], headers: &[] }
    }

    /// An error in JSON.
    pub(crate) const fn error(status: u16, errors: &'static [&'static str], says: &'static str) -> Self {
        Self { errors, ..Self::new(status, says, JSON_ERROR) }
    }

    /// A page for a person.
    pub(crate) const fn page(status: u16, says: &'static str) -> Self {
        Self::new(status, says, PAGE)
    }

    /// A redirect.
    pub(crate) const fn redirect(status: u16, to: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers: to, ..Self::new(status, "The browser goes on.", &[]) }
    }
}

const JSON_ERROR: &[(&str, &str)] = &[("application/json", "Error")];
const PAGE: &[(&str, &str)] = &[("text/html", "")];

/// `GET` of the login page.
pub(crate) static LOGIN_PAGE: Operation = Operation {
    query: Parameters::new(&["transaction", "person", "q"], &["transaction"]),
    ..Operation::new(
        "The login page: a persona is chosen",
        &[Reply::page(200, "The page."), Reply::page(400, "There is no such login, or it is over.")],
    )
};

/// `POST` of the login page.
pub(crate) static LOGIN_CHOICE: Operation = Operation {
    form: Parameters::new(&["transaction", "persona"], &["transaction", "persona"]),
    ..Operation::new(
        "A persona was chosen",
        &[
            Reply::redirect(302, &[("Location", "The redirect URI with what came of the login.")]),
            Reply::redirect(303, &[("Location", "The consent page.")]),
            Reply::page(400, "There is no such login or persona, or the login is over."),
        ],
    )
};

/// `GET` of the consent page.
pub(crate) static CONSENT_PAGE: Operation = Operation {
    query: Parameters::new(&["transaction"], &["transaction"]),
    ..Operation::new(
        "The consent page: what was asked for, with its values",
        &[Reply::page(200, "The page."), Reply::page(400, "There is no such login, or nobody is logged in yet.")],
    )
};

/// `POST` of the consent page.
pub(crate) static CONSENT_DECISION: Operation = Operation {
    form: Parameters::new(&["transaction", "decision"], &["transaction", "decision"]),
    ..Operation::new(
        "Agree, or Cancel",
        &[
            Reply::redirect(302, &[("Location", "The redirect URI with a code, or with an error.")]),
            Reply::page(400, "There is no such login, or it is over."),
        ],
    )
};

/// What the parameters of these pages are.
pub(crate) const OF_PAGES: &[(&str, &str)] = &[
    ("transaction", "The login that is under way, as the address of the page has it."),
    ("person", "Who is looked for at first."),
    ("q", "Words that are looked for."),
    ("persona", "NRIC, FIN or name of a persona; or an error, like `error:access_denied`."),
    ("decision", "`agree` or `cancel`."),
];

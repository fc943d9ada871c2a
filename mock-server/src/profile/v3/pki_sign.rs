//! The `Authorization` header of v3: `PKI_SIGN` with quoted pairs in any order, and Bearer tokens behind it.

use super::parameters::SHOWN;

/// What an `Authorization` header holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Authorization {
    /// The request signature, where the scheme is `PKI_SIGN`.
    pub(super) signature: Option<PkiSign>,
    /// The access token, where there is one. The official Java connector sends it twice.
    pub(super) bearer: Option<String>,
}

/// The fields of a request signature, as sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PkiSign {
    pub(super) app_id: String,
    pub(super) nonce: String,
    pub(super) signature_method: String,
    /// Standard Base64.
    pub(super) signature: String,
    /// Milliseconds since the epoch, as text.
    pub(super) timestamp: String,
}

impl PkiSign {
    /// The signed fields in the order in which the header has them.
    pub(super) fn in_sent_order(&self, header: &str) -> Vec<(&'static str, &str)> {
        let mut fields = vec![
            ("app_id", self.app_id.as_str()),
            ("nonce", &self.nonce),
            ("signature_method", &self.signature_method),
            ("timestamp", &self.timestamp),
        ];
        fields.sort_by_key(|(name, _)| header.find(&format!("{name}=\"")));
        fields
    }
}

/// Why a header cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum HeaderFault {
    #[error("the scheme is {0}; it must be PKI_SIGN, in capitals, followed by one space")]
    Scheme(String),
    #[error("near `{near}`: expected a pair like nonce=\"…\", its value in double quotes, or Bearer and a token")]
    NoPair { near: String },
    #[error("the value of `{key}` has no closing quote")]
    Unclosed { key: String },
    #[error("`{key}` is missing")]
    Missing { key: &'static str },
    #[error("`nonce` is empty: it would be the same in every request")]
    EmptyNonce,
    #[error("`{key}` is there twice")]
    Repeated { key: &'static str },
    #[error("there are two different Bearer tokens")]
    TwoBearers,
    #[error("a Bearer token is expected behind the word Bearer")]
    NoBearer,
}

/// The header without what may be secret: the five fields as they are, tokens and everything unknown masked; nothing for
/// another scheme.
pub(super) fn masked(value: &str) -> Option<String> {
    let mut rest = value.strip_prefix("PKI_SIGN")?;
    let mut shown = "PKI_SIGN".to_owned();
    while let Some((before, after)) = rest.split_once('"') {
        let Some((quoted, behind)) = after.split_once('"') else { break };
        let name = before.rsplit([',', ' ']).next().unwrap_or_default().trim_end_matches('=');
        let quoted = if FIELDS.contains(&name) || SHOWN.contains(&name) { quoted } else { "[redacted]" };
        shown.push_str(before);
        shown.push('"');
        shown.push_str(quoted);
        shown.push('"');
        rest = behind;
    }
    if let Some((before, _)) = rest.split_once("Bearer") {
        return Some(format!("{shown}{before}Bearer [token]"));
    }
    // what stands behind an unclosed quote may be anything
    Some(if rest.is_empty() { shown } else { format!("{shown}[…]") })
}

/// The fields of a request signature.
const FIELDS: [&str; 5] = ["app_id", "nonce", "signature_method", "signature", "timestamp"];

/// Reads a header. Field order is free, spaces after commas are tolerated, unknown keys are ignored.
pub(super) fn parse(header: &str) -> Result<Authorization, HeaderFault> {
    let header = header.trim();
    if header == "Bearer" || header.starts_with("Bearer ") {
        let mut authorization = Authorization::default();
        read_items(header, &mut authorization, &mut Fields::default())?;
        return Ok(authorization);
    }
    let Some(rest) = header.strip_prefix("PKI_SIGN").filter(|rest| rest.starts_with([' ', '\t'])) else {
        // a header without a known scheme may be a bare secret or token: it is not repeated
        let sent = header.split([' ', ',', '=']).next().unwrap_or_default();
        let known = ["PKI_SIGN", "Basic", "Digest", "DPoP", "Bearer", "Apex_l2_eg"];
        let known = known.iter().find(|known| known.eq_ignore_ascii_case(sent));
        return Err(HeaderFault::Scheme(known.map_or_else(|| "not known".to_owned(), |_| format!("`{sent}`"))));
    };
    let mut authorization = Authorization::default();
    let mut fields = Fields::default();
    read_items(rest, &mut authorization, &mut fields)?;
    authorization.signature = Some(fields.complete()?);
    Ok(authorization)
}

/// The five fields while they are being read.
#[derive(Default)]
struct Fields([Option<String>; 5]);

/// The pairs of a request signature.
pub(super) const KEYS: [&str; 5] = ["app_id", "nonce", "signature_method", "signature", "timestamp"];

impl Fields {
    fn put(&mut self, key: &str, value: &str) -> Result<(), HeaderFault> {
        for (slot, known) in self.0.iter_mut().zip(KEYS) {
            if known == key && slot.replace(value.to_owned()).is_some() {
                return Err(HeaderFault::Repeated { key: known });
            }
        }
        Ok(())
    }

    fn complete(self) -> Result<PkiSign, HeaderFault> {
        if let Some((key, _)) = KEYS.iter().zip(&self.0).find(|(_, slot)| slot.is_none()) {
            return Err(HeaderFault::Missing { key });
        }
        let [app_id, nonce, signature_method, signature, timestamp] = self.0.map(Option::unwrap_or_default);
        if nonce.is_empty() {
            return Err(HeaderFault::EmptyNonce);
        }
        Ok(PkiSign { app_id, nonce, signature_method, signature, timestamp })
    }
}

fn read_items(mut rest: &str, authorization: &mut Authorization, fields: &mut Fields) -> Result<(), HeaderFault> {
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Ok(());
        }
        if let Some(behind) =
            rest.strip_prefix("Bearer").filter(|behind| behind.is_empty() || behind.starts_with([' ', '\t']))
        {
            let behind = behind.trim_start();
            let end = behind.find([',', ' ', '\t']).unwrap_or(behind.len());
            let (token, after) = behind.split_at(end);
            if token.is_empty() {
                return Err(HeaderFault::NoBearer);
            }
            if authorization.bearer.as_deref().is_some_and(|earlier| earlier != token) {
                return Err(HeaderFault::TwoBearers);
            }
            authorization.bearer = Some(token.to_owned());
            rest = after;
            continue;
        }
        let (key, behind) = rest.split_once('=').ok_or_else(|| no_pair(rest))?;
        let key = key.trim();
        let quoted = behind.trim_start().strip_prefix('"').ok_or_else(|| no_pair(rest))?;
        let (value, after) =
            quoted.split_once('"').ok_or_else(|| HeaderFault::Unclosed { key: key.chars().take(40).collect() })?;
        if !after.is_empty() && !after.starts_with([',', ' ', '\t']) {
            return Err(no_pair(after));
        }
        fields.put(key, value)?;
        rest = after;
    }
}

/// Names the place without repeating a value: a header may hold the client secret (myinfo-rails).
fn no_pair(rest: &str) -> HeaderFault {
    let near = rest.split('=').next().unwrap_or_default();
    HeaderFault::NoPair { near: near.chars().take(20).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn example() -> PkiSign {
        PkiSign {
            app_id: "APP".into(),
            nonce: "n+/=".into(),
            signature_method: "RS256".into(),
            signature: "c2ln".into(),
            timestamp: "1700000000000".into(),
        }
    }

    #[test]
    fn tokens_and_unknown_fields_are_masked() {
        for (sent, shown) in [
            (
                r#"PKI_SIGN app_id="A",signature="s/+=",x="hush",Bearer a.b.c"#,
                Some(r#"PKI_SIGN app_id="A",signature="s/+=",x="[redacted]",Bearer [token]"#),
            ),
            (r#"PKI_SIGN app_id="A",nonce="open"#, Some(r#"PKI_SIGN app_id="A"[…]"#)),
            ("Bearer a.b.c", None),
        ] {
            assert_eq!(masked(sent).as_deref(), shown);
        }
    }

    #[test]
    fn the_field_orders_of_the_known_clients_are_read() {
        let node = r#"PKI_SIGN timestamp="1700000000000",nonce="n+/=",app_id="APP",signature_method="RS256",signature="c2ln",Bearer a.b.c"#;
        let java = r#"PKI_SIGN app_id="APP",nonce="n+/=",signature="c2ln",signature_method="RS256",timestamp="1700000000000",Bearer a.b.c,Bearer a.b.c"#;
        let spaced = r#"PKI_SIGN realm="", app_id="APP", nonce="n+/=", signature_method="RS256", signature="c2ln", timestamp="1700000000000", Bearer a.b.c"#;
        let rails = r#"PKI_SIGN app_id="APP",nonce="n+/=",signature_method="RS256",timestamp="1700000000000",attributes="name,sex",client_secret="s",signature="c2ln",Bearer a.b.c"#;
        for header in [node, java, spaced, rails] {
            let read = parse(header).unwrap_or_else(|fault| panic!("{header}: {fault}"));
            assert_eq!(read.signature, Some(example()), "{header}");
            assert_eq!(read.bearer.as_deref(), Some("a.b.c"), "{header}");
        }
        assert_eq!(parse("Bearer a.b.c").unwrap().bearer.as_deref(), Some("a.b.c"));
    }

    #[test]
    fn each_fault_is_named() {
        let fault = |header: &str| parse(header).unwrap_err();
        assert_eq!(fault("Basic abc"), HeaderFault::Scheme("`Basic`".into()));
        assert_eq!(fault("pki_sign app_id=\"A\""), HeaderFault::Scheme("`pki_sign`".into()));
        assert_eq!(fault("a-bare-secret"), HeaderFault::Scheme("not known".into()));
        assert_eq!(fault("PKI_SIGN app_id=APP"), HeaderFault::NoPair { near: "app_id".into() });
        assert_eq!(fault("PKI_SIGN app_id=\"APP"), HeaderFault::Unclosed { key: "app_id".into() });
        assert_eq!(fault("PKI_SIGN app_id=\"A\",app_id=\"B\""), HeaderFault::Repeated { key: "app_id" });
        assert_eq!(fault("PKI_SIGN app_id=\"A\""), HeaderFault::Missing { key: "nonce" });
        assert_eq!(fault("Bearer a,Bearer b"), HeaderFault::TwoBearers);
        assert_eq!(fault("Bearer "), HeaderFault::NoBearer);
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(header in ".{0,200}") {
            let _ = parse(&header);
        }

        #[test]
        fn any_order_with_any_unknown_fields_is_read(
            order in Just(vec![0, 1, 2, 3, 4]).prop_shuffle(),
            unknown in "[a-z]{8,12}",
            value in "[^\"\\p{C}]{0,30}",
            bearers in 0..3_usize,
            space in "[ ]{0,2}",
        ) {
            let expected = example();
            let fields = [&expected.app_id, &expected.nonce, &expected.signature_method, &expected.signature, &expected.timestamp];
            let mut items: Vec<String> = order.iter().map(|index| format!("{}=\"{}\"", KEYS[*index], fields[*index])).collect();
            items.insert(order[0], format!("{unknown}=\"{value}\""));
            items.extend(std::iter::repeat_n("Bearer a.b.c".to_owned(), bearers));
            let read = parse(&format!("PKI_SIGN {}", items.join(&format!(",{space}")))).unwrap();
            prop_assert_eq!(read.signature, Some(example()));
            prop_assert_eq!(read.bearer.is_some(), bearers > 0);
        }
    }
}

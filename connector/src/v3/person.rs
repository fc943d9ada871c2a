//! Step 3: fetch the person, decrypt, verify, and only then read.

use super::base_string::Signed;
use super::token::AccessToken;
use super::{Config, Context, Flavour, sign};
use crate::ambient::Stamp;
use crate::error::{Endpoint, Error, SubjectProblem, What};
use crate::form::{encode, encode_pairs};
use crate::jose::{jwe, jws};
use crate::person::{Field, Person};
use crate::setting::Setting;
use crate::status::{is_upstream, refused, upstream};
use crate::transport::{Request, Response};

const WHAT: What = What::PersonDocument;
/// Specification, security section: RSA-OAEP and A256GCM outside, RS256 inside.
const SEALED: jwe::Expect = jwe::Expect { what: WHAT, algs: &[jwe::Alg::RsaOaep], encs: &[jwe::Enc::A256Gcm] };
const SIGNED: jws::Expect = jws::Expect { what: WHAT, algs: &[jws::Alg::Rs256] };

/// The request, signed. Make a new one, with a fresh stamp, for every attempt.
///
/// Asks for no attribute outside the consent, and puts the subject into the path as one encoded segment.
///
/// # Errors
/// [`Error::Configuration`] when the private key is missing.
pub fn prepare(config: &Config, token: &AccessToken, stamp: &Stamp) -> Result<Request, Error> {
    let url = format!("{}/{}/", config.endpoint("person"), encode(token.subject()));
    let attributes = token.consented(&config.attributes).join(",");
    let mut query = vec![("client_id", config.client_id.as_str()), ("attributes", &attributes)];
    query.extend(config.esvc_id.as_ref().map(|id| ("sp_esvcId", id.as_str())));
    query.extend(config.txn_no.as_ref().map(|number| ("txnNo", number.as_str())));
    // RFC 6750 §2.1; behind the signature where there is one (specification, security section)
    let bearer = format!("Bearer {}", token.reveal());
    let authorization = match config.flavour {
        Flavour::Protected => {
            format!("{},{bearer}", sign(config, stamp, &Signed { method: "GET", url: &url, parameters: &query })?)
        }
        Flavour::Sandbox => bearer,
    };
    Ok(Request {
        endpoint: Endpoint::Person,
        headers: vec![("Cache-Control", "no-cache".to_owned()), ("Authorization", authorization)],
        url: format!("{url}?{}", encode_pairs(&query)),
        body: None,
    })
}

/// Judges the answer: status, decryption, signature, form, and for government that it is the right person.
///
/// # Errors
/// One error for each of them; see [`Error`].
pub fn accept(config: &Config, token: &AccessToken, response: &Response, now_seconds: u64) -> Result<Person, Error> {
    match response.status {
        200 => {}
        404 => return Err(Error::NoProfile),
        status if is_upstream(status) => return Err(upstream(Endpoint::Person, status)),
        _ => return Err(refused(Endpoint::Person, response, None, now_seconds)),
    }
    let document = match config.flavour {
        // the sandbox, and only the sandbox, answers in clear
        Flavour::Sandbox => response.body.clone(),
        Flavour::Protected => open(config, &response.body)?,
    };
    let person = Person::read(document).ok_or(Error::Malformed { what: WHAT, problem: "it is no JSON object" })?;
    check_subject(config, token, &person)?;
    Ok(person)
}

/// JWE, in it a JSON string, in it a JWS, in it the document.
fn open(config: &Config, body: &[u8]) -> Result<Vec<u8>, Error> {
    let Some(key) = &config.private_key else {
        return Err(Error::Missing(Setting::PrivateKey));
    };
    let malformed = |problem| Error::Malformed { what: WHAT, problem };
    let body = std::str::from_utf8(body).map_err(|_| malformed("it is no text"))?;
    let plaintext = jwe::decrypt(body.trim(), &[jwe::Recipient { key, kid: None, alg: None }], &SEALED)?;
    let plaintext = String::from_utf8(plaintext).map_err(|_| malformed("the decrypted content is no text"))?;
    // the service writes a JSON string, quotes included; a bare JWS has the same meaning and is taken, too
    let jws = serde_json::from_str::<String>(&plaintext).unwrap_or(plaintext);
    jws::verify(jws.trim(), |_| config.myinfo_keys.iter().collect(), &SIGNED)
}

/// Government: the subject is the NRIC or FIN, so a document about somebody else can be told.
fn check_subject(config: &Config, token: &AccessToken, person: &Person) -> Result<(), Error> {
    if config.context == Context::Com {
        return Ok(());
    }
    match person.uinfin() {
        // whoever did not ask for the number cannot compare it
        Field::NotSent => Ok(()),
        // a value counts whatever its source says of it: it is compared and not shown
        Field::Present(_, sent) | Field::NotApplicable(_, Some(sent)) if sent == token.subject() => Ok(()),
        Field::Present(..) | Field::NotApplicable(..) | Field::Unavailable(_) | Field::Empty(_) | Field::NoRecords => {
            Err(Error::Subject(SubjectProblem::Different))
        }
    }
}

//! FAPI on the command line: new keys, and the steps by hand up to where a service is needed.

use crate::{connector, text};
use myinfo_connector::ambient::System;
use myinfo_connector::fapi::{Bound, Config, Environment, discovery, keys, par, token};
use myinfo_connector::key::OwnKeys;
use myinfo_connector::transport::Response;
use myinfo_connector::{Kept, State, oidc};
use myinfo_fixtures::keys::ec::CLIENT_JWKS_PRIVATE;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn new_keys_are_for_their_owner_alone_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let made = connector(&["keys", "new", file.to_str().unwrap()]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let content = fs::read(&file).unwrap();
    let public: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(public, OwnKeys::read(&content).unwrap().public_set().unwrap());
    let members = |name: &str| -> Vec<&str> {
        public["keys"].as_array().unwrap().iter().map(|key| key[name].as_str().unwrap()).collect()
    };
    assert_eq!((members("use"), members("alg")), (vec!["sig", "enc"], vec!["ES256", "ECDH-ES+A256KW"]));
    let private: Value = serde_json::from_slice(&content).unwrap();
    for key in private["keys"].as_array().unwrap() {
        let secret = key["d"].as_str().unwrap();
        assert!(!text(&made.stdout).contains(secret) && !text(&made.stderr).contains(secret));
    }
    let again = connector(&["keys", "new", file.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("must be a new file"), "{}", text(&again.stderr));
    assert_eq!(fs::read(&file).unwrap(), content);
}

proptest! {
    #[test]
    fn no_answer_breaks_a_step_and_none_is_repeated(status in 100_u16..600, text in "[^\"\\\\]{6,60}", bare: bool) {
        let members = json!({
            "error": text, "issuer": text, "request_uri": text, "token_type": "DPoP", "access_token": text, "id_token": text,
            "keys": [{"kty": "EC", "crv": "P-256", "x": text, "y": text, "kid": text}],
        });
        let body = if bare { text.clone() } else { members.to_string() };
        let nonce = Some(text.clone());
        let response =
            Response { status, dpop_nonce: nonce.clone(), challenge: nonce, body: body.into(), ..Response::default() };
        let config = Config::builder(Environment::Staging).client_id("c").redirect_uri("http://localhost/").scopes("openid");
        let config = config.keys(CLIENT_JWKS_PRIVATE.as_bytes()).unwrap();
        let before = oidc::Config::new(config.clone(), oidc::ClientProfile::Direct).unwrap();
        let config = config.build().unwrap();
        let errors = [
            oidc::discovery::accept(&before, &response, 0).err(),
            oidc::token::accept(&response, 0).err(),
            discovery::accept(&config, &response, 0).err(),
            keys::accept(&response, 0).err(),
            par::accept(&response, 0).err(),
            token::accept(&response, 0).err(),
        ];
        for error in errors.into_iter().flatten() {
            prop_assert!(!format!("{error} {error:?}").contains(&text), "{}", error);
        }
    }
}

#[test]
fn what_a_login_kept_is_gone_when_its_callback_was_judged_and_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("login.json");
    let kept = Kept::with_fapi(State::from_session("5tate"), Bound::fresh(true, &System).unwrap());
    let kept = serde_json::to_value(&kept).unwrap();
    fs::write(&file, kept.to_string()).unwrap();
    let callback = "http://localhost:3001/callback?code=c0de&state=another";
    let arguments = ["person", "--profile", "fapi", "--callback", callback, "--kept", file.to_str().unwrap()];
    let refused = connector(&arguments);
    let says = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2));
    assert!(says.contains("the state of the callback is not the one that was sent"), "{says}");
    for name in ["nonce", "verifier", "proof_key"] {
        assert!(!says.contains(kept["fapi"][name].as_str().unwrap()), "{says}");
    }
    assert!(!says.contains("c0de") && !file.exists(), "{says}");
}

#[test]
fn what_the_api_before_fapi_cannot_work_with_is_one_sentence_too() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept").to_str().unwrap().to_owned();
    for (arguments, says) in [
        (vec!["login-url"], "--kept FILE is needed"),
        (vec!["person", "--callback", "?code=c"], "--kept FILE is needed"),
        (vec!["login-url", "--kept", &kept, "--fapi-issuer", "http://127.0.0.1:1/fapi"], "no connection could be made"),
        (vec!["login-url", "--kept", &kept, "--fapi-level", "2"], "before FAPI no level"),
        (vec!["login-url", "--kept", &kept, "--oidc-client-profile", "bridge"], "invalid value"),
    ] {
        let output = connector(&[&["--profile", "oidc"], arguments.as_slice()].concat());
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(says) && !error.contains("panicked"), "{arguments:?}: {error}");
    }
}

#[test]
fn what_fapi_cannot_work_with_is_one_sentence_and_exit_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (kept, odd) = (path("kept"), path("odd"));
    fs::write(&odd, "{}").unwrap();
    for (arguments, says) in [
        (vec!["login-url"], "--kept FILE is needed"),
        (vec!["person", "--callback", "?code=c"], "--kept FILE is needed"),
        (vec!["person", "--callback", "?code=c", "--kept", &odd], "not what login-url wrote"),
        (vec!["person", "--callback", "?code=c", "--kept", "/nonexistent"], "/nonexistent cannot be read"),
        (vec!["login-url", "--kept", &kept, "--fapi-issuer", "http://127.0.0.1:1/fapi"], "no connection could be made"),
        (vec!["login-url", "--kept", &kept, "--fapi-issuer", "http://mock.example/fapi"], "has no TLS"),
        (vec!["login-url", "--kept", &kept, "--fapi-keys", &odd], "a private JWK Set is needed"),
        (vec!["login-url", "--kept", &kept, "--fapi-scope", "uinfin"], "`openid` is missing"),
        (vec!["login-url", "--kept", &kept, "--fapi-scope", "openid user.identity uinfin"], "of Myinfo apps"),
        (
            vec!["login-url", "--kept", &kept, "--fapi-app", "myinfo", "--fapi-scope", "openid user.identity"],
            "of Login apps",
        ),
        (vec!["login-url", "--kept", &kept, "--fapi-level", "1"], "invalid value"),
        (
            vec!["login-url", "--kept", &kept, "--fapi-issuer", "https://stg-id.singpass.gov.sg/fapi"],
            "the client id is missing; give --fapi-client-id ID, or set MYINFO_FAPI_CLIENT_ID\n",
        ),
        (
            vec!["login-url", "--kept", &kept, "--fapi-client-id", "somebody"],
            "the signing key is missing; give --fapi-keys FILE or --fapi-signing-key FILE, or set MYINFO_FAPI_KEYS or MYINFO_FAPI_SIGNING_KEY\n",
        ),
    ] {
        let output = connector(&[&["--profile", "fapi"], arguments.as_slice()].concat());
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(says) && !error.contains("panicked"), "{arguments:?}: {error}");
        assert!(!folder.path().join("kept").exists(), "{arguments:?}");
    }
    let of_v3 = connector(&["person", "--callback", "?code=c"]);
    assert!(text(&of_v3.stderr).contains("--state is needed"), "{}", text(&of_v3.stderr));
}

//! The person endpoints: the recorded layers, the requested items, and one refusal for each rule.

use crate::support::{NOW, changed, newest, rig, rig_with, told};
use myinfo_conformance::server::client::v3::{OracleClient, Token};
use serde_json::Value;

const ATTRIBUTES: &str = "uinfin,name,sex";

async fn token(client: &OracleClient, attributes: &str, persona: &str) -> Token {
    client.token(&client.code(attributes, persona).await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn the_document_has_the_recorded_layers() {
    let rig = rig("com").await;
    let token = token(&rig.client, ATTRIBUTES, "S6005048A").await;
    let answer = rig.client.send(&rig.client.person_draft(&token, ATTRIBUTES)).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/jose");
    assert_eq!(answer.headers()["transfer-encoding"], "chunked");
    assert!(answer.headers().get("content-encoding").is_none());
    let document = rig.client.open(&answer.text().await.unwrap()).unwrap();
    insta::assert_snapshot!(document.jwe_header, @r#"{"alg":"RSA-OAEP","enc":"A256GCM","kid":"testbed-client"}"#);
    insta::assert_snapshot!(document.jws_header, @r#"{"alg":"RS256","kid":"EaDD3UxWRQf88XvBmRNopErYha6no5ED_-2F6HEz-9c"}"#);
    assert!(document.plaintext.starts_with("\"eyJ") && document.plaintext.ends_with('"'));
    insta::assert_snapshot!(document.payload, @r#"{"uinfin":{"lastupdated":"2023-04-26","source":"1","classification":"C","value":"S6005048A"},"name":{"lastupdated":"2023-04-26","source":"1","classification":"C","value":"ANDY LAU"},"sex":{"lastupdated":"2023-04-26","source":"1","classification":"C","code":"M","desc":"MALE"}}"#);
}

#[tokio::test]
async fn com_knows_a_person_by_uuid_and_gov_by_nric() {
    let com = rig("com").await;
    let subject = token(&com.client, ATTRIBUTES, "S6005048A").await.subject;
    assert_eq!(subject.len(), 36);
    assert_eq!(token(&com.client, ATTRIBUTES, "S6005048A").await.subject, subject, "the same person has the same UUID");
    assert_ne!(token(&com.client, ATTRIBUTES, "S9812381D").await.subject, subject);
    let gov = rig("gov").await;
    assert_eq!(token(&gov.client, ATTRIBUTES, "S6005048A").await.subject, "S6005048A");
}

#[tokio::test]
async fn a_token_of_com_is_no_token_of_gov() {
    let rig = rig("com").await;
    let token = token(&rig.client, ATTRIBUTES, "S6005048A").await;
    let draft = rig.client.person_draft(&token, ATTRIBUTES);
    let (status, body) = changed(&rig.client, &draft, |draft| {
        draft.url = draft.url.replace("/com/", "/gov/");
        draft.signed_url.clone_from(&draft.url);
        draft.set("sp_esvcId", "X");
    })
    .await
    .unwrap();
    assert_eq!((status, body.contains("Invalid access token")), (401, true), "{body}");
}

#[tokio::test]
async fn the_slash_at_the_end_is_free_and_never_redirected() {
    let rig = rig("com").await;
    let token = token(&rig.client, ATTRIBUTES, "S6005048A").await;
    let draft = rig.client.person_draft(&token, ATTRIBUTES);
    for slash in [true, false] {
        let (status, body) = changed(&rig.client, &draft, |draft| {
            let address = draft.url.trim_end_matches('/').to_owned() + if slash { "/" } else { "" };
            draft.header.nonce.push_str(&address);
            draft.signed_url.clone_from(&address);
            draft.url = address;
        })
        .await
        .unwrap();
        assert_eq!(status, 200, "{body}");
    }
}

#[tokio::test]
async fn commas_may_be_raw_or_escaped_and_the_bearer_may_be_there_twice() {
    let rig = rig("com").await;
    let token = token(&rig.client, ATTRIBUTES, "S6005048A").await;
    let mut draft = rig.client.person_draft(&token, ATTRIBUTES);
    for (number, query) in ["attributes=uinfin,name,sex", "attributes=uinfin%2Cname%2Csex"].iter().enumerate() {
        draft.header.nonce = format!("comma-{number}");
        let header = format!("{},Bearer {}", rig.client.authorization(&draft), token.token);
        let url = format!("{}?client_id={}&{query}", draft.url, rig.client.client_id);
        let answer =
            rig.client.http.get(url).header("Authorization", header).header("Content-Type", "application/json").send();
        let (status, body) = told(answer.await.unwrap()).await;
        assert_eq!(status, 200, "{query}: {body}");
    }
}

#[tokio::test]
async fn each_broken_rule_is_refused_and_the_unbroken_request_still_works() {
    let rig = rig("com").await;
    let mine = token(&rig.client, ATTRIBUTES, "S6005048A").await;
    let other = token(&rig.client, ATTRIBUTES, "S9812381D").await;
    let good = rig.client.person_draft(&mine, ATTRIBUTES);
    let client = &rig.client;
    let mut number = 0;
    let mut check = async |name: &str,
                           change: &dyn Fn(&mut myinfo_conformance::server::client::v3::Draft),
                           status: u16,
                           message: &str| {
        number += 1;
        let (found, body) = changed(client, &good, |draft| {
            draft.header.nonce.push_str(&number.to_string());
            change(draft);
        })
        .await
        .unwrap();
        assert_eq!((found, body.contains(message)), (status, true), "{name}: {found} {body}");
        assert!(!body.contains("S6005048A"), "{name}: {body}");
        assert!(serde_json::from_str::<Value>(&body).unwrap()["code"].is_number(), "{name}: {body}");
    };
    check("no Bearer", &|draft| draft.bearer = None, 401, "Invalid access token").await;
    check("a foreign Bearer", &|draft| draft.bearer = Some("a.b.c".into()), 401, "Invalid access token").await;
    check("another's Bearer", &|draft| draft.bearer = Some(other.token.clone()), 401, "does not match").await;
    let changed_token = mine.token.replacen(".ey", ".eY", 1);
    check("a changed Bearer", &|draft| draft.bearer = Some(changed_token.clone()), 401, "Invalid access token").await;
    check(
        "an item without consent",
        &|draft| {
            draft.set("attributes", "uinfin,dob");
        },
        403,
        "not consented: dob",
    )
    .await;
    check(
        "no attributes",
        &|draft| {
            draft.remove("attributes");
        },
        400,
        "`attributes` is missing",
    )
    .await;
    check(
        "no client id",
        &|draft| {
            draft.remove("client_id");
        },
        400,
        "`client_id` is missing",
    )
    .await;
    check("a wrong signature", &|draft| draft.signed_url.push('x'), 500, "Invalid PKI Signature").await;
    check("a used nonce", &|draft| draft.header.nonce = "nonce-0".into(), 401, "Invalid nonce").await;
    let (status, body) = told(client.send(&good).await.unwrap()).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn a_token_expires_after_half_an_hour_and_serves_more_than_one_call_until_then() {
    let rig = rig("com").await;
    let token = token(&rig.client, ATTRIBUTES, "S6005048A").await;
    let draft = rig.client.person_draft(&token, ATTRIBUTES);
    rig.clock.advance_seconds(1799);
    for (ahead, expected) in [(1_799_000, 200), (1_799_001, 200)] {
        let (status, body) = changed(&rig.client, &draft, |draft| {
            draft.header.timestamp = (NOW + ahead).to_string();
            draft.header.nonce.push_str(&ahead.to_string());
        })
        .await
        .unwrap();
        assert_eq!(status, expected, "{body}");
    }
    rig.clock.advance_seconds(1);
    let (status, body) =
        changed(&rig.client, &draft, |draft| draft.header.timestamp = (NOW + 1_800_000).to_string()).await.unwrap();
    assert_eq!((status, body.contains("Invalid access token")), (401, true), "{body}");
}

#[tokio::test]
async fn dotted_attributes_bring_their_members_only() {
    let rig = rig("com").await;
    let attributes = "vehicles.vehicleno,vehicles.make,drivinglicence.qdl.expirydate";
    let token = token(&rig.client, attributes, "S9812351B").await;
    let document = rig.client.person(&token, attributes).await.unwrap();
    let person: Value = serde_json::from_str(&document.payload).unwrap();
    let items: Vec<&String> = person.as_object().unwrap().keys().collect();
    assert_eq!(items, ["vehicles", "drivinglicence"]);
    let mut members: Vec<&String> = person["vehicles"][0].as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["classification", "lastupdated", "make", "source", "vehicleno"]);
}

#[tokio::test]
async fn every_persona_can_be_fetched_with_every_attribute() {
    let rig = rig("com").await;
    let catalogue = myinfo_fixtures::catalogue();
    let v3 = catalogue.iter().filter(|item| item.versions.iter().any(|version| version == "v3"));
    let names: Vec<String> = v3
        .flat_map(|item| match item.v3_scopes.as_slice() {
            [] => vec![item.attribute.clone()],
            members => members.iter().map(|member| format!("{}.{member}", item.attribute)).collect(),
        })
        .collect();
    let attributes = names.join(",");
    for file in myinfo_fixtures::persona::PUBLISHED.iter().chain(myinfo_fixtures::persona::EDGE) {
        let token = token(&rig.client, &attributes, file.id).await;
        let document =
            rig.client.person(&token, &attributes).await.unwrap_or_else(|error| panic!("{}: {error}", file.id));
        assert!(document.payload.is_ascii(), "{}", file.id);
        // the official Java connector decodes the payload with the plain alphabet
        let jws: String = serde_json::from_str(&document.plaintext).unwrap();
        assert!(!jws.split('.').nth(1).unwrap().contains(['-', '_']), "{}", file.id);
        let person: Value = serde_json::from_str(&document.payload).unwrap();
        assert_eq!(person["uinfin"]["value"], file.id);
        assert!(!document.payload.contains("today"), "{}: relative dates are resolved", file.id);
    }
}

#[tokio::test]
async fn a_singpass_user_without_a_myinfo_profile_logs_in_and_is_not_found() {
    let (com, gov) = (rig("com").await, rig("gov").await);
    for file in myinfo_fixtures::persona::ACCOUNTS {
        let token = token(&com.client, ATTRIBUTES, file.id).await;
        let answer = com.client.send(&com.client.person_draft(&token, ATTRIBUTES)).await.unwrap();
        let (status, body) = told(answer).await;
        assert_eq!((status, body.contains("UIN/FIN is invalid.")), (404, true), "{body}");
        let cause = newest(&com).await["refused"]["cause"].to_string();
        assert!(cause.contains("the login works, person does not"), "{cause}");
        let sample = format!("{}/com/v3/person-sample/{}", com.mock.base_url(), file.id);
        assert_eq!(com.client.http.get(sample).send().await.unwrap().status(), 404);
        let url = gov.client.endpoint(&format!("person-basic/{}", file.id));
        let mut basic = gov.client.draft("GET", url, &[]);
        basic.set("sp_esvcId", "MYINFO-CONSENTPLATFORM").set("client_id", &gov.client.client_id);
        assert_eq!(gov.client.send(&basic).await.unwrap().status(), 404);
    }
}

#[tokio::test]
async fn the_sandbox_flavour_needs_no_signature_and_answers_plain_json() {
    let rig = rig_with("com", "[server]\nflavour = 'sandbox'", |builder| builder).await;
    let client = &rig.client;
    let code = client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    let answer: Value = client.request(&client.token_draft(&code), None).send().await.unwrap().json().await.unwrap();
    let access_token = answer["access_token"].as_str().unwrap().to_owned();
    assert_eq!(access_token.split('.').count(), 3, "the token is a signed JWT all the same");
    let opened = myinfo_oracle::jws::open(
        &access_token,
        &myinfo_oracle::key::public(myinfo_fixtures::keys::MYINFO_PUBLIC_KEY_PEM).unwrap(),
    )
    .unwrap();
    let claims: Value = serde_json::from_str(&opened.payload).unwrap();
    let subject = claims["sub"].as_str().unwrap().to_owned();
    let token = Token { token: access_token.clone(), answer, header: opened.header, payload: opened.payload, subject };
    let draft = client.person_draft(&token, ATTRIBUTES);
    // signed or not makes no difference; without the Bearer token there is nothing
    for header in [format!("Bearer {access_token}"), client.authorization(&draft)] {
        let answer = client.request(&draft, Some(&header)).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json");
        let person: Value = answer.json().await.unwrap();
        assert_eq!(person["name"]["value"], "ANDY LAU");
    }
    assert_eq!(told(client.request(&draft, None).send().await.unwrap()).await.0, 401);
}

#[tokio::test]
async fn flavours_may_differ_by_client() {
    let toml = format!(
        "[[client]]\nid = 'TESTBED-CLIENT'\nv3.secret = 'testbed-client-secret'\nredirect_uris = ['http://localhost:3001/callback']\nv3.flavour = 'sandbox'\nv3.certificate = '''{}'''",
        myinfo_fixtures::keys::CLIENT_CERT_PEM
    );
    let rig = rig_with("com", &toml, |builder| builder).await;
    let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    assert_eq!(told(rig.client.request(&rig.client.token_draft(&code), None).send().await.unwrap()).await.0, 200);
    let mut other = rig.client.token_draft("c");
    other.set("client_id", "STG2-MYINFO-SELF-TEST");
    assert_eq!(
        told(rig.client.request(&other, None).send().await.unwrap()).await.0,
        401,
        "the server's flavour is still test"
    );
}

#[tokio::test]
async fn gov_needs_the_e_service_id() {
    let rig = rig("gov").await;
    let token = token(&rig.client, ATTRIBUTES, "S6005048A").await;
    let draft = rig.client.person_draft(&token, ATTRIBUTES);
    let (status, body) = changed(&rig.client, &draft, |draft| {
        draft.remove("sp_esvcId");
    })
    .await
    .unwrap();
    assert_eq!((status, body.contains("`sp_esvcId` is missing")), (400, true), "{body}");
    assert_eq!(told(rig.client.send(&draft).await.unwrap()).await.0, 200);
}

#[tokio::test]
async fn person_basic_needs_the_signature_alone_and_leaves_out_cpf_and_iras() {
    let rig = rig("gov").await;
    let client = &rig.client;
    let basic = |slash: &str| {
        let mut draft = client.draft("GET", client.endpoint(&format!("person-basic/S6005048A{slash}")), &[]);
        draft.set("sp_esvcId", "MYINFO-CONSENTPLATFORM").set("client_id", &client.client_id);
        draft
    };
    for slash in ["", "/"] {
        let (status, body) = told(client.send(&basic(slash)).await.unwrap()).await;
        assert_eq!(status, 200, "{body}");
        let person: Value = serde_json::from_str(&client.open(&body).unwrap().payload).unwrap();
        assert_eq!(person["name"]["value"], "ANDY LAU");
        assert!(
            person.get("noahistory").is_none()
                && person.get("cpfcontributions").is_none()
                && person.get("ownerprivate").is_none()
        );
    }
    let (status, body) = changed(client, &basic(""), |draft| {
        draft.set("attributes", "name,noa-basic");
    })
    .await
    .unwrap();
    assert_eq!((status, body.contains("noa-basic")), (401, true), "{body}");
    let (status, body) = changed(client, &basic("?"), |draft| {
        draft.remove("sp_esvcId");
    })
    .await
    .unwrap();
    assert!(status >= 400, "{body}");
    let (status, body) = changed(client, &basic(""), |draft| {
        draft.header.nonce.push('2');
        draft.remove("sp_esvcId");
    })
    .await
    .unwrap();
    assert_eq!((status, body.contains("Digital Service is invalid")), (403, true), "{body}");
    let mut unknown = client.draft("GET", client.endpoint("person-basic/S0000000X"), &[]);
    unknown.set("sp_esvcId", "X");
    let (status, body) = told(client.send(&unknown).await.unwrap()).await;
    assert_eq!((status, body.as_str()), (404, r#"{"code":404,"message":"UIN/FIN is invalid."}"#));
}

#[tokio::test]
async fn the_sample_endpoint_is_open_to_anybody() {
    let rig = rig("com").await;
    let get = |path: &str| rig.client.http.get(format!("{}/{path}", rig.client.base_url)).send();
    let all: Value = get("com/v3/person-sample/S9812381D").await.unwrap().json().await.unwrap();
    assert_eq!(all.as_object().unwrap().len(), 56);
    let some: Value =
        get("gov/v3/person-sample/S9812381D/?attributes=name,vehicles.make").await.unwrap().json().await.unwrap();
    assert_eq!(some.as_object().unwrap().len(), 2);
    assert_eq!(get("com/v3/person-sample/S0000000X").await.unwrap().status(), 404);
    let (status, body) = told(get("com/v3/person-sample/S9812381D?attributes=nmae").await.unwrap()).await;
    assert_eq!((status, body.contains("nmae")), (403, true), "{body}");
}

#[tokio::test]
async fn a_hostile_subject_in_the_path_gets_a_refusal_and_nothing_else() {
    let rig = rig("com").await;
    let token = token(&rig.client, ATTRIBUTES, "S6005048A").await;
    for path in [
        "person/",
        "person",
        "person//",
        "person/a/b",
        "person/%2e%2e%2ftoken",
        "person/%00",
        "person/%ff",
        "person/..%2f",
    ] {
        let mut draft = rig.client.person_draft(&token, ATTRIBUTES);
        draft.url = rig.client.endpoint(path);
        draft.signed_url.clone_from(&draft.url);
        let (status, body) = told(rig.client.send(&draft).await.unwrap()).await;
        assert!((400..500).contains(&status), "{path}: {status} {body}");
    }
}

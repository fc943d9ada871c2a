//! What is sent of children.

use crate::support::rig;
use myinfo_conformance::server::client::v3::Token;
use serde_json::{Value, json};

#[tokio::test]
async fn vaccinations_of_children_are_asked_for_and_sent() {
    let rig = rig("com").await;
    let attributes = "childrenbirthrecords.vaccinationrequirements,sponsoredchildrenrecords.vaccinationrequirements";
    let token = rig.client.token(&rig.client.code(attributes, "S0000005A").await.unwrap()).await.unwrap();
    let document = rig.client.person(&token, attributes).await.unwrap();
    let person: Value = serde_json::from_str(&document.payload).unwrap();
    let of = |list: &str, place: usize| person[list][place]["vaccinationrequirements"][0].clone();
    assert_eq!(of("childrenbirthrecords", 2)["fulfilled"]["value"], true);
    assert_eq!(of("childrenbirthrecords", 5)["fulfilled"]["value"], false);
    assert_eq!(of("sponsoredchildrenrecords", 0)["requirement"]["code"], "1M3D");
    assert!(person["childrenbirthrecords"][2].get("name").is_none(), "{person}");
}

#[tokio::test]
async fn of_a_child_who_is_of_age_only_the_number_of_the_certificate_is_sent() {
    let rig = rig("com").await;
    // a built-in persona with a child of a fixed birthday, seen before and after the twenty-first one
    let envelope = json!({"lastupdated": "2020-01-01", "source": "1", "classification": "C"});
    let with = |members: Value| {
        let mut item = envelope.as_object().unwrap().clone();
        item.extend(members.as_object().unwrap().clone());
        Value::Object(item)
    };
    let child = with(json!({
        "birthcertno": {"value": "T0200001A"}, "name": {"value": "A CHILD"}, "dob": {"value": "2002-11-15"},
        "sex": {"code": "F", "desc": "FEMALE"},
    }));
    let person = json!({
        "uinfin": with(json!({"value": "S6005048A"})), "name": with(json!({"value": "A PARENT"})),
        "childrenbirthrecords": [child],
    });
    let admin = format!("{}/_mock", rig.mock.base_url());
    let put = rig.client.http.put(format!("{admin}/personas/S6005048A")).json(&person).send().await.unwrap();
    assert!(put.status().is_success(), "{}", put.text().await.unwrap());
    let attributes =
        "childrenbirthrecords.birthcertno,childrenbirthrecords.name,childrenbirthrecords.sex,childrenbirthrecords.dob";
    // the day in Singapore is 15 November 2023; the day before is reached by the realm's clock
    for (skew, name, sex) in [(-86_400, "A CHILD", "FEMALE"), (0, "", "")] {
        let moved = json!({"skew_seconds": skew});
        let clock = rig.client.http.post(format!("{admin}/clock")).json(&moved).send().await.unwrap();
        assert!(clock.status().is_success(), "{}", clock.text().await.unwrap());
        let code = rig.client.code(attributes, "S6005048A").await.unwrap();
        let answer: Value = rig.client.send(&rig.client.token_draft(&code)).await.unwrap().json().await.unwrap();
        let bearer = answer["access_token"].as_str().unwrap().to_owned();
        let opened = myinfo_oracle::jws::open(&bearer, &rig.client.myinfo).unwrap();
        let claims: Value = serde_json::from_str(&opened.payload).unwrap();
        let subject = claims["sub"].as_str().unwrap().to_owned();
        let token = Token { token: bearer, answer, header: opened.header, payload: opened.payload, subject };
        let document = rig.client.person(&token, attributes).await.unwrap();
        let sent: Value = serde_json::from_str(&document.payload).unwrap();
        let child = &sent["childrenbirthrecords"][0];
        assert_eq!(
            (&child["birthcertno"]["value"], &child["name"]["value"]),
            (&json!("T0200001A"), &json!(name)),
            "{skew}"
        );
        assert_eq!(child["sex"]["desc"], sex, "{skew}");
    }
}

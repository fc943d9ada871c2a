//! A profile of one endpoint, defined here and nowhere else, and what it gets for that: routes, 404 and 405, journal, rules,
//! faults, configuration, and its place in the admin API.

use crate::MockServer;
use crate::call::Call;
use crate::config::ClientRegistration;
use crate::config::section::{ClientKeys, Section};
use crate::examination::Examination;
use crate::fault::deform::reply;
use crate::fault::{Change, Fault, Stage, When, faults};
use crate::http::exchange::{Answer, plain_error};
use crate::operation::{Description, Operation, Reply};
use crate::profile::{Export, Profile, Served, Work};
use crate::protocol::{Endpoint, Kind, Protocol};
use crate::refusal::Refusal;
use crate::rule::rules;
use serde_json::{Value, json};
use warp::http::{Method, StatusCode};

rules! {
    POLITE "greeting.polite" ("a book of manners", "page 1")
        "whoever asks says please"
        => "send the header `please`"
}

const MANNERS: &str = "a book of manners, page 2";

const ANSWERS: &[Fault] = faults! { "greeting";
    @ PersonResponse
        "greeting-html" reply::HTML, MANNERS => "does not take a page for a greeting"
};

const OVERSIGHTS: &[Fault] = &[Fault {
    id: "greeting-accepts-rudeness",
    profile: "greeting",
    stage: Stage::Acceptance,
    says: "answers whoever does not say please",
    good_client: "is polite all the same",
    clause: POLITE.id,
    change: Change::Overlooks(POLITE),
}];

/// What `[client.greeting]` says.
struct Nickname(String);

static DESCRIPTION: Description = Description {
    title: "Greetings",
    says: "Whoever asks is greeted.",
    parameters: &[("name", "Who is greeted.")],
    schemes: &[],
    schemas: || json!({"Error": {"type": "object"}}),
};

static GREET: Operation = Operation::new(
    "A greeting",
    &[Reply::new(200, "The greeting.", &[("text/plain", "")]), Reply::error(400, &[], "The request is rude.")],
);

static GREETING: Profile = Profile {
    protocol: Protocol {
        id: "greeting",
        rules: ALL,
        faults: &[ANSWERS, OVERSIGHTS],
        mistakes: &[],
        shown: &[],
        masked_authorization: |_| None,
        former: &[],
        section: Section {
            name: "greeting",
            built_in: |_| Ok(()),
            settings: |_, table, _, findings| table.finish(findings),
            client: |client, mut table, _, findings| {
                if let Some((nickname, _)) = table.string("nickname", findings) {
                    client.profiles.put(Nickname(nickname));
                }
                table.finish(findings);
            },
            client_keys: &["nickname"],
            speaks: |client| client.profiles.get::<Nickname>().is_some(),
            describe: |client| client.profiles.get::<Nickname>().map(|Nickname(name)| json!({"nickname": name})),
            shown: |_| Vec::new(),
            client_shown: |_| None,
            keys: |_: &ClientRegistration| ClientKeys::default(),
            warnings: |_, _| Vec::new(),
        },
        methods: "greeting is GET",
        description: &DESCRIPTION,
    },
    endpoints: &[Served {
        endpoint: Endpoint {
            profile: "greeting",
            event: "greeting",
            kind: Kind::Person,
            method: Method::GET,
            path: "/greetings/v9/greeting/{name}",
            rules: &[ALL],
            operation: &GREET,
        },
        work: Work::Light,
        handler: greet,
    }],
    error: plain_error,
    beforehand: |_, _| None,
    own_client: "",
    key_changes: None,
    signed_texts: |_| Vec::new(),
    plays: &[],
    token_doctor: |_| None,
    export: |_, _, _| Ok(Export::default()),
};

fn greet(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let asked = call.incoming.headers.contains_key("please");
    let rude = || Refusal::new(StatusCode::BAD_REQUEST, "say please", POLITE, "the header `please` is missing");
    exam.check(POLITE, asked.then_some(()).ok_or_else(rude));
    if let Some(refusal) = exam.refusal() {
        return plain_error(refusal.status, &refusal.message);
    }
    assert_ne!(call.segment().as_deref(), Some("Nobody"), "a mistake of the mock's own");
    let answer = Answer::api(StatusCode::OK, "text/plain", format!("hello {}", call.segment().unwrap_or_default()));
    let mut draft = crate::fault::draft::ReplyDraft { answer, error: Box::new(plain_error), elsewhere: String::new() };
    call.app.faults.reply(Stage::PersonResponse, When::After, &mut draft, exam);
    draft.answer
}

static PROFILES: &[&Profile] = &[crate::profile::ALL[0], &GREETING];

struct Guest {
    mock: MockServer,
    http: reqwest::Client,
}

impl Guest {
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mock = MockServer::builder().profiles(PROFILES).start().await.unwrap();
        Self { mock, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// Sends a request; gives status, the header `Allow`, and the body.
    async fn send(&self, method: Method, path: &str, polite: bool) -> (u16, String, String) {
        let mut request = self.http.request(method, format!("{}{path}", self.mock.base_url()));
        if polite {
            request = request.header("please", "yes");
        }
        let answer = request.send().await.unwrap();
        let allow = answer.headers().get("allow").map_or("", |value| value.to_str().unwrap()).to_owned();
        (answer.status().as_u16(), allow, answer.text().await.unwrap())
    }

    async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let request = self.http.request(method, format!("{}/_mock/{path}", self.mock.base_url()));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn newest(&self) -> Value {
        let exchanges = self.admin(Method::GET, "exchanges", None).await;
        exchanges["exchanges"].as_array().unwrap().last().unwrap().clone()
    }
}

#[tokio::test]
async fn a_profile_gets_its_routes_and_a_clear_answer_beside_them() {
    let guest = Guest::new().await;
    let (status, _, body) = guest.send(Method::GET, "/greetings/v9/greeting/Andy", true).await;
    assert_eq!((status, body.as_str()), (200, "hello Andy"));
    let (status, allow, body) = guest.send(Method::POST, "/greetings/v9/greeting/Andy", true).await;
    assert_eq!((status, allow.as_str()), (405, "GET"));
    assert!(body.contains("greeting is GET"), "{body}");
    let (status, _, body) = guest.send(Method::GET, "/greeting", true).await;
    assert_eq!(status, 404);
    assert!(body.contains("/greetings/v9/greeting/{name}") && body.contains("/{com|gov}/v3/token"), "{body}");
    let cause = guest.newest().await["refused"]["cause"].as_str().unwrap().to_owned();
    assert!(cause.contains("did you mean /greetings/v9/greeting?"), "{cause}");
    let (status, ..) = guest.send(Method::GET, "/com/v3/person-sample/S6005048A", false).await;
    assert_eq!(status, 200, "the other profile is served as before");
}

#[tokio::test]
async fn a_handler_that_fails_is_answered_for_and_the_next_request_is_as_good_as_ever() {
    let guest = Guest::new().await;
    let (status, _, body) = guest.send(Method::GET, "/greetings/v9/greeting/Nobody", true).await;
    assert_eq!((status, body.contains("the mock failed to answer")), (503, true), "{body}");
    let (status, _, body) = guest.send(Method::GET, "/greetings/v9/greeting/Andy", true).await;
    assert_eq!((status, body.as_str()), (200, "hello Andy"));
}

#[tokio::test]
async fn a_profile_gets_a_journal_in_which_only_its_own_rules_stand() {
    let guest = Guest::new().await;
    let (status, _, body) = guest.send(Method::GET, "/greetings/v9/greeting/Andy", false).await;
    assert_eq!((status, body.contains("say please")), (400, true));
    let exchange = guest.newest().await;
    assert_eq!((&exchange["event"], &exchange["profile"]), (&json!("greeting"), &json!("greeting")));
    let rules: Vec<&str> =
        exchange["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(rules, ["greeting.polite"]);
    assert_eq!(exchange["refused"]["fix"], "send the header `please`");
    let filtered = guest.admin(Method::GET, "exchanges?event=greeting&rule=greeting.polite", None).await;
    assert_eq!(filtered["exchanges"].as_array().unwrap().len(), 1);
    let expected = json!({"broken": ["greeting.polite"], "called": {"greeting": 1}});
    assert_eq!(guest.admin(Method::POST, "assertions", Some(expected)).await["passed"], true);
    let transactions = guest.admin(Method::GET, "transactions", None).await;
    assert_eq!(transactions["transactions"][0]["outcome"], "refused");
    let (status, ..) = guest.send(Method::GET, "/greetings/v9/greeting/Andy", true).await;
    let transactions = guest.admin(Method::GET, "transactions", None).await;
    assert_eq!((status, &transactions["transactions"][0]["outcome"]), (200, &json!("complete")));
}

#[tokio::test]
async fn a_profile_gets_its_faults_and_nobody_elses_strike_there() {
    let guest = Guest::new().await;
    let faults = guest.admin(Method::GET, "faults", None).await;
    let own: Vec<&Value> =
        faults["catalogue"].as_array().unwrap().iter().filter(|fault| fault["profile"] == "greeting").collect();
    assert_eq!(own.len(), 2);
    assert_eq!((&own[0]["id"], &own[0]["stage"]), (&json!("greeting-html"), &json!("person-response")));
    let rules = guest.admin(Method::GET, "rules", None).await;
    assert!(rules["rules"].as_array().unwrap().iter().any(|rule| rule["id"] == "greeting.polite"));
    // the same stage of the other profile: it waits for its own
    guest.admin(Method::POST, "faults", Some(json!({"id": "person-html", "times": 1}))).await;
    let (_, _, body) = guest.send(Method::GET, "/greetings/v9/greeting/Andy", true).await;
    assert_eq!(body, "hello Andy");
    guest.admin(Method::POST, "faults", Some(json!({"id": "greeting-html", "times": 1}))).await;
    let (_, _, body) = guest.send(Method::GET, "/greetings/v9/greeting/Andy", true).await;
    assert!(body.starts_with("<html>"), "{body}");
    assert_eq!(guest.newest().await["faults"], json!(["greeting-html"]));
    guest.admin(Method::POST, "faults", Some(json!({"id": "greeting-accepts-rudeness", "times": 1}))).await;
    let (status, ..) = guest.send(Method::GET, "/greetings/v9/greeting/Andy", false).await;
    assert_eq!(status, 200);
    let armed = guest.admin(Method::GET, "faults", None).await["armed"].clone();
    assert_eq!(armed, json!([{"id": "person-html", "left": 1, "client": null}]));
}

#[tokio::test]
async fn a_profile_gets_a_description_of_its_endpoints() {
    let guest = Guest::new().await;
    let document = guest.admin(Method::GET, "openapi/greeting.json", None).await;
    let operation = &document["paths"]["/greetings/v9/greeting/{name}"]["get"];
    assert_eq!(operation["parameters"][0]["description"], "Who is greeted.");
    assert_eq!(operation["x-rules"], json!(["greeting.polite"]));
    assert!(operation["responses"]["200"]["content"]["text/plain"].is_object(), "{operation}");
}

#[tokio::test]
async fn a_profile_reads_its_own_part_of_a_client() {
    let guest = Guest::new().await;
    let body = json!({"redirect_uris": ["http://localhost/cb"], "greeting": {"nickname": "Andy"}});
    let answer = guest.admin(Method::PUT, "clients/FRIEND", Some(body)).await;
    assert_eq!((&answer["greeting"], answer.get("v3")), (&json!({"nickname": "Andy"}), None));
    let misplaced = json!({"redirect_uris": ["http://localhost/cb"], "nickname": "Andy"});
    let error = guest.admin(Method::PUT, "clients/FRIEND", Some(misplaced)).await["error"].clone();
    assert_eq!(error, "`client[0].nickname`: belongs to `greeting`: write `greeting.nickname`");
    let unknown = json!({"redirect_uris": ["http://localhost/cb"], "greeting": {"nicknam": "Andy"}});
    let error = guest.admin(Method::PUT, "clients/FRIEND", Some(unknown)).await["error"].clone();
    assert!(error.as_str().unwrap().contains("did you mean `nickname`"), "{error}");
}

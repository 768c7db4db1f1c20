//! Every act of the policy table × every role at scope `all`: allowed exactly where the table says so.

use std::collections::HashSet;

use actix_web::http::Method;
use homecoming::access::Role;
use homecoming::access::policy::{Act, Who};
use homecoming::base::state::Word as _;
use serde_json::{Value, json};

use crate::support::{Actor, App, draft_body, fresh_id};

/// One request that does an act.
pub struct Op {
    pub act: Act,
    method: Method,
    pub path: String,
    body: Value,
    /// A list answers everybody; what tells is whether it holds anything.
    is_list: bool,
}

/// Things that the acts are done to; made anew, or put back, before each role.
pub struct Things {
    pub person: String,
    education: String,
    account: String,
    grant: String,
    pub college: String,
    class: String,
    preparing: String,
    active: String,
    draft: String,
    events: Vec<String>,
    registration: String,
}

const STATES: [&str; 6] = ["draft", "submitted", "submitted", "approved", "published", "published"];

impl Things {
    pub async fn make(app: &App) -> Self {
        let office = app.office().await;
        let person = office.post("/people", json!({"name": "张三"})).await.expect(201).text("id");
        let college = app.college("law").await;
        let new = json!({"college_id": college, "major": "x", "entry_year": 2001});
        let class = office.post("/class-groups", new).await.expect(201).text("id");
        let parent = app.organization("association").await;
        let mut chapters = vec![];
        for code in ["t-preparing", "t-active"] {
            let new = json!({"kind": "regional_chapter", "name": code, "code": code, "parent_id": parent});
            chapters.push(office.post("/organizations", new).await.expect(201).text("id"));
        }
        let mut events = vec![];
        for _ in STATES {
            events.push(app.draft(json!({})).await);
        }
        let open = app.published_event(json!({"capacity": null})).await;
        let registration = app.alumnus(1).await.register(&open, json!({})).await.expect(201).text("id");
        events.push(open);
        Self {
            education: fresh_id(),
            grant: fresh_id(),
            account: app.somebody().await.0,
            draft: app.draft(json!({})).await,
            active: chapters.remove(1),
            preparing: chapters.remove(0),
            person,
            college,
            class,
            events,
            registration,
        }
    }

    /// Puts everything back into the state from which each act is possible.
    pub async fn put_back(&self, app: &App) {
        let mut sql = format!(
            "delete from role_grants where id = '{grant}'; \
             insert into role_grants (id, account_id, role, scope_kind, starts_on, created_at) values ('{grant}', '{account}', 'auditor', 'all', now(), now()); \
             delete from educations where id = '{education}'; \
             insert into educations (id, person_id, college_id, created_at, updated_at) values ('{education}', '{person}', '{college}', now(), now()); \
             update organizations set status = 'preparing' where id = '{preparing}'; \
             update organizations set status = 'active' where id = '{active}'; \
             update event_seats set seats_taken = 1 where event_id = (select event_id from registrations where id = '{registration}'); \
             update registrations set status = 'confirmed' where id = '{registration}'; ",
            grant = self.grant,
            account = self.account,
            education = self.education,
            person = self.person,
            college = self.college,
            preparing = self.preparing,
            active = self.active,
            registration = self.registration,
        );
        for (event, state) in self.events.iter().zip(STATES) {
            let id = event.trim_start_matches("/events/");
            let published = if ["published", "completed"].contains(&state) { "now()" } else { "null" };
            sql += format!("update events set status = '{state}', published_at = {published} where id = '{id}'; ")
                .as_str();
        }
        let last = self.events[5].trim_start_matches("/events/");
        sql += format!("update events set starts_at = now() - interval '1 day' where id = '{last}';").as_str();
        app.sql(&sql).await;
    }
    pub fn ops(&self, n: usize) -> Vec<Op> {
        use Act::*;
        let op = |act, method: Method, path: String, body| Op { act, method, path, body, is_list: false };
        let read = |act, path: String| op(act, Method::GET, path, Value::Null);
        let list = |act, path: &str| Op { is_list: true, ..read(act, path.to_owned()) };
        let (post, put, patch) = (|| Method::POST, || Method::PUT, || Method::PATCH);
        let person = format!("/people/{}", self.person);
        let educations = format!("{person}/educations");
        let education = format!("{educations}/{}", self.education);
        let (preparing, active) =
            (format!("/organizations/{}", self.preparing), format!("/organizations/{}", self.active));
        let registration = format!("/registrations/{}", self.registration);
        let [submit, back, approve, publish, cancel, complete, open] = &self.events[..] else { panic!("seven events") };
        let step = |to: &str| json!({"to": to, "on": "2019-01-01"});
        let chapter =
            json!({"kind": "regional_chapter", "name": "x", "code": format!("m-{n}"), "parent_id": self.active});
        vec![
            read(ListAccounts, "/accounts".to_owned()),
            op(
                CreateGrant,
                post(),
                format!("/accounts/{}/grants", self.account),
                json!({"role": "auditor", "scope": {"kind": "all"}}),
            ),
            op(
                CreateInvitation,
                post(),
                "/accounts/invitations".to_owned(),
                json!({"email": format!("m-{n}@example.org"), "name": "x"}),
            ),
            op(UpdateAccountPerson, put(), format!("/accounts/{}/person", self.account), json!({"person_id": null})),
            op(DeleteGrant, Method::DELETE, format!("/grants/{}", self.grant), Value::Null),
            op(CreateCollege, post(), "/colleges".to_owned(), json!({"code": format!("m-{n}"), "name": "x"})),
            op(UpdateCollege, patch(), format!("/colleges/{}", self.college), json!({"campus": "x"})),
            op(
                CreateClassGroup,
                post(),
                "/class-groups".to_owned(),
                json!({"college_id": self.college, "major": "m", "entry_year": 1900 + n}),
            ),
            op(UpdateClassGroup, patch(), format!("/class-groups/{}", self.class), json!({"headcount": n})),
            list(ListPeople, "/people?limit=1"),
            read(ReadPerson, person.clone()),
            op(CreatePerson, post(), "/people".to_owned(), json!({"name": "x"})),
            op(UpdatePerson, patch(), person, json!({"city": "x"})),
            read(ListEducations, educations.clone()),
            read(ReadEducation, education.clone()),
            op(CreateEducation, post(), educations, json!({"college_id": self.college})),
            op(UpdateEducation, patch(), education.clone(), json!({"major": "x"})),
            op(DeleteEducation, Method::DELETE, education, Value::Null),
            list(ListOrganizations, "/organizations?code=t-preparing"),
            read(ReadOrganization, preparing.clone()),
            op(CreateOrganization, post(), "/organizations".to_owned(), chapter),
            op(UpdateOrganization, patch(), preparing.clone(), json!({"name_en": "x"})),
            read(ListTransitions, format!("{preparing}/transitions")),
            op(CreateTransition, post(), format!("{preparing}/transitions"), step("approved")),
            list(ListEvents, "/events?status=draft&limit=1"),
            read(ReadEvent, self.draft.clone()),
            read(ReadAvailability, format!("{}/availability", self.draft)),
            op(CreateEvent, post(), format!("{active}/events"), draft_body()),
            op(UpdateEvent, patch(), self.draft.clone(), json!({"summary": "x"})),
            op(SubmitEvent, put(), format!("{submit}/submission"), json!({})),
            op(ReturnEvent, put(), format!("{back}/return"), json!({})),
            op(ApproveEvent, put(), format!("{approve}/approval"), json!({})),
            op(PublishEvent, put(), format!("{publish}/publication"), json!({})),
            op(CancelEvent, put(), format!("{cancel}/cancellation"), json!({})),
            op(CompleteEvent, put(), format!("{complete}/completion"), json!({})),
            read(ListRegistrations, format!("{open}/registrations")),
            read(ReadRegistration, registration.clone()),
            op(CreateRegistration, post(), format!("{open}/registrations"), json!({"guest_name": "x"})),
            op(DeleteRegistration, Method::DELETE, registration, Value::Null),
            // Last: it takes the host away.
            op(DissolveOrganization, post(), format!("{active}/transitions"), step("dissolved")),
        ]
    }
}

impl Op {
    /// The parent in the body of a new organization.
    pub fn parent(&self) -> &str {
        self.body["parent_id"].as_str().unwrap()
    }
}

pub async fn is_allowed(actor: &Actor, op: &Op) -> (bool, u16) {
    let mut call = actor.call(op.method.clone(), &op.path).header("if-match", "*");
    if op.method == Method::POST {
        call = call.header("idempotency-key", &fresh_id());
    }
    if !op.body.is_null() {
        call = call.json(&op.body);
    }
    let answer = call.send().await;
    let allowed = match answer.status {
        200 if op.is_list => !answer.items().is_empty(),
        200 | 201 | 204 => true,
        401 | 403 | 404 => false,
        other => panic!("{} {}: {other} {}", op.method, op.path, answer.json),
    };
    (allowed, answer.status)
}

#[actix_web::test]
async fn every_act_is_allowed_to_exactly_the_roles_of_the_table() {
    let app = App::start().await;
    let things = Things::make(&app).await;
    let mut wrong = vec![];
    for (n, role) in Role::ALL.iter().copied().enumerate() {
        let holder = app.holder(role.as_str(), "all", "").await;
        things.put_back(&app).await;
        for op in things.ops(n) {
            let (allowed, status) = is_allowed(&holder, &op).await;
            if allowed != op.act.allows(role) {
                wrong.push(format!("{role:?} {}: {status}", op.act.name()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[actix_web::test]
async fn nobody_and_somebody_without_a_role_are_refused_every_act_of_the_table() {
    let app = App::start().await;
    let things = Things::make(&app).await;
    things.put_back(&app).await;
    let mut wrong = vec![];
    for (who, actor) in [("nobody", app.anyone()), ("somebody", app.somebody().await.1)] {
        for op in things.ops(0) {
            let (allowed, status) = is_allowed(&actor, &op).await;
            let signed_out = who == "nobody" && op.act.rule().who != Who::Everyone;
            if allowed || signed_out != (status == 401) {
                wrong.push(format!("{who} {}: {status}", op.act.name()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[actix_web::test]
async fn a_role_that_is_over_or_not_yet_begun_allows_nothing() {
    let app = App::start().await;
    let things = Things::make(&app).await;
    things.put_back(&app).await;
    let (account, actor) = app.somebody().await;
    for role in Role::ALL {
        app.give_for(&account, role.as_str(), "all", "", "current_date - 30", "current_date - 2").await;
        app.give_for(&account, role.as_str(), "all", "", "current_date + 2", "null").await;
    }
    let mut wrong = vec![];
    for op in things.ops(0) {
        if is_allowed(&actor, &op).await.0 {
            wrong.push(op.act.name());
        }
    }
    assert_eq!(wrong, Vec::<&str>::new());
}

#[actix_web::test]
async fn the_matrix_has_every_act_that_a_role_allows() {
    let app = App::start().await;
    let things = Things::make(&app).await;
    let tried: HashSet<_> = things.ops(0).iter().map(|op| op.act).collect();
    // How much of a person one sees is decided within other acts, and tested with them.
    let within = [Act::ReadWholePerson, Act::ReadPersonName, Act::ExplainToOthers];
    let of_roles = Act::ALL.iter().filter(|act| !act.rule().roles.is_empty() && !within.contains(act));
    let untried: Vec<_> = of_roles.filter(|act| !tried.contains(act)).collect();
    assert_eq!(untried, Vec::<&Act>::new());
}

//! The data of the benchmark: made past the actions, and yet as they would have made it.

use homecoming::access::office::Office;
use homecoming::base::clock::Clock;
use homecoming::db::migrate::migrate;
use homecoming::db::pool::Pool;
use homecoming::demo::{self, campus::Scale};
use serde_json::json;

use crate::support::{App, databases};

const SMALL: Scale = Scale { people: 700, accounts: 30, events: 60, registrations: 900 };

async fn campus() -> App {
    let url = databases::empty().await;
    let make = |url: String| async move {
        migrate(&url).await.unwrap();
        let office =
            Office::open(Pool::new(&url, 1).unwrap(), Clock::default(), chrono_tz::Asia::Shanghai).await.unwrap();
        assert!(demo::make_campus(&office, None, SMALL, |_| ()).await.unwrap());
        assert!(!demo::make_campus(&office, None, SMALL, |_| ()).await.unwrap(), "it is made where there is data");
    };
    databases::on_threads(make(url.clone())).await;
    App::on(&url).await
}

#[actix_web::test]
async fn the_campus_has_as_much_as_was_asked_for_and_its_counters_agree_with_its_rows() {
    let app = campus().await;
    for (what, many) in [
        ("select count(*) from educations where student_no like 'C%'", 700),
        ("select count(*) from account_identifiers where value like 'person-%'", 30),
        ("select count(*) from events where venue_text = '校友之家' and version = 4", 60),
        (
            "select count(*) from registrations r join events e on e.id = event_id where e.venue_text = '校友之家' and e.version = 4",
            900,
        ),
    ] {
        assert_eq!(app.count(what).await, many, "{what}");
    }
    let none = [
        // Seats and queue as counted.
        "select count(*) from event_seats s where seats_taken <> (select coalesce(sum(party_size), 0) from registrations r
            where r.event_id = s.event_id and status = 'confirmed') or waiting <> (select count(*) from registrations r
            where r.event_id = s.event_id and status = 'waitlisted')",
        // The head of a queue would not fit, and nobody has a seat who came after it.
        "select count(*) from event_seats s join registrations r using (event_id) where queue_no = 1 and (seats_taken + party_size <= capacity
            or exists (select from registrations o where o.event_id = s.event_id and o.status = 'confirmed' and o.id > r.id))",
        "select count(*) from registrations join events e on e.id = event_id where published_at is null",
        "select count(*) from events join event_seats on event_id = id where takes_claims <> (status = 'published')",
        // Every organization with itself and all above it.
        "select count(*) from organizations o where (select count(*) from organization_ancestors where organization_id = o.id)
            <> case when o.parent_id is null then 1 else 1 + (select count(*) from organization_ancestors where organization_id = o.parent_id) end",
    ];
    for what in none {
        assert_eq!(app.count(what).await, 0, "{what}");
    }
    assert!(app.count("select count(*) from registrations where status = 'waitlisted'").await > 20);
}

#[actix_web::test]
async fn people_of_the_campus_are_found_as_if_the_actions_had_made_them() {
    let app = campus().await;
    let (office, admin, college) = (app.office().await, app.college_admin_of("cs").await, app.college("cs").await);
    // By the tokens, and by the studies.
    let seen = admin.get("/people?include_total=true").await.expect(200).json["total"].clone();
    let there = office.get(&format!("/people?college_id={college}&include_total=true")).await.expect(200);
    assert_eq!(seen, there.json["total"]);
    assert!(seen.as_i64().unwrap() > 20);

    // A change of a study makes a person's tokens anew: they are the same.
    let person = app.sign_in("person-000001").await.get("/me").await.expect(200).text("person_id");
    let tokens = format!(
        "select ('x' || substr(md5(array(select unnest(tokens) order by 1)::text), 1, 15))::bit(60)::bigint
        from people where id = '{person}'"
    );
    let before = app.count(&tokens).await;
    let study = office.get(&format!("/people/{person}/educations")).await.expect(200).items()[0].clone();
    let path = format!("/people/{person}/educations/{}", study["id"].as_str().unwrap());
    office.patch(&path, json!({"major": "采矿工程"})).await.expect(200);
    assert_eq!(app.count(&tokens).await, before);
}

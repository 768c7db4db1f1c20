//! The demo year gives back its facts through the API, and is made whole or not at all.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::support::{Actor, App, databases};

/// 2019 at the office.
const IN_2019: &str = "from=2018-12-31T16:00:00Z&to=2019-12-31T16:00:00Z";

async fn year() -> App {
    App::on(&databases::year().await).await
}

async fn completed(caller: &Actor, kind: &str) -> Vec<Value> {
    caller.all(&format!("/events?kind={kind}&status=completed&{IN_2019}")).await
}

async fn code_of_host(office: &Actor, event: &Value) -> String {
    let host = event["organization_id"].as_str().unwrap();
    office.get(&format!("/organizations/{host}")).await.expect(200).text("code")
}

async fn hosts(office: &Actor, events: &[Value]) -> Vec<String> {
    let mut hosts = vec![];
    for event in events {
        hosts.push(code_of_host(office, event).await);
    }
    hosts.sort();
    hosts
}

/// Codes of the organizations that became active in 2019.
async fn established(office: &Actor, organizations: &[Value]) -> Vec<String> {
    let mut codes = vec![];
    for organization in organizations {
        let path = format!("/organizations/{}/transitions", organization["id"].as_str().unwrap());
        let founded = |step: &Value| step["to"] == "active" && step["on"].as_str().unwrap().starts_with("2019");
        if office.all(&path).await.iter().any(founded) {
            codes.push(organization["code"].as_str().unwrap().to_owned());
        }
    }
    codes.sort();
    codes
}

async fn seats(caller: &Actor, event: &Value) -> Value {
    caller.get(&format!("/events/{}/availability", event["id"].as_str().unwrap())).await.expect(200).json
}

fn is_bilingual(row: &Value, chinese: &str, english: &str) -> bool {
    let has = |field: &str| row[field].as_str().is_some_and(|text| !text.is_empty());
    has(chinese) && has(english) && !row[english].as_str().unwrap().chars().any(|c| c > '\u{2fff}')
}

#[actix_web::test]
async fn seventeen_college_branches_were_founded_in_2019() {
    let app = year().await;
    let office = app.office().await;
    let colleges = office.all("/colleges").await;
    assert_eq!(colleges.iter().filter(|college| college["campus"] == "qingdao").count(), 17);
    let branches = app.anyone().all("/organizations?kind=college_branch&status=active").await;
    assert_eq!(branches.len(), 17);
    assert_eq!(established(&office, &branches).await.len(), 17);
    for college in &colleges {
        assert_eq!(branches.iter().filter(|branch| branch["college_id"] == college["id"]).count(), 1);
        assert!(is_bilingual(college, "name", "name_en"), "{college}");
    }
}

#[actix_web::test]
async fn two_chapters_were_established_in_2019_one_of_them_under_a_branch() {
    let app = year().await;
    let office = app.office().await;
    let chapters = office.all("/organizations?kind=regional_chapter&kind=industry_chapter&status=active").await;
    assert_eq!(established(&office, &chapters).await, ["cs-beijing", "shijiazhuang"]);
    let (branch, college) = (app.organization("branch-cs").await, app.college("cs").await);
    let found = app.anyone().all(&format!("/organizations?parent_id={branch}&college_id={college}")).await;
    assert_eq!((found.len(), &found[0]["code"]), (1, &json!("cs-beijing")));
    let transitions = office.all(&format!("/organizations/{}/transitions", found[0]["id"].as_str().unwrap())).await;
    let steps: Vec<_> = transitions.iter().map(|step| (&step["from"], &step["to"])).collect();
    assert_eq!(steps, [(&json!("preparing"), &json!("approved")), (&json!("approved"), &json!("active"))]);
}

#[actix_web::test]
async fn four_chapters_are_being_prepared() {
    let app = year().await;
    let mut codes = app.office().await.all_of("/organizations?status=preparing", "code").await;
    codes.sort();
    assert_eq!(codes, ["law", "nanjing", "wuhan", "xian"]);
    assert_eq!(app.anyone().all("/organizations?status=preparing").await.len(), 0);
}

#[actix_web::test]
async fn the_years_meetings_were_held_by_those_whom_the_facts_name() {
    let app = year().await;
    let office = app.office().await;
    for (kind, expected) in [
        ("re_election", vec!["qingdao-west-coast", "shenzhen"]),
        ("annual_meeting", vec!["qingdao", "zhejiang"]),
        ("appointment", vec!["association"]),
    ] {
        let events = completed(&app.anyone(), kind).await;
        assert_eq!(hosts(&office, &events).await, expected, "{kind}");
        for event in events {
            let taken = seats(&office, &event).await["seats_taken"].as_i64().unwrap();
            assert!((60..=event["capacity"].as_i64().unwrap()).contains(&taken), "{taken} at {event}");
        }
    }
    let appointment = &completed(&office, "appointment").await[0];
    assert_eq!(appointment["audience"], json!({"kind": "graduation_year", "values": [2019]}));
}

#[actix_web::test]
async fn thirty_nine_lectures_of_the_forum_were_given() {
    let app = year().await;
    let lectures = completed(&app.anyone(), "lecture").await;
    let numbers: Vec<_> = lectures.iter().filter_map(|lecture| lecture["sequence_no"].as_i64()).collect();
    assert_eq!(numbers, (1..=39).collect::<Vec<_>>());
    for lecture in &lectures {
        assert!(is_bilingual(lecture, "title", "title_en"), "{lecture}");
        let taken = seats(&app.anyone(), lecture).await["seats_taken"].as_i64().unwrap();
        assert!((150..=300).contains(&taken), "{taken} at {lecture}");
    }
}

#[actix_web::test]
async fn forty_three_classes_and_2036_alumni_came_back() {
    let app = year().await;
    let office = app.office().await;
    let reunions = completed(&app.anyone(), "reunion").await;
    assert_eq!(reunions.len(), 43);
    assert_eq!(reunions[0]["title"], "经济69届毕业50周年值年返校");
    let (mut alumni, mut classes) = (0, vec![]);
    for reunion in &reunions {
        assert!(is_bilingual(reunion, "title", "title_en"), "{reunion}");
        assert_eq!(reunion["audience"]["kind"], "class_group");
        let class = reunion["audience"]["values"][0].as_str().unwrap();
        let registrations = format!("/events/{}/registrations?status=confirmed", reunion["id"].as_str().unwrap());
        let came = office.all_of(&registrations, "person_id").await;
        let of_class = office.all_of(&format!("/people?class_group_id={class}"), "id").await;
        assert!(came.iter().all(|person| of_class.contains(person)), "{reunion}");
        alumni += came.len();
        let class = office.get(&format!("/class-groups/{class}")).await.expect(200).json;
        let years = 2019 - class["graduation_year"].as_i64().unwrap();
        assert!(years % 10 == 0 && (10..=50).contains(&years), "{class}");
        assert!(of_class.len() <= usize::try_from(class["headcount"].as_i64().unwrap()).unwrap(), "{class}");
        classes.push(class["id"].clone());
    }
    classes.sort_by_key(Value::to_string);
    classes.dedup();
    assert_eq!((classes.len(), alumni), (43, 2_036));
}

#[actix_web::test]
async fn there_are_5000_people_in_160_classes_with_the_surnames_of_life() {
    let app = year().await;
    let office = app.office().await;
    assert_eq!(office.all("/class-groups").await.len(), 160);
    let people = office.all("/people").await;
    assert_eq!(people.len(), 5_000);
    let with = |surname: &str| people.iter().filter(|one| one["name"].as_str().unwrap().starts_with(surname)).count();
    assert!((300..=420).contains(&with("王")), "{}", with("王"));
    // Surnames that are read in their own way.
    for (surname, reading) in [("单", "shan "), ("仇", "qiu "), ("解", "xie "), ("尉迟", "yu chi ")] {
        let read = |one: &&Value| one["name"].as_str().unwrap().starts_with(surname);
        let found: Vec<_> = people.iter().filter(read).collect();
        assert!(!found.is_empty(), "{surname}");
        assert!(found.iter().all(|one| one["name_pinyin"].as_str().unwrap().starts_with(reading)), "{surname}");
    }
    assert_eq!(office.all("/people?key_contact=true").await.len(), 926);
}

#[actix_web::test]
async fn everybody_of_the_demo_signs_in_and_the_alumni_are_people() {
    let app = year().await;
    let staff = [
        ("admin", "system_admin"),
        ("office", "office_staff"),
        ("director", "office_director"),
        ("college.cs", "college_admin"),
        ("college.econ", "college_admin"),
        ("secretary.shenzhen", "chapter_secretary"),
        ("secretary.shijiazhuang", "chapter_secretary"),
        ("secretary.cs-beijing", "chapter_secretary"),
        ("treasurer", "treasurer"),
        ("receipts", "receipt_controller"),
        ("liaison.2019", "liaison"),
        ("auditor", "auditor"),
    ];
    for (login, role) in staff {
        let me = app.sign_in(login).await.get("/me").await.expect(200);
        assert_eq!(me.json["grants"][0]["role"], role, "{login}");
    }
    for number in 1..=20 {
        let me = app.alumnus(number).await;
        let person = me.get("/me").await.expect(200).text("person_id");
        let studies = me.all(&format!("/people/{person}/educations")).await;
        assert!(studies[0]["class_group_id"].is_string(), "alumnus{number}");
    }
}

#[actix_web::test]
async fn one_seat_is_left_in_the_coming_weeks_and_then_people_wait() {
    let app = year().await;
    let now = app.office.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let coming = app.anyone().all(&format!("/events?from={now}")).await;
    assert!(coming.len() >= 5 && coming.iter().all(|event| event["status"] == "published"));
    let event = coming.iter().find(|event| event["capacity"] == 12).unwrap();
    let before = seats(&app.anyone(), event).await;
    assert_eq!((&before["seats_taken"], &before["waiting"], &before["open"]), (&json!(11), &json!(0), &json!(true)));
    let event = format!("/events/{}", event["id"].as_str().unwrap());
    let last = app.alumnus(2).await.register(&event, json!({})).await.expect(201);
    assert_eq!(last.text("status"), "confirmed");
    let next = app.alumnus(3).await.register(&event, json!({})).await.expect(201);
    assert_eq!((next.text("status").as_str(), &next.json["queue_position"]), ("waitlisted", &json!(1)));
}

#[actix_web::test]
async fn the_secretary_of_shenzhen_finds_work() {
    let app = year().await;
    let now = app.office.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let host = app.organization("shenzhen").await;
    let secretary = app.secretary_of("shenzhen").await;
    for (status, count) in [("draft", 2), ("submitted", 1), ("approved", 1)] {
        let list = format!("/events?organization_id={host}&status={status}&from={now}");
        assert_eq!(secretary.all(&list).await.len(), count, "{status}");
        assert_eq!(app.secretary_of("shijiazhuang").await.all(&list).await.len(), 0, "{status}");
    }
}

/// Runs `homecoming demo` on a database.
fn demo(url: &str, more: &[&str]) -> Command {
    // Cargo's own place for what tests leave behind: the directory is made and stays empty.
    let home = env!("CARGO_TARGET_TMPDIR");
    let mut command = Command::new(env!("CARGO_BIN_EXE_homecoming"));
    command.arg("demo").args(more).current_dir(home).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("DATABASE_URL", url).env("HOMECOMING_DATA_DIR", home);
    command
}

/// Runs a command to its end beside the test.
async fn run(mut command: Command) -> Output {
    databases::on_threads(async move { command.output().unwrap() }).await
}

fn told(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[actix_web::test]
async fn a_demo_that_was_killed_half_way_is_no_demo() {
    let url = databases::empty().await;
    let mut child = demo(&url, &[]).spawn().unwrap();
    let out = child.stdout.take().unwrap();
    databases::on_threads(async move {
        let half =
            BufReader::new(out).lines().map_while(Result::ok).find(|line| line.contains("people 2,000 of 5,000"));
        assert!(half.is_some(), "it never got half way");
        child.kill().unwrap();
        child.wait().unwrap();
    })
    .await;
    let app = App::on(&url).await;
    assert_eq!(app.count("select count(*) from colleges").await + app.count("select count(*) from people").await, 0);
    // The next one makes all of it; another after that is refused.
    let next = run(demo(&url, &["--size", "tiny"])).await;
    assert!(next.status.success(), "{}", String::from_utf8_lossy(&next.stderr));
    assert_eq!(app.count("select count(*) from people").await, 200);
    let again = told(&run(demo(&url, &[])).await);
    assert!(again.contains("the demo data is here already") && again.contains("delete the data directory"), "{again}");
    assert_eq!(app.count("select count(*) from people").await, 200);
}

#[actix_web::test]
async fn a_database_with_other_data_gets_no_demo() {
    let app = App::empty().await;
    app.sql(
        "insert into colleges (id, code, name, created_at, updated_at)
         values (gen_random_uuid(), 'own', '自己的学院', now(), now())",
    )
    .await;
    let refused = told(&run(demo(&app.url().await, &[])).await);
    assert!(refused.contains("other data") && refused.contains("HOMECOMING_DATA_DIR"), "{refused}");
    assert_eq!(app.count("select count(*) from colleges").await, 1);
    assert_eq!(app.count("select count(*) from deployment where name = 'demo'").await, 0);
}

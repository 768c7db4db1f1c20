//! The list of events: filters, order, pages.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::{Answer, App};

fn titles(answer: &Answer) -> Vec<&str> {
    answer.items().iter().map(|event| event["title"].as_str().unwrap()).collect()
}

fn times(day: &str) -> Value {
    json!({"starts_local": format!("{day}T09:00:00"), "ends_local": format!("{day}T10:00:00")})
}

fn titled(title: &str, day: &str, more: Value) -> Value {
    let mut all = times(day);
    let fields = all.as_object_mut().unwrap();
    fields.insert("title".to_owned(), json!(title));
    fields.extend(more.as_object().unwrap().clone());
    all
}

#[actix_web::test]
async fn a_list_is_narrowed_by_kind_status_text_and_time() {
    let app = App::start().await;
    for (title, day, kind) in
        [("测试甲", "2031-01-01", "forum"), ("测试乙", "2031-01-02", "lecture"), ("测试丙", "2031-01-03", "seminar")]
    {
        app.published_event(titled(title, day, json!({"kind": kind, "title_en": format!("Trial 100%_{day}")}))).await;
    }
    app.draft(titled("测试丁", "2031-01-04", json!({}))).await;
    let secretary = app.secretary_of("shenzhen").await;
    let list = async |query: &str| secretary.get(&format!("/events?{query}")).await.expect(200);
    assert_eq!(titles(&list("q=测试").await), ["测试甲", "测试乙", "测试丙", "测试丁"]);
    assert_eq!(titles(&list("q=测试&sort=-starts_at").await), ["测试丁", "测试丙", "测试乙", "测试甲"]);
    assert_eq!(titles(&list("q=测试&kind=lecture").await), ["测试乙"]);
    assert_eq!(titles(&list("q=测试&kind=lecture&kind=seminar").await), ["测试乙", "测试丙"]);
    assert_eq!(titles(&list("q=测试&status=draft").await), ["测试丁"]);
    assert_eq!(list("q=测试&status=draft&status=published").await.items().len(), 4);
    assert_eq!(titles(&list("q=trial%20100%25").await).len(), 3, "English, in any case, wildcards taken literally");
    assert_eq!(titles(&list("q=100%25_2031-01-02").await), ["测试乙"]);
    assert_eq!(titles(&list("q=1_0").await).len(), 0);
    // Half-open: an event that starts at `to` is not meant.
    let (first, third) = ("2031-01-01T01:00:00Z", "2031-01-03T01:00:00Z");
    assert_eq!(titles(&list(&format!("from={first}&to={third}")).await), ["测试甲", "测试乙"]);
    assert_eq!(titles(&list(&format!("q=测试&from={third}")).await), ["测试丙", "测试丁"]);
    assert_eq!(list(&format!("from={first}&to={first}")).await.items().len(), 0);
    let public = app.anyone().get("/events?q=测试&status=draft").await.expect(200);
    assert_eq!(public.items().len(), 0);
}

#[actix_web::test]
async fn an_organization_stands_for_itself_or_with_all_below() {
    let app = App::start().await;
    let office = app.office().await;
    let ids = [
        app.organization("association").await,
        app.organization("shenzhen").await,
        app.organization("branch-cs").await,
    ];
    let hosts = async |query: &str| {
        let all = office.all(&format!("/events?{query}")).await;
        let mut hosts: Vec<String> =
            all.iter().map(|event| event["organization_id"].as_str().unwrap().to_owned()).collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    };
    assert_eq!(hosts(&format!("organization_id={}", ids[0])).await, [ids[0].clone()]);
    let below = hosts(&format!("organization_id={}&descendants=true", ids[0])).await;
    assert!(below.len() > 3 && ids.iter().all(|id| below.contains(id)));
    let mut both = [ids[1].clone(), ids[2].clone()];
    both.sort_unstable();
    assert_eq!(hosts(&format!("organization_id={}&organization_id={}", ids[1], ids[2])).await, both);
    assert_eq!(hosts(&format!("organization_id={}&descendants=true", ids[1])).await, [ids[1].clone()]);
    assert_eq!(hosts("organization_id=01914a6b-7c00-7000-8000-000000000001").await.len(), 0);
}

#[actix_web::test]
async fn what_a_parameter_cannot_be_is_refused() {
    let app = App::start().await;
    let anyone = app.anyone();
    let wrong = [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("include_total=maybe", "include_total"),
        ("cursor=", "cursor"),
        ("cursor=AAAA", "cursor"),
        ("cursor=%E6%A0%A1", "cursor"),
        ("kind=party", "kind"),
        ("status=gone", "status"),
        ("from=yesterday", "from"),
        ("organization_id=shenzhen", "organization_id"),
        ("sort=title", "sort"),
        ("descendants=1", "descendants"),
        ("q=%00", "q"),
        ("from=-9999-01-01T00:00:00Z", "from"),
    ];
    for (query, pointer) in wrong {
        let answer = anyone.get(&format!("/events?{query}")).await;
        assert_eq!(
            (answer.status, answer.text("code").as_str()),
            (400, "invalid_parameter"),
            "{query}: {}",
            answer.json
        );
        assert_eq!(answer.json["errors"][0]["pointer"], pointer, "{query}");
    }
    for query in ["colour=red", "kind=forum&limits=3", "page=2", "Kind=forum"] {
        let answer = anyone.get(&format!("/events?{query}")).await;
        answer.expect_problem(400, "unknown_parameter");
    }
    let event = app.published_event(json!({})).await;
    anyone.get(&format!("{event}?expanded=1")).await.expect_problem(400, "unknown_parameter");
    for limit in [1, 100] {
        anyone.get(&format!("/events?limit={limit}")).await.expect(200);
    }
}

#[actix_web::test]
async fn a_cursor_continues_only_its_own_list() {
    let app = App::start().await;
    let anyone = app.anyone();
    let first = anyone.get("/events?limit=2").await.expect(200);
    let next = first.text("next");
    assert!(!next.is_empty());
    anyone.get(&format!("/events?limit=1&cursor={next}")).await.expect(200);
    let mut tampered = next.clone().into_bytes();
    let last = tampered.len() - 4;
    tampered[last] = if tampered[last] == b'A' { b'B' } else { b'A' };
    let tampered = String::from_utf8(tampered).unwrap();
    let shorter = &next[..next.len() - 4];
    let foreign = anyone.get("/organizations?limit=2").await.text("next");
    for query in [
        format!("cursor={tampered}"),
        format!("cursor={shorter}"),
        format!("cursor={foreign}"),
        format!("kind=forum&cursor={next}"),
        format!("sort=-starts_at&cursor={next}"),
    ] {
        anyone.get(&format!("/events?{query}")).await.expect_problem(400, "invalid_parameter");
    }
}

#[actix_web::test]
async fn the_total_is_told_when_asked_for() {
    let app = App::start().await;
    let (anyone, auditor) = (app.anyone(), app.auditor().await);
    let public = app.count("select count(*) from events where status in ('published', 'completed', 'cancelled')").await;
    let all = app.count("select count(*) from events").await;
    let page = anyone.get("/events?limit=1&include_total=true").await.expect(200);
    assert_eq!((page.items().len(), &page.json["total"]), (1, &json!(public)));
    let page = auditor.get("/events?limit=1&include_total=true").await.expect(200);
    assert_eq!(page.json["total"], json!(all));
    assert!(all > public);
    assert!(anyone.get("/events").await.json.get("total").is_none());
    assert_eq!(i64::try_from(auditor.all("/events").await.len()).unwrap(), all);
    assert_eq!(auditor.get("/events?limit=100").await.json["next"], Value::Null);
}

#[actix_web::test]
async fn every_row_that_was_there_comes_once_while_others_are_added_between_pages() {
    for sort in ["starts_at", "-starts_at"] {
        let app = App::start().await;
        let secretary = app.secretary_of("shenzhen").await;
        // Many at the same instant: the id breaks the tie.
        for _ in 0..7 {
            app.draft(titled("翻页", "2031-05-01", json!({}))).await;
        }
        let before = secretary.all("/events").await;
        let (mut seen, mut cursor): (HashMap<String, usize>, _) = (HashMap::new(), String::new());
        loop {
            let page = secretary.get(&format!("/events?sort={sort}&limit=3{cursor}")).await.expect(200);
            assert!(page.items().len() <= 3);
            for event in page.items() {
                *seen.entry(event["id"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            for day in ["2018-01-01", "2031-05-01", "2035-01-01"] {
                if seen.len() < 40 {
                    app.draft(titled("新来的", day, json!({}))).await;
                }
            }
            match page.json["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        for event in before {
            assert_eq!(seen.get(event["id"].as_str().unwrap()), Some(&1), "{sort}: {}", event["title"]);
        }
        assert!(seen.values().all(|times| *times == 1));
    }
}

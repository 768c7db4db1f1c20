//! The document: complete, without holes, as committed, and every operation refuses who must be refused.

use std::collections::BTreeSet;

use actix_web::http::Method;
use homecoming::access::policy::{Act, Who};
use homecoming::app::document;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, App};

/// Path, method and operation of everything in the document.
fn operations() -> Vec<(&'static str, Method, &'static Value)> {
    let paths = document()["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, it)| (path.as_str(), method.to_uppercase().parse().unwrap(), it))
    });
    each.collect()
}

fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    visit(value);
    match value {
        Value::Object(map) => map.values().for_each(|inner| walk(inner, visit)),
        Value::Array(items) => items.iter().for_each(|inner| walk(inner, visit)),
        _ => (),
    }
}

#[test]
fn the_committed_document_is_the_one_that_is_built() {
    let committed: Value = serde_json::from_str(include_str!("../../openapi/v1.json")).unwrap();
    assert!(&committed == document(), "run: cargo run -- openapi > openapi/v1.json");
}

#[test]
fn every_reference_has_its_target() {
    walk(document(), &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            assert!(document().pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    });
}

#[test]
fn every_operation_is_described_whole() {
    for (path, method, it) in operations() {
        let name = format!("{method} {path}");
        for field in ["operationId", "summary", "description"] {
            assert!(it[field].as_str().is_some_and(|text| !text.is_empty()), "{name} has no {field}");
        }
        assert_eq!(it["tags"].as_array().map(Vec::len), Some(1), "{name}");
        assert!(it["security"].is_array(), "{name}");
        let mut declared: Vec<_> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let parameters = it["parameters"].as_array().cloned().unwrap_or_default();
        let mut documented: Vec<_> =
            parameters.iter().filter(|one| one["in"] == "path").map(|one| one["name"].as_str().unwrap()).collect();
        declared.sort_unstable();
        documented.sort_unstable();
        assert_eq!(declared, documented, "{name}");
        let responses = it["responses"].as_object().unwrap();
        assert!(responses.contains_key("401") && responses.contains_key("503"), "{name} has no problems");
        for (status, response) in responses {
            let target =
                response.get("$ref").map_or(response, |at| document().pointer(&at.as_str().unwrap()[1..]).unwrap());
            assert!(target["description"].as_str().is_some_and(|text| !text.is_empty()), "{name} {status}");
        }
        if [Method::POST, Method::PUT, Method::PATCH].contains(&method) {
            let body = &it["requestBody"]["content"]["application/json"]["schema"];
            assert!(body.is_object(), "{name} has no body");
        }
    }
}

#[test]
fn every_body_has_an_example_and_bounded_texts() {
    for (path, method, it) in operations() {
        let bodies = [
            &it["requestBody"]["content"]["application/json"]["schema"],
            &it["responses"]["200"]["content"]["application/json"]["schema"],
            &it["responses"]["201"]["content"]["application/json"]["schema"],
        ];
        for schema in bodies.into_iter().filter_map(|schema| schema["$ref"].as_str()) {
            let of_page =
                schema.contains("/Page_") || ["Health", "Version", "Enums"].iter().any(|name| schema.ends_with(name));
            let target = document().pointer(&schema[1..]).unwrap();
            assert!(of_page || target.get("example").is_some(), "{method} {path}: {schema} has no example");
        }
        let Some(body) = it["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str() else { continue };
        let target = document().pointer(&body[1..]).unwrap();
        for (name, property) in target["properties"].as_object().into_iter().flatten() {
            let text = property["type"] == "string" || property["type"] == json!(["string", "null"]);
            let bounded = property.get("maxLength").is_some()
                || property.get("format").is_some()
                || property.get("enum").is_some();
            assert!(!text || bounded, "{body}/{name} has no bound");
        }
    }
}

/// The schemas of the document by name.
fn schemas() -> impl Iterator<Item = (&'static str, &'static Value)> {
    document()["components"]["schemas"].as_object().unwrap().iter().map(|(name, schema)| (name.as_str(), schema))
}

/// What a value refers to, all the way down.
fn reached(from: &Value, into: &mut BTreeSet<String>) {
    let mut found = vec![];
    walk(from, &mut |value| found.extend(value.get("$ref").and_then(Value::as_str).map(str::to_owned)));
    for reference in found {
        let target = document().pointer(&reference[1..]).unwrap();
        if into.insert(reference) {
            reached(target, into);
        }
    }
}

#[test]
fn nothing_in_the_document_is_unused_nameless_or_there_twice() {
    let mut used = BTreeSet::new();
    reached(&document()["paths"], &mut used);
    for (name, _) in schemas() {
        assert!(used.contains(&format!("#/components/schemas/{name}")), "{name} is used nowhere");
    }
    let tags = document()["tags"].as_array().unwrap();
    let names: Vec<_> = tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?} are not each once and in order");
    assert!(tags.iter().all(|tag| tag["description"].as_str().is_some_and(|text| !text.is_empty())));
    for (path, method, it) in operations() {
        for parameter in it["parameters"].as_array().into_iter().flatten() {
            let description = parameter["description"].as_str();
            assert!(description.is_some_and(|text| !text.is_empty()), "{method} {path}: {}", parameter["name"]);
        }
    }
}

#[test]
fn bodies_are_closed_with_texts_that_say_what_they_hold_and_answers_are_whole() {
    let mut of_requests = BTreeSet::new();
    for (_, _, it) in operations() {
        reached(&it["requestBody"], &mut of_requests);
    }
    for (name, schema) in schemas() {
        let in_request = of_requests.contains(&format!("#/components/schemas/{name}"));
        for variant in schema["oneOf"].as_array().map_or(vec![schema], |all| all.iter().collect()) {
            let Some(properties) = variant["properties"].as_object() else { continue };
            if in_request {
                assert_eq!(variant["additionalProperties"], false, "{name} takes fields that nobody knows");
                for (field, text) in properties.iter().filter(|(_, it)| it.get("minLength").is_some()) {
                    assert!(text.get("pattern").is_some(), "{name}/{field} has a text without a pattern");
                }
            } else {
                let required = variant["required"].as_array().map_or(0, Vec::len);
                let asked_for = usize::from(name.starts_with("Page_"));
                assert_eq!(required + asked_for, properties.len(), "{name} may leave fields out");
            }
        }
    }
}

#[test]
fn headers_are_documented_where_they_are_heeded_and_sent() {
    for (path, method, it) in operations() {
        let takes = |name: &str| it["parameters"].as_array().unwrap().iter().any(|one| one["name"] == name);
        let stale = it["responses"].get("412").is_some();
        assert_eq!(takes("If-Match"), stale, "{method} {path}");
        assert!(!takes("If-Match") || method != Method::GET, "{method} {path}");
        if let Some(created) = it["responses"].get("201") {
            assert_eq!(takes("Idempotency-Key"), created["headers"].get("Location").is_some(), "{method} {path}");
        }
    }
}

#[test]
fn the_policy_table_and_the_document_have_the_same_operations() {
    let documented: BTreeSet<_> =
        operations().into_iter().map(|(_, _, it)| it["operationId"].as_str().unwrap()).collect();
    // Decided within an operation: who may dissolve, and how much of a person one sees.
    let without_operation = ["dissolve_organization", "read_whole_person", "read_person_name", "explain_to_others"];
    let acts: BTreeSet<_> =
        Act::ALL.iter().map(|act| act.name()).filter(|name| !without_operation.contains(name)).collect();
    assert_eq!(documented, acts);
    assert_eq!(operations().len(), acts.len(), "an operationId stands twice");
}

async fn call(who: &Actor, method: &Method, path: &str) -> Answer {
    who.call(method.clone(), path).header("idempotency-key", "k").json(&json!({})).send().await
}

#[actix_web::test]
async fn every_operation_refuses_no_token_and_a_strangers_token() {
    let app = App::start().await;
    let nobody = app.anyone();
    let stranger = nobody.with_token("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.");
    for (path, method, it) in operations() {
        let act = Act::named(it["operationId"].as_str().unwrap()).unwrap();
        if !path.starts_with("/api/v1") {
            continue;
        }
        let path = path.trim_start_matches("/api/v1").replace(['{', '}'], "");
        let path = path
            .split('/')
            .map(|part| {
                if part.len() > 3
                    && it["parameters"].to_string().contains(&format!("\"name\":\"{part}\",\"required\":true"))
                {
                    "0191a000-0000-7000-8000-000000000000"
                } else {
                    part
                }
            })
            .collect::<Vec<_>>()
            .join("/");
        if act.rule().who != Who::Everyone {
            let answer = call(&nobody, &method, &path).await.expect_problem(401, "not_signed_in");
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{method} {path}");
        }
        if it["operationId"] != "read_enums" {
            call(&stranger, &method, &path).await.expect_problem(401, "invalid_token");
        }
    }
}

#[actix_web::test]
async fn an_undeclared_method_is_405_with_what_is_allowed_and_head_is_served() {
    let app = App::start().await;
    let anyone = app.anyone();
    let answer = anyone.call(Method::PUT, "/events").send().await.expect_problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "GET, HEAD");
    let answer = anyone.delete("/events/0191a000-0000-7000-8000-000000000000").await.expect(405);
    assert_eq!(answer.header("allow"), "GET, PATCH, HEAD");
    let head = anyone.call(Method::HEAD, "/events").send().await.expect(200);
    assert_eq!(head.header("content-type"), "application/json");
    anyone.get("/nothing/here").await.expect_problem(404, "not_found");
    anyone.get("//nothing").await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn the_machine_answers_for_itself() {
    let app = App::start().await;
    let anyone = app.anyone();
    assert_eq!(anyone.get("//livez").await.expect(200).text("status"), "ok");
    assert_eq!(anyone.get("//readyz").await.expect(200).text("status"), "ok");
    assert_eq!(anyone.get("//version").await.expect(200).text("name"), "homecoming");
    assert_eq!(anyone.get("//.well-known/jwks.json").await.expect(200).json["keys"][0]["crv"], "Ed25519");
    assert_eq!(anyone.get("/openapi.json").await.expect(200).json["openapi"], "3.1.0");
    let index = anyone.get("//").await.expect(200);
    let page = index.json.as_str().unwrap();
    assert_eq!(page.matches("<a href=").count(), 3, "{page}");
    let docs = anyone.get("//docs/").await.expect(200);
    assert!(!docs.json.as_str().unwrap().contains("http"), "the documentation needs the internet: {}", docs.json);
    anyone.get("//docs").await.expect(308);
    let enums = anyone.get("/meta/enums").await.expect(200);
    let status = enums.items().iter().find(|set| set["name"] == "event_status").unwrap();
    assert_eq!(status["values"][0], json!({"value": "draft", "zh-CN": "草稿", "en": "Draft"}));
}

#[actix_web::test]
async fn every_problem_has_a_page_and_speaks_the_callers_language() {
    let app = App::start().await;
    let anyone = app.anyone();
    for (lang, title) in [("en-GB,en;q=0.8", "Not found"), ("zh-TW, zh;q=0.9", "没有找到"), ("", "没有找到")] {
        let answer = anyone.call(Method::GET, "/events/nonsense").header("accept-language", lang).send().await;
        let answer = answer.expect_problem(404, "not_found");
        assert_eq!(answer.text("title"), title);
        assert_eq!(answer.header("content-language"), if lang.starts_with("en") { "en" } else { "zh-CN" });
        assert_eq!(answer.text("instance"), format!("urn:uuid:{}", answer.header("x-request-id")));
        let page = anyone.get(&format!("/{}", answer.text("type"))).await.expect(200);
        assert!(page.json.as_str().unwrap().contains("没有找到") && page.json.as_str().unwrap().contains("Not found"));
    }
}

#[actix_web::test]
async fn a_hostile_body_is_never_ours_to_blame() {
    let app = App::start().await;
    let anyone = app.anyone();
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let cases: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("application/json", b"{".to_vec(), 400, "malformed_json"),
        ("application/json", vec![0xff, 0xfe], 400, "malformed_json"),
        ("application/json", deep.into_bytes(), 400, "body_too_deep"),
        (
            "application/json",
            b"{\"grant_type\":\"password\",\"email\":\"\\ud800\",\"password\":\"x\"}".to_vec(),
            400,
            "malformed_json",
        ),
        ("application/json", b"[]".to_vec(), 422, "invalid_field"),
        ("application/json", b"null".to_vec(), 422, "invalid_field"),
        (
            "application/json",
            b"{\"grant_type\":\"password\",\"email\":\"a\\u0000b\",\"password\":\"x\"}".to_vec(),
            401,
            "invalid_credentials",
        ),
        ("application/json", b"{\"grant_type\":\"wishing\"}".to_vec(), 422, "invalid_field"),
        ("text/plain", b"{\"grant_type\":\"password\"}".to_vec(), 415, "unsupported_media_type"),
        ("application/json", vec![b' '; 70_000], 413, "body_too_large"),
    ];
    for (kind, body, status, code) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = anyone.call(Method::POST, "/auth/tokens").raw(kind, &body).send().await;
        assert_eq!((answer.status, answer.text("code").as_str()), (status, code), "{shown}: {}", answer.json);
    }
}

//! The post-pass over the document: what is the same for all operations is added here, once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// A line of text as `base::text::Line` reads it: no control characters, and not blank.
const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
/// The same for `base::text::Prose`, which has line breaks and tabs too.
const PROSE: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";
/// From this many characters on a text is prose.
const PROSE_FROM: u64 = 2000;
/// PostgreSQL knows U+0000 in no text.
const NOT_NUL: &str = r"^[^\u0000]*$";
/// How a day or an instant begins: `base::clock::YEARS`.
const YEARS: &str = "^([1-8]|9[0-8]|99[0-8]|999[0-8])";
/// `*`, or entity tags in a list (RFC 9110).
const ENTITY_TAGS: &str = r#"^(\*|(W/)?"[!#-~]*"(\s*,\s*(W/)?"[!#-~]*")*)$"#;
/// What heeds `If-Match` besides PATCH, which needs it, and PUT.
const HEED_VERSION: [&str; 3] = ["create_transition", "delete_education", "delete_registration"];

/// What the policy table says of one operation.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Whether one may call it without signing in.
    pub public: bool,
    /// Whether it needs an `Idempotency-Key`.
    pub keyed: bool,
}

/// One slice's part of the document.
pub struct Part {
    /// The slice's name: the tag of its operations.
    pub tag: &'static str,
    /// What the slice does: the tag's description.
    pub about: &'static str,
    /// What stands before its paths.
    pub prefix: &'static str,
    /// As collected from its handlers.
    pub document: Value,
}

/// The whole document: the parts put together and completed. `known` asks the policy table.
pub fn complete(parts: Vec<Part>, known: impl Fn(&str) -> Option<Known>) -> Value {
    let (mut paths, mut schemas, mut tags) = (Map::new(), Map::new(), BTreeMap::new());
    for part in parts {
        tags.entry(part.tag).or_insert(part.about);
        for (path, mut item) in object(part.document.get("paths")) {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                finish(method, operation, part.tag, &known);
            }
            let methods = paths.entry(format!("{}{path}", part.prefix)).or_insert_with(|| json!({}));
            if let (Some(all), Value::Object(more)) = (methods.as_object_mut(), item) {
                all.extend(more);
            }
        }
        schemas.extend(object(part.document.pointer("/components/schemas")));
    }
    let requests = requests(&paths);
    for (name, schema) in &mut schemas {
        match requests.contains(name.as_str()) || schema.get("additionalProperties").is_some() {
            true => finish_request(schema),
            false => finish_answer(name, schema),
        }
    }
    let tags: Vec<_> = tags.into_iter().map(|(name, about)| json!({"name": name, "description": about})).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Homecoming",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The system of record of a university's alumni association: people, organizations, events. \
                Every answer's rules (pages, problems, versions, keys) are the same for all operations.",
            "license": {"name": "Apache License 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "contact": {"name": "The alumni office"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": problems(),
            "securitySchemes": {"bearer": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "An access token of `POST /api/v1/auth/tokens`.",
            }},
        },
    })
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// The names of the schemas of request bodies.
fn requests(paths: &Map<String, Value>) -> BTreeSet<String> {
    let operations = paths.values().filter_map(Value::as_object).flat_map(Map::values);
    let bodies = operations.filter_map(|it| {
        it.pointer("/requestBody/content/application~1json/schema/$ref")?.as_str()?.rsplit('/').next()
    });
    bodies.map(str::to_owned).collect()
}

/// A request has no fields but the named ones, and its texts say what they cannot hold.
fn finish_request(schema: &mut Value) {
    for variant in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        finish_request(variant);
    }
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for property in properties.values_mut() {
        finish_text(property);
    }
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
}

fn finish_text(property: &mut Value) {
    let Some(text) = property.as_object_mut() else { return };
    if let Some(items) = text.get_mut("items") {
        finish_text(items);
    }
    let long = text.get("maxLength").and_then(Value::as_u64).is_some_and(|most| most >= PROSE_FROM);
    let pattern = match text.get("format").and_then(Value::as_str) {
        Some("date" | "date-time") => YEARS,
        _ if !text.contains_key("minLength") => return,
        _ if long => PROSE,
        _ => LINE,
    };
    text.entry("pattern").or_insert(json!(pattern));
}

/// An answer has all its fields always, null where there is nothing; `total` of a page alone must be asked for.
fn finish_answer(name: &str, schema: &mut Value) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    let Some(properties) = properties.filter(|it| !it.is_empty()) else {
        return;
    };
    if let Some(item) = name.strip_prefix("Page_")
        && let Some(items) = properties.get_mut("items").and_then(Value::as_object_mut)
    {
        items.insert("items".to_owned(), json!({"$ref": format!("#/components/schemas/{item}")}));
    }
    let total = name.starts_with("Page_").then_some("total");
    let always: Vec<_> = properties.keys().filter(|field| Some(field.as_str()) != total).cloned().collect();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("required".to_owned(), json!(always));
    }
}

/// Every kind of problem once, under its status.
fn problems() -> Value {
    let schema = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
    let one = |description: &str| json!({"description": description, "content": schema});
    let with = |description: &str, name: &str, about: &str| json!({"description": description, "content": schema, "headers": {name: sent(true, about)}});
    json!({
        "400": one("Unreadable: not JSON, an unknown parameter, a bad cursor or key."),
        "401": with("Not signed in, or the token is not valid.", "WWW-Authenticate", "`Bearer`, and what is wrong with a token."),
        "403": one("Visible, but not yours to do."),
        "404": one("Not there, or not visible to you."),
        "409": one("Refused by the state things are in; `unmet` says what is missing."),
        "408": one("The body did not arrive in time."),
        "412": one("Changed since the version in `If-Match`."),
        "413": one("The body is too large."),
        "414": one("The address is too long."),
        "415": one("The body is not JSON."),
        "422": one("Readable but not valid; `errors` points at each fault."),
        "428": one("`If-Match` is missing."),
        "429": with("More than the limits allow; try again later.", "Retry-After", "Seconds."),
        "500": one("Our fault; the log has the request's id."),
        "503": with("Busy or the database is away; try again later.", "Retry-After", "Seconds."),
    })
}

/// Operations whose answer holds a secret, which is never stored: they take no `Idempotency-Key` and are no resource.
const ANSWER_A_SECRET: [&str; 1] = ["create_invitation"];

fn finish(method: &str, operation: &mut Value, tag: &str, known: &impl Fn(&str) -> Option<Known>) {
    let Some(operation) = operation.as_object_mut() else {
        return;
    };
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let rule = known(&id).unwrap_or(Known { public: false, keyed: false });
    operation.insert("tags".to_owned(), json!([tag]));
    operation.insert("x-act".to_owned(), json!(id));
    let signed_in = json!({"bearer": []});
    operation.insert("security".to_owned(), if rule.public { json!([{}, signed_in]) } else { json!([signed_in]) });
    let body = operation.contains_key("requestBody");
    let (reads, creates) = (method == "get", method == "post");
    let heeds_version = matches!(method, "patch" | "put") || HEED_VERSION.contains(&id.as_str());
    let mut parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    parameters.iter_mut().for_each(finish_query);
    let of_path = parameters.iter().any(|it| it["in"] == "path");
    let of_thing = parameters.iter().any(|it| it["name"] == "resource");
    // Signing in keeps no answers, so it takes no key.
    let takes_key = creates && !rule.public && !ANSWER_A_SECRET.contains(&id.as_str());
    if takes_key {
        parameters.push(header(
            "Idempotency-Key",
            rule.keyed,
            "1 to 128 printable ASCII characters; the same key and body have one effect and one answer for 24 hours.",
            json!({"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]([ -~]*[!-~])?$"}),
        ));
    }
    if heeds_version {
        parameters.push(header(
            "If-Match",
            method == "patch",
            "The ETag of the version that you have seen; 412 when it has changed since.",
            json!({"type": "string", "minLength": 1, "maxLength": 200, "pattern": ENTITY_TAGS}),
        ));
    }
    parameters.push(header(
        "Accept-Language",
        false,
        "The language of problems: `zh-CN` (default) or `en`.",
        json!({"type": "string"}),
    ));
    operation.insert("parameters".to_owned(), json!(parameters));
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    let wanted = [
        ("400", true),
        ("401", true),
        ("403", !rule.public || !reads),
        ("404", of_path || of_thing),
        ("408", body),
        ("409", !reads),
        ("412", heeds_version),
        ("413", body),
        ("414", true),
        ("415", body),
        ("422", !reads),
        ("428", method == "patch"),
        ("429", true),
        ("500", true),
        ("503", true),
    ];
    for (status, _) in wanted.iter().filter(|(_, wanted)| *wanted) {
        let reference = json!({"$ref": format!("#/components/responses/{status}")});
        responses.entry((*status).to_owned()).or_insert(reference);
    }
    let tag = sent(true, "The version, for `If-Match` and `If-None-Match`.");
    if let Some(read) = responses.get_mut("200").and_then(Value::as_object_mut)
        && of_path
        && !read.get("content").is_some_and(|content| {
            let content = content.to_string();
            content.contains("schemas/Page_") || content.contains("schemas/Availability")
        })
    {
        read.insert("headers".to_owned(), json!({"ETag": tag}));
    }
    if let Some(created) = responses.get_mut("201").and_then(Value::as_object_mut)
        && takes_key
    {
        let headers = json!({
            "ETag": tag,
            "Location": sent(true, "Where the created thing is."),
            "Idempotency-Replayed": sent(false, "`true` when this is the answer to the same request as before."),
        });
        created.insert("headers".to_owned(), headers);
    }
}

/// What a query parameter cannot hold.
fn finish_query(parameter: &mut Value) {
    if parameter["in"] != "query" {
        return;
    }
    let Some(schema) = parameter.get_mut("schema") else { return };
    let of_list = schema.get("items").is_some();
    let one = if of_list { schema.get_mut("items") } else { Some(schema) };
    let Some(text) = one.and_then(Value::as_object_mut) else { return };
    let pattern = match text.get("format").and_then(Value::as_str) {
        Some("date" | "date-time") => YEARS,
        None if text.get("type").is_some_and(|it| it == "string") && !text.contains_key("enum") => NOT_NUL,
        _ => return,
    };
    text.entry("pattern").or_insert(json!(pattern));
}

fn header(name: &str, required: bool, description: &str, schema: Value) -> Value {
    json!({"name": name, "in": "header", "required": required, "description": description, "schema": schema})
}

/// A header of an answer.
fn sent(required: bool, description: &str) -> Value {
    json!({"description": description, "required": required, "schema": {"type": "string"}})
}

//! The post-pass over the document: what is the same for all operations is added here, once.

use serde_json::{Map, Value, json};

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
    let (mut paths, mut schemas, mut tags) = (Map::new(), Map::new(), vec![]);
    for part in parts {
        tags.push(json!({"name": part.tag, "description": part.about}));
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
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Homecoming",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The system of record of a university's alumni association: people, organizations, events. \
                Every answer's rules (pages, problems, versions, keys) are the same for all operations.",
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
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

/// Every kind of problem once, under its status.
fn problems() -> Value {
    let schema = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
    let one = |description: &str| json!({"description": description, "content": schema});
    json!({
        "400": one("Unreadable: not JSON, an unknown parameter, a bad cursor or key."),
        "401": one("Not signed in, or the token is not valid."),
        "403": one("Visible, but not yours to do."),
        "404": one("Not there, or not visible to you."),
        "409": one("Refused by the state things are in; `unmet` says what is missing."),
        "412": one("Changed since the version in `If-Match`."),
        "413": one("The body is too large."),
        "415": one("The body is not JSON."),
        "422": one("Readable but not valid; `errors` points at each fault."),
        "428": one("`If-Match` is missing."),
        "429": one("More than the limits allow; try again after `Retry-After` seconds."),
        "500": one("Our fault; the log has the request's id."),
        "503": one("Busy or the database is away; try again after `Retry-After` seconds."),
    })
}

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
    let mut parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let of_path = parameters.iter().any(|it| it["in"] == "path");
    if method == "post" {
        parameters.push(header(
            "Idempotency-Key",
            rule.keyed,
            "1 to 128 printable ASCII characters; the same key and body have one effect and one answer for 24 hours.",
            128,
        ));
    }
    if matches!(method, "patch" | "put" | "delete") {
        parameters.push(header(
            "If-Match",
            method == "patch",
            "The ETag of the version that you have seen; 412 when it has changed since.",
            200,
        ));
    }
    parameters.push(header("Accept-Language", false, "The language of problems: `zh-CN` (default) or `en`.", 200));
    operation.insert("parameters".to_owned(), json!(parameters));
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    let writes = method != "get";
    let wanted = [
        ("400", true),
        ("401", true),
        ("403", !rule.public || writes),
        ("404", of_path),
        ("409", writes),
        ("412", matches!(method, "patch" | "put" | "delete")),
        ("413", body),
        ("415", body),
        ("422", writes),
        ("428", method == "patch"),
        ("429", true),
        ("500", true),
        ("503", true),
    ];
    for (status, _) in wanted.iter().filter(|(_, wanted)| *wanted) {
        let reference = json!({"$ref": format!("#/components/responses/{status}")});
        responses.entry((*status).to_owned()).or_insert(reference);
    }
    if let Some(read) = responses.get_mut("200").and_then(Value::as_object_mut)
        && of_path
        && !read.get("content").is_some_and(|content| {
            let content = content.to_string();
            content.contains("schemas/Page_") || content.contains("schemas/Availability")
        })
    {
        read.insert("headers".to_owned(), json!({"ETag": {"description": "The version, for `If-Match` and `If-None-Match`.", "schema": {"type": "string"}}}));
    }
    if let Some(created) = responses.get_mut("201").and_then(Value::as_object_mut) {
        created.insert(
            "headers".to_owned(),
            json!({"Location": {"description": "Where the created thing is.", "schema": {"type": "string"}}}),
        );
    }
}

fn header(name: &str, required: bool, description: &str, max: u16) -> Value {
    json!({"name": name, "in": "header", "required": required, "description": description,
        "schema": {"type": "string", "minLength": 1, "maxLength": max}})
}

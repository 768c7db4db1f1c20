//! Somebody who calls the API, and what they are answered.

use actix_web::body::to_bytes;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::test::TestRequest;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::App;

/// Somebody, signed in or not.
#[derive(Clone)]
pub struct Actor {
    /// The application that they call.
    pub app: App,
    token: Option<SecretString>,
}

/// A request that is being put together.
pub struct Call<'a> {
    actor: &'a Actor,
    request: TestRequest,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub json: Value,
}

impl Actor {
    pub fn new(app: App, token: Option<SecretString>) -> Self {
        Self { app, token }
    }

    /// From an address: requests in process have none otherwise.
    pub fn call_from(&self, address: &str, method: Method, path: &str) -> Call<'_> {
        let Call { actor, request } = self.call(method, path);
        Call { actor, request: request.peer_addr(std::net::SocketAddr::new(address.parse().unwrap(), 4711)) }
    }

    /// With another token, good or bad.
    pub fn with_token(&self, token: &str) -> Self {
        Self { app: self.app.clone(), token: Some(SecretString::from(token)) }
    }

    /// The access token.
    pub fn token(&self) -> String {
        self.token.as_ref().map(|token| token.expose_secret().to_owned()).unwrap_or_default()
    }

    /// Any method on a path under `/api/v1`, or on a whole path that starts with `//`.
    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        let uri = match path.strip_prefix("//") {
            Some(whole) => format!("/{whole}"),
            None => format!("/api/v1{path}"),
        };
        let mut request = TestRequest::with_uri(&encoded(&uri)).method(method);
        if let Some(token) = &self.token {
            request = request.insert_header(("authorization", format!("Bearer {}", token.expose_secret())));
        }
        Call { actor: self, request }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path).send().await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path).json(&body).send().await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path).json(&body).send().await
    }

    /// With the ETag that the resource has now.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        let etag = self.get(path).await.header("etag");
        self.call(Method::PATCH, path).header("if-match", &etag).json(&body).send().await
    }

    /// A POST with an `Idempotency-Key`.
    pub async fn post_keyed(&self, path: &str, key: &str, body: Value) -> Answer {
        self.call(Method::POST, path).header("idempotency-key", key).json(&body).send().await
    }

    /// Registers for an event with a fresh key.
    pub async fn register(&self, event: &str, body: Value) -> Answer {
        let key = homecoming::base::clock::uuid_at(homecoming::base::clock::Clock::wall()).to_string();
        self.post_keyed(&format!("{event}/registrations"), &key, body).await
    }
}

/// What is not ASCII, percent-encoded, so that tests may write a Chinese query as it is read.
fn encoded(uri: &str) -> String {
    let each = |byte: u8| match byte.is_ascii() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    let parts: Vec<String> = uri.bytes().map(each).collect();
    parts.concat()
}

impl Call<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.insert_header((name, value));
        self
    }

    /// From this address.
    pub fn from(mut self, address: &str) -> Self {
        self.request = self.request.peer_addr(std::net::SocketAddr::new(address.parse().unwrap(), 40_000));
        self
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.request = self.request.set_json(body);
        self
    }

    /// A body as it is, with its type.
    pub fn raw(mut self, content_type: &str, body: &[u8]) -> Self {
        self.request = self.request.insert_header(("content-type", content_type)).set_payload(body.to_vec());
        self
    }

    pub async fn send(self) -> Answer {
        let call = self.actor.app.call.clone();
        let response = call(self.request.to_request()).await.expect("the application answers");
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = to_bytes(response.into_body()).await.expect("the body is whole");
        let json =
            serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&bytes).as_ref()));
        Answer { status, headers, json }
    }
}

impl Answer {
    /// The same answer, if its status is this.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.json);
        self
    }

    /// The same answer, if it is this problem.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.text("code").as_str()), (status, code), "{}", self.json);
        assert_eq!(self.header("content-type"), "application/problem+json");
        self
    }

    /// The same answer, if it is 422 with this fault among others.
    #[track_caller]
    pub fn expect_fault(self, pointer: &str, code: &str) -> Self {
        assert_eq!(self.status, 422, "{}", self.json);
        let faults = self.json["errors"].as_array().cloned().unwrap_or_default();
        assert!(faults.iter().any(|fault| fault["pointer"] == pointer && fault["code"] == code), "{}", self.json);
        self
    }

    /// A text field of the body, empty if it has none.
    pub fn text(&self, field: &str) -> String {
        self.json[field].as_str().unwrap_or_default().to_owned()
    }

    /// A header, empty if there is none.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// The rows of a page.
    #[track_caller]
    pub fn items(&self) -> &Vec<Value> {
        self.json["items"].as_array().unwrap_or_else(|| panic!("not a page: {}", self.json))
    }
}

//! A client over HTTP: it keeps its connection, and tells a whole answer from a cut one and from none.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Nothing was sent: nobody listens, or the connection was closed before.
    Refused,
    /// It was sent, and no answer began.
    NoAnswer,
    /// The answer began and did not end.
    CutAnswer,
    /// Nothing happened for a minute.
    Hung,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Call {
    method: Method,
    path: String,
    key: Option<String>,
    body: Option<Value>,
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub retry_after: bool,
    pub json: Value,
    /// From before the connection to the last byte.
    pub took: Duration,
}

/// Somebody with one connection.
pub struct Client {
    address: SocketAddr,
    token: Option<String>,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Call {
    /// A path under `/api/v1`, or a whole one that starts with `//`.
    pub fn get(path: &str) -> Self {
        Self { method: Method::GET, path: path.to_owned(), key: None, body: None }
    }

    pub fn post(path: &str, body: Value) -> Self {
        Self { method: Method::POST, body: Some(body), ..Self::get(path) }
    }

    pub fn put(path: &str) -> Self {
        Self { method: Method::PUT, body: Some(json!({})), ..Self::get(path) }
    }

    /// With an `Idempotency-Key`.
    pub fn keyed(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    fn request(&self, token: Option<&str>) -> Request<Full<Bytes>> {
        let path = match self.path.strip_prefix("//") {
            Some(whole) => format!("/{whole}"),
            None => format!("/api/v1{}", self.path),
        };
        let mut request = Request::builder().method(&self.method).uri(path).header("host", "localhost");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        if self.body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        request.body(Full::new(Bytes::from(body))).unwrap()
    }
}

impl Client {
    pub fn new(address: SocketAddr, token: Option<&str>) -> Self {
        Self { address, token: token.map(str::to_owned), connection: None }
    }

    /// Somebody of the demo, signed in.
    pub async fn sign_in(address: SocketAddr, login: &str) -> Self {
        let mut client = Self::new(address, None);
        let signed_in = client.ask(&sign_in(login)).await.unwrap();
        assert_eq!(signed_in.status, 201, "{}", signed_in.json);
        client.token = Some(signed_in.text("access_token"));
        client
    }

    /// The access token.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// Asks once.
    pub async fn ask(&mut self, call: &Call) -> Result<Answer, Failure> {
        let begun = Instant::now();
        let answered = tokio::time::timeout(PATIENCE, self.exchange(call)).await.unwrap_or(Err(Failure::Hung));
        answered.map(|answer| Answer { took: begun.elapsed(), ..answer })
    }

    /// Asks once for the status alone.
    pub async fn status(&mut self, call: &Call) -> Result<u16, Failure> {
        self.ask(call).await.map(|answer| answer.status)
    }

    /// Asks what must be answered with this status.
    pub async fn expect(&mut self, call: &Call, status: u16) -> Answer {
        let answer = self.ask(call).await.unwrap();
        assert_eq!(answer.status, status, "{}", answer.json);
        answer
    }

    async fn exchange(&mut self, call: &Call) -> Result<Answer, Failure> {
        let mut connection = self.connected().await?;
        let sent = connection.send_request(call.request(self.token.as_deref())).await;
        let answer = sent.map_err(|error| if error.is_canceled() { Failure::Refused } else { Failure::NoAnswer })?;
        let (status, retry_after) = (answer.status().as_u16(), answer.headers().contains_key("retry-after"));
        let body = answer.into_body().collect().await.map_err(|_| Failure::CutAnswer)?.to_bytes();
        self.connection = Some(connection);
        let json = serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into());
        Ok(Answer { status, retry_after, json, took: Duration::ZERO })
    }

    async fn connected(&mut self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        if let Some(mut open) = self.connection.take()
            && open.ready().await.is_ok()
        {
            return Ok(open);
        }
        let stream = TcpStream::connect(self.address).await.map_err(|_| Failure::Refused)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|_| Failure::Refused)?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

impl Answer {
    /// A text field of the body, empty if it has none.
    pub fn text(&self, field: &str) -> String {
        self.json[field].as_str().unwrap_or_default().to_owned()
    }

    /// Whether this says to come again.
    pub fn is_busy(&self) -> bool {
        self.retry_after && (self.status == 503 || (self.status == 409 && self.text("code") == "key_in_flight"))
    }
}

/// What somebody of the demo signs in with.
pub fn sign_in(login: &str) -> Call {
    let email = format!("{login}@demo.example");
    Call::post(
        "/auth/tokens",
        json!({"grant_type": "password", "email": email, "password": homecoming::demo::PASSWORD}),
    )
}

/// An event of the Shenzhen chapter, published by its secretary, as its path `/events/…`; and the secretary.
pub async fn published_event(address: SocketAddr, capacity: u32) -> (String, Client) {
    let mut secretary = Client::sign_in(address, "secretary.shenzhen").await;
    let mut office = Client::sign_in(address, "office").await;
    let chapter = secretary.expect(&Call::get("/organizations?code=shenzhen"), 200).await.json["items"][0].clone();
    let drafts = format!("/organizations/{}/events", chapter["id"].as_str().unwrap());
    let draft = secretary.expect(&Call::post(&drafts, crate::draft(capacity)), 201).await;
    let event = format!("/events/{}", draft.text("id"));
    secretary.expect(&Call::put(&format!("{event}/submission")), 200).await;
    office.expect(&Call::put(&format!("{event}/approval")), 200).await;
    secretary.expect(&Call::put(&format!("{event}/publication")), 200).await;
    (event, secretary)
}

//! A load client that costs little, because it shares the processors with what it measures: one thread, HTTP/1.1
//! connections that are kept, one request at a time on each.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, HOST, HeaderValue, IF_NONE_MATCH};
use hyper::{HeaderMap, Method, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A request, ready to be sent many times.
#[derive(Clone)]
pub struct Request {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// An answer, and when it was asked for and had.
pub struct Answer {
    pub status: u16,
    pub etag: Option<HeaderValue>,
    pub body: Bytes,
    pub start: Instant,
    pub end: Instant,
}

impl Request {
    pub fn get(path: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("127.0.0.1"));
        Self { method: Method::GET, uri: path.parse().expect("a path"), headers, body: Bytes::new() }
    }

    pub fn send(method: Method, path: &str, body: &serde_json::Value) -> Self {
        let mut request = Self { method, body: body.to_string().into(), ..Self::get(path) };
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().expect("a header"));
        self
    }

    pub fn signed_in(mut self, token: &str) -> Self {
        self.headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().expect("a header"));
        self
    }

    pub fn unless(mut self, etag: &HeaderValue) -> Self {
        self.headers.insert(IF_NONE_MATCH, etag.clone());
        self
    }

    fn built(&self) -> hyper::Request<Full<Bytes>> {
        let mut request = hyper::Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn took(&self) -> Duration {
        self.end - self.start
    }
}

/// Sends what `next` gives on that many connections until it gives nothing, and hands every answer to `seen`.
pub async fn drive(
    at: SocketAddr,
    connections: usize,
    next: impl FnMut() -> Option<Request>,
    seen: impl FnMut(Answer),
) {
    let (next, seen) = (RefCell::new(next), RefCell::new(seen));
    let all: FuturesUnordered<_> = (0..connections).map(|_| connection(at, &next, &seen)).collect();
    all.collect::<Vec<()>>().await;
}

async fn connection(
    at: SocketAddr,
    next: &RefCell<impl FnMut() -> Option<Request>>,
    seen: &RefCell<impl FnMut(Answer)>,
) {
    let stream = TcpStream::connect(at).await.expect("the server listens");
    stream.set_nodelay(true).expect("a socket");
    let (mut sender, driver) = http1::handshake(TokioIo::new(stream)).await.expect("a connection");
    let work = async move {
        loop {
            let Some(request) = (next.borrow_mut())() else { return };
            let start = Instant::now();
            sender.ready().await.expect("the connection stays");
            let answer = sender.send_request(request.built()).await.expect("an answer");
            let (status, etag) = (answer.status().as_u16(), answer.headers().get(ETAG).cloned());
            let body = answer.into_body().collect().await.expect("the whole answer").to_bytes();
            (seen.borrow_mut())(Answer { status, etag, body, start, end: Instant::now() });
        }
    };
    let (ended, ()) = futures::join!(driver, work);
    ended.expect("the connection ends well");
}

/// Each of the requests once, one after the other.
pub async fn each(at: SocketAddr, requests: &[Request]) -> Vec<Answer> {
    let (mut rest, mut answers) = (requests.iter().cloned(), vec![]);
    drive(at, 1, || rest.next(), |answer| answers.push(answer)).await;
    answers
}

//! The one page: keyset only, an opaque authenticated cursor bound to the question it continues.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::{Error, Fault, Refusal, Result};

/// A query parameter with a value that it cannot have.
pub const INVALID_PARAMETER: Refusal = Refusal::new(400, "invalid_parameter");

/// How many there are is counted no further than this.
pub const TOTAL_CAP: i64 = 10_000;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null on the last.
    pub next: Option<String>,
    /// How many there are in all, at most 10,000; only with `include_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<i64>,
}

/// The parameters that every list takes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Rows a page, 1 to 100; 25 unless given.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<i64>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Whether to count them all (no further than 10,000).
    pub include_total: Option<bool>,
}

/// Seals cursors, so that only what this deployment gave out comes back.
#[derive(Clone)]
pub struct CursorSeal(std::sync::Arc<hmac::Key>);

impl CursorSeal {
    /// From a secret that all API processes share.
    pub fn new(secret: &[u8]) -> Self {
        Self(std::sync::Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    fn seal(&self, question: &str, position: &[u8]) -> String {
        let tag = self.tag(question, position);
        let mut bytes = tag.as_ref().get(..16).unwrap_or_default().to_vec();
        bytes.extend_from_slice(position);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, question: &str, cursor: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (tag, position) = bytes.split_at_checked(16)?;
        let right = self.tag(question, position);
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(right.as_ref().get(..16)?, tag);
        same.is_ok().then(|| position.to_vec())
    }

    fn tag(&self, question: &str, position: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&(question.len() as u64).to_be_bytes());
        context.update(question.as_bytes());
        context.update(position);
        context.sign()
    }
}

/// Which page is asked for, of which question.
#[derive(Clone)]
pub struct PageRequest {
    limit: i64,
    include_total: bool,
    position: Option<Vec<u8>>,
    question: String,
    seal: CursorSeal,
}

impl PageRequest {
    /// Reads the parameters; `question` is the path with its filters and sort, which a cursor continues.
    pub fn new(params: PageParams, question: String, seal: CursorSeal) -> Result<Self> {
        let limit = params.limit.unwrap_or(25);
        if !(1..=100).contains(&limit) {
            let fault = Fault::new("limit", "range").with("min", 1).with("max", 100);
            return Err(Error::faulty(INVALID_PARAMETER, vec![fault]));
        }
        let position = match params.cursor {
            None => None,
            Some(cursor) => Some(seal.open(&question, &cursor).ok_or_else(bad_cursor)?),
        };
        Ok(Self { limit, include_total: params.include_total.unwrap_or(false), position, question, seal })
    }

    /// How many rows to read: one more than a page holds, to know whether another follows.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// Whether to count them all.
    pub fn wants_total(&self) -> bool {
        self.include_total
    }

    /// The key after which this page starts, if it is not the first.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>> {
        match &self.position {
            None => Ok(None),
            Some(bytes) => serde_json::from_slice(bytes).map(Some).map_err(|_| bad_cursor()),
        }
    }

    /// The page made of the rows fetched; `key` gives a row's place in the order.
    pub fn page<T, K: Serialize>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Result<Page<T>> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = match rows.last().filter(|_| more) {
            None => None,
            Some(last) => {
                let position = serde_json::to_vec(&key(last)).map_err(Error::internal)?;
                Some(self.seal.seal(&self.question, &position))
            }
        };
        Ok(Page { items: rows, next, total: None })
    }
}

impl<T> Page<T> {
    /// The same page with each row turned into another.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next: self.next, total: self.total }
    }

    /// The same page with the total, if it was counted.
    #[must_use]
    pub fn counted(self, total: Option<i64>) -> Self {
        Self { total, ..self }
    }
}

fn bad_cursor() -> Error {
    Error::faulty(INVALID_PARAMETER, vec![Fault::new("cursor", "cursor")])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(cursor: Option<String>, question: &str) -> Result<PageRequest> {
        let params = PageParams { limit: Some(2), cursor, include_total: None };
        PageRequest::new(params, question.to_owned(), CursorSeal::new(b"secret"))
    }

    #[test]
    fn a_cursor_opens_only_for_the_question_it_was_given_for() {
        let first = request(None, "/events?kind=forum").unwrap();
        let page = first.page(vec![1, 2, 3], |n| *n).unwrap();
        assert_eq!(page.items, [1, 2]);
        let next = page.next.unwrap();
        let second = request(Some(next.clone()), "/events?kind=forum").unwrap();
        assert_eq!(second.after::<i32>().unwrap(), Some(2));
        assert!(request(Some(next.clone()), "/events?kind=lecture").is_err());
        assert!(request(Some(format!("{next}AA")), "/events?kind=forum").is_err());
    }
}

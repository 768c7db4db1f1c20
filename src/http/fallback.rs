//! What the document knows of every operation: its id, its query parameters, and which methods a path answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::{HttpRequest, web};
use serde_json::Value;

use super::query::{UNKNOWN_PARAMETER, pairs};
use crate::base::error::{Error, Fault, NOT_FOUND, Result};

/// One operation of the document.
#[derive(Debug, Clone, Default)]
pub struct Operation {
    /// Its operationId.
    pub id: String,
    query: BTreeSet<String>,
}

/// One path of the document.
#[derive(Debug)]
pub struct Route {
    /// Such as `/api/v1/events/{event}`.
    pub pattern: String,
    methods: BTreeMap<String, Operation>,
}

impl Route {
    /// The operation of a method.
    pub fn operation(&self, method: &Method) -> Option<&Operation> {
        self.methods.get(method.as_str())
    }
}

/// The operations of a document, by path and method.
#[derive(Debug, Default)]
pub struct Operations {
    router: matchit::Router<Arc<Route>>,
    routes: Vec<Arc<Route>>,
}

impl Operations {
    /// Reads a document.
    pub fn of(document: &Value) -> Self {
        let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
        let mut all = Self::default();
        for (path, item) in paths {
            let route = Arc::new(Route { pattern: path.clone(), methods: methods(item) });
            // Asking the web framework for the pattern would try every route once more, for every request.
            if let Err(error) = all.router.insert(path, route.clone()) {
                tracing::error!(%error, path, "a path that the router does not take");
            }
            all.routes.push(route);
        }
        all
    }

    /// What a path leads to.
    pub fn find(&self, path: &str) -> Option<Arc<Route>> {
        self.router.at(path).ok().map(|found| found.value.clone())
    }

    /// The methods that a path answers, for `Allow`; `None` when there is no such path.
    fn allowed(&self, path: &str) -> Option<String> {
        let here = self.routes.iter().filter(|route| fits(&route.pattern, path));
        let methods: BTreeSet<&str> = here.flat_map(|route| route.methods.keys().map(String::as_str)).collect();
        let head = methods.contains("GET").then_some("HEAD");
        let all: Vec<_> = methods.into_iter().chain(head).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

impl Operation {
    /// 400 when a request has a query parameter that the operation does not.
    pub fn check_query(&self, query: &str) -> Result<()> {
        if query.is_empty() {
            return Ok(());
        }
        let unknown = pairs(query)?.into_iter().filter(|(name, _)| !self.query.contains(name));
        let faults: Vec<_> = unknown.map(|(name, _)| Fault::new(name, "unknown_parameter")).collect();
        match faults.is_empty() {
            true => Ok(()),
            false => Err(Error::faulty(UNKNOWN_PARAMETER, faults)),
        }
    }
}

/// Answers what no handler does: 405 with `Allow`, or 404.
pub async fn fallback(request: HttpRequest, operations: web::Data<Operations>) -> Result<&'static str> {
    match operations.allowed(request.path()) {
        Some(allow) => Err(Error::method_not_allowed(allow)),
        None => Err(NOT_FOUND.into()),
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let (want, have): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    let each = |(want, have): (&&str, &&str)| want == have || (want.starts_with('{') && !have.is_empty());
    want.len() == have.len() && want.iter().zip(&have).all(each)
}

fn methods(item: &Value) -> BTreeMap<String, Operation> {
    let operations = item.as_object().into_iter().flatten().filter(|(_, it)| it.get("operationId").is_some());
    operations.map(|(method, it)| (method.to_uppercase(), operation(it))).collect()
}

fn operation(it: &Value) -> Operation {
    let parameters = it.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let query = parameters.filter(|parameter| parameter.get("in").is_some_and(|place| place == "query"));
    Operation {
        id: it.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned(),
        query: query.filter_map(|it| it.get("name")?.as_str().map(str::to_owned)).collect(),
    }
}

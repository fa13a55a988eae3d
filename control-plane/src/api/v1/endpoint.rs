use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::once::once;
use crate::api::{Api, BODY_BYTES_MAX};

/// One row of the table: what answers, and what is said about it.
pub struct Endpoint {
    pub method: &'static str,
    pub path: &'static str,
    pub summary: &'static str,
    pub handler: MethodRouter<Arc<Api>>,
    /// Names of schemas.
    pub body: Option<&'static str>,
    pub answer: Option<&'static str>,
    pub status: u16,
    /// The key of the list in the answer, if it is a page of one.
    pub list: Option<&'static str>,
    /// Names and types.
    pub query: Vec<(&'static str, &'static str)>,
    pub headers: Vec<&'static str>,
    pub body_bytes_max: usize,
}

fn endpoint<H: Handler<T, Arc<Api>>, T: 'static>(
    (method, filter): (&'static str, MethodFilter),
    path: &'static str,
    summary: &'static str,
    handler: H,
) -> Endpoint {
    Endpoint {
        method,
        path,
        summary,
        handler: on(filter, handler),
        body: None,
        answer: None,
        status: 200,
        list: None,
        query: Vec::new(),
        // What changes something can be asked for twice and is done once.
        headers: if method == "get" { Vec::new() } else { vec!["Idempotency-Key"] },
        body_bytes_max: BODY_BYTES_MAX,
    }
}

pub fn get<H: Handler<T, Arc<Api>>, T: 'static>(path: &'static str, summary: &'static str, handler: H) -> Endpoint {
    endpoint(("get", MethodFilter::GET), path, summary, handler)
}

pub fn post<H: Handler<T, Arc<Api>>, T: 'static>(path: &'static str, summary: &'static str, handler: H) -> Endpoint {
    Endpoint { status: 201, ..endpoint(("post", MethodFilter::POST), path, summary, handler) }
}

pub fn put<H: Handler<T, Arc<Api>>, T: 'static>(path: &'static str, summary: &'static str, handler: H) -> Endpoint {
    endpoint(("put", MethodFilter::PUT), path, summary, handler)
}

pub fn delete<H: Handler<T, Arc<Api>>, T: 'static>(path: &'static str, summary: &'static str, handler: H) -> Endpoint {
    Endpoint { status: 204, ..endpoint(("delete", MethodFilter::DELETE), path, summary, handler) }
}

impl Endpoint {
    pub fn takes(self, schema: &'static str) -> Self {
        Self { body: Some(schema), ..self }
    }

    pub fn gives(self, status: u16, schema: &'static str) -> Self {
        Self { status, answer: Some(schema), ..self }
    }

    pub fn page_of(self, list: &'static str, schema: &'static str) -> Self {
        let page = Self { list: Some(list), answer: Some(schema), ..self };
        page.query("limit", "integer").query("after", "string")
    }

    pub fn query(mut self, name: &'static str, kind: &'static str) -> Self {
        self.query.push((name, kind));
        self
    }

    pub fn conditional(mut self) -> Self {
        self.headers.push("If-Match");
        self
    }

    pub fn limit(self, body_bytes_max: usize) -> Self {
        Self { body_bytes_max, ..self }
    }

    /// What answers, within its limit, and once for each `Idempotency-Key`.
    pub fn served(self, api: &Arc<Api>) -> MethodRouter<Arc<Api>> {
        let once: MethodRouter<Arc<Api>> = self.handler.layer(from_fn_with_state(api.clone(), once));
        once.layer(DefaultBodyLimit::max(self.body_bytes_max))
    }
}

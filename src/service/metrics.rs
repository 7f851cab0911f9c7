//! `/metrics` for Prometheus, on a listener of its own.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::telemetry::metrics_text;

/// The text exposition format.
const FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
/// Scrapes at one time; there is one Prometheus, or two.
const CONNECTIONS_MAX: usize = 16;
/// A scrape that takes longer is broken off; the next one comes anyway.
const TIMEOUT: Duration = Duration::from_secs(10);

pub(super) async fn serve(listener: TcpListener) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        tokio::spawn(async move {
            let answer = service_fn(async |request| Ok::<_, Infallible>(answer(&request)));
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(TIMEOUT).keep_alive(false);
            let _ = timeout(TIMEOUT, http.serve_connection(TokioIo::new(stream), answer)).await;
            drop(place);
        });
    }
}

fn answer(request: &Request<Incoming>) -> Response<String> {
    let mut response = Response::new(String::new());
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") => {
            *response.body_mut() = metrics_text();
            response.headers_mut().insert(CONTENT_TYPE, FORMAT);
        }
        (_, "/metrics") => *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED,
        _ => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}

//! A server of HTTP/1.1, or of HTTP/2, by hyper.

use crate::echo::{listen, run_server};
use crate::secure;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::rt::{Read, Write};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use serde::Serialize;
use std::convert::Infallible;
use std::io::Result;

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

type Answer = Response<Full<Bytes>>;

fn reply(status: u16, kind: &str, body: impl Into<Bytes>) -> Answer {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, kind)
        .body(Full::new(body.into()))
        .unwrap()
}

async fn answer(
    request: Request<Incoming>,
) -> std::result::Result<Answer, Infallible> {
    let message = Message {
        message: "Hello, World!",
    };
    Ok(match request.uri().path() {
        "/plaintext" => {
            reply(200, "text/plain; charset=utf-8", "Hello, World!")
        }
        "/json" => reply(
            200,
            "application/json",
            serde_json::to_vec(&message).unwrap(),
        ),
        _ => reply(404, "text/plain; charset=utf-8", "not found\n"),
    })
}

/// `pipeline_flush`: answers to what came at once leave at once. With a timer
/// it has its deadline for a head.
async fn converse(client: impl Read + Write + Unpin) {
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .pipeline_flush(true)
        .serve_connection(client, service_fn(answer))
        .await;
}

async fn converse_h2(client: impl Read + Write + Unpin) {
    let _ = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .serve_connection(client, service_fn(answer))
        .await;
}

async fn serve(h2: bool) -> Result<()> {
    let listener = listen()?;
    println!("listening {}", listener.local_addr()?.port());
    loop {
        let (client, _) = listener.accept().await?;
        client.set_nodelay(true)?;
        if h2 {
            tokio::spawn(converse_h2(TokioIo::new(client)));
        } else {
            tokio::spawn(converse(TokioIo::new(client)));
        }
    }
}

async fn serve_tls() -> Result<()> {
    let acceptor = secure::acceptor()?;
    let listener = listen()?;
    println!("listening {}", listener.local_addr()?.port());
    loop {
        let (client, _) = listener.accept().await?;
        let acceptor = acceptor.clone();
        client.set_nodelay(true)?;
        tokio::spawn(async move {
            if let Ok(client) = acceptor.accept(client).await {
                converse(TokioIo::new(client)).await;
            }
        });
    }
}

pub fn run(mode: &str) {
    if mode == "tls" {
        run_server(serve_tls());
    } else {
        run_server(serve(mode == "h2"));
    }
}

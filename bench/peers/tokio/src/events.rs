//! Sends an event to all who follow, by hyper and a broadcast channel.

use crate::echo::{listen, run_server};
use async_stream::stream;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io::Result;
use tokio::net::TcpStream;
use tokio::sync::broadcast::{channel, error::RecvError, Sender};

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

fn follow(feed: &Sender<Bytes>) -> Answer {
    let mut follower = feed.subscribe();
    let texts = stream! {
        loop {
            match follower.recv().await {
                Ok(text) => yield Ok(Frame::data(text)),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    };
    Response::builder()
        .header(CONTENT_TYPE, "text/event-stream")
        .header(CACHE_CONTROL, "no-store")
        .body(StreamBody::new(texts).boxed_unsync())
        .unwrap()
}

fn tick(feed: &Sender<Bytes>, text: &Bytes) -> Answer {
    let _ = feed.send(text.clone());
    Response::builder()
        .status(204)
        .body(Empty::new().boxed_unsync())
        .unwrap()
}

async fn converse(client: TcpStream, feed: Sender<Bytes>, text: Bytes) {
    let answer = |request: Request<Incoming>| {
        let answer = match request.uri().path() {
            "/events" => follow(&feed),
            _ => tick(&feed, &text),
        };
        async { Ok::<_, Infallible>(answer) }
    };
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(client), service_fn(answer))
        .await;
}

async fn serve() -> Result<()> {
    let listener = listen()?;
    let (feed, _) = channel(64);
    let text = Bytes::from(format!("data: {}\n\n", "f".repeat(64)));
    println!("listening {}", listener.local_addr()?.port());
    loop {
        let (client, _) = listener.accept().await?;
        client.set_nodelay(true)?;
        tokio::spawn(converse(client, feed.clone(), text.clone()));
    }
}

pub fn run() {
    run_server(serve());
}

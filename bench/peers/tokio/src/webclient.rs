//! A client of HTTP/1.1 with a pool, by hyper-util.

use crate::measure::{processor, WINDOW};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

type Fetcher = Client<HttpConnector, Empty<Bytes>>;

async fn get(client: &Fetcher, url: &Uri) {
    let response = client.get(url.clone()).await.unwrap();
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body.len(), 13);
}

/// `count` tasks get a URL for so long: how often they did.
async fn fetches(
    client: &Fetcher,
    url: &Uri,
    count: usize,
    span: Duration,
) -> usize {
    let end = Instant::now() + span;
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let (client, url) = (client.clone(), url.clone());
        tasks.spawn(async move {
            let mut answers = 0;
            while Instant::now() < end {
                get(&client, &url).await;
                answers += 1;
            }
            answers
        });
    }
    tasks.join_all().await.into_iter().sum()
}

async fn bench(count: usize, port: u16) {
    let url: Uri = format!("http://127.0.0.1:{port}/plaintext")
        .parse()
        .unwrap();
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Fetcher =
        Client::builder(TokioExecutor::new()).build(connector);
    fetches(&client, &url, count, WINDOW).await;
    let (used, begin) = (processor(), Instant::now());
    let answers = fetches(&client, &url, count, 3 * WINDOW).await as f64;
    let spent = begin.elapsed().as_secs_f64();
    let used = (processor() - used).as_secs_f64();
    println!("httpclient client {:.4}", used / answers * 1e6);
    println!("httpclient rate {:.4}", answers / spent / 1e3);
}

pub fn run(count: usize, port: u16) {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(
            async move { tokio::spawn(bench(count, port)).await.unwrap() },
        )
}

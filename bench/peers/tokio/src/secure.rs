//! An echo server under TLS, by rustls on ring.
//!
//! The certificate and its key are in `BENCH_CERTIFICATE`.

use crate::echo::{listen, run_server};
use std::env;
use std::io::{Error, Result};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;

/// With tickets, so that the server keeps no sessions, as the others do.
pub fn acceptor() -> Result<TlsAcceptor> {
    let path = env::var("BENCH_CERTIFICATE").map_err(Error::other)?;
    let chain = CertificateDer::pem_file_iter(&path)
        .and_then(Iterator::collect)
        .map_err(Error::other)?;
    let key = PrivateKeyDer::from_pem_file(&path).map_err(Error::other)?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(Error::other)?;
    config.ticketer = ring::Ticketer::new().map_err(Error::other)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn echo(acceptor: TlsAcceptor, client: TcpStream) -> Result<()> {
    client.set_nodelay(true)?;
    let mut client = acceptor.accept(client).await?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let size = client.read(&mut buffer).await?;
        if size == 0 {
            return client.shutdown().await;
        }
        client.write_all(&buffer[..size]).await?;
        client.flush().await?;
    }
}

async fn serve() -> Result<()> {
    let acceptor = acceptor()?;
    let listener = listen()?;
    println!("listening {}", listener.local_addr()?.port());
    loop {
        let (client, _) = listener.accept().await?;
        tokio::spawn(echo(acceptor.clone(), client));
    }
}

pub fn run() {
    run_server(serve());
}

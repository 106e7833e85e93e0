//! 1 GiB one way, in writes of 256 KiB.

use crate::echo::run_server;
use crate::secure::acceptor;
use std::env;
use std::io::Result;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream as Connector};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

async fn send(mut stream: impl AsyncWrite + Unpin) -> Result<()> {
    let bytes = vec![0; 256 * 1024];
    for _ in 0..4096 {
        stream.write_all(&bytes).await?;
    }
    stream.flush().await?;
    stream.shutdown().await
}

fn connect_local(name: &str) -> Result<UnixStream> {
    let address = SocketAddr::from_abstract_name(name.trim_start_matches('@'))?;
    let stream = Connector::connect_addr(&address)?;
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}

/// To the places that the last arguments are: PORT @NAME TLS-PORT.
async fn send_all() -> Result<()> {
    let places: Vec<String> = env::args().skip(2).collect();
    let port = |i: usize| format!("127.0.0.1:{}", places[i]);
    send(TcpStream::connect(port(0)).await?).await?;
    send(connect_local(&places[1])?).await?;
    let stream = TcpStream::connect(port(2)).await?;
    send(acceptor()?.accept(stream).await?).await
}

pub fn run() {
    run_server(send_all());
}

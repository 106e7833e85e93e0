//! An echo server, one task a connection.

use std::future::Future;
use std::io::Result;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener as Listener};
use std::process;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, UnixListener};
use tokio::runtime::Builder;

async fn echo(mut client: impl AsyncRead + AsyncWrite + Unpin) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let size = client.read(&mut buffer).await?;
        if size == 0 {
            return Ok(());
        }
        client.write_all(&buffer[..size]).await?;
    }
}

pub fn listen() -> Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind("127.0.0.1:0".parse().unwrap())?;
    socket.listen(1024)
}

async fn serve() -> Result<()> {
    let listener = listen()?;
    println!("listening {}", listener.local_addr()?.port());
    loop {
        let (client, _) = listener.accept().await?;
        client.set_nodelay(true)?;
        tokio::spawn(echo(client));
    }
}

/// The same at an abstract name.
async fn serve_local() -> Result<()> {
    let name = format!("fermata-bench-{}", process::id());
    let listener =
        Listener::bind_addr(&SocketAddr::from_abstract_name(&name)?)?;
    listener.set_nonblocking(true)?;
    let listener = UnixListener::from_std(listener)?;
    println!("listening @{name}");
    loop {
        let (client, _) = listener.accept().await?;
        tokio::spawn(echo(client));
    }
}

/// Runs a server as a task, for as long as it serves.
pub fn run_server<F>(server: F)
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime
        .block_on(async { tokio::spawn(server).await.unwrap() })
        .unwrap();
}

pub fn run() {
    run_server(serve());
}

pub fn run_local() {
    run_server(serve_local());
}

//! An echo server, one task a connection.

use std::future::Future;
use std::io::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Builder;

async fn echo(mut client: TcpStream) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    client.set_nodelay(true)?;
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

//! Datagrams are sent back, by one task.

use std::io::Result;
use tokio::net::UdpSocket;
use tokio::runtime::Builder;

async fn serve() -> Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    let mut buffer = vec![0; 2048];
    println!("listening {}", socket.local_addr()?.port());
    loop {
        let (size, from) = socket.recv_from(&mut buffer).await?;
        socket.send_to(&buffer[..size], from).await?;
    }
}

pub fn run() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime
        .block_on(async { tokio::spawn(serve()).await.unwrap() })
        .unwrap();
}
